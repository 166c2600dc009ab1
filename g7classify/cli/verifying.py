"""`g7classify verify`: whether the installation is whole."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from g7classify import report
from g7classify.cli.ends import fail


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a check; `problem` is empty where none is.")
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Check what is installed: files, versions, the kernel, and every model.

    Installed files are compared with what the installer recorded, versions with what g7classify needs, the kernel with
    its readable twin, and models, read whole, with the manifests (`models verify` does that for single models). Exit
    status 1 if anything is wrong. Nothing is changed, and nothing is sent anywhere.
    """
    from g7classify import installation  # no other command needs it

    checks = installation.verify()
    wrong = [check for check in checks if check.problem]
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        rows = [(check.what, check.found, "wrong" if check.problem else "ok") for check in checks]
        report.write_grid(("what", "found", ""), rows, sys.stdout)
        for check in wrong:
            click.echo(f"{check.what}: {report.visible(check.problem)}")
    if wrong:
        fail(ctx, f"{len(wrong)} of {len(checks)} checks failed: {', '.join(check.what for check in wrong)}", 1)

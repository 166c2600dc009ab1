"""`g7classify models`."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict

import click

from g7classify import registry, report


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that the manifest says.")
def models(*, as_json: bool) -> None:
    """List the shipped models.

    F1 is cross-validated, over the sub-types. What a deep model needs: pip install 'g7classify[deep]'.
    """
    entries = registry.models()
    if as_json:
        click.echo(json.dumps([asdict(entry) for entry in entries], indent=2))
        return
    rows = [
        (
            entry.name,
            entry.version,
            entry.kind,
            f"{entry.bytes / 1e6:.1f} MB",
            " ".join(entry.languages),
            *(f"{entry.metrics.get(f'subtype_{mean}_f1', math.nan):.3f}" for mean in ("macro", "micro")),
        )
        for entry in entries
    ]
    head = ("name", "version", "kind", "size", "languages", "macro F1", "micro F1")
    report.write_grid(head, rows, sys.stdout)

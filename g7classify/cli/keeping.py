"""`g7classify models`: the shipped models and the user's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from g7classify import registry, report
from g7classify.cli.ends import fail
from g7classify.cli.parameters import Option, path_argument
from g7classify.facts import Facts, Verdict
from g7classify.manifest import ModelEntry

UPDATED: Final = {"kept_macro_f1": "kept", "new_macro_f1": "new"}  # figures of an update, which the model may remember

json_option: Option = click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that is known.")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(ctx: click.Context, *, as_json: bool) -> None:
    """List, add, describe, check and remove models.

    Alone it lists them, as `list` does. Models that you add are loaded by their names as the shipped ones are. They lie
    in your user data folder, or in that of the environment variable G7CLASSIFY_MODELS.
    """
    if ctx.invoked_subcommand is None:
        write_list(as_json=as_json)
    elif as_json:
        raise click.UsageError(f"--json goes behind the sub-command: models {ctx.invoked_subcommand} --json")


@models.command("list")
@json_option
def list_models(*, as_json: bool) -> None:
    """List the shipped models and your own.

    F1 is cross-validated, over the sub-types, or over all labels where there are none; of an updated model it is that
    of the labels kept, on the rows that the update was checked on, and that of the new ones.

    What a deep model needs: pip install 'g7classify[deep]'.
    """
    write_list(as_json=as_json)


@models.command()
@click.argument("file", type=path_argument)
@click.option("--name", help="NAME or NAME@VERSION to keep it by, instead of what the file says.")
def add(file: Path, *, name: str | None) -> None:
    """Keep a model file among your own models.

    The FILE is checked and copied, and the card beside it too. From then on NAME stands for it, in -m for instance.
    """
    entry = registry.add(file, name=name)
    click.echo(f"added {entry.id}, sha256 {entry.sha256}: {registry.path(entry)}")


@models.command()
@click.argument("model")
@json_option
def info(model: str, *, as_json: bool) -> None:
    """Tell what a model file says of itself.

    MODEL is a NAME, NAME@VERSION or the path of a file, which ends in .safetensors or holds a separator.
    """
    found = registry.info(model)
    if as_json:
        click.echo(json.dumps(described(found), ensure_ascii=False, indent=2))
        return
    told = lines(found)
    width = max(len(key) for key, _ in told)
    for key, value in told:
        click.echo(f"{key:<{width}}  {report.visible(value)}")


@models.command()
@click.argument("names", metavar="[MODEL]...", nargs=-1)
@json_option
@click.pass_context
def verify(ctx: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Check model files against what the manifests say.

    Every file is read whole. Without a MODEL (NAME or NAME@VERSION) all are checked, shipped and your own. Exit status
    1 if one differs.
    """
    verdicts = registry.verify(names)
    if as_json:
        click.echo(json.dumps([asdict(one) | {"path": str(one.path)} for one in verdicts], indent=2))
    else:
        write_verdicts(verdicts)
    wrong = [one.name for one in verdicts if one.problem]
    if wrong:
        fail(ctx, f"{len(wrong)} of {len(verdicts)} are not what their manifest says: {', '.join(wrong)}", 1)


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Delete one of your own models: NAME, or NAME@VERSION where there are several."""
    entry = registry.remove(name)
    click.echo(f"removed {entry.id}")


def write_list(*, as_json: bool) -> None:
    """The shipped models, then the user's own."""
    whose = [("shipped", entry) for entry in registry.models()]
    whose += [("own", entry) for entry in registry.own() if not registry.is_shipped(entry.name)]
    if as_json:
        click.echo(json.dumps([asdict(entry) | {"whose": who} for who, entry in whose], indent=2))
        return
    head = ("name", "version", "kind", "size", "languages", "macro F1", "micro F1", "whose")
    report.write_grid(head, [(*cells(entry), who) for who, entry in whose], sys.stdout)


def cells(entry: ModelEntry) -> tuple[str, ...]:
    """What the list tells of a model."""
    macro, micro = (entry.metrics.get(f"subtype_{mean}_f1") for mean in ("macro", "micro"))
    updated = ", ".join(f"{what} {entry.metrics[key]:.3f}" for key, what in UPDATED.items() if key in entry.metrics)
    return (
        entry.name,
        entry.version,
        entry.kind,
        f"{entry.bytes / 1e6:.1f} MB",
        report.visible(" ".join(entry.languages)),
        (updated or "-") if macro is None else f"{macro:.3f}",
        "-" if micro is None else f"{micro:.3f}",
    )


def described(found: Facts) -> dict[str, object]:
    """What is known of a model, for a program."""
    return {
        "kind": found.kind,
        **asdict(found.info),
        "labels": found.codebook.names,
        "codebook": {"name": found.codebook.name, "version": found.codebook.version, "sha256": found.codebook.sha256},
        "path": str(found.path),
        "bytes": found.bytes,
        "sha256": found.sha256,
        "card": None if found.card is None else str(found.card),
    }


def lines(found: Facts) -> list[tuple[str, str]]:
    """What is known of a model, for a reader."""
    info, codebook = found.info, found.codebook
    return [
        ("model", f"{info.name} {info.version}, {found.kind}"),
        ("about", info.description or "-"),
        ("file", f"{found.path}, {found.bytes:,} bytes"),
        ("sha256", found.sha256),
        ("card", "-" if found.card is None else str(found.card)),
        ("codebook", f"{codebook.name} {codebook.version}"),
        (f"{len(codebook)} labels", ", ".join(codebook.names)),
        ("languages", " ".join(info.languages) or "-"),
        ("learned from", f"{info.rows:,} labelled sentences"),
        *((f"  {report.visible(name)}", digest) for name, digest in info.data_sha256.items()),
        ("recipe", info.recipe_sha256 or "-"),
        ("metrics", measured(info.metrics)),
        *((f"  {report.visible(name)}", f"{value:.4f}") for name, value in info.metrics.items()),
    ]


def measured(metrics: Mapping[str, float]) -> str:
    """How a model's figures came about."""
    if UPDATED.keys() & metrics.keys():
        return "of the last update: old labels on the rows that it was checked on, new ones cross-validated"
    return "cross-validated" if metrics else "-"


def write_verdicts(verdicts: Sequence[Verdict]) -> None:
    """A line a model."""
    for one in verdicts:
        click.echo(f"{one.name}: {report.visible(one.problem) or 'as the manifest says'}")

"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

data = click.option(
    "--data", multiple=True, type=click.Path(exists=True, path_type=Path), help="Labelled rows beside the seeds."
)
soft = click.option(
    "--soft",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="What a teacher made of --texts; one file a teacher.",
)
texts = click.option(
    "--texts", type=click.Path(exists=True, path_type=Path), help="Folder of what the teachers have read."
)

tuned = click.option(
    "--tuned",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What finetune --rank wrote: one file a fold that was held out, and one of all rows.",
)


def read(soft: tuple[Path, ...], texts: Path | None) -> tuple[tuple[Path, ...], Path] | None:
    """What `soft` and `texts` were given, for `taught.read`; None if neither was. Raises UsageError if one was."""
    if bool(soft) != bool(texts):
        raise click.UsageError("--soft and --texts go together")
    return (soft, texts) if texts else None

"""The card of an updated model: what it came from, what it learned since, and what that did to each label."""

from __future__ import annotations

import os
from pathlib import Path

from g7classify import registry
from g7classify.atomic import write_bytes
from g7classify.learn.cards import markdown, sections
from g7classify.learn.cards.card import place
from g7classify.learn.cards.markdown import number
from g7classify.learn.dataset import Dataset
from g7classify.learn.forgetting import Change
from g7classify.learn.updating import Updated
from g7classify.report import escaped
from g7classify.results import ModelId


def write(updated: Updated, base: ModelId, dataset: Dataset, path: str | os.PathLike[str]) -> Path:
    """Write the card beside the model's file, whole or not at all; an older card gives way.

    Args:
        updated: what was written to the file.
        base: the model that it was before.
        dataset: the new rows.
        path: of the model's file.

    Returns:
        Where the card lies: the file's path, but for .md in the end.

    Raises:
        UnreadableFileError: the model's file cannot be read or the card not be written; or something that is no card
            lies there.
    """
    card, file = place(path), Path(path)
    told = text(updated, base, dataset, sha256=registry.sha256(file), size_bytes=file.stat().st_size, file=file.name)
    write_bytes(card, told.encode())
    return card


def text(updated: Updated, base: ModelId, dataset: Dataset, *, file: str, sha256: str, size_bytes: int) -> str:
    """The card's text; `file`, `sha256` and `size_bytes` are the model file's."""
    model, check = updated.model, updated.check
    info, codebook = model.info, model.codebook
    metrics = {"macro-F1 of the old labels": check.macro_after, "macro-F1 of the new labels": check.new_macro}
    unchecked = ", ".join(map(escaped, check.unchecked)) or "none"
    sources = "\n".join(f"- {escaped(name)}, sha256 `{digest}`" for name, digest in info.data_sha256.items())
    changes = markdown.table(
        ["label", "checked on", "F1 before", "F1 after", "decided better", "decided worse"],
        [row(change, new=change.label in check.new) for change in check.changes],
    )
    return f"""\
{sections.front_matter(info, metrics, rows=None, licence=None)}
# {escaped(info.name)} {info.version}

{escaped(str(base))}, sha256 `{base.sha256}`, updated with {len(dataset):,} labelled sentences.

| | |
| --- | --- |
| file | {escaped(file)}, {size_bytes:,} bytes, sha256 `{sha256}` |
| codebook | {escaped(codebook.name)} {escaped(codebook.version)} |
| labels | {len(codebook)}, {len(check.new)} of them new |
| shape | {sections.shape(model)} |
| recipe | sha256 `{info.recipe_sha256}` |

## What it learned from

{sources}

## What the update did to each label

F1 at the balanced operating point, on sentences scored by a model that had not learned from them in this update, and
decided for new labels as the other folds tell. The model of before may have learned from some of them: F1 of the old
labels then says what it remembers, not how well it does on new sentences.

{changes}
Not checked, as too few sentences hold them: {unchecked}.

## Known limits

- {sections.BY_SENTENCE}
- {sections.NAMES}
- {sections.READING_AID}
"""


def row(change: Change, *, new: bool) -> list[str]:
    """Of the table."""
    before = "new" if new else number(change.before)
    return [
        escaped(change.label),
        f"{change.labelled:,}",
        before,
        number(change.after),
        *map(str, (change.better, change.worse)),
    ]

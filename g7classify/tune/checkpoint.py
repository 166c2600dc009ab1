"""The folder of a run that is not done: what the run is (`run.json`), and where it stands (`state.pt`).

A run goes on only with the rows and options that it was started with. What it is stands in a file of its own, so that
another run is refused before anything long begins.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from g7classify.atomic import write_bytes
from g7classify.errors import OptionError, UnreadableFileError
from g7classify.tune.options import Options

RUN, STATE = "run.json", "state.pt"


class Identity(BaseModel):
    """What makes a run.

    Attributes:
        options: all choices.
        labels: the k labels, in column order.
        encoder_sha256: of the base's file of weights.
        start_sha256: of the adapters that it starts from; "" = of none.
        data_sha256: of every file that is learned from, by name.
        folds_sha256: of the rows and their folds: see rows.Rows.
        recipe_sha256: of the recipe of the head that it starts from; "" = of none.
        rows: labelled sentences that are learned from.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    options: Options
    labels: tuple[str, ...]
    encoder_sha256: str
    start_sha256: str = ""
    data_sha256: dict[str, str]
    folds_sha256: str = ""
    recipe_sha256: str = ""
    rows: int


def begin(folder: Path, identity: Identity) -> bool:
    """Make the folder a run's, or find that it is; whether it holds a state to go on from.

    Raises:
        OptionError: the folder is of another run, or damaged.
        UnreadableFileError: the folder may not be written.
    """
    path = folder / RUN
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise UnreadableFileError(f"cannot use the folder {folder}: {error.strerror or error}") from error
    if found is None:
        if (folder / STATE).exists():
            raise OptionError(f"{folder} holds {STATE} and no {RUN}; delete it to start again")
        write_bytes(path, identity.model_dump_json(indent=1).encode() + b"\n")
        return False
    try:
        earlier = Identity.model_validate_json(found)
    except ValidationError as error:
        raise OptionError(f"{path}: damaged ({error}); delete {folder} to start again") from error
    if differences := differing(earlier, identity):
        raise OptionError(
            f"{folder} is of a run with other rows or options ({differences}); delete it to start again, or write to "
            "another place"
        )
    return (folder / STATE).exists()


def differing(earlier: Identity, now: Identity) -> str:
    """What two runs do not have in common, in words; "" for nothing."""
    said = []
    for name in Identity.model_fields:
        if name != "options" and getattr(earlier, name) != getattr(now, name):
            said.append(name)
    for name in Options.model_fields:
        before, after = getattr(earlier.options, name), getattr(now.options, name)
        if before != after:
            said.append(f"{name} {before} then, {after} now")
    return ", ".join(said)


def end(folder: Path) -> None:
    """Remove the folder's checkpoint, and the folder where nothing else lies in it."""
    for name in (STATE, RUN):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()

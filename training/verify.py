"""Prove that the shipped files are what the recipes and the data give: rebuild them and compare the bytes.

`python -m training.verify` rebuilds every shipped table whose training files are at hand: those of the repository, and
those given by `--data`; what teachers have read cannot be given, and no two processors train the same deep model, bit
by bit. It says which it could not rebuild, and fails if a file differs or nothing was rebuilt.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from g7classify.container import TABLE
from g7classify.errors import G7ClassifyError
from g7classify.learn.dataset import digests, files
from g7classify.learn.recipe import Recipe
from g7classify.manifest import ModelEntry
from g7classify.registry import sha256
from training import command_line
from training.build import ROOT, SEEDS, build
from training.publish import read_manifest

RECIPES = ROOT / "training" / "recipes"


class VerifyError(RuntimeError):
    """A shipped file is not what its recipe and data give, or nothing was proved."""


def verify(data: tuple[Path, ...], *, n_jobs: int | None = None, say: Callable[[str], None]) -> list[str]:
    """Rebuild what can be rebuilt and return the names of the models proved.

    Raises:
        VerifyError: a rebuilt file has another sha256, or no model could be rebuilt.
    """
    manifest = read_manifest()
    at_hand = set(digests([*files(SEEDS), *files(data)]).values())
    recipes = {(recipe.sha256, path) for path in sorted(RECIPES.glob("*.toml")) for recipe in [Recipe.read(path)]}
    proved: list[str] = []
    for entry in manifest.models if manifest else ():
        name = f"{entry.name} {entry.version}"
        recipe = next((path for digest, path in recipes if digest == entry.recipe_sha256), None)
        lacking = [file for file, digest in entry.data_sha256.items() if digest not in at_hand]
        if entry.kind != TABLE:
            say(f"{name}: not rebuilt, a {entry.kind} model comes out a little different on every processor")
        elif recipe is None:
            say(f"{name}: not rebuilt, its recipe (sha256 {entry.recipe_sha256}) has changed since")
        elif lacking:
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            say(f"{name}: not rebuilt, it also learned from {lacking[0]}{more}; {entry.card} has every sha256")
        else:
            rebuild(entry, recipe, data, n_jobs)
            say(f"{name}: rebuilt, every byte is the same (sha256 {entry.sha256})")
            proved.append(name)
    if not proved:
        raise VerifyError("nothing was proved: no shipped model could be rebuilt from the files at hand")
    return proved


def rebuild(entry: ModelEntry, recipe: Path, data: tuple[Path, ...], n_jobs: int | None) -> None:
    """Build a shipped model again and raise VerifyError if its bytes differ."""
    wanted = tuple(path for path in files(data) if sha256(path) in entry.data_sha256.values())
    with tempfile.TemporaryDirectory() as folder:
        candidate = build(recipe, wanted, Path(folder), n_jobs=n_jobs)
    if candidate.sha256 != entry.sha256:
        raise VerifyError(
            f"{entry.name} {entry.version}: rebuilt with sha256 {candidate.sha256}, shipped with {entry.sha256}"
        )


@click.command()
@command_line.data
@click.option("--jobs", type=int, help="Threads; all cores by default.")
def main(data: tuple[Path, ...], jobs: int | None) -> None:
    """Rebuild the shipped models and compare the bytes."""
    try:
        verify(data, n_jobs=jobs, say=click.echo)
    except (VerifyError, G7ClassifyError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())

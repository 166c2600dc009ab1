"""Compare two results of one benchmark as ratios, and say what got worse: `python -m benchmarks.compare OLD NEW`.

A figure counts if its name, or that of a table above it, ends in a unit: more `_per_second` is better; less of `_ms`,
`_us`, `_seconds`, `_per_byte`, `_bytes` and `_mb` is. Of a spread the median counts, and of several rates of one thing
the first, which the others follow. Ends with status 1 if a figure is
worse by more than the share, with 2 if the two cannot be compared.

Another machine gives other times. `--relative-to NAME` divides every time and rate by that of a reference that depends
on the machine alone, as the plain pass nearly does; bytes and MB are compared as they are.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

RATES = ("_per_second",)
TIMES = ("_ms", "_us", "_seconds", "_per_byte")
SIZES = ("_bytes", "_mb")
MACHINE = ("processor", "cores")


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in two results.

    Attributes:
        ratio: new to old; above 1 is more.
        worse: how many times worse the new one is; below 1 it is better.
    """

    name: str
    old: float
    new: float
    ratio: float
    worse: float


def unit(key: str) -> str | None:
    """The unit that a name ends in."""
    return next((ending for ending in (*RATES, *TIMES, *SIZES) if key.endswith(ending)), None)


def figures(tree: Any, path: tuple[str, ...] = (), *, known: str | None = None) -> Iterator[tuple[str, float, str]]:
    """Name, value and unit of every figure that has a unit; the rows of a list are told by the words in them."""
    if isinstance(tree, dict) and "median" in tree:
        yield from figures(tree["median"], path, known=known)
    elif isinstance(tree, dict):
        rates = [key for key in tree if unit(key) in RATES]
        for key, part in tree.items():
            if key not in rates[1:]:
                yield from figures(part, (*path, key), known=unit(key) or known)
    elif isinstance(tree, list):
        for row in tree:
            if isinstance(row, dict):
                words = " ".join(value for value in row.values() if isinstance(value, str))
                yield from figures(row, (*path, words), known=known)
    elif known and isinstance(tree, int | float) and not isinstance(tree, bool):
        yield "/".join(path), float(tree), known


def changes(old: Any, new: Any, *, relative_to: str | None = None) -> list[Change]:
    """Every figure that both have, the worst first.

    Raises:
        ClickException: no such reference, or one that is no time and no rate.
    """
    before, after = ({name: (value, kind) for name, value, kind in figures(tree)} for tree in (old, new))
    slower = 1.0
    if relative_to is not None:
        if relative_to not in before or relative_to not in after:
            raise click.ClickException(f"--relative-to {relative_to!r}: not in both files; {near(relative_to, before)}")
        (was, kind), (now, _) = before[relative_to], after[relative_to]
        if kind in SIZES:
            raise click.ClickException(f"--relative-to {relative_to!r}: expected a time or a rate, it is a size")
        slower = (was / now if kind in RATES else now / was) if was and now else 1.0
    found = []
    for name in before.keys() & after.keys():
        (was, kind), (now, _) = before[name], after[name]
        if was <= 0:
            continue  # what was too small to measure has no ratio
        ratio = now / was
        worse = ratio if kind not in RATES else 1 / ratio if ratio else math.inf
        found.append(Change(name, was, now, ratio, worse if kind in SIZES else worse / slower))
    return sorted(found, key=lambda change: (-change.worse, change.name))


def near(name: str, known: dict[str, Any]) -> str:
    """Names that hold a part of a name, to choose from."""
    words = name.split("/")
    likely = [other for other in known if any(word and word in other for word in words)] or list(known)
    return f"there is, for example, {', '.join(map(repr, likely[:3])) or 'none'}"


def read(path: Path) -> dict[str, Any]:
    """A result as records.write writes it.

    Raises:
        ClickException: it cannot be read, or is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict) or not {"benchmark", "machine", "figures"} <= found.keys():
        raise click.ClickException(f"{path} is no result of a benchmark; expected a file of benchmarks/results")
    return found


def differences(old: dict[str, Any], new: dict[str, Any], *, machine: bool) -> list[str]:
    """Why two results should not be compared."""
    pairs = [("benchmark", old["benchmark"], new["benchmark"])]
    pairs += [(key, old["machine"].get(key), new["machine"].get(key)) for key in MACHINE if machine]
    return [f"{key} {was!r} and {now!r}" for key, was, now in pairs if was != now]


def show(found: list[Change], share: float, console: Console) -> None:
    """Print what changed by more than the share, either way."""
    far = [change for change in found if change.worse > 1 + share or change.worse < 1 / (1 + share)]
    table = Table("figure", title=f"{len(far)} of {len(found)} figures changed by more than {share:.0%}")
    for head in ("old", "new", "ratio", ""):
        table.add_column(head, justify="right")
    for change in far:
        told = f"{change.worse:.2f} x worse" if change.worse > 1 else f"{change.worse:.2f} x, better"
        table.add_row(change.name, f"{change.old:,.4g}", f"{change.new:,.4g}", f"{change.ratio:.2f}", told)
    console.print(table)


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--share", default=0.15, show_default=True, type=click.FloatRange(0, min_open=True), help="0.15: 15 % worse."
)
@click.option("--relative-to", help="Name of a figure, as this command prints it, that other machines are measured by.")
@click.option("--anyway", is_flag=True, help="Compare results of different benchmarks or machines.")
def main(old: Path, new: Path, share: float, relative_to: str | None, anyway: bool) -> None:
    """Say what is worse in NEW than in OLD; both are files as in benchmarks/results."""
    before, after = read(old), read(new)
    different = differences(before, after, machine=relative_to is None)
    if different and not anyway:
        raise click.UsageError(
            f"not comparable: {'; '.join(different)}. Measure both on one machine, name a reference with --relative-to "
            "or insist with --anyway"
        )
    found = changes(before["figures"], after["figures"], relative_to=relative_to)
    show(found, share, Console(width=130))
    had, has = ({name for name, _, _ in figures(one["figures"])} for one in (before, after))
    for path, only in ((old, had - has), (new, has - had)):
        for name in sorted(only):
            click.echo(f"only in {path}: {name}")
    if not found:
        raise click.ClickException("no figure is in both files")
    worse = sum(change.worse > 1 + share for change in found)
    if worse:
        raise click.ClickException(f"{worse} of {len(found)} figures are worse by more than {share:.0%}")


if __name__ == "__main__":
    sys.exit(main())

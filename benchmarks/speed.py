"""How fast a shipped model tags, with each kernel: `make speed`.

Texts are the written corpus and kinds of text drawn from it; `--data` adds real ones. Each kernel runs in processes of
its own, because it is chosen at import. One thread unless said. Within a process the fastest of several calls counts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

import g7classify
from benchmarks import records, samples, speed_paths
from benchmarks.samples import CORPUS
from benchmarks.turns import Tree, fresh, merge
from g7classify import modelfile, registry

KERNELS = {"c": "yes", "numpy": "no"}
# The NumPy kernel is some twenty times slower, and as fast on fewer sentences.
SENTENCES = {"c": 12_000, "numpy": 2_000}


def in_turns(kernels: dict[str, int], turns: int, options: list[str]) -> dict[str, Tree]:
    """Spreads of every figure by kernel, on so many sentences; a kernel that is not built is left out and said so."""
    found: dict[str, list[Tree]] = {}
    for _ in range(turns):
        for name, most in kernels.items():
            command = [sys.executable, "-m", "benchmarks.speed", *options, "--here", str(most)]
            try:
                done = fresh(command, G7CLASSIFY_KERNEL=KERNELS[name])
            except click.ClickException as error:
                click.echo(f"kernel {name} was not measured: {error.message}", err=True)
            else:
                found.setdefault(name, []).append(json.loads(done.stdout))
    if not found:
        raise click.ClickException("no kernel could be measured")
    return {name: merge(runs) for name, runs in found.items()}


def show(model: str, kernels: dict[str, Tree], console: Console) -> None:
    """Print medians as tables, one a kernel."""
    for kernel, kinds in kernels.items():
        table = Table("path", title=f"{model}, kernel {kernel}")
        for head in ("sentences/s", "MB/s", "of the plain pass"):
            table.add_column(head, justify="right")
        for kind, paths in kinds.items():
            table.add_section()
            for path, figures in paths.items():
                if "sentences_per_second" in figures:
                    rate, size, share = (spread["median"] for spread in figures.values())
                    table.add_row(f"{kind}: {path}", f"{rate:,.0f}", f"{size:.1f}", f"{share:.2f}")
        console.print(table)
        table = Table("microseconds", "p50", "p95", "p99", title=f"{model}, kernel {kernel}")
        for path, figures in kinds[CORPUS].items():
            if "p50_us" in figures:
                table.add_row(path, *(f"{spread['median']:.1f}" for spread in figures.values()))
        console.print(table)


@click.command()
@click.option("--model", default=lambda: registry.find().name, help="A shipped model.")
@click.option("--turns", default=3, show_default=True, help="Processes a kernel.")
@click.option("--most", type=int, help="Sentences of each kind, at most.  [default: 12,000; NumPy kernel: 2,000]")
@click.option(
    "--data",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSONL with a `text` a row: real sentences, measured beside the written ones.",
)
@click.option("--here", type=int, hidden=True, help="Measure this process alone, on so many sentences; print JSON.")
def main(model: str, turns: int, most: int | None, data: tuple[Path, ...], here: int | None) -> None:
    """Print and record the speed of a shipped model."""
    entry = registry.find(model)
    if here is not None:
        weights = modelfile.read(registry.path(entry))
        click.echo(json.dumps(speed_paths.measure(g7classify.load(model), weights, samples.read(here, data))))
        return
    options = ["--model", model, *(word for path in data for word in ("--data", str(path.absolute())))]
    kernels = in_turns({name: most or count for name, count in SENTENCES.items()}, turns, options)
    show(str(entry.id), kernels, Console(width=110))
    figures = {"model": str(entry.id), "turns": turns, "kernels": kernels}
    click.echo(f"written to {records.write('speed', figures)}")


if __name__ == "__main__":
    sys.exit(main())

"""What g7classify costs before it has tagged anything: import, load, memory, bytes. `make footprint`.

The wheel is built and installed in an environment of its own beside the dependencies of this one, and everything is
measured there, in fresh processes that take turns: an editable installation loads an import hook, with modules that the
library would otherwise be seen to load. Files are in the system's cache after the first turn. MB are 10**6 bytes.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks import records, samples, stages
from benchmarks.records import ROOT
from benchmarks.turns import Tree, fresh, merge, spread
from g7classify import registry

SENTENCES = 1_000
PROFILED = 10
MODULES = ("numpy", "g7classify")
CLOCKED = "import time; start = time.perf_counter(); import {}; print((time.perf_counter() - start) * 1e3)"


@dataclass(frozen=True, slots=True)
class Installed:
    """Where g7classify lies as a user has it."""

    python: str
    command: tuple[str, ...]
    wheel_bytes: int


def install(folder: Path) -> Installed:
    """Build the wheel and install it in a new environment that borrows the dependencies of this one.

    Raises:
        ClickException: no compiler, or another failure of pip.
    """
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    for left in (ROOT / "build").glob("lib*"):  # what an earlier build left would be packed again
        shutil.rmtree(left)
    fresh([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], G7CLASSIFY_KERNEL="yes")
    (wheel,) = folder.glob("g7classify-*.whl")
    venv = folder / "venv"
    fresh([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    binaries = Path(sysconfig.get_path("scripts", vars={"base": str(venv)}))
    site = Path(sysconfig.get_path("purelib", vars={"base": str(venv), "platbase": str(venv)}))
    python = str(binaries / Path(sys.executable).name)
    fresh([*pip, "--python", python, "install", "--no-deps", "--no-index", str(wheel)])
    # A path alone: the .pth files of the other environment are not read, so its editable g7classify is not seen.
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in borrowed), encoding="utf-8")
    return Installed(python, (str(binaries / "g7classify"),), wheel.stat().st_size)


def measure(installed: Installed, models: list[str], turns: int, sentences: list[str]) -> Tree:
    """All figures, each the spread of so many turns, after a turn that only warms up."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("\n".join(sentences))
        file.flush()
        found = [turn(installed, models, file.name, sentences[0]) for _ in range(turns + 1)][1:]
    figures = merge([{key: one[key] for key in ("processes", "imports", "models")} for one in found])
    for name, one in figures["models"].items():
        one["model_bytes"] = registry.find(name).bytes
    profiles: list[dict[str, float]] = [one["profile"] for one in found]
    costs = {module: spread([profile.get(module, 0.0) for profile in profiles]) for module in profiles[0]}
    worst = sorted(costs, key=lambda module: costs[module]["median"], reverse=True)[:PROFILED]
    return figures | {
        "wheel_bytes": installed.wheel_bytes,
        "import_profile": {module: {"self_ms": costs[module]} for module in worst},
        "imported_modules": len(costs),
    }


def turn(installed: Installed, models: list[str], path: str, sentence: str) -> Tree:
    """Every process once."""
    python = installed.python
    processes = {"python -c pass": {"wall_ms": milliseconds([python, "-c", "pass"])}}
    imports = {}
    for module in MODULES:
        start = time.perf_counter()
        imports[module] = {"import_ms": float(fresh([python, "-c", CLOCKED.format(module)]).stdout)}
        processes[f"python -c 'import {module}'"] = {"wall_ms": (time.perf_counter() - start) * 1e3}
    return {
        "processes": processes,
        "imports": imports,
        "models": {model: cold(installed, model, sentence) | staged(python, model, path) for model in models},
        "profile": profile(python),
    }


def milliseconds(command: list[str], *, given: str = "") -> float:
    """Wall time of a whole process, its start included."""
    start = time.perf_counter()
    fresh(command, given=given)
    return (time.perf_counter() - start) * 1e3


def cold(installed: Installed, model: str, sentence: str) -> dict[str, float]:
    """The command line on one sentence."""
    return {"command_line_ms": milliseconds([*installed.command, "tag", "--model", model, "-"], given=sentence)}


def staged(python: str, model: str, path: str) -> dict[str, float]:
    """Milliseconds and peak memory of loading a model and tagging with it."""
    told = run(python, model, path)
    numpy = told["numpy"][1]
    return {
        "load_ms": told["load"][0],
        "first_tag_ms": told["first_tag"][0],
        **bare(python, model, path),
        "numpy_peak_mb": numpy,
        **{f"{name}_peak_mb": told[name][1] for name in ("import", "load", "tag")},
        **{f"{name}_above_numpy_mb": told[name][1] - numpy for name in ("import", "load", "tag")},
    }


def bare(python: str, model: str, path: str) -> dict[str, float]:
    """The first sentence where the deep tier has kept nothing yet: its graph is built then."""
    with tempfile.TemporaryDirectory() as cache:
        took, peak = run(python, model, path, G7CLASSIFY_CACHE=cache)["first_tag"]
    return {"first_tag_bare_cache_ms": took, "first_tag_bare_cache_peak_mb": peak}


def run(python: str, model: str, path: str, **environment: str) -> dict[str, tuple[float, float]]:
    """Milliseconds and peak, in MB, by stage."""
    lines = fresh([python, "-P", str(Path(stages.__file__)), model, path], **environment).stdout.splitlines()
    return {name: (float(took), float(peak)) for name, took, peak in map(str.split, lines)}


def profile(python: str) -> dict[str, float]:
    """Milliseconds that each module's own code takes at `import g7classify`; what Python itself loads is left out."""
    command = [python, "-X", "importtime", "-c"]
    loaded = own_times(fresh([*command, "pass"]).stderr)
    return {
        name: ms for name, ms in own_times(fresh([*command, "import g7classify"]).stderr).items() if name not in loaded
    }


def own_times(report: str) -> dict[str, float]:
    """The self times, in ms, of a report of `-X importtime`."""
    lines = (
        line.removeprefix("import time:").split("|") for line in report.splitlines() if line.startswith("import time:")
    )
    return {name.strip(): int(own) / 1e3 for own, _, name in lines if own.strip().isdigit()}


def show(figures: Tree, console: Console) -> None:
    """Print the figures as tables."""
    table = Table("process", "ms", "range", title="Fresh processes: whole, and import alone")
    for name, one in figures["processes"].items():
        table.add_row(name, *told(one["wall_ms"]))
    for name, one in figures["imports"].items():
        table.add_row(f"import {name}, alone", *told(one["import_ms"]))
    console.print(table)
    table = Table("figure", title="By model; peak memory in MB")
    for name in figures["models"]:
        table.add_column(name, justify="right")
    rows = next(iter(figures["models"].values()))
    for key in rows:
        values = [one[key] for one in figures["models"].values()]
        table.add_row(key, *(f"{v:,}" if isinstance(v, int) else " ".join(told(v)) for v in values))
    table.add_row("wheel_bytes", *(f"{figures['wheel_bytes']:,}" for _ in figures["models"]))
    console.print(table)
    table = Table("module", "self ms", "range", title=f"Where {figures['imported_modules']} imported modules cost most")
    for module, one in figures["import_profile"].items():
        table.add_row(module, *told(one["self_ms"]))
    console.print(table)


def told(one: dict[str, float]) -> tuple[str, str]:
    """Median and range of a spread."""
    return f"{one['median']:.1f}", f"{one['least']:.1f}-{one['most']:.1f}"


@click.command()
@click.option("--turns", default=7, show_default=True, help="Processes of each kind.")
def main(turns: int) -> None:
    """Print and record what g7classify costs before it has tagged anything."""
    sentences = samples.read(SENTENCES)[samples.CORPUS].sentences
    models = [str(entry.id) for entry in registry.models()]
    with tempfile.TemporaryDirectory() as folder:
        try:
            installed = install(Path(folder))
        except OSError as error:
            raise click.ClickException(f"the wheel could not be installed: {error}") from error
        figures = {"turns": turns, **measure(installed, models, turns, sentences)}
    show(figures, Console(width=110))
    click.echo(f"written to {records.write('footprint', figures)}")


if __name__ == "__main__":
    sys.exit(main())

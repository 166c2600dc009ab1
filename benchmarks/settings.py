"""Compare golden predictions under the settings and the releases that predictions must not depend on: `make settings`.

Each line of the table is a process of its own, which runs training/golden.py: everything of tables is compared to the
last bit, so a count of differences other than 0 ends the command with status 1. ``--deep`` compares the deep model and
the cascade likewise, within their tolerance. ``--releases`` makes environments in build/settings/ with the lowest
releases that pyproject.toml allows and the newest that there are, of this Python and of each ``--python``. The kernel
is compiled once for all of them. ``--training`` has the shipped models that can be rebuilt here rebuilt without SIMD.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks import records
from benchmarks.records import ROOT
from g7classify.folders import CACHE
from training import golden

FOLDER: Final = ROOT / "build" / "settings"
THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
WITHOUT_SIMD: Final = "readable kernel, NumPy and BLAS without SIMD"
CORES: Final = ("Prescott", "Nehalem", "Haswell", "SkylakeX")  # of x86; OpenBLAS takes its own choice for one it lacks


def settings() -> dict[str, dict[str, str]]:
    """Environment variables, by what they are called in the table."""
    found: dict[str, dict[str, str]] = {"as it is": {}}
    for count in ("1", "2", "4", "8"):
        found[f"{count} threads of BLAS"] = dict.fromkeys(THREADS, count)
    for core in CORES:
        found[f"BLAS for {core}"] = {"OPENBLAS_CORETYPE": core}
    simd: list[str] = golden.here()["simd"]
    for kept in range(len(simd)):  # from none to all but the last, as each needs those before it
        names = simd[kept:]
        found[f"NumPy without {names[0]}" + " and what follows" * (len(names) > 1)] = {
            "NPY_DISABLE_CPU_FEATURES": " ".join(names)
        }
    found["readable kernel"] = {"G7CLASSIFY_KERNEL": "no"}
    found[WITHOUT_SIMD] = {"NPY_DISABLE_CPU_FEATURES": " ".join(simd), "OPENBLAS_CORETYPE": CORES[0]}
    found[WITHOUT_SIMD] |= {"G7CLASSIFY_KERNEL": "no"}
    for seed in ("0", "1", "random"):
        found[f"hash seed {seed}"] = {"PYTHONHASHSEED": seed}
    found["locale C, no UTF-8 mode"] = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    found["optimised bytecode"] = {"PYTHONOPTIMIZE": "2"}
    return found


def run(python: str, *, deep: bool, **environment: str) -> dict[str, Any]:
    """What training/golden.py tells in a fresh process.

    Raises:
        ClickException: it could not compare anything.
    """
    command = [python, "-P", str(ROOT / "training" / "golden.py"), *([] if deep else ["--tables"])]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "G7CLASSIFY_KERNEL"))}
    done = subprocess.run(command, env=kept | environment, capture_output=True, text=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise click.ClickException(f"{python} with {environment} compared nothing:\n{done.stderr}") from None
    return found


def environments(pythons: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Name and interpreter of new environments: the lowest releases with this Python, the newest with each.

    Raises:
        ClickException: one cannot be made.
    """
    wheel = built()
    requirements: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lowest = [requirement.replace(">=", "==") for requirement in requirements]
    yield "lowest releases", made("lowest", sys.executable, [str(wheel), *lowest])
    yield "newest releases", made("newest", sys.executable, ["--upgrade", str(wheel), *requirements])
    for python in pythons:
        name = Path(python).name
        yield f"newest releases, {name}", made(f"newest-{name}", python, ["--upgrade", str(wheel), *requirements])


def built() -> Path:
    """The wheel, with a kernel that every later Python takes too."""
    folder = FOLDER / "wheel"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    for old in folder.glob("*.whl"):
        old.unlink()
    called(command, G7CLASSIFY_KERNEL="yes")
    (wheel,) = folder.glob("*.whl")
    return wheel


def made(name: str, python: str, wanted: list[str]) -> str:
    """The interpreter of a new environment that holds what is wanted."""
    folder = FOLDER / name
    called([python, "-m", "venv", "--clear", str(folder)])
    found = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    called([found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", *wanted])
    return found


def called(command: list[str], **environment: str) -> None:
    """Run a command; raises ClickException, with what it wrote, if it fails."""
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


@click.command()
@click.option("--deep", is_flag=True, help="The deep model and the cascade too.")
@click.option("--releases", is_flag=True, help="The lowest and the newest releases of what the library needs.")
@click.option("--python", "pythons", multiple=True, help="The newest releases with this interpreter too.")
@click.option("--training", is_flag=True, help="Whether training gives the same bytes without SIMD.")
@click.option("--record", is_flag=True, help="Write the figures to benchmarks/results/settings.json.")
def main(deep: bool, releases: bool, pythons: tuple[str, ...], training: bool, record: bool) -> None:
    """Compare golden predictions under settings and releases that must not matter."""
    rows = {name: run(sys.executable, deep=deep, **variables) for name, variables in settings().items()}
    if deep:  # the graph that is kept was made of sums and exponentials, which are rounded otherwise elsewhere
        with tempfile.TemporaryDirectory() as folder:
            unlike = settings()[WITHOUT_SIMD] | {CACHE: folder}
            rows["the deep model's graph made anew, without SIMD"] = run(sys.executable, deep=True, **unlike)
    if releases:
        for name, python in environments(pythons):
            rows[name] = run(python, deep=False)
            rows[f"{name}, readable kernel"] = run(python, deep=False, G7CLASSIFY_KERNEL="no")
    shown = Table("setting", "Python", "NumPy", "kernel", "values", "different", "largest, deep", box=None)
    for name, row in rows.items():
        values, different = (sum(one[key] for one in row["compared"]) for key in ("values", "different"))
        largest = max(one["largest"] for one in row["compared"])
        row |= {"values": values, "different": different, "largest": largest}
        shown.add_row(
            name, row["python"], row["numpy"], row["kernel"], *map(str, (values, different)), f"{largest:.2g}"
        )
    Console().print(shown)
    figures = {
        "settings": len(rows),
        "values": sum(row["values"] for row in rows.values()),
        "different": sum(row["different"] for row in rows.values()),
        "numpy": sorted({row["numpy"] for row in rows.values()}, key=lambda it: [*map(int, it.split(".")[:2])]),
        "python": sorted({row["python"] for row in rows.values()}),
        "largest_of_deep": max(row["largest"] for row in rows.values()),
        "rows": rows,
    }
    if training:
        unlike = settings()[WITHOUT_SIMD] | {"G7CLASSIFY_KERNEL": "auto"}  # the readable solver takes long
        called([sys.executable, "-m", "training.verify"], **unlike)  # ends with status 1 if bytes differ
        figures["training_is_the_same_without_simd"] = True
    if record:
        records.write("settings", figures)
    click.echo(
        f"settings: {figures['settings']} processes with NumPy {' and '.join(figures['numpy'])}, "
        f"{figures['values']:,} golden values, {figures['different']} differ"
    )
    sys.exit(figures["different"] > 0)


if __name__ == "__main__":
    main()

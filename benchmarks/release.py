"""Build a release from clean clones, and find out whether it may be published: `make release`.

An sdist, a wheel with the compiled kernel for every Python from 3.11 on (abi3), and one without it, in
build/release/dist, with a bill of materials. Everything is built twice, and has to come to the same bytes. What is in
the files is compared with what ought to be; then both wheels are installed and used. `--suite` runs all tests against
what was built, which takes long. Status 1 if anything is wrong, and nothing is ever uploaded.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from benchmarks import records, release_bom, release_contents, release_suites
from benchmarks.records import ROOT
from benchmarks.release_build import ODD, PLAIN, Release, build, run
from benchmarks.release_suites import UV
from g7classify.installation import COMPILED

FOLDER = ROOT / "build" / "release"
CFFCONVERT = "cffconvert==2.0.0"
DOCUMENTS = "seeds/documents"


def tools(release: Release) -> dict[str, str]:
    """Of the checks that others have written, what is wrong; empty if nothing is."""
    commands: dict[str, list[str | Path]] = {
        "twine check": ["twine", "check", "--strict", *release.files],
        "check-wheel-contents": ["check-wheel-contents", release.abi3, release.pure],
        "abi3audit": ["abi3audit", "--strict", release.abi3],
        "cffconvert": [UV, "tool", "run", "--from", CFFCONVERT, "cffconvert", "--validate"],
    }
    return {name: tried(partial(silent, command)) for name, command in commands.items()}


def silent(command: list[str | Path]) -> str:
    """Run a command that tells by its status whether anything is wrong."""
    run(command, ROOT)
    return ""


def install(package: Path, folder: Path) -> Path:
    """A new environment with nothing but a wheel and what it always needs; its Python."""
    run([UV, "venv", "--quiet", "--python", release_suites.interpreter(None) or sys.executable, folder], ROOT)
    python = folder / "bin" / "python"
    run([UV, "pip", "install", "--quiet", "--link-mode", "copy", "--python", python, package], ROOT)
    return python


def tagged(python: Path) -> str:
    """What an installed g7classify makes of the seed documents."""
    documents = sorted((ROOT / DOCUMENTS).iterdir())
    return run([python.with_name("g7classify"), "tag", "--format", "jsonl", *documents], python.parent)


def use(wheel: Path, pure: Path) -> str:
    """What is wrong with two installed wheels; empty if nothing is."""
    for python, name in ((wheel, "c"), (pure, "numpy")):
        found = json.loads(run([python.with_name("g7classify"), "verify", "--json"], python.parent))
        if not any(check["found"].startswith(f"{name},") for check in found if check["what"] == "kernel"):
            return f"{python}: the kernel is not {name}"
    return "" if tagged(wheel) == tagged(pure) else "the two wheels tag the seed documents differently"


def damage(python: Path) -> str:
    """Whether `verify` sees one bit of each of several installed files; empty if it sees them all."""
    (package,) = python.parents[1].glob("lib/python*/site-packages/g7classify")
    (model,) = package.glob("models/g7-mini-*.safetensors")
    for path in (*(package / f"{name}.abi3.so" for name in COMPILED), package / "tagger.py", model):
        content = path.read_bytes()
        middle = len(content) // 2
        # A file of its own: the loader would go on with what it has mapped.
        path.unlink()
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        try:
            run([python.with_name("g7classify"), "verify"], python.parent)
        except click.ClickException as error:
            if path.name not in error.message:
                return f"{path.name} was damaged, and verify did not name it: {error.message}"
        else:
            return f"{path.name} was damaged, and verify did not see it"
        finally:
            path.write_bytes(content)
    return ""


def tried(check: Callable[[], str]) -> str:
    """What a check finds wrong, be it only that it cannot be made."""
    try:
        return check()
    except click.ClickException as error:
        return error.message


def reproduced(release: Release, again: Release) -> str:
    """Which files came to other bytes the second time; empty if none did."""
    first, second = release.digests(), again.digests()
    other = [name for name in first if first[name] != second.get(name)]
    return f"other bytes the second time: {', '.join(other)}" if other else ""


def in_turn(folder: Path) -> tuple[Release, Release]:
    """The release, in `folder`/dist, and what came of building it again."""
    places = folder / "first", folder / "again" / "and elsewhere"
    for place in places:
        place.mkdir(parents=True)
    first = build(places[0], PLAIN, wheels_of_sdist=True)
    again = build(places[1], ODD, wheels_of_sdist=False)
    dist = Path(shutil.move(first.sdist.parent, folder / "dist"))
    return Release(*(dist / path.name for path in first.files)), again


@click.command()
@click.option(
    "--suite", "wanted", multiple=True, help="Run the tests in such an environment; again for more, or `all`."
)
@click.option("--workers", default="auto", show_default=True, help="Processes that pytest has.")
@click.option("--record", is_flag=True, help="Write the figures to benchmarks/results/release.json.")
def main(*, wanted: tuple[str, ...], workers: str, record: bool) -> None:
    """Build a release in build/release and check it; with --suite run all tests against it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    if run(["git", "status", "--porcelain"], ROOT):
        click.echo("what is not committed is not in the release")
    release, again = in_turn(FOLDER)
    python, pure = install(release.abi3, FOLDER / "used"), install(release.pure, FOLDER / "used-pure")
    bill, listed = release_bom.write(release, python, release.sdist.parent)
    checks = {
        "same bytes twice": reproduced(release, again),
        **release_contents.check(release),
        **tools(release),
        "both wheels in use": tried(lambda: use(python, pure)),
        "damage that verify sees": tried(lambda: damage(python)),
    }
    commit = run(["git", "rev-parse", "HEAD"], ROOT).strip()
    suites = (earlier(commit) if record else {}) | {
        one.name: release_suites.test(one, release, FOLDER / "suites" / str(number), workers=workers)
        for number, one in enumerate(release_suites.SUITES)
        if one.name in wanted or "all" in wanted
    }
    wrong = [name for name, problem in checks.items() if problem]
    wrong += [name for name, result in suites.items() if result is not None and result["failed"]]
    figures: dict[str, Any] = {
        "checks": len(checks),
        "failed": wrong,
        "tests_passed": sum(result["passed"] for result in suites.values() if result),
        "commit": commit,
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": release.digests()[path.name]} for path in release.files
        },
        "bill_of_materials": {"file": bill.name, "components": listed},
        "suites": suites,
    }
    show(checks, figures)
    if record:
        click.echo(f"written to {records.write('release', figures)}")
    click.echo(
        f"release: {len(release.files)} files, {len(checks)} checks, {figures['tests_passed']} tests passed against "
        f"them, {len(wrong)} failed"
    )
    sys.exit(1 if wrong else 0)


def earlier(commit: str) -> dict[str, Any]:
    """Results of suites that were recorded of the same commit, whose files have the same bytes: all take an hour."""
    if not (records.FOLDER / "release.json").is_file():
        return {}
    figures = records.read("release")
    return dict(figures["suites"]) if figures["commit"] == commit else {}


def show(checks: dict[str, str], figures: dict[str, Any]) -> None:
    """Print what was found."""
    for name, one in figures["files"].items():
        click.echo(f"{one['sha256']}  {one['bytes']:>11,}  {name}")
    for name, problem in checks.items():
        click.echo(f"{'wrong' if problem else 'ok':5}  {name}{f': {problem}' if problem else ''}")
    for name, result in figures["suites"].items():
        told = "no such Python here" if result is None else ", ".join(
            f"{len(value) if isinstance(value, list) else value} {key.replace('_', ' ')}"
            for key, value in result.items()
            if key not in ("kernel", "versions")
        )  # fmt: skip
        click.echo(f"       {name}: {told}")


if __name__ == "__main__":
    main()

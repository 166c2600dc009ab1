"""Run the code blocks of a page one after the other, as a reader would, and tell what each printed.

A block is a fence in the page's first column. `python` blocks share one namespace, `console` ones (and those of no
language, in a README) are run by bash; both in a folder that holds what `material` puts there. A `text` block is what
the block before it has to print; a line of `...` in it stands for any lines. Any other block is a file that the page
shows: a comment before it names it, and it is written. Comments before a block, which no reader sees:

    <!-- needs: frames, polars --> skip it where one of these extras, or packages, is not installed
    <!-- fails -->                 it has to end with a status that is not 0; standard error is shown too
    <!-- fails: documents -->      the same, where this extra is installed
    <!-- cluster -->               a test of Spark runs it, on a cluster
    <!-- file: desk.toml -->       write it to this file of the folder

Run as `python tests/documentation/documented.py PAGE...` it writes what blocks print into the pages.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
import traceback
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import material

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"(?:^<!-- (?P<word>needs|file|fails|cluster)(?:: (?P<what>[^\n]*?))? -->\n+)?"
    r"^```(?P<language>[\w-]*)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
# Not run but checked: what they install or make is told by files of the repository.
TOLD = ("pip install ", "make ")


@dataclass(frozen=True)
class Block:
    """A fence: what is in it, and what has to be printed, or None."""

    line: int
    language: str
    code: str
    word: str | None = None
    what: str = ""
    expected: str | None = None
    span: tuple[int, int] = (0, 0)  # of `expected` in the page


@dataclass(frozen=True)
class Outcome:
    """What came of a block: `passed`, `skipped`, `stale` (it prints something else) or `broken`; what it printed."""

    line: int
    status: str
    why: str = ""
    printed: str = ""


def blocks(page: str) -> list[Block]:
    """The blocks of a page's text, what is expected put to the block that has to print it."""
    found: list[Block] = []
    for match in FENCE.finditer(page):
        if match["language"] == "text" and found and found[-1].expected is None:
            found[-1] = replace(found[-1], expected=match["code"], span=match.span("code"))
            continue
        line = page.count("\n", 0, match.start("code")) + 1
        found.append(Block(line, match["language"], match["code"], match["word"], match["what"] or ""))
    return found


def run(path: Path, folder: Path) -> list[Outcome]:
    """Run a page's blocks in a process of their own; `folder` is empty, and holds afterwards what they wrote."""
    done = subprocess.run(
        [sys.executable, __file__, "--run", str(path), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{path}: {done.stderr}")
    return [Outcome(**one) for one in json.loads(done.stdout.splitlines()[-1])]


def run_here(path: Path, folder: Path) -> list[Outcome]:
    """The same in this process, whose folder and environment change."""
    material.prepare(folder)
    os.chdir(folder)
    os.environ |= {
        "COLUMNS": "80",
        "G7CLASSIFY_MODELS": str(folder / "models-of-mine"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    names: dict[str, Any] = {"__name__": "__main__"}
    outcomes: list[Outcome] = []
    for block in blocks(path.read_text(encoding="utf-8")):
        outcome = _outcome(block, path, names)
        outcomes.append(outcome)
        if outcome.status == "broken":
            break  # what comes after may need it
    return outcomes


def _outcome(block: Block, path: Path, names: dict[str, Any]) -> Outcome:
    if block.word == "cluster":
        return Outcome(block.line, "skipped", "needs a cluster: tests/spark runs it")
    needed = block.what.split(", ") if block.word in ("needs", "fails") and block.what else []
    if missing := [one for one in needed if not installed(one)]:
        return Outcome(block.line, "skipped", f"needs {', '.join(missing)}, which is not installed")
    try:
        printed = _printed(block, path, names)
    except BaseException:  # SystemExit too: a page's code does not end the page
        return Outcome(block.line, "broken", traceback.format_exc(limit=-3))
    if block.expected is None or matches(block.expected, printed):
        return Outcome(block.line, "passed", printed=printed)
    return Outcome(block.line, "stale", f"it prints\n{printed}instead of\n{block.expected}", printed)


def _printed(block: Block, path: Path, names: dict[str, Any]) -> str:
    if block.word == "file":
        Path(block.what).write_text(block.code, encoding="utf-8")
        return ""
    if block.language == "python":
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * (block.line - 1) + block.code, path, "exec"), names)
        return printed.getvalue()
    if block.language not in ("console", ""):
        raise ValueError(f"a block of {block.language!r} is neither run nor a file; see documented.py")
    lines = [line for line in block.code.splitlines() if not check_told(line)]
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)], capture_output=True, check=False)
    printed, told = done.stdout.decode(), done.stderr.decode()
    if (block.word == "fails") == (done.returncode == 0):
        raise RuntimeError(f"it ends with status {done.returncode}: {told}{printed}")
    return printed + told if block.word == "fails" else printed


def check_told(line: str) -> bool:
    """Whether a line installs or makes something, which is not done here; ValueError if there is no such thing."""
    if not line.startswith(TOLD):
        return False
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        unknown = [
            word for word in words[1:] if "=" not in word and not re.search(rf"^{word}:", makefile, re.MULTILINE)
        ]
    else:
        named = [extra for word in words[2:] for extra in "".join(re.findall(r"\[(.*?)\]", word)).split(",") if extra]
        unknown = [extra for extra in named if extra not in extras()]
    if unknown:
        raise ValueError(f"{line}: there is no {unknown[0]}")
    return True


def extras() -> dict[str, list[str]]:
    """What each extra asks for, as pyproject.toml has it."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, list[str]] = project["optional-dependencies"]
    return found


def installed(name: str) -> bool:
    """Whether everything that an extra asks for is there, in whichever version; or a package."""
    for requirement in extras().get(name, [name]):
        if own := re.match(r"g7classify\[(.*?)\]", requirement):
            if not all(installed(extra) for extra in own[1].split(",")):
                return False
            continue
        try:
            version(re.split(r"[^\w.-]", requirement)[0])
        except PackageNotFoundError:
            return False
    return True


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what is expected; spaces at the ends of lines do not count."""
    parts = [re.escape(_trimmed(part)) for part in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(parts), _trimmed(printed)) is not None


def _trimmed(text: str) -> str:
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


def write(path: Path) -> None:
    """Put what blocks print where a page says what they print."""
    page = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        outcomes = run(path, Path(folder))
    for block, outcome in reversed(list(zip(blocks(page), outcomes, strict=False))):  # the last first: spans stay
        if outcome.status == "broken":
            raise SystemExit(f"{path}:{outcome.line}: {outcome.why}")
        if outcome.status == "stale":
            start, end = block.span
            page = page[:start] + _trimmed(outcome.printed) + page[end:]
    path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--run":
        print(json.dumps([asdict(one) for one in run_here(Path(sys.argv[2]), Path(sys.argv[3]))]))
    else:
        for argument in sys.argv[1:]:
            write(Path(argument).resolve())

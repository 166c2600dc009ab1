"""What is public, as text that can be compared: `python tests/api/public.py` holds it against tests/data/api.json.

Public is what docs/reference/ names, with its members, the command line, and the numbers of formats. ``--write`` takes
the differences over, once CHANGELOG.md names each of them under Unreleased; what breaks a user's code has to be named
under "Removed" or "Changed". The code is read, not run, but for the command line: no extra has to be installed.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import griffe

import g7classify
from g7classify import cli

PACKAGE: Final = Path(g7classify.__file__).parent
ROOT: Final = Path(__file__).parents[2]
SNAPSHOT: Final = ROOT / "tests" / "data" / "api.json"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
PAGES: Final = ROOT / "docs" / "reference"
NUMBERS: Final = (  # what files and kernels are made for, and the variables that users set
    "g7classify.modelfile.FORMAT",
    "g7classify.cascade.FORMAT",
    "g7classify.vectorfile.FORMAT",
    "g7classify.deep.file.FORMAT",
    "g7classify.deep.file.ENCODING",
    "g7classify._fallback.FEATURES",
    "g7classify.learn._descent.DESCENT",
    "g7classify._tables.RULES",
    "g7classify.folders.CACHE",
    "g7classify.folders.MODELS",
)
UNTOLD: Final = {"g7classify.__version__"}  # differs with each release
CALLED: Final = {"__init__", "__call__", "__iter__", "__len__", "__getitem__", "__contains__", "__enter__", "__exit__"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `was` and `now` are None for what was not or is no more."""

    symbol: str
    was: str | None
    now: str | None

    @property
    def breaks(self) -> bool:
        """Whether code that is right for the one may be wrong for the other."""
        if self.was is None:
            return False
        return self.now is None or not widened(self.was, self.now)

    def __str__(self) -> str:
        kind = "breaks" if self.breaks else "adds"
        return f"{kind}  {self.symbol}\n    was  {self.was}\n    is   {self.now}"


def public() -> dict[str, str]:
    """Every public symbol and what it is."""
    package = griffe.load("g7classify", search_paths=[PACKAGE.parent], allow_inspection=False)
    found: dict[str, str] = {}
    for page in sorted(PAGES.glob("*.md")):
        for name, options in re.findall(r"^::: (g7classify\S*)\n(?: +options: (.*))?", page.read_text("utf-8"), re.M):
            found.update(described(package, name, options))
    for name in NUMBERS:
        found[name] = told(object_of(package, name))
    found["g7classify.CODEBOOK.names"] = " ".join(g7classify.CODEBOOK.names)
    found.update(commands(cli.main, ("g7classify",)))
    return dict(sorted((name, what) for name, what in found.items() if name not in UNTOLD))


def object_of(package: griffe.Object, name: str) -> Any:
    """What a name means, wherever it is defined."""
    found = package[name.partition(".")[2]]
    return found.final_target if found.is_alias else found


def described(package: griffe.Object, name: str, options: str) -> Iterator[tuple[str, str]]:
    """A name of the reference, and what is in it."""
    found = object_of(package, name)
    if found.is_module:
        members = re.search(r"members: (?:\[(.*)\]|(false))", options)
        if members is None:
            names = [key for key, value in found.members.items() if not key.startswith("_") and not value.is_alias]
        else:
            names = [part.strip() for part in (members[1] or "").split(",") if part.strip()]
        for member in names:
            yield from described(package, f"{name}.{member}", "")
        return
    yield name, told(found)
    if found.is_class:
        for key, value in sorted(found.all_members.items()):
            member = value.final_target if value.is_alias else value
            if key in CALLED or not key.startswith(("_", "model_config")):
                yield f"{name}.{key}", told(member)


def told(found: Any) -> str:
    """A function's signature, a class's bases, an attribute's type and value."""
    if found.is_function:
        for parameter in [one for one in found.parameters if one.name.startswith("__")]:
            del found.parameters[parameter.name]  # griffe takes a bare ClassVar for a field
        labels = "".join(f"{label} " for label in sorted(found.labels & {"classmethod", "staticmethod", "async"}))
        return f"{labels}function {found.signature().removeprefix(found.name)}"
    if found.is_class:
        return f"class({', '.join(map(str, found.bases))})"
    if "property" in found.labels:
        return f"property {found.annotation}"
    of = "" if found.annotation is None else f": {found.annotation}"
    value = stated(found.value)
    return f"attribute{of}{'' if value is None else f' = {value}'}"


def stated(value: Any) -> str | None:
    """A value as the code has it, without the description of a Pydantic field and needless brackets."""
    if value is None:
        return None
    text = str(value)
    if isinstance(value, griffe.ExprCall) and str(value.function) == "Field":
        kept = [str(part) for part in value.arguments if getattr(part, "name", "") != "description"]
        text = f"Field({', '.join(kept)})"
    return ast.unparse(ast.parse(text, mode="eval"))  # griffe's releases write brackets differently


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Commands, and each option and argument of them."""
    name = " ".join(path)
    yield name, "group" if isinstance(command, click.Group) else "command"
    for parameter in command.params:
        spelled = "/".join((*parameter.opts, *parameter.secondary_opts))
        kind = parameter.type
        parts = ["|".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else kind.name]
        if parameter.required:
            parts.append("required")
        if parameter.multiple or parameter.nargs != 1:
            parts.append("many")
        default = parameter.to_info_dict()["default"]
        if isinstance(default, str | int | float) and default is not False:
            parts.append(f"default {default}")
        yield f"{name} {spelled}", f"{parameter.param_type_name}: {', '.join(parts)}"
    if isinstance(command, click.Group):
        for key, value in sorted(command.commands.items()):
            yield from commands(value, (*path, key))


def changes(was: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    """How one state differs from an earlier one."""
    names = sorted(was.keys() | now.keys())
    return [Change(name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)]


def widened(was: str, now: str) -> bool:
    """Whether a function only takes more than it did: every call that was right is right, and gives the same type."""
    try:
        before, after = (parameters(text) for text in (was, now))
    except (ValueError, SyntaxError):  # no function, or one with a parameter that must be given after one that need not
        return False
    count = len(before.positional)
    return (
        before.rest == after.rest
        and after.positional[:count] == before.positional
        and before.keywords.items() <= after.keywords.items()
        and all(default for *_, default in after.positional[count:])
        and all(after.keywords[name][1] for name in after.keywords.keys() - before.keywords.keys())
    )


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of a function: name, type and default of what is given by place, the same by name, and all else as text."""

    positional: list[tuple[str, str, str]]
    keywords: dict[str, tuple[str, str]]
    rest: tuple[str, ...]


def parameters(text: str) -> Parameters:
    """Those of a function as `told` tells it. Raises ValueError for what is no function."""
    kind, function, signature = text.rpartition("function ")
    if not function:
        raise ValueError(text)
    parsed = ast.parse(f"def f{signature}: ...").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    given = parsed.args

    def source(node: ast.AST | None) -> str:
        return "" if node is None else ast.unparse(node)

    places = given.posonlyargs + given.args
    defaults = [None] * (len(places) - len(given.defaults)) + given.defaults
    return Parameters(
        [(one.arg, source(one.annotation), source(default)) for one, default in zip(places, defaults, strict=True)],
        {
            one.arg: (source(one.annotation), source(default))
            for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        },
        (kind, source(parsed.returns), source(given.vararg), source(given.kwarg), str(len(given.posonlyargs))),
    )


def unnamed(found: list[Change], changelog: str) -> list[Change]:
    """The changes that the changelog's Unreleased section does not name where it should."""
    section = re.search(r"^## \[Unreleased\]$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    parts = re.split(r"^### ", section[1] if section else "", flags=re.MULTILINE)
    entries = [
        (part.split("\n", 1)[0], entry) for part in parts for entry in re.split(r"^- ", part, flags=re.MULTILINE)
    ]
    left = []
    for change in found:
        allowed = {heading for heading, _ in entries if not change.breaks or heading in ("Removed", "Changed")}
        if not any(heading in allowed and names(entry, change.symbol) for heading, entry in entries):
            left.append(change)
    return left


def names(entry: str, symbol: str) -> bool:
    """Whether an entry of the changelog has a symbol in its code: a name, Class.member, or the words of a command."""
    code = " ".join(re.findall(r"`([^`]+)`", entry))
    if " " in symbol:
        spelled = [part.split("/") for part in symbol.split()[1:]]
        wanted = [next((one for one in ways if one.startswith("--")), ways[0]) for ways in spelled]
        return all(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code) for word in wanted)
    *home, last = symbol.removesuffix(".__init__").split(".")
    tail = f"{home[-1]}.{last}" if home and home[-1][:1].isupper() else last
    return re.search(rf"(?<!\w){re.escape(tail)}(?!\w)", code) is not None


def main(arguments: list[str]) -> str | None:
    """Tell what differs; with ``--write`` take it over. Returns what is wrong, if anything is."""
    now = public()
    was = json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.exists() else None
    found = [] if was is None else changes(was, now)
    for change in found:
        print(change)
    if "--write" not in arguments:
        return ADVICE if found else None
    if left := unnamed(found, CHANGELOG.read_text(encoding="utf-8")):
        lacking = "\n".join(f"- {change.symbol}" + " (under Removed or Changed)" * change.breaks for change in left)
        return f"CHANGELOG.md does not name, in code, under Unreleased:\n{lacking}"
    SNAPSHOT.write_text(json.dumps(now, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    return None


ADVICE: Final = (
    "What is public has changed. Undo it; or name each change in CHANGELOG.md under Unreleased, what breaks a user's "
    'code under "### Removed" or "### Changed" (docs/about/stability.md), and run: python tests/api/public.py --write'
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

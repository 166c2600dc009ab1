"""A changed signature fails until the changelog says so, and what is a change is told rightly."""

from __future__ import annotations

import json
from pathlib import Path

import griffe
import public
import pytest
from public import Change

import g7classify
from g7classify import learn

SOURCE = '''
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar, Final
from pydantic import BaseModel, Field

LIMIT: Final = 3

def read(path: str, *, limit: int = LIMIT) -> str:
    """Read."""

class Base:
    def kept(self) -> int:
        """Inherited."""

@dataclass(frozen=True)
class Row(Base):
    __config__: ClassVar = {"extra": "forbid"}
    text: str
    score: float = 0.5

    @property
    def size(self) -> int:
        """Of the text."""

    @classmethod
    def of(cls, *texts: str) -> Row:
        """Make."""

    def _hidden(self) -> None: ...

class Recipe(BaseModel):
    cost: float = Field(default=2.0, gt=0, description="may be reworded")
'''


def test_what_is_public_is_what_was_or_the_changelog_says_so() -> None:
    was = json.loads(public.SNAPSHOT.read_text(encoding="utf-8"))
    found = public.changes(was, public.public())
    assert not found, "\n".join([*map(str, found), public.ADVICE])


def test_every_public_name_is_in_the_snapshot() -> None:
    was = json.loads(public.SNAPSHOT.read_text(encoding="utf-8"))
    assert {f"g7classify.{name}" for name in g7classify.__all__} - was.keys() == public.UNTOLD
    assert {f"g7classify.learn.{name}" for name in learn.__all__} <= was.keys()
    assert {"g7classify tag --operating-point", "g7classify models add", "g7classify.spark.tag"} <= was.keys()
    assert len(was) > 500


def test_symbols_are_told_as_the_code_has_them(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(SOURCE)
    package = griffe.load("made", search_paths=[tmp_path], allow_inspection=False)
    found = {
        name: what
        for symbol in ("read", "Row", "Recipe", "LIMIT")
        for name, what in public.described(package, f"made.{symbol}", "")
    }
    assert found == {
        "made.read": "function (path: str, *, limit: int = LIMIT) -> str",
        "made.Row": "class(Base)",
        "made.Row.__init__": "function (text: str, score: float = 0.5) -> None",
        "made.Row.kept": "function () -> int",
        "made.Row.of": "classmethod function (*texts: str) -> Row",
        "made.Row.score": "attribute: float = 0.5",
        "made.Row.size": "property int",
        "made.Row.text": "attribute: str",
        "made.Recipe": "class(BaseModel)",
        "made.Recipe.cost": "attribute: float = Field(default=2.0, gt=0)",
        "made.LIMIT": "attribute: Final = 3",
    }


@pytest.mark.parametrize(
    "now",
    [
        "function (a: int, b: int = 1, c: int = 2, *, d: int = 3) -> str",
        "function (a: int, b: int = 1, *, d: int = 3, e: str | None = None) -> str",
    ],
)
def test_a_parameter_more_that_need_not_be_given_breaks_nothing(now: str) -> None:
    assert not Change("x", "function (a: int, b: int = 1, *, d: int = 3) -> str", now).breaks


@pytest.mark.parametrize(
    "now",
    [
        None,
        "function (a: int, *, d: int = 3) -> str",
        "function (a: int, b: int = 2, *, d: int = 3) -> str",
        "function (a: str, b: int = 1, *, d: int = 3) -> str",
        "function (a: int, c: int = 1, *, d: int = 3) -> str",
        "function (c: int = 0, a: int = 0, b: int = 1, *, d: int = 3) -> str",
        "function (a: int, b: int = 1, *, d: int = 3, e: int) -> str",
        "function (a: int, b: int = 1, *, d: int = 3) -> str | None",
        "classmethod function (a: int, b: int = 1, *, d: int = 3) -> str",
        "function (a: int, /, b: int = 1, *, d: int = 3) -> str",
        "function (a: int, b: int = 1, *more: int, d: int = 3) -> str",
        "attribute: int",
        "function (a: int = 0, b: int) -> str",
    ],
)
def test_all_else_breaks(now: str | None) -> None:
    assert Change("x", "function (a: int, b: int = 1, *, d: int = 3) -> str", now).breaks


def test_what_is_new_breaks_nothing_and_another_type_does() -> None:
    assert not Change("x.Error", None, "class(ValueError)").breaks
    assert Change("x.Error", "class(Base, ValueError)", "class(Base)").breaks
    assert Change("x tag --format", "option: a|b", "option: a").breaks


CHANGELOG = """# Changelog

## [Unreleased]

### Added

- `g7classify.tag`, `Tagger.at(point)` and a thing called load.
- `g7classify tag --format`; `verify` for models.

### Removed

- `learn.audit`

## [0.1.0]

### Added

- `read`
"""


@pytest.mark.parametrize(
    ("symbol", "added", "removed"),
    [
        ("g7classify.tag", True, False),
        ("g7classify.Tagger.at", True, False),
        ("g7classify.Tag.at", False, False),
        ("g7classify.load", False, False),  # not in code
        ("g7classify.read", False, False),  # of an earlier release
        ("g7classify tag --format", True, False),
        ("g7classify tag -f/--format", True, False),
        ("g7classify report --format", False, False),
        ("g7classify verify", True, False),
        ("g7classify.learn.audit", True, True),
    ],
)
def test_the_changelog_has_to_name_a_change_where_it_belongs(symbol: str, added: bool, removed: bool) -> None:
    assert (public.unnamed([Change(symbol, None, "function () -> int")], CHANGELOG) == []) is added
    assert (public.unnamed([Change(symbol, "function () -> int", None)], CHANGELOG) == []) is removed


def test_the_snapshot_is_not_written_before_the_changelog_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = {"g7classify.load": "function () -> int"}
    before = json.dumps({"g7classify.load": "function (name: str) -> int", "g7classify.gone": "class()"})
    monkeypatch.setattr(public, "public", lambda: now)
    for name in ("SNAPSHOT", "CHANGELOG"):
        monkeypatch.setattr(public, name, tmp_path / name)
    public.SNAPSHOT.write_text(before)
    public.CHANGELOG.write_text("## [Unreleased]\n\n### Added\n\n- `load`\n")

    assert public.main([]) == public.ADVICE
    assert "breaks  g7classify.gone" in capsys.readouterr().out
    refused = public.main(["--write"])
    assert refused is not None
    assert "- g7classify.load (under Removed or Changed)" in refused
    assert public.SNAPSHOT.read_text() == before

    public.CHANGELOG.write_text(
        "## [Unreleased]\n\n### Changed\n\n- `load` takes no name.\n\n### Removed\n\n- `gone`\n"
    )
    assert public.main(["--write"]) is None
    assert json.loads(public.SNAPSHOT.read_text()) == now
    assert public.main([]) is None

from __future__ import annotations

import re
from importlib import resources

import pytest

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import OptionError
from g7classify.pages import interface


def template(name: str) -> str:
    return resources.files("g7classify").joinpath("templates", name).read_text(encoding="utf-8")


@pytest.mark.parametrize("texts", [interface.TEXTS, interface.SPOKEN])
def test_both_languages_say_the_same_things(texts: dict[str, dict[str, str]]) -> None:
    english, french = texts["en"], texts["fr"]
    assert english.keys() == french.keys()
    for key, said in english.items():
        assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", french[key]))


def test_everything_that_can_be_said_is_said_and_the_other_way_round() -> None:
    html, script = template("documents.html"), template("documents.js")
    views = {"text", "matrix", "table"}
    languages = {"de", "en", "es", "fr", "it", "ja"}
    assert set(re.findall(r"say\.(\w+)", html)) | views | languages | {"labels"} == interface.TEXTS["en"].keys()
    by_name = {"page", "row", "absent", "no_table"} | set(
        re.findall(r'^ {4}(?:\.\.\..*)?\[?\["(\w+)", \(row\)', script, re.M)
    )
    by_name |= {"file", "place"}
    assert set(re.findall(r"says\.(\w+)", script)) | by_name == interface.SPOKEN["en"].keys()


@pytest.mark.parametrize(
    ("given", "language", "expected"), [(None, "fr", "fr"), (None, "ja", "en"), ("en", "fr", "en"), ("fr", "", "fr")]
)
def test_the_interface_follows_the_language(given: str | None, language: str, expected: str) -> None:
    assert interface.chosen(given, language) == expected


def test_an_interface_that_there_is_none_for() -> None:
    with pytest.raises(OptionError, match="interface 'de': expected one of en, fr"):
        interface.chosen("de", "de")


def test_labels_are_named_as_people_read_them() -> None:
    own = Codebook.from_dict({"name": "own", "version": "1", "labels": [{"name": "actor", "display_fr": "Qui"}]})
    assert interface.shown("actor.state", CODEBOOK, "fr") == "États et gouvernements"
    assert interface.shown("actor.state", None, "en") == "States and governments"
    assert interface.shown("actor", own, "fr") == "Qui"
    assert interface.shown("strikes", own, "fr") == "strikes"

from __future__ import annotations

import base64
import hashlib
import re
import sys
import tomllib
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import page
from g7classify.errors import MissingExtraError


def shown(text: str) -> str:
    """What a template makes of a text, in an element and in an attribute."""
    template = page.environment().from_string('<p title="{{ text }}">{{ text }}</p>')
    return template.render(text=text)


class Reader(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_a_text_stays_a_text(text: str) -> None:
    found = Reader(shown(text))
    assert found.tags == ["p"]
    assert [name for name, _ in found.attributes] == ["title"]
    assert found.text == found.attributes[0][1]
    assert found.text.isprintable()


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('" onload="x" \'>', '" onload="x" \'>'),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\u2066a\u2069\u200b", "a"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("a\ud800b", "a b"),
        ("警察が動いた。", "警察が動いた。"),
    ],
)
def test_what_texts_become(text: str, becomes: str) -> None:
    assert Reader(shown(text)).text == becomes


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    css = resources.files("g7classify").joinpath("templates", "page.css").read_text(encoding="utf-8")
    html = page.environment().from_string('{% extends "page.html" %}').render()
    style = re.search(r"<style>(.*)</style>", html, re.DOTALL)
    assert style is not None
    assert style[1] == css
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = dict(Reader(html).attributes)["content"]
    policies = [value for name, value in Reader(html).attributes if name == "content" and value and "src" in value]
    assert policy is not None
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_the_style_sheet_loads_nothing_and_knows_the_dark() -> None:
    css = resources.files("g7classify").joinpath("templates", "page.css").read_text(encoding="utf-8")
    assert "url(" not in css
    assert "@import" not in css
    assert "prefers-color-scheme: dark" in css
    assert "<" not in css


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_of_text_have_the_contrast_that_wcag_asks_for() -> None:
    css = resources.files("g7classify").joinpath("templates", "page.css").read_text(encoding="utf-8")
    for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for ink in ("ink", "soft", "one", "two", "three", "good", "bad"):
            for paper in ("paper", "card"):
                light, dark = sorted(map(_luminance, (colours[ink], colours[paper])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_a_name_that_is_not_given_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        page.environment().from_string("{{ missing }}").render()


@pytest.mark.parametrize("module", ["jinja2", "markupsafe"])
def test_without_the_extra_the_pip_line_is_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'g7classify[html]'")):
        page.environment()


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.7124, ".712"), (0.0, ".000"), (1.0, "1.000"), (0.9999, "1.000"), (1.25, "1.250")],
)
def test_shares(value: float | None, text: str) -> None:
    assert page.share(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.01, "+0.010"), (-0.01, "-0.010")])
def test_signed(value: float | None, text: str) -> None:
    assert page.signed(value) == text


@pytest.mark.source
def test_every_template_is_in_the_wheel() -> None:
    root = Path(__file__).resolve().parent.parent
    tools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = tools["package-data"]["g7classify.templates"]
    for file in (root / "g7classify" / "templates").iterdir():
        assert any(file.match(pattern) for pattern in patterns), file

from __future__ import annotations

import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.pages import notebook
from g7classify.results import Source


class Fragment(HTMLParser):
    """Checks that elements close as they open, and collects them and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"style"}
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(value: Any) -> Fragment:
    html = value._repr_html_()
    assert html is not None
    return Fragment(html)


def test_a_document(make_document: Any) -> None:
    fragment = shown(
        make_document(
            ("One.", {"actor.state": 0.9, "actor": 0.9}, ("threat",)),
            ("Two.", {"role": 0.52}, ("role",)),
            source=Source("a.pdf"),
        )
    )
    text = " ".join(fragment.text.split())
    assert text == "a.pdf 2 sentences, fr, nowhere@0.1.0 One. actor.state .900 (threat) ? Two. role .520 ?"


def test_a_sentence(make_document: Any) -> None:
    (sentence,) = make_document(("One.", {"actor": 0.9}, ())).sentences
    assert " ".join(shown(sentence).text.split()) == "One. actor .900"


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8")))
def test_texts_stay_texts(make_document: Any, text: str) -> None:
    fragment = shown(make_document((text, {"actor": 0.9}, ())))
    assert fragment.tags == {"div", "p", "bdi", "span", "b"}
    assert "\u202e" not in fragment.text


def test_a_long_document_is_cut(make_document: Any) -> None:
    document = make_document(*[(f"n{i}.", {}, ()) for i in range(notebook.MOST_SENTENCES + 3)])
    assert "n49." in shown(document).text
    assert "n50." not in shown(document).text
    assert "3 more" in shown(document).text


def test_without_jinja2_notebooks_show_the_plain_form(make_document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    document = make_document(("One.", {}, ()))
    assert document._repr_html_() is None
    assert document.sentences[0]._repr_html_() is None

from __future__ import annotations

import base64
import json
import re
import sys
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7classify.errors import MissingExtraError, OptionError
from g7classify.pages import documents
from g7classify.results import Document
from g7classify.tagger import Tagger

HOSTILE = "</script><script>alert(1)</script> javascript:alert(1) \u202egnp.exe \x00 \u2028 {{ 7 * 7 }} \" ' &lt;b&gt;"


def data_of(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="data"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(zlib.decompress(base64.b64decode(json.loads(found[1]))))


def test_what_is_packed_is_what_the_contents_are(tagger: Tagger) -> None:
    document = tagger.tag("La police. Le ministre parle.")
    data = data_of(documents.render([("a.txt", document)], tagger=tagger))
    assert [row[0] for row in data["sentences"]] == [sentence.text for sentence in document.sentences]
    assert data["files"] == [["a.txt", ""]]
    assert data["models"][0]["name"] == "hand-made@0.1.0"
    assert data["formula"] == "=+-@\t\r＝＋－＠"


@settings(max_examples=30)
@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_no_text_is_near_the_markup(make_document: Any, text: str) -> None:
    plain = documents.render([("", make_document(("x", {}, ())))])
    html = documents.render([("", make_document((text, {}, ())))])
    data = r'id="data"[^>]*>"[A-Za-z0-9+/=]*"<'
    assert re.sub(data, "", html) == re.sub(data, "", plain)


def test_hostile_names_stay_texts(make_document: Any) -> None:
    html = documents.render([(HOSTILE, make_document((HOSTILE, {}, ())))])
    assert len(re.findall("<script", html)) == 2
    assert "\u202e" not in html
    assert "\u202e" not in json.dumps(data_of(html), ensure_ascii=False)
    assert "{{ 7 * 7 }}" in html


def test_the_policy_names_our_script_and_lets_nothing_else_run(make_document: Any) -> None:
    html = documents.render([("", make_document(("One.", {}, ())))])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; "
        r"require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'",
        policy[1],
    )
    assert not re.search(r"\b(src|href|action|srcset|poster|data)=\"(?!#)", html)


def test_the_same_documents_give_the_same_page(tagger: Tagger) -> None:
    document = tagger.tag("La police.")
    assert documents.render([("a", document)], tagger=tagger) == documents.render([("a", document)], tagger=tagger)


@pytest.mark.parametrize(
    ("language", "interface", "said"),
    [("fr", None, "Filtres"), ("de", None, "Filters"), ("fr", "en", "Filters"), ("en", "fr", "Filtres")],
)
def test_it_speaks_the_language_of_the_text_or_the_one_asked_for(
    make_document: Any, language: str, interface: str | None, said: str
) -> None:
    html = documents.render([("", make_document(("One.", {}, ()), language=language))], interface=interface)
    assert said in html
    assert f'<html lang="{interface or ("fr" if language == "fr" else "en")}">' in html


def test_an_unknown_interface(make_document: Any) -> None:
    with pytest.raises(OptionError, match="interface 'xx'"):
        documents.render([("", make_document(("One.", {}, ())))], interface="xx")


def test_filters_of_files_and_languages_are_there_where_there_are_several(make_document: Any) -> None:
    one = make_document(("One.", {"actor": 0.9}, ()))
    other = make_document(("Zwei.", {}, ()), language="de")
    alone, both = (documents.render(pairs) for pairs in ([("a", one)], [("a", one), ("b", other)]))
    assert 'id="language"' not in alone
    assert 'id="file"' not in alone
    assert re.search(r'id="language">.*français.*allemand', both)
    assert 'id="file"' in both


def test_nothing_to_show() -> None:
    html = documents.render([])
    assert data_of(html)["sentences"] == []
    assert "Model:" not in html


def test_a_document_makes_its_page(tagger: Tagger) -> None:
    document = tagger.tag("La police.")
    assert document.to_html(tagger=tagger) == documents.render([("", document)], tagger=tagger)
    assert "Filters" in document.to_html(interface="en")
    again = Document.from_json(document.to_json())
    assert again.to_html(tagger=tagger) == document.to_html(tagger=tagger)


def test_without_the_extra_the_pip_line_is_named(make_document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match="pip install"):
        make_document(("One.", {}, ())).to_html()

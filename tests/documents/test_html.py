from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.made_documents import html
from g7classify.documents import html as module
from g7classify.documents.html import decoded, extract
from g7classify.errors import DataError


def text(markup: str) -> str:
    return extract(f'<meta charset="utf-8">{markup}'.encode())[0]


def paragraphs(markup: str) -> list[str]:
    return text(markup).split("\n\n")


class TestText:
    def test_a_page(self) -> None:
        given = ["# Le titre", "La ministre a annoncé des sanctions.", "1 < 2 & 3 > 2, « dit-elle »."]
        found, pages = extract(html(given, around=["Menu", "Accueil"]))
        assert found.split("\n\n") == ["Le titre", *given[1:]]
        assert pages == ()

    def test_blocks_are_paragraphs_and_what_is_inline_is_not(self) -> None:
        assert paragraphs("<div>Un <b>d<i>e</i>ux</b>\n trois<p>quatre</div>cinq<ul><li>six<li>sept</ul>huit") == [
            "Un deux trois",
            "quatre",
            "cinq",
            "six",
            "sept",
            "huit",
        ]
        assert paragraphs("<table><tr><th>a<td>b<tr><td>c</table><dl><dt>d<dd>e</dl>") == ["a", "b", "c", "d", "e"]

    def test_line_breaks(self) -> None:
        assert paragraphs("<p>Un <br> deux<br/>trois<br><br>quatre") == ["Un\ndeux\ntrois", "quatre"]
        assert paragraphs("<p>a\nb</p><pre>c\r\n  d\n\ne</pre>") == ["a b", "c\nd", "e"]

    def test_a_space_that_does_not_break_stays(self) -> None:
        assert text("<p>10&nbsp;h\u202f30") == "10\xa0h\u202f30"

    @pytest.mark.parametrize(
        "markup",
        [
            "<script>x</script>",
            "<style>x</style>",
            "<noscript>x</noscript>",
            "<template>x</template>",
            "<title>x</title>",
            "<nav><a>x</a></nav>",
            "<svg><title>x</title><text>x</text></svg>",
            "<select><option>x</select>",
            "<textarea>x</textarea>",
            "<button>x</button>",
            "<!-- x -->",
            "<p hidden>x</p>",
            '<div style="color:red; DISPLAY : none">x<p>x</p></div>',
            '<span style="visibility:hidden">x</span>',
            "<ruby><rp>x</rp><rt>x</rt></ruby>",
        ],
    )
    def test_what_is_not_seen_is_left_out(self, markup: str) -> None:
        assert text(f"<p>a</p>{markup}<p>b</p>").replace("\n\n", " ") == "a b"

    def test_details_and_asides_are_seen(self) -> None:
        assert paragraphs("<details><summary>a</summary>b</details><aside>c</aside><footer>d</footer>") == [
            "a",
            "b",
            "c",
            "d",
        ]

    @pytest.mark.parametrize("markup", ["", "<html>", "<frameset><frame></frameset>", "\0", "<p>", "<!--"])
    def test_nothing(self, markup: str) -> None:
        assert extract(markup.encode())[0].strip("\ufffd") == ""

    def test_deep_trees(self) -> None:
        assert text("<div>" * 3000 + "a" + "</div>" * 3000 + "b").split() == ["a", "b"]


class TestCharsets:
    TEXT = "déjà vu €"

    @pytest.mark.parametrize(
        ("encoding", "start"),
        [
            ("utf-8", '<meta charset="utf-8">'),
            ("utf-8", "<meta charset=UTF8>"),
            ("utf-8", ""),
            ("cp1252", ""),
            ("cp1252", '<meta charset="ISO-8859-1">'),
            ("cp1252", "<meta charset='latin1'>"),
            ("cp1252", "<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=windows-1252'>"),
            ("iso8859-15", '<!-- <meta charset="utf-8"> --><meta charset="iso-8859-15">'),
            ("iso8859-15", '<?xml version="1.0" encoding="iso-8859-15"?>'),
            ("iso8859-15", '<meta charset="no-such"><meta charset="iso-8859-15">'),
            ("utf-8", '<meta name="charset" content="charset=iso-8859-15">'),
            ("utf-8", '<meta charset="utf-16">'),
            ("utf-8-sig", '<meta charset="iso-8859-1">'),
            ("utf-16", '<meta charset="iso-8859-1">'),
        ],
    )
    def test_as_the_standard_says(self, encoding: str, start: str) -> None:
        assert decoded(f"{start}<p>{self.TEXT}".encode(encoding)) == f"{start}<p>{self.TEXT}"

    @pytest.mark.parametrize("label", ["shift_jis", "euc-jp", "iso-2022-jp"])
    def test_japanese(self, label: str) -> None:
        assert extract(html(["警察が動いた。"], encoding=label))[0] == "警察が動いた。"

    @pytest.mark.parametrize("label", ["utf-7", "unicode_escape", "rot13", "hex", "idna", "é", "\0"])
    def test_what_the_web_does_not_know_is_not_used(self, label: str) -> None:
        assert extract(f'<meta charset="{label}"><p>{self.TEXT}+AD4-'.encode())[0] == f"{self.TEXT}+AD4-"

    def test_a_declaration_far_below_is_none(self) -> None:
        assert decoded(b" " * 1024 + b'<meta charset="iso-8859-15">' + "é".encode())[-1] == "é"


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_any_bytes_give_text(content: bytes) -> None:
    found, _ = extract(content)
    assert all(part.strip() for part in found.split("\n\n")) or found == ""


@given(
    pieces=st.lists(st.sampled_from(["<p>", "<div>", "</div>", "<b>", "</p>", "<br>", "<td>", "<pre>", "x", " ", "\n"]))
)
def test_letters_are_neither_lost_nor_repeated(pieces: list[str]) -> None:
    assert text("".join(pieces)).count("x") == pieces.count("x")


class TestNesting:
    def test_what_nothing_closes_in_long_pages_is_no_nesting(self) -> None:
        for markup in ("<p><font size=2>mot", "<a name=x>mot<br>", "<p><b>mot"):
            assert text(markup * 20_000).count("mot") == 20_000

    def test_what_is_nested_too_deeply_is_refused_before_it_is_parsed(self) -> None:
        for tag in ("div", "DIV class=a", "x-own"):
            name = tag.split()[0]
            with pytest.raises(DataError, match="elements more than 50,000 deep"):
                text(f"<{tag}>" * 200_000 + "mot" + f"</{name}>" * 200_000)

    @pytest.mark.parametrize(
        "markup",
        [
            "<div>mot</div>" * 6000,
            "<div>" * 4900 + "mot" * 6000,
            "<p>mot" * 6000,
            "<ul>" + "<li>mot" * 6000,
            "<table>" + "<tr><td>mot" * 6000,
            "<br>" * 6000 + "mot" * 6000,
            "<svg>" + "<path d=''/>" * 6000 + "</svg>" + "mot" * 6000,
            "<script>" + "<div>" * 6000 + "</script>" + "mot" * 6000,
            "<!--" + "<div>" * 6000 + "-->" + "mot" * 6000,
            "</i>" * 6000 + "<b>" + "mot" * 6000,
        ],
    )
    def test_a_long_page_is_not_a_deep_one(self, markup: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_DEPTH", 5_000)
        assert text(markup).count("mot") == 6000
        assert text(markup + "<!--") == text(markup)

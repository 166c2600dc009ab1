from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from g7classify.codebook import Codebook
from g7classify.errors import UnreadableFileError
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.fit import Trained
from g7classify.learn.judging import evaluating, pages
from g7classify.learn.judging.evaluation import Evaluation
from g7classify.tagger import Tagger

VOID = {"meta", "path", "rect", "circle", "polyline", "br"}
HOSTILE = (
    "police <script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) {{ 7 * 7 }} {% raw %}"
    " \"'><svg onload=alert(1)> \u202egnp.exe \x00 \x1b[2J </bdi></main><style>*{display:none}</style> &lt;b&gt; http://e.vil"
)


class Page(HTMLParser):
    """Checks that elements close as they open, and collects them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


@pytest.fixture(scope="module")
def evaluation(trained: Trained, rows: Dataset) -> Evaluation:
    return evaluating.evaluate(Tagger(trained.model), rows, rounds=20)


def hostile(tagger: Tagger, **fields: str) -> Evaluation:
    given = [
        Row(HOSTILE, (), id=fields.get("id", "1"), lang=fields.get("lang", "fr"), source=fields.get("source", "s"))
    ]
    return evaluating.evaluate(tagger, Dataset.from_rows(given), rounds=5, by="source")


def test_everything_is_on_the_page(evaluation: Evaluation) -> None:
    page = Page(pages.render(evaluation))
    for label in evaluation.labels:
        assert page.text.count(label.label) >= 2
    for mistake in evaluation.mistakes:
        assert mistake.text in page.text
    macro = evaluation.overall.subtype_macro_f1.value
    assert macro is not None
    assert f"{macro:.3f}".lstrip("0") in page.text
    assert {"fr", "it", "recall", "precision"} <= set(re.findall(r"\w+", page.text))
    assert "None" not in page.text
    assert "nan" not in page.text.lower().split()


def test_nothing_is_loaded_and_nothing_runs(evaluation: Evaluation, tagger: Tagger) -> None:
    bad = hostile(tagger, id=HOSTILE, lang=HOSTILE, source=HOSTILE)
    assert bad.mistakes
    for html in (pages.render(evaluation), pages.render(bad)):
        page = Page(html)
        tags = {tag for tag, _ in page.found}
        assert not tags & {"script", "img", "link", "iframe", "object", "embed", "form", "a-x", "base", "image", "use"}
        assert [tag for tag, _ in page.found].count("style") == 1
        for tag, attributes in page.found:
            assert not {name for name in attributes if name.startswith("on")}
            assert "style" not in attributes, "the policy forbids it"
            assert "src" not in attributes
            if "href" in attributes:
                assert tag == "a"
                assert (attributes["href"] or "").startswith("#")
        assert "Content-Security-Policy" in html
        assert not set(html) & set("\x00\x1b\u202e")


def test_hostile_text_is_shown_as_it_is(tagger: Tagger) -> None:
    text = Page(pages.render(hostile(tagger))).text
    for part in ("<script>alert(1)</script>", "{{ 7 * 7 }}", "javascript:alert(1)", "</bdi></main>", "&lt;b&gt;"):
        assert part in text


def test_tables_and_pictures_say_what_they_are(evaluation: Evaluation) -> None:
    page = Page(pages.render(evaluation))
    tags = [tag for tag, _ in page.found]
    assert tags.count("caption") == tags.count("table") == 3
    assert tags.count("h1") == tags.count("main") == 1
    assert all("scope" in attributes for tag, attributes in page.found if tag == "th")
    for tag, attributes in page.found:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.found:
        if tag == "a":
            assert (attributes["href"] or "")[1:] in ids


def test_one_picture_a_label_that_has_rows(trained: Trained, rows: Dataset, book: Codebook) -> None:
    none = rows.labels[:, book.index("crime.fraud")]
    found = evaluating.evaluate(Tagger(trained.model), rows.select(~none), rounds=5)
    html = pages.render(found)
    assert len(re.findall("recall and F1 of [^ ]+ by threshold", html)) == len(book) - 1
    text = " ".join(Page(html).text.split())
    assert "No row has these labels, so their recall and F1 are unknown: crime.fraud" in text


def test_plots_stay_in_their_frames(evaluation: Evaluation) -> None:
    page = Page(pages.render(evaluation))
    points = [attributes["points"] for tag, attributes in page.found if tag == "polyline"]
    assert points
    for pair in " ".join(filter(None, points)).split():
        x, y = map(float, pair.split(","))
        assert 30 <= x <= 230
        assert 8 <= y <= 138


def test_a_codebook_without_sub_types_is_told_of_once() -> None:
    flat = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "rain"}, {"name": "sun"}]})
    data = Dataset.from_rows([Row("a", ("rain",), id="1"), Row("b", ("sun",), id="2")], codebook=flat)
    probabilities = data.labels.astype("float32")
    found = evaluating.compare(data, probabilities, {"balanced": data.labels}, ~data.labels, rounds=5)
    text = Page(pages.render(found)).text
    assert "sub-types" not in text
    assert "labels, macro" in text


def test_what_cannot_be_explained_says_why(evaluation: Evaluation) -> None:
    mute = evaluation.model_copy(update={"unexplained": "it is no table"})
    assert "Without the words that decided: it is no table" in Page(pages.render(mute)).text


def test_the_same_evaluation_gives_the_same_page(evaluation: Evaluation, tmp_path: Path) -> None:
    pages.write(evaluation, tmp_path / "a.html")
    again = Evaluation.model_validate_json(evaluation.model_dump_json())
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == pages.render(again)
    with pytest.raises(UnreadableFileError):
        pages.write(evaluation, tmp_path / "missing" / "a.html")

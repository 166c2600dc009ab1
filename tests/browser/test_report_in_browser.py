"""The page of documents in a real browser: what its script does, with a mouse and with keys alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from g7classify.codebook import CODEBOOK, Codebook, Label
from g7classify.pages import documents
from g7classify.results import Document, ModelId, Sentence, Source, Tag
from g7classify.tagger import Tagger

if TYPE_CHECKING:
    from playwright.sync_api import Page

Show = Callable[..., "Page"]

SAID: list[tuple[str, dict[str, float], tuple[str, ...]]] = [
    ("States cooperate.", {"actor.state": 0.91, "measure.cooperation": 0.8}, ()),
    ("States and agencies legislate.", {"actor.state": 0.7, "actor.agency": 0.66, "measure.legislation": 0.55}, ()),
    ("=Terror.", {"threat.terrorism": 0.52}, ("threat.terrorism",)),
    ("Perhaps a role.", {}, ("role.mandate",)),
    ("Nothing.", {}, ()),
    ("States cooperate against terror.", {"actor.state": 0.6, "measure.cooperation": 0.3, "threat.terrorism": 0.9}, ()),
]


def made(
    said: list[tuple[str, dict[str, float], tuple[str, ...]]] = SAID,
    *,
    language: str = "en",
    codebook: Codebook = CODEBOOK,
    source: Source | None = None,
) -> Document:
    sentences, text = [], ""
    for words, probabilities, in_doubt in said:
        labels = dict(probabilities)
        for label, p in probabilities.items():
            parent = codebook.parent(label)
            if parent is not None:
                labels[parent] = max(labels.get(parent, 0.0), p)
        tags = tuple(Tag(label, codebook.parent(label) or label, p, 0.5) for label, p in labels.items())
        sentences.append(Sentence(words, len(text), len(text) + len(words), tags, in_doubt))
        text += f"{words}\n"
    return Document(text, language, tuple(sentences), ModelId("nowhere", "0.1.0", ""), source)


def settled(page: Page) -> Page:
    """The page once it has done what its filters ask for: at the next frame."""
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))")
    return page


def state(page: Page) -> str:
    return settled(page).locator("#state").inner_text()


def texts(page: Page) -> list[str]:
    """The sentences that are shown."""
    settled(page)
    return page.locator("#sentences > li:not([hidden]) > .said > bdi").all_inner_texts()


def rows(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('#tags tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return found


@pytest.fixture
def report(show: Show) -> Page:
    return show(documents.render([("a.txt", made())]))


def tick(page: Page, name: str) -> None:
    page.locator("#filters").get_by_label(name, exact=False).first.check()


def test_the_text_and_its_tags(report: Page) -> None:
    assert texts(report) == [said for said, _, _ in SAID]
    chips = report.locator("#s1 .chip").all_text_contents()
    assert [" ".join(chip.split()) for chip in chips] == [
        "Actors: States and governments 0.91",
        "Measures: Cooperation 0.80",
    ]
    assert report.locator("#s3 .look").inner_text() == "⚑ look here"
    assert report.locator("#s4 .chip.missed").count() == 1
    assert report.locator("#s5 .chip").count() == 0
    assert state(report) == "6 of 6 sentences, 9 tags"


def test_a_probability_is_rounded_once(show: Show) -> None:
    page = show(documents.render([("", made([("Terror.", {"threat.terrorism": 0.94494}, ())]))]))
    assert "0.94" in page.locator("#s1 .chip").inner_text()
    page.locator("#least").fill("95")
    assert texts(page) == []


def test_filters_by_label(report: Page) -> None:
    tick(report, "Cooperation")
    assert texts(report) == [SAID[0][0], SAID[5][0]]
    tick(report, "Legislation")  # of the same category: one of them
    assert texts(report) == [SAID[0][0], SAID[1][0], SAID[5][0]]
    tick(report, "Terrorism")  # of another one: both
    assert texts(report) == [SAID[5][0]]
    assert state(report) == "1 of 6 sentences, 3 tags"
    report.get_by_role("button", name="Reset").click()
    assert len(texts(report)) == 6


def test_filters_by_category(report: Page) -> None:
    tick(report, "Threats (all)")
    assert texts(report) == [SAID[2][0], SAID[5][0]]


def test_filters_by_probability(report: Page) -> None:
    report.locator("#least").fill("65")
    assert texts(report) == [SAID[0][0], SAID[1][0], SAID[5][0]]
    assert report.locator("#s2 .chip:visible").count() == 2
    assert state(report) == "3 of 6 sentences, 5 tags"
    tick(report, "Cooperation")
    assert texts(report) == [SAID[0][0]]


def test_filters_what_is_in_doubt(report: Page) -> None:
    report.get_by_label("Only what to look at").check()
    assert texts(report) == [SAID[2][0], SAID[3][0]]
    tick(report, "Mandate")  # a label that just missed is found among them
    assert texts(report) == [SAID[3][0]]


def test_filters_speak_french_that_agrees(show: Show) -> None:
    several = [(f"{name}.txt", made(language=name)) for name in ("en", "fr")]
    page = show(documents.render(several, interface="fr"))
    chosen = [page.locator(f"#{name} option").first.inner_text() for name in ("language", "file", "against")]
    assert chosen == ["toutes", "tous", "n’importe laquelle"]


def test_without_a_sentence_no_filter_is_blamed(show: Show) -> None:
    page = show(documents.render([("", made([]))]))
    assert state(page) == "There is no sentence."


def test_filters_by_a_word(report: Page) -> None:
    report.locator("#search").fill("STATES")
    assert len(texts(report)) == 3
    report.locator("#search").fill("no such word")
    assert state(report).startswith("No sentence is left")


def test_filters_by_language_and_file(show: Show) -> None:
    page = show(
        documents.render(
            [
                ("", made([("One.", {}, ())], source=Source("a.pdf", pages=(0,)))),
                ("", made([("Deux.", {}, ())], language="fr", source=Source("b.jsonl", row=4))),
            ]
        )
    )
    assert page.locator("#s1").inner_text().split("\n")[0] == "a.pdf"
    assert "page 1" in page.locator("#s1").inner_text()
    assert "row 4" in page.locator("#s2").inner_text()
    assert page.locator("#s2").get_attribute("lang") == "fr"
    page.locator("#language").select_option(label="French")
    assert texts(page) == ["Deux."]
    page.locator("#language").select_option("-1")
    page.locator("#file").select_option(label="a.pdf")
    assert texts(page) == ["One."]


def test_a_click_on_a_tag_tells_the_words_and_they_add_up(show: Show, tagger: Tagger) -> None:
    text = "Hier la police arrivait."
    page = show(documents.render([("", tagger.tag(text))], tagger=tagger, interface="en"))
    chip = page.locator("#s1 .chip", has_text="Enforcement")
    chip.click()
    why = page.locator("#why")
    assert why.locator("h3").inner_text() == "Why Actors: Enforcement and justice?"
    assert why.locator("mark.for").all_inner_texts() == ["police"]
    figures = [float(one.replace("−", "-")) for one in why.locator("td").all_inner_texts()]
    assert sum(figures[:-1]) == pytest.approx(figures[-1], abs=1e-9)
    (label,) = tagger.explain(text, labels=["actor.agency"]).labels
    assert figures[-1] == pytest.approx(label.logit, abs=0.005)
    assert figures[-2] == pytest.approx(label.bias, abs=0.005)
    assert chip.get_attribute("aria-expanded") == "true"
    chip.click()
    assert page.locator("#why").count() == 0
    assert chip.get_attribute("aria-expanded") == "false"


def test_words_are_found_where_the_text_was_cleaned_and_beyond_the_basic_plane(show: Show, tagger: Tagger) -> None:
    page = show(documents.render([("", tagger.tag("😀\u202e😀 \x00 hier la police arrivait."))], tagger=tagger))
    page.locator("#s1 .chip").first.click()
    assert page.locator("#why mark.for").all_inner_texts() == ["police"]


def test_where_there_are_no_words_the_page_says_why(report: Page) -> None:
    report.locator("#s1 .chip").first.click()
    assert "The model that decided is not at hand" in report.locator("#why").inner_text()


def test_the_matrix(report: Page) -> None:
    report.get_by_role("tab", name="Matrix").click()
    head = report.locator("#crossing thead th").all_inner_texts()
    assert head == ["Measures (all)", "Cooperation", "Legislation"]
    cells = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in report.locator("#crossing tbody tr").all()
    }
    assert cells == {
        "Actors (all)": ["3", "2", "1"],
        "States and governments": ["3", "2", "1"],
        "Enforcement and justice": ["1", "·", "1"],
    }
    report.locator("#against").select_option(label="Terrorism")
    assert report.locator("#crossing tbody td").all_inner_texts() == ["1", "1", "·", "1", "1", "·", "·", "·", "·"]
    report.get_by_role("button", name="States and governments and Cooperation: 1 sentences").click()
    assert report.get_by_role("tab", name="Text").get_attribute("aria-selected") == "true"
    assert texts(report) == [SAID[5][0]]


def test_the_table_sorts(report: Page) -> None:
    report.get_by_role("tab", name="Table").click()
    assert [row[0] for row in rows(report)] == ["1", "1", "2", "2", "2", "3", "6", "6", "6"]
    report.get_by_role("button", name="probability").click()
    probabilities = [float(row[2]) for row in rows(report)]
    assert probabilities == sorted(probabilities, reverse=True)
    heading = report.locator("#tags th", has_text="probability")
    assert heading.get_attribute("aria-sort") == "descending"
    report.get_by_role("button", name="probability").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert [float(row[2]) for row in rows(report)] == sorted(probabilities)
    report.locator("#tags thead").get_by_role("button", name="label").click()
    labels = [row[1] for row in rows(report)]
    assert labels == sorted(labels)
    assert (labels[0], labels[-1]) == ("Actors: Enforcement and justice", "Threats: Terrorism")


def saved(page: Page) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    content = download.value.path().read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_the_table_is_saved_as_it_is_filtered_and_sorted(report: Page) -> None:
    tick(report, "Threats (all)")
    report.get_by_role("tab", name="Table").click()
    report.get_by_role("button", name="probability").click()
    assert saved(report) == [
        ["sentence", "file", "category", "label", "probability", "in_doubt", "text"],
        ["6", "a.txt", "threat", "threat.terrorism", "0.9", "", "States cooperate against terror."],
        ["3", "a.txt", "threat", "threat.terrorism", "0.52", "?", "'=Terror."],
    ]


def test_no_cell_that_is_saved_is_a_formula(show: Show) -> None:
    starts = ["=1", "+1", "-1", "@x", "＝1", "＠x", 'a "quoted", word']
    page = show(documents.render([("=file", made([(text, {"actor": 0.9}, ()) for text in starts]))]))
    page.get_by_role("tab", name="Table").click()
    cells = saved(page)
    assert [row[6] for row in cells[1:]] == [f"'{text}" for text in starts[:-1]] + [starts[-1]]
    assert {row[1] for row in cells[1:]} == {"'=file"}


def test_a_row_leads_to_its_sentence(report: Page) -> None:
    report.get_by_role("tab", name="Table").click()
    report.locator("#tags tbody a", has_text="6").first.click()
    assert report.get_by_role("tab", name="Text").get_attribute("aria-selected") == "true"
    assert report.evaluate("document.activeElement.id") == "s6"


def test_keys_alone(report: Page) -> None:
    report.keyboard.press("Tab")
    assert report.locator(":focus").inner_text() == "Skip to the results"
    report.keyboard.press("Enter")
    report.keyboard.press("Tab")
    assert report.locator(":focus").get_attribute("id") == "tab-text"
    report.keyboard.press("ArrowLeft")
    assert report.locator(":focus").get_attribute("id") == "tab-table"
    assert report.locator("#table").is_visible()
    report.keyboard.press("Home")
    assert report.locator("#text").is_visible()
    chip = report.locator("#s1 .chip").first
    chip.focus()
    report.keyboard.press("Enter")
    assert report.locator("#why").is_visible()
    report.keyboard.press("Tab")
    report.keyboard.press("Escape")
    assert report.locator("#why").count() == 0
    assert report.evaluate("document.activeElement.closest('li').id") == "s1"
    report.get_by_label("Only what to look at").focus()
    report.keyboard.press("Space")
    assert len(texts(report)) == 2


def test_everything_that_acts_has_a_name_and_a_role(report: Page) -> None:
    for view in ("Text", "Matrix", "Table"):
        report.get_by_role("tab", name=view).click()
        snapshot = report.locator("body").aria_snapshot()
        assert "- button:" not in snapshot.replace('- button "', "")
        assert f'- tab "{view}" [selected]' in snapshot
        assert "- status" in snapshot
    ids = report.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
    referred = report.evaluate(
        "['aria-labelledby', 'aria-controls', 'aria-describedby', 'for'].flatMap((name) =>"
        "[...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)))"
    )
    assert set(referred) <= set(ids)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


COLOURS = """() => [...document.querySelectorAll('body *')].filter((element) =>
  element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
).map((element) => {
  let behind = element;
  while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  const paper = getComputedStyle(behind ?? document.body).backgroundColor;
  return [element.className, getComputedStyle(element).color, paper];
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_wcag_asks_for(show: Show, tagger: Tagger, scheme: str) -> None:
    text = "La police et le ministre. Le terrorisme, des sanctions, la présidence, un ransomware. Rien."
    page = show(documents.render([("", tagger.tag(text))], tagger=tagger), color_scheme=scheme)
    page.locator("#s1 .chip").first.click()
    for view in ("text", "matrix", "table"):
        page.locator(f"#tab-{view}").click()
        if view == "text":
            page.locator("#s2 .chip").first.click()
        found = page.evaluate(COLOURS)
        assert len(found) > 20
        for name, ink, paper in found:
            light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, ink, paper)


def test_on_paper_only_what_is_read_remains(report: Page) -> None:
    report.emulate_media(media="print", color_scheme="dark")
    assert not report.locator("#filters").is_visible()
    assert not report.get_by_role("tab", name="Text").is_visible()
    assert report.locator("#s1").is_visible()
    assert report.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert report.pdf()[:5] == b"%PDF-"


def test_a_narrow_screen_needs_no_scrolling_sideways(show: Show) -> None:
    page = show(documents.render([("a.txt", made())]))
    page.set_viewport_size({"width": 360, "height": 800})
    for view in ("text", "matrix", "table"):
        page.locator(f"#tab-{view}").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


LONG = "une-note-au-nom-particulièrement-long-du-27-novembre-version-finale.pdf"


@pytest.fixture
def wide(show: Show) -> Page:
    """A page whose table is as wide as one gets: of several files, with pages and long labels."""
    said = [(" ".join(["Une longue phrase."] * 12), {"actor.intergovernmental": 0.9, "measure.cooperation": 0.3}, ())]
    files = [Source(f"/home/me/{folder}/{LONG}", pages=(0,)) for folder in ("a", "b")]
    unread = [("/home/me/a/c.pdf", "/home/me/a/c.pdf: no PDF, or a damaged one")]
    pages = [("", made(said, source=source)) for source in files]
    return show(documents.render(pages, interface="fr", unread=unread))


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_the_table_is_no_wider_than_its_place(wide: Page, width: int) -> None:
    wide.set_viewport_size({"width": width, "height": 900})
    wide.get_by_role("tab", name="Tableau").click()
    needed, given = wide.evaluate(
        "(({ parentElement: e }) => [e.scrollWidth, e.clientWidth])(document.querySelector('#tags'))"
    )
    assert 0 < needed <= given


def test_nor_is_it_wider_than_paper(wide: Page) -> None:
    wide.get_by_role("tab", name="Tableau").click()
    wide.emulate_media(media="print")
    wide.set_viewport_size({"width": 718, "height": 1000})  # A4 between margins of a centimetre
    assert wide.evaluate("document.documentElement.scrollWidth") == 718


def test_the_page_says_which_files_were_not_read(wide: Page, show: Show) -> None:
    wide.emulate_media(media="print")
    assert wide.locator(".unread").inner_text().split("\n")[-1] == "a/c.pdf: no PDF, or a damaged one"
    assert wide.locator("#s1 .file").inner_text() == f"a/{LONG}"
    assert "/home/me" not in wide.content()
    assert show(documents.render([("", made())])).locator(".unread").count() == 0


@pytest.mark.parametrize(("width", "shown"), [(360, False), (1280, True)])
def test_filters_are_closed_where_they_would_hide_the_text(
    browser: Any, tmp_path: Any, width: int, *, shown: bool
) -> None:
    file = tmp_path / "page.html"
    file.write_text(documents.render([("a.txt", made())]), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]", state="attached")
    assert page.locator("#search").is_visible() == shown
    assert page.evaluate("document.querySelector('#s1').getBoundingClientRect().bottom < innerHeight")
    page.locator("#filters summary").click()
    assert page.locator("#search").is_visible() != shown
    page.close()


def test_it_speaks_french(show: Show, tagger: Tagger) -> None:
    page = show(documents.render([("", tagger.tag("La police dormait."))], tagger=tagger))
    page.locator("#s1 .chip").first.click()
    assert page.locator("#why h3").inner_text() == "Pourquoi Acteurs : Forces de l'ordre et justice ?"
    assert "," in page.locator("#s1 .chip b").first.inner_text()


HOSTILE = (
    "</script><script>window.hit = 1</script><img src=x onerror=window.hit=1> javascript:window.hit=1 "
    "{{ 7 * 7 }} ${7 * 7} &lt;b&gt; \u202egnp.exe\u2066 \x00 \x1b[2J \u2028\u2029 \" ' ` http://evil.example"
)


def test_hostile_texts_files_and_labels_do_nothing(show: Show) -> None:
    name = "<img src=x onerror=window.hit=1>{{7*7}}"
    own = Codebook("own", "1", (Label(name, "", name, name, None), Label(f"{name}.</script>", "", name, name, name)))
    document = made([(HOSTILE, {f"{name}.</script>": 0.9}, ()), (HOSTILE, {}, ())], codebook=own)
    page = show(documents.render([(HOSTILE, document), ("other", document)]))
    for view in ("matrix", "table", "text"):
        page.locator(f"#tab-{view}").click()
    page.locator("#s1 .chip").first.click()
    cleaned = texts(page)[0]
    assert cleaned.startswith("</script><script>window.hit = 1</script><img src=x onerror=window.hit=1> javascript:")
    assert "\u202e" not in page.content()
    assert "\x00" not in cleaned
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert page.evaluate("[...document.querySelectorAll('a')].every((a) => a.getAttribute('href').startsWith('#'))")


def test_the_browser_itself_forbids_what_the_page_does_not_do(browser: Any, tmp_path: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text(documents.render([("", made())]), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.evaluate(
        "window.broken = []; addEventListener('securitypolicyviolation', (e) => broken.push(e.effectiveDirective))"
    )
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate("() => { document.body.innerHTML = '<b>x</b>'; }")
    with pytest.raises(Exception, match="Failed to fetch"):
        page.evaluate("() => fetch('http://127.0.0.1:9/')")
    page.evaluate("() => { const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i); }")
    assert {"connect-src", "img-src"} <= set(settled(page).evaluate("broken"))
    page.close()


def test_twenty_thousand_sentences_are_usable(show: Show) -> None:
    page = show(
        documents.render(
            [("", made([(f"{i} {said}", tags, doubt) for i in range(3400) for said, tags, doubt in SAID]))]
        )
    )
    assert page.locator("#sentences > li").count() == 20_400
    page.locator("label", has_text="Legislation").locator("input").check()  # by role takes Playwright minutes here
    assert state(page).startswith("3,400 of 20,400")
    page.locator("button[type=reset]").click()
    assert state(page).startswith("20,400")
    page.locator("#tab-table").click()
    assert page.locator("#tags tbody tr").count() == 100
    assert page.locator("#range").inner_text() == "1–100 of 30,600"
    page.locator("#next").click()
    assert page.locator("#range").inner_text() == "101–200 of 30,600"
    page.locator("#tags thead button", has_text="probability").click()
    assert {row[2] for row in rows(page)} == {"0.910"}
    page.locator("#tags tbody a").last.click()
    assert page.evaluate("document.activeElement.id").startswith("s")
    assert page.locator("#sentences > li:focus .chip").first.is_visible()

from __future__ import annotations

import io

import hostile
import pytest

from benchmarks.made_documents import JAPANESE, Look, pdf
from g7classify.documents.pdf import extract
from g7classify.errors import DataError
from g7classify.sentences import split

FRENCH = (
    "La coopération internationale des polices européennes progresse lentement. Les organisations criminelles "
    "transfrontalières exploitent des vulnérabilités juridictionnelles, selon le porte-parole du parquet. "
    "Les investigations financières nécessitent une collaboration interministérielle; la ministre de l'Intérieur et le "
    "ministre de la Justice l'ont rappelé à Saint-Germain-en-Laye."
)
GERMAN = (
    "Die Bundesregierung verschärft die Sicherheitsvorkehrungen an den Außengrenzen. Innen- und Außenministerium haben "
    "eine Vereinbarung über Informationsaustausch unterzeichnet. Terrorismusbekämpfung bleibt vorrangig."
)
JAPANESE_TEXT = (
    "警察は昨日、東京都内で大規模な捜査を行い、容疑者五名を逮捕したと発表した。内閣官房は対策を強化する方針である。" * 2
)
LOOKS = [
    Look(),
    Look(hyphens=True, spaced=False),
    Look(columns=2, hyphens=True, head="Rapport annuel 2024"),
    Look(columns=3, hyphens=True, spaced=False, head="Rapport"),
]


def sentences(text: str, language: str) -> list[str]:
    return ["".join(text[start:end].split()) for start, end in split(text, language=language)]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("language", "text"), [("fr", FRENCH), ("de", GERMAN)])
def test_sentences_come_back_whatever_the_look(look: Look, language: str, text: str) -> None:
    paragraphs = [text.replace("parquet", f"parquet {i}") for i in range(40)]
    found, _ = extract(pdf([paragraphs], look, flow=True))
    assert sentences(found, language) == [one for paragraph in paragraphs for one in sentences(paragraph, language)]


def test_japanese() -> None:
    found, _ = extract(pdf([[JAPANESE_TEXT] * 30], Look(font=JAPANESE, columns=2), flow=True))
    assert sentences(found, "ja") == sentences(JAPANESE_TEXT, "ja") * 30


def test_headings_are_paragraphs() -> None:
    found, _ = extract(pdf([["# Contexte", FRENCH, "# 2. Mesures prises par les ministres", FRENCH]]))
    assert found.split("\n\n") == ["Contexte", FRENCH, "2. Mesures prises par les ministres", FRENCH]


def test_pages_begin_where_they_do() -> None:
    pages = [[f"Ceci commence la page {i}.", FRENCH] for i in range(1, 6)]
    pages[2] = []
    found, offsets = extract(pdf(pages, Look(head="Rapport")))
    for number, offset in enumerate(offsets, 1):
        assert found[offset:].startswith(f"Ceci commence la page {4 if number == 3 else number}.")
    assert "Rapport" not in found
    assert "- 2 -" not in found


@pytest.mark.parametrize("quarters", [90, 180, 270])
def test_pages_that_are_turned(quarters: int) -> None:
    """Their lines stand beside each other on the sheet."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf([["Une phrase courte.", "# Un titre", FRENCH]]))
    page = document[0]
    width, height = page.get_size()
    turned = {90: (0, -1, 1, 0, 0, width), 180: (-1, 0, 0, -1, width, height), 270: (0, 1, -1, 0, height, 0)}[quarters]
    for thing in page.get_objects():
        matrix = thing.get_matrix().multiply(pypdfium2.PdfMatrix(*turned))
        thing.set_matrix(matrix)
    page.set_rotation(360 - quarters)
    page.gen_content()
    file = io.BytesIO()
    document.save(file)
    assert extract(file.getvalue())[0].split("\n\n") == ["Une phrase courte.", "Un titre", FRENCH]


def test_characters_beyond_the_first_plane_and_controls() -> None:
    # A font whose letters a and b are told to be an emoji and a control.
    told = (
        b"/CIDInit/ProcSet findresource begin begincmap 1 begincodespacerange<00><FF>endcodespacerange "
        b"3 beginbfchar<61><D83DDE00><62><0007><63><0063> endbfchar endcmap end"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 7 0 R>>"
    content = hostile.page(
        hostile.stream(b"BT /F2 12 Tf 70 700 Td (cacbc) Tj ET"), font, hostile.stream(told), resources=b""
    ).replace(b"/F1 5 0 R", b"/F2 6 0 R")
    assert extract(content)[0] == "c😀cc"


def test_a_mark_of_another_size_at_either_end_makes_no_other_line() -> None:
    first = b"BT 70 700 Td /F1 6 Tf (*) Tj /F1 12 Tf (Le premier ministre et la ministre de) Tj "
    second = b"0 -14 Td (la Justice annoncent des sanctions) Tj /F1 6 Tf (1) Tj ET"
    found, _ = extract(hostile.page(hostile.stream(first + second)))
    assert found == "*Le premier ministre et la ministre de la Justice annoncent des sanctions1"


def test_an_empty_password_is_none() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    look = Look(password=StandardEncryption("", "owner"))  # type: ignore[arg-type]
    assert extract(pdf([[FRENCH]], look))[0] == FRENCH


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pdf([[FRENCH]], Look(password="secret")), "encrypted: it wants a password"),
        (b"%PDF-1.7\n" + b"\xff" * 1000, "no PDF, or a damaged one"),
        (b"", "no PDF, or a damaged one"),
        (pdf([[FRENCH]])[:300], "no PDF, or a damaged one"),
        (pdf([[], []]), "no text on any of its 2 pages.*scanned"),
        (hostile.page(hostile.stream(b"70 700 90 90 re f")), "no text on its page.*scanned"),
        (hostile.deep(), "no PDF, or a damaged one|without pages"),
        (
            hostile.pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>"]),
            "damaged|pages",
        ),
        (
            hostile.pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 9>>", b"<</Type/Page>>"]),
            "page . of 9 is damaged",
        ),
    ],
)
def test_what_cannot_be_read(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        extract(content)


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf([[FRENCH]] * 3)
    monkeypatch.setattr("g7classify.documents.pdf.MAX_PAGES", 2)
    with pytest.raises(DataError, match="3 pages, and at most 2 are read"):
        extract(content)
    monkeypatch.setattr("g7classify.documents.pdf.MAX_PAGES", 3)
    monkeypatch.setattr("g7classify.documents.pdf.MAX_CHARACTERS", 500)
    with pytest.raises(DataError, match="more than 500 characters on 2 pages"):
        extract(content)


def test_a_page_of_any_size_is_read() -> None:
    assert extract(hostile.page(hostile.stream(hostile.HELLO), box=b"0 0 1e12 1e12"))[0] == "Hello world."

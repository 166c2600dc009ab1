from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.made_documents import WORD_SPACE, docx, paragraph
from g7classify.documents.docx import extract
from g7classify.errors import DataError


def text(body: str, **options: dict[str, str]) -> str:
    return extract(docx(body, **options))[0]


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_paragraphs_headings_and_tables_in_order() -> None:
    heading = f'<w:p><w:pPr><w:pStyle w:val="Heading1"/><w:tabs><w:tab w:pos="1"/></w:tabs></w:pPr>{run("Titre")}</w:p>'
    cells = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in ("Pays", "Mesure"))
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    body = f"{heading}{paragraph('Avant.')}{table}<w:p/>{paragraph('1 < 2 « é »')}<w:sectPr/>"
    assert text(body) == "Titre\n\nAvant.\n\nPays\n\nMesure\n\n1 < 2 « é »"
    assert extract(docx(body))[1] == ()


def test_breaks_tabs_and_hyphens() -> None:
    runs = "<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/></w:r>"
    assert text(f"<w:p>{runs}</w:p>") == "a\nb\tc\u2011d"
    assert text("<w:p><w:r><w:t>a</w:t><w:br/><w:br/><w:br/><w:t>b</w:t></w:r></w:p>") == "a\nb"


VISIBLE_AGAIN = '<w:vanish w:val="0"/>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<w:p>{run('a ')}<w:ins>{run('b')}</w:ins></w:p>", "a b"),
        (f"<w:p>{run('a')}<w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:p>", "a"),
        (f"<w:p>{run('a')}<w:moveFrom>{run('x')}</w:moveFrom><w:moveTo>{run('b')}</w:moveTo></w:p>", "ab"),
        (f"<w:sdt><w:sdtContent>{paragraph('a')}</w:sdtContent></w:sdt>", "a"),
        (f"<w:p><w:hyperlink>{run('a')}</w:hyperlink></w:p>", "a"),
        (f"<w:p>{run('x', '<w:vanish/>')}{run('a', '<w:b/>')}{run('b', VISIBLE_AGAIN)}</w:p>", "ab"),
        (f"<w:p><w:r><w:instrText>x</w:instrText></w:r><w:fldSimple>{run('a')}</w:fldSimple></w:p>", "a"),
    ],
)
def test_what_word_shows_and_what_it_does_not(body: str, expected: str) -> None:
    assert text(body) == expected


def test_a_text_box_comes_once() -> None:
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = f"<w:txbxContent>{paragraph('dedans')}</w:txbxContent>"
    either = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    both = f"<mc:AlternateContent {space}>{either}</mc:AlternateContent>"
    assert text(f"<w:p>{run('a')}<w:r>{both}</w:r>{run('b')}</w:p>") == "dedans\n\nab"


def test_notes_come_last() -> None:
    separator = f'<w:footnote w:type="separator">{paragraph("x")}</w:footnote>'
    note = f"<w:footnote>{paragraph('Une note.')}</w:footnote>"
    notes = f'<w:footnotes xmlns:w="{WORD_SPACE}">{separator}{note}</w:footnotes>'
    assert text(paragraph("a"), parts={"word/footnotes.xml": notes}) == "a\n\nUne note."


def test_the_strict_name_space() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    content = f'<w:document xmlns:w="{strict}"><w:body>{paragraph("a")}</w:body></w:document>'
    assert text("", parts={"word/document.xml": content}) == "a"


def encrypted() -> bytes:
    """A DOCX file whose document is told to be encrypted, in both places that a ZIP archive tells it."""
    content = bytearray(docx(paragraph("a")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + offset] |= 1
    return bytes(content)


def archive(**files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no DOCX file"),
        (b"PK\x03\x04 and no archive", "no DOCX file"),
        (docx(paragraph("a"))[:400], "no DOCX file"),
        (archive(a="b"), "without a document in it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "encrypted document, or one of the old .doc format"),
        (encrypted(), "encrypted"),
        (docx("", parts={"word/document.xml": "<w:document>"}), "word/document.xml is damaged"),
        (docx("", parts={"word/document.xml": "<a></b>"}), "word/document.xml is damaged"),
        (docx("", parts={"word/document.xml": f"{LAUGHS}<a>&b;</a>"}), "declares a document type"),
        (docx("", parts={"_rels/.rels": LAUGHS}), "declares a document type"),
        (
            docx(paragraph("a") + " " * 20_000_000),
            r"word/document.xml inflates to 20,000,\d+ bytes, [\d,]+ times its size",
        ),
    ],
)
def test_what_cannot_be_read(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        extract(content)


def test_a_damaged_part() -> None:
    content = bytearray(docx(paragraph("".join(map(chr, range(200, 3000))))))
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    with pytest.raises(DataError, match="damaged"):
        extract(bytes(content))


def test_a_part_that_begins_before_the_file() -> None:
    content = docx(paragraph("a"))
    at = content.index(b"PK\5\6") + 16  # where the archive says that its list of parts begins
    later = int.from_bytes(content[at : at + 4], "little") + 1000
    with pytest.raises(DataError, match=r"no DOCX file, or a damaged one \(negative seek value"):
        extract(content[:at] + later.to_bytes(4, "little") + content[at + 4 :])


def test_no_more_is_inflated_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that says that it is small is read to the size that it says, and is damaged then."""
    content = docx(paragraph("a" * 5_000_000))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        size = made.getinfo("word/document.xml").file_size
    with pytest.raises(DataError, match="damaged"):
        extract(content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    monkeypatch.setattr("g7classify.documents.docx.MAX_PART_BYTES", 1_000_000)
    with pytest.raises(DataError, match="at most 1,000,000 are read"):
        extract(content)


@given(content=st.binary(max_size=300))
def test_any_bytes_are_no_docx(content: bytes) -> None:
    with pytest.raises(DataError):
        extract(content)


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1), max_size=5),
)
def test_any_text_comes_back(texts: list[str]) -> None:
    assert text("".join(map(paragraph, texts))) == "\n\n".join(texts)

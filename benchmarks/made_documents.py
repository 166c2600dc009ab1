"""PDF, HTML and DOCX files made of given paragraphs, whose right text is therefore known; for the tests too.

PDF is set by hand on a canvas of reportlab (extra `test`), so that lines, hyphens, columns, heads and pages are as a
typesetter's, and not as one library's.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, Final

WIDTH: Final = 595.0
HEIGHT: Final = 842.0
SIDE: Final = 70.0
TOP: Final = 745.0
BOTTOM: Final = 80.0
GUTTER: Final = 20.0
SIZE: Final = 10.0
LEADING: Final = 12.5
JAPANESE: Final = "HeiseiMin-W3"
VOWELS: Final = frozenset("aeiouyàâäéèêëîïíìôöóòûüúùœæ")
WORD_SPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DOCUMENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# Word declares more, and what reads its files relies on that.
SPACES: Final = f'xmlns:w="{WORD_SPACE}" xmlns:r="{RELATIONS}"'


@dataclass(frozen=True, slots=True)
class Look:
    """How a PDF is set.

    Attributes:
        columns: on a page.
        hyphens: whether words are broken at the end of a line.
        head: stands above every page, and a page number below; none if empty.
        spaced: whether there is space between paragraphs; else the first line is indented.
        font: of the text.
        password: that the file wants to be opened.
    """

    columns: int = 1
    hyphens: bool = False
    head: str = ""
    spaced: bool = True
    font: str = "Helvetica"
    password: str = ""


def pdf(pages: Iterable[Sequence[str]], look: Look | None = None, *, flow: bool = False) -> bytes:
    """A PDF file.

    Args:
        pages: paragraphs of each page; one that begins with "# " is a heading.
        look: how it is set.
        flow: whether what does not fit goes on on a new page; else it is an error.

    Raises:
        ValueError: a page is too small for its paragraphs.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    look = look or Look()
    if look.font == JAPANESE:
        pdfmetrics.registerFont(UnicodeCIDFont(JAPANESE))
    file = io.BytesIO()
    sheet = Canvas(file, pagesize=(WIDTH, HEIGHT), encrypt=look.password or None, invariant=1)
    for paragraphs in pages:
        setter = _Setter(sheet, look, flow=flow)
        for paragraph in paragraphs:
            setter.put(paragraph)
        setter.end_page()
    sheet.save()
    return file.getvalue()


class _Setter:
    """Sets the paragraphs of a page, column after column."""

    def __init__(self, sheet: Any, look: Look, *, flow: bool) -> None:
        self.sheet, self.look, self.flow = sheet, look, flow
        self.width = (WIDTH - 2 * SIDE - GUTTER * (look.columns - 1)) / look.columns
        self.column, self.y = 0, TOP

    def put(self, paragraph: str) -> None:
        heading = paragraph.startswith("# ")
        size = SIZE * 1.5 if heading else SIZE
        indent = 0.0 if heading or self.look.spaced else 1.5 * SIZE
        words = list(
            paragraph.removeprefix("# ") if self.look.font == JAPANESE else paragraph.removeprefix("# ").split()
        )
        glue = "" if self.look.font == JAPANESE else " "
        while words:
            if self.y < BOTTOM:
                self.next_column()
            line, words = self.fitting(words, self.width - indent, size, glue)
            left = SIDE + self.column * (self.width + GUTTER) + indent
            text = self.sheet.beginText(left, self.y)
            text.setFont(self.look.font, size)
            gaps = line.count(" ")
            justified = words and gaps and not heading
            # What was set for the line before would hold on.
            text.setWordSpace((self.width - indent - self.measure(line, size)) / gaps if justified else 0)
            text.textOut(line)
            self.sheet.drawText(text)
            self.y -= LEADING * size / SIZE
            indent = 0.0
        self.y -= LEADING * 0.6 if self.look.spaced or heading else 0.0

    def fitting(self, words: list[str], room: float, size: float, glue: str) -> tuple[str, list[str]]:
        """The words of one line, and those that are left."""
        count = 1
        while count < len(words) and self.measure(glue.join(words[: count + 1]), size) <= room:
            count += 1
        while count < len(words) and words[count] in "。、）」":  # what never begins a line of Japanese
            count += 1
        line, rest = glue.join(words[:count]), words[count:]
        if self.look.hyphens and rest and rest[0].isalpha() and rest[0][1:].islower():
            for at in filter(partial(_syllable_begins, rest[0]), range(len(rest[0]) - 3, 2, -1)):
                broken = f"{line} {rest[0][:at]}-"
                if self.measure(broken, size) <= room:
                    return broken, [rest[0][at:], *rest[1:]]
        return line, rest

    def measure(self, text: str, size: float) -> float:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return float(stringWidth(text, self.look.font, size))

    def next_column(self) -> None:
        self.column += 1
        self.y = TOP
        if self.column == self.look.columns:
            if not self.flow:
                raise ValueError("a page is too small for its paragraphs")
            self.end_page()
            self.column = 0

    def end_page(self) -> None:
        if self.look.head:
            self.sheet.setFont(self.look.font, 8)
            self.sheet.drawString(SIDE, 800, self.look.head)
            self.sheet.drawCentredString(WIDTH / 2, 40, f"- {self.sheet.getPageNumber()} -")
        self.sheet.showPage()


def _syllable_begins(word: str, at: int) -> bool:
    return word[at] not in VOWELS and word[at + 1] in VOWELS


def html(
    paragraphs: Iterable[str], *, encoding: str = "utf-8", around: Sequence[str] = (), table: bool = False
) -> bytes:
    """A web page; paragraphs that begin with "# " are headings, and `around` is the navigation and a script's text.

    With `table` they are cells of a table and, every other one, items of lists.
    """
    paragraphs = list(paragraphs)
    blocks = [
        f"<h2>{escape(text[2:])}</h2>" if text.startswith("# ") else f"<p>\n  {_marked(text)}\n</p>"
        for text in paragraphs
    ]
    if table:
        pairs = zip(paragraphs[::2], [*paragraphs[1::2], ""], strict=False)
        rows = "".join(f"<tr><td>{escape(a)}</td><td><ul><li>{escape(b)}</li></ul></td></tr>" for a, b in pairs)
        blocks = [f"<table>{rows}</table>"]
    menu = "".join(f'<li><a href="/{i}">{escape(text)}</a></li>' for i, text in enumerate(around))
    return (
        f'<!doctype html><html><head><meta charset="{encoding}"><title>x</title><style>p {{ color: red }}</style>'
        f"</head><body><nav><ul>{menu}</ul></nav><main>{''.join(blocks)}</main>"
        f"<script>{' '.join(around)}</script></body></html>"
    ).encode(encoding, "xmlcharrefreplace")


def _marked(text: str) -> str:
    """The text with its third word in bold, as inline markup must not part it."""
    words = [escape(word) for word in text.split(" ")]
    if len(words) > 3:
        words[2] = f"<b>{words[2]}</b>"
    return " ".join(words)


def docx(body: str, *, parts: dict[str, str] | None = None) -> bytes:
    """A DOCX file: the XML inside w:body, and that of other parts by their names."""
    start = f'<?xml version="1.0" encoding="UTF-8"?><w:document {SPACES}>'
    types, links = f"{PACKAGE}/content-types", f"{PACKAGE}/relationships"
    files = {
        "[Content_Types].xml": (
            f'<?xml version="1.0"?><Types xmlns="{types}">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{DOCUMENT_TYPE}"/></Types>'
        ),
        "_rels/.rels": (
            f'<?xml version="1.0"?><Relationships xmlns="{links}">'
            f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>'
        ),
        "word/document.xml": f"{start}<w:body>{body}</w:body></w:document>",
    } | (parts or {})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def word(texts: Sequence[str]) -> bytes:
    """A DOCX file of seven paragraphs as Word writes them, in this order.

    A plain one, one whose second half was inserted with changes tracked, a content control, a text box and the
    paragraph that it is tied to, a cell of a table, and a footnote.

    Raises:
        ValueError: there are not seven texts.
    """
    plain, changed, control, box, around, cell, note = texts
    half = len(changed) // 2
    inserted = f"{_run(changed[:half])}<w:ins w:id='1' w:author='a'>{_run(changed[half:])}</w:ins>"
    deleted = '<w:del w:id="2" w:author="a"><w:r><w:delText>x</w:delText></w:r></w:del>'
    drawn = (
        f"<w:r><w:pict><v:shape xmlns:v='urn:schemas-microsoft-com:vml'><v:textbox><w:txbxContent>{paragraph(box)}"
        "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    body = (
        f"{paragraph(plain)}<w:p>{inserted}{deleted}</w:p>"
        f"<w:sdt><w:sdtContent>{paragraph(control)}</w:sdtContent></w:sdt><w:p>{drawn}{_run(around)}</w:p>"
        f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{paragraph(cell)}</w:tc></w:tr></w:tbl>"
    )
    notes = f'<w:footnotes {SPACES}><w:footnote w:id="1">{paragraph(note)}</w:footnote></w:footnotes>'
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELATIONS}/footnotes" Target="footnotes.xml"/></Relationships>'
    )
    return docx(body, parts={"word/footnotes.xml": notes, "word/_rels/document.xml.rels": links})


def paragraph(text: str) -> str:
    """The XML of a paragraph of a DOCX file, in two runs."""
    half = len(text) // 2
    return f"<w:p>{_run(text[:half])}{_run(text[half:])}</w:p>"


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'

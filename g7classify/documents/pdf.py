"""The text of a PDF file, page by page.

Read by PDFium (pypdfium2, BSD-3-Clause and Apache-2.0), the engine of Chrome. In two runs of benchmarks/extraction.py
its text cost 0.9 and 1.5 ms a page, 2.6 and 4.0 with what is done here, beside 9 and 14 of pypdf and 116 and 137 of
pdfminer.six; and it alone says which hyphens at the ends of lines broke a word. Columns come in the order in which the
file draws them, which is that of reading wherever a typesetter made it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Final

from g7classify.documents.flow import flowed
from g7classify.documents.lines import Line, Page
from g7classify.errors import DataError

if TYPE_CHECKING:
    import pypdfium2

MAX_PAGES: Final = 50_000
MAX_CHARACTERS: Final = 100_000_000

# PDFium ends lines so; a hyphen that it takes for a broken word's is a non-character, and ends the line alone.
_LINE: Final = re.compile("[^\r\n\ufffe]*(?:\ufffe|\r?\n|\r|$)")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


def extract(content: bytes) -> tuple[str, tuple[int, ...]]:
    """The running text, and the offset in it of each page's first code point.

    Raises:
        DataError: it is no PDF, is damaged or encrypted, has too many pages, or has no text in them.
    """
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise DataError("encrypted: it wants a password; save it without one, e.g. with qpdf --decrypt") from error
        raise DataError(f"no PDF, or a damaged one: {error}") from error
    count = len(document)
    if not count:
        raise DataError("a PDF without pages, or a damaged one")
    if count > MAX_PAGES:
        raise DataError(f"{count:,} pages, and at most {MAX_PAGES:,} are read: split it")
    pages: list[Page] = []
    characters = 0
    for number in range(count):
        try:
            pages.append(_page(document, number))
        except pypdfium2.PdfiumError as error:
            raise DataError(f"page {number + 1} of {count} is damaged: {error}") from error
        characters += sum(len(line.text) for line in pages[-1].lines)
        if characters > MAX_CHARACTERS:
            raise DataError(f"more than {MAX_CHARACTERS:,} characters on {number + 1} pages: split it")
    if not characters:
        raise DataError(
            f"no text on {'its page' if count == 1 else f'any of its {count} pages'}: they are scanned or drawn, it "
            "seems; recognise their text first, e.g. with ocrmypdf"
        )
    return flowed(pages)


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    page = document[number]
    printed = page.get_textpage()
    _, height = page.get_size()
    turned = _turned(page)
    units = _units(printed)
    lines = []
    for found in _LINE.finditer(units):
        text = _cleaned(found[0])
        if not text:
            continue
        raw = found[0]
        first = found.start() + len(raw) - len(raw.lstrip())
        last = found.start() + len(raw.rstrip()) - 1
        lines.append(_line(text, [_place(printed, at, turned) for at in (first, _middle(units, first, last), last)]))
    printed.close()
    page.close()  # else all pages stay in memory
    return Page(height, lines)


def _units(printed: pypdfium2.PdfTextPage) -> str:
    """All text of a page, a character for each unit of UTF-16, so that PDFium's indices are ours."""
    import ctypes

    from pypdfium2.raw import FPDFText_GetText

    count = printed.count_chars()
    buffer = (ctypes.c_ushort * (count + 1))()
    written = FPDFText_GetText(printed, 0, count, buffer)
    return "".join(map(chr, buffer[: max(written - 1, 0)]))


def _cleaned(raw: str) -> str:
    joined = raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if joined.endswith("\ufffe"):
        joined = joined[:-1] + "-"
    return _CONTROL.sub("", joined.replace("\t", " ")).strip()


Place = tuple[float, float, float, float]
Turn = Callable[[float, float], tuple[float, float]]


def _turned(page: pypdfium2.PdfPage) -> Turn:
    """From a place on the sheet to one on the page as it is looked at, which may be turned by quarters."""
    width, height = page.get_size()
    turns: dict[int, Turn] = {
        90: lambda x, y: (y, height - x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (width - y, x),
    }
    return turns.get(page.get_rotation(), lambda x, y: (x, y))


def _place(printed: pypdfium2.PdfTextPage, index: int, turned: Turn) -> Place:
    """Left, right, baseline and size of a character."""
    import ctypes

    from pypdfium2 import raw

    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    at = raw.FPDFText_GetCharIndexFromTextIndex(printed, index)
    raw.FPDFText_GetLooseCharBox(printed, at, box)
    raw.FPDFText_GetCharOrigin(printed, at, x, y)
    (x0, y0), (x1, y1) = turned(box.left, box.bottom), turned(box.right, box.top)
    return min(x0, x1), max(x0, x1), turned(x.value, y.value)[1], abs(y1 - y0)


def _middle(units: str, first: int, last: int) -> int:
    """About the middle of a line, where there is no space."""
    middle = (first + last) // 2
    return next((at for at in range(middle, last) if not units[at].isspace()), last)


def _line(text: str, places: Sequence[Place]) -> Line:
    """A line of the places of its first, a middle and its last character."""
    (left, _, baseline, _), _, (_, right, _, _) = places
    # A bullet, a ligature or a mark of a foot note at either end may be of another font and size than the line.
    size = median(place[3] for place in places)
    # What is printed upside down or across gives a box of no height, by which nothing may be divided.
    return Line(text, left, max(right, left), baseline, max(size, 1.0))

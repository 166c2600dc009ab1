"""PDF files of any bytes: their text, or refused.

Parsed in this process, unlike by `read`, which would start one again after each that crashes the parser: a crash of
PDFium alone is so no finding of ours, but it would be told here.
"""

from __future__ import annotations

import zlib

from refusing import told
from seeding import TEXTS

from g7classify.documents import pdf
from g7classify.errors import DataError

SMOKE, LONGEST = 2000, 900
WORDS = (b"endobj\n", b"endstream", b"/Length ", b"/FlateDecode", b"/Rotate 90", b"BT /F1 12 Tf 70 700 Td (a) Tj ET",
         b"Tm", b"T*", b"TJ", b"/MediaBox[0 0 1 1]", b"/Encrypt", b"xref\n", b"/Kids[3 0 R]", b"3 0 R",
         b"\xff\xfe", b"<</")  # fmt: skip


def seeds() -> list[bytes]:
    lines = [text.encode("cp1252", "ignore")[:40].replace(b"(", b"").replace(b")", b"") for text in TEXTS[:4]]
    found = []
    for line in lines:
        drawn = b"BT /F1 12 Tf 14 TL 70 700 Td (%s) Tj T* (%s-) Tj T* (b) Tj ET" % (line, line[:9])
        found += [made(drawn, b""), made(zlib.compress(drawn), b"/Filter/FlateDecode")]
    return [data for data in found if len(data) <= LONGEST]


def made(content: bytes, extra: bytes) -> bytes:
    """A PDF of one page."""
    stream = b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), extra, content)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    tree = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    out, offsets = b"%PDF-1.7\n", []
    for number, one in enumerate((*tree, page, stream, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"), 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def one_input(data: bytes) -> None:
    try:
        text, pages = pdf.extract(data)
    except DataError as error:
        told(error)
        return
    assert list(pages) == sorted(pages)
    assert all(0 <= start <= len(text) for start in pages)
    assert "\0" not in text

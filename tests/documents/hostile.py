"""PDF files made by hand: small ones, and those that are made to hurt what reads them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
HELLO = b"BT /F1 12 Tf 70 700 Td (Hello world.) Tj ET"


def pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF of objects, the first of which is its catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        out + head + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    )


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), extra, data)


def page(content: bytes, *more: bytes, resources: bytes = b"", box: bytes = b"0 0 595 842") -> bytes:
    """A PDF of one page; `more` are objects from number 6 on."""
    about = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%s>>>>" % (
        box,
        resources,
    )
    tree = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    return pdf([*tree, about, content, FONT, *more])


def bomb(megabytes: int) -> bytes:
    """A page whose content inflates a thousandfold, twice, to letters."""
    content = b"BT /F1 12 Tf 70 700 Td " + b"(Hello world.) Tj " * (megabytes * 55_000) + b"ET"
    twice = zlib.compress(zlib.compress(content, 9), 9)
    return page(stream(twice, b"/Filter[/FlateDecode/FlateDecode]"))


def laughs() -> bytes:
    """A page that draws ten forms, each of which draws ten others, ten levels deep."""
    forms = []
    for level in range(10):
        inner = b"/X Do " * 10 if level < 9 else b"BT /F1 12 Tf (x) Tj ET"
        below = b"/Resources<</Font<</F1 5 0 R>>/XObject<</X %d 0 R>>>>" % (7 + level)
        forms.append(stream(inner, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]" + below))
    return page(stream(b"/X Do"), *forms, resources=b"/XObject<</X 6 0 R>>")


def deep() -> bytes:
    """Arrays in arrays."""
    return pdf([b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 100_000 + b"]" * 100_000 + b">>", b"<</Type/Pages/Kids[]>>"])

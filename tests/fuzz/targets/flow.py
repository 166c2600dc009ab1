"""Lines of pages, as a PDF has them, to running text: whatever is printed where, pages begin where they are said to."""

from __future__ import annotations

from choices import Choices, is_text
from seeding import TEXTS

from g7classify.documents import flow as _flow
from g7classify.documents.lines import Line, Page

SMOKE, LONGEST = 4000, 400
WORDS = (b"-", b"\xc2\xad", b"\x0912 / 50", b"\x03und", b"\x02\xe2\x80\xa2")


def seeds() -> list[bytes]:
    found = []
    for i, text in enumerate(TEXTS):
        words = [word.encode()[:30] for word in text.split(" ")[:12]]
        lines = (bytes([i, 0, 10, 200, 250 - 12 * j, 12, len(word)]) + word for j, word in enumerate(words))
        found.append(b"".join(lines))
    return [data[:LONGEST] for data in found]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    pages: list[Page] = [Page(250.0, [])]
    while choices:
        if choices.below(8) == 7:
            pages.append(Page(choices.below(256) * 1.0, []))
        odd = choices.below(16)
        left, width, baseline, size = (float(choices.below(256)) for _ in range(4))
        text = choices.text().strip()
        if text and is_text(text):
            pages[-1].lines.append(Line(text, left - odd, left - odd + width, baseline * (-1) ** odd, max(size, 1.0)))
    text, starts = _flow.flowed(pages)
    assert len(starts) == len(pages)
    assert list(starts) == sorted(starts)
    assert all(0 <= start <= len(text) for start in starts)
    visible = set("".join(line.text for page in pages for line in page.lines)) | set(" \n-")
    assert set(text) <= visible

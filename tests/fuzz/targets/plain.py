"""Plain text and Markdown of any bytes in any encoding: decoded as it says, or refused."""

from __future__ import annotations

from choices import Choices, is_text, share
from memory import file
from refusing import told
from seeding import texts

from g7classify import encodings
from g7classify.documents import markdown, worker
from g7classify.documents.reader import Reader
from g7classify.errors import EncodingError, G7ClassifyError, OptionError

SMOKE, LONGEST = 4000, 500
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "shift_jis", "euc_jp", "iso2022_jp",
             "gb18030", "big5", "koi8_r", "utf-7", "cp037", "ascii", "hz", "idna", "punycode", "unicode_escape",
             "raw_unicode_escape", "mbcs", "rot13", "base64", "zlib", "undefined", "", "utf\0", "x" * 200)  # fmt: skip
WORDS = (b"\xff\xfe", b"\xef\xbb\xbf", b"---\na: b\n---\n", b"+++\n", b"| a | b |\n| --- | --- |\n", b"<!--",
         b"<script", b"[^1]: ", b"```\n", b"![a](b)", b"> - ", b"&#0;", b"&#xd800;", b"\\\n",
         b"~~", b"[a]: <b> 'c'\n")  # fmt: skip


def seeds() -> list[bytes]:
    found = [b"\0\0" + text.encode() for text in texts()]
    found += [bytes([0, i]) + texts()[i % 16].encode(ENCODINGS[i], "replace") for i in range(15)]
    marked = "---\ntitle: é\n---\n# *Titre*\n\n> - [un](a) ![deux](b) `x`\n\n"
    marked += "| a | b |\n| - | - |\n| **c** | d |\n\n<p>e</p>"
    return [data[:LONGEST] for data in [*found, b"\1\0" + marked.encode()]]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    kind, encoding, content = choices.below(2), choices.one_of(ENCODINGS), choices.rest()
    if kind:
        marked(content)
        return
    try:
        found = Reader().read(file("a.txt", content), encoding=encoding)
    except OptionError:
        assert encodings_unknown(encoding)
        return
    except EncodingError as error:
        told(error)
        return
    assert is_text(found.text) or encoding == "utf-7"
    if encodings.checked(encoding) == "utf-8":
        assert content.removeprefix(b"\xef\xbb\xbf").decode() == found.text
    encodings.hint(content)


def encodings_unknown(encoding: str) -> bool:
    try:
        encodings.checked(encoding)
    except G7ClassifyError:
        return True
    return False


def marked(content: bytes) -> None:
    """Markdown, which reaches the parser as UTF-8."""
    encoded = content.decode("utf-8", "replace").encode()
    text, pages = markdown.extract(encoded)
    assert pages == ()
    if share(content) < 32:  # the same again, as the process of it answers
        assert is_text(worker.answered("md", encoded)["text"])
    assert all(block.strip() for block in text.split("\n\n")) or not text

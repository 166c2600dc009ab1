"""DOCX files: XML of anybody's in an archive that is sound, and archives of any bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from choices import Choices
from refusing import told
from seeding import texts

from g7classify.documents import docx
from g7classify.errors import DataError

SMOKE, LONGEST = 4000, 900
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PARTS = ("word/document.xml", "_rels/.rels", "word/footnotes.xml")
RAW = 3
"""The first byte of an archive as it is; below, of the part that the bytes are."""
WORDS = (b"<w:p>", b"</w:p>", b"<w:r>", b"</w:r>", b"<w:t>", b"</w:t>", b"<w:tab/>", b"<w:br/>", b"<w:vanish/>",
         b"<w:del>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"<![CDATA[", b"encoding='utf-16'", b"PK\x01\x02",
         b"PK\x05\x06", b"\x08\x00", b"\xff\xff\xff\xff", b"Target='word/document.xml'",
         b"<w:footnote w:type='x'>")  # fmt: skip


def document(body: str) -> bytes:
    return f"<w:document xmlns:w='{SPACE}'><w:body>{body}</w:body></w:document>".encode()


def paragraph(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").translate(dict.fromkeys(range(32), " "))
    return f"<w:p><w:r><w:t>{escaped}</w:t></w:r></w:p>"


def seeds() -> list[bytes]:
    body = "<w:p><w:r><w:t>a</w:t><w:tab/><w:br/></w:r><w:del><w:r><w:t>b</w:t></w:r></w:del><w:ins><w:r><w:rPr>"
    body += "<w:vanish/></w:rPr><w:t>c</w:t></w:r></w:ins><w:r><w:pict><w:p><w:r><w:t>d</w:t></w:r></w:p></w:pict>"
    body += "</w:r></w:p>"
    rels = b"<Relationships><Relationship Type='x/officeDocument' Target='/word/document.xml'/></Relationships>"
    found = [b"\0" + document(paragraph(text)) for text in texts()] + [b"\0" + document(body), b"\1" + rels]
    found += [b"\2" + document(f"<w:footnote>{paragraph('n')}</w:footnote>"), bytes([RAW]) + archive(0, document(""))]
    return [data for data in found if len(data) <= LONGEST]


def archive(part: int, content: bytes) -> bytes:
    """An archive with the two parts that a document needs; made by hand, as zipfile takes ten times as long."""
    parts = {PARTS[0]: document(paragraph("x"))} | {PARTS[part]: content}
    written, entries = bytearray(), bytearray()
    for name, data in parts.items():
        about = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        entries += b"PK\1\2\x14\0" + about + struct.pack("<HHHII", 0, 0, 0, 0, len(written)) + name.encode()
        written += b"PK\3\4" + about + name.encode() + data
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(entries), len(written), 0)
    return bytes(written + entries) + b"PK\5\6" + end


def one_input(data: bytes) -> None:
    choices = Choices(data)
    kind = choices.below(4)
    content = choices.rest() if kind == RAW else archive(kind, choices.rest())
    assert kind == RAW or zipfile.is_zipfile(io.BytesIO(content))
    try:
        text, pages = docx.extract(content)
    except DataError as error:
        told(error)
        return
    assert pages == ()
    assert all(block.strip() for block in text.split("\n\n")) or not text
    text.encode()

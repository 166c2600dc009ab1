"""What could take the text out of PDF, HTML and DOCX files: each candidate with the default that its manual shows."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from g7classify.documents import docx as our_docx
from g7classify.documents import html as our_html
from g7classify.documents import pdf as our_pdf

Extract = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A library.

    Attributes:
        name: what tables call it.
        distribution: whose version, licence and size are told; none for the standard library.
        module: what has to be imported.
        extract: bytes to text.
    """

    name: str
    distribution: str
    module: str
    extract: Extract


def pypdf(content: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def pdfminer(content: bytes) -> str:
    from pdfminer.high_level import extract_text

    return str(extract_text(io.BytesIO(content)))


def pdfium(content: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    # It marks a hyphen that breaks a word by a non-character, which stands for the end of the line too.
    return "\n".join(page.get_textpage().get_text_range().replace("\ufffe", "") for page in document)


def selectolax(content: bytes) -> str:
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(content).body
    return "" if body is None else str(body.text(separator="\n"))


def lxml(content: bytes) -> str:
    import lxml.html

    return str(lxml.html.document_fromstring(content).text_content())


def resiliparse(content: bytes) -> str:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    return str(extract_plain_text(HTMLTree.parse_from_bytes(content)))


def trafilatura(content: bytes) -> str:
    from trafilatura import extract

    return (extract(content) or "").replace("|", "\n")  # which it puts between the cells of tables


def python_docx(content: bytes) -> str:
    import docx
    from docx.table import Table

    def of(container: object) -> list[str]:
        found: list[str] = []
        for part in container.iter_inner_content():  # type: ignore[attr-defined]
            if isinstance(part, Table):
                found += [text for row in part.rows for cell in row.cells for text in of(cell)]
            else:
                found.append(part.text)
        return found

    return "\n\n".join(of(docx.Document(io.BytesIO(content))))


def docx2python(content: bytes) -> str:
    from docx2python import docx2python as opened

    with opened(io.BytesIO(content)) as document:
        return str(document.text)


CANDIDATES: Final[dict[str, list[Candidate]]] = {
    "PDF": [
        Candidate("ours, on PDFium", "pypdfium2", "pypdfium2", lambda content: our_pdf.extract(content)[0]),
        Candidate("pypdfium2", "pypdfium2", "pypdfium2", pdfium),
        Candidate("pypdf", "pypdf", "pypdf", pypdf),
        Candidate("pdfminer.six", "pdfminer.six", "pdfminer.high_level", pdfminer),
    ],
    "HTML": [
        Candidate(
            "ours, on selectolax", "selectolax", "selectolax.lexbor", lambda content: our_html.extract(content)[0]
        ),
        Candidate("selectolax", "selectolax", "selectolax.lexbor", selectolax),
        Candidate("lxml", "lxml", "lxml.html", lxml),
        Candidate("resiliparse", "Resiliparse", "resiliparse.extract.html2text", resiliparse),
        Candidate("trafilatura", "trafilatura", "trafilatura", trafilatura),
    ],
    "DOCX": [
        Candidate("ours, on expat", "", "zipfile, xml.parsers.expat", lambda content: our_docx.extract(content)[0]),
        Candidate("python-docx", "python-docx", "docx", python_docx),
        Candidate("docx2python", "docx2python", "docx2python", docx2python),
    ],
}

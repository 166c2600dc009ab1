"""Labelled rows in CSV, TSV and fastText, of many encodings, and the sheet of an audit that somebody corrected."""

from __future__ import annotations

from choices import Choices
from labelled import reads
from memory import file
from refusing import told
from seeding import TEXTS, exports

from g7classify.codebook import CODEBOOK
from g7classify.errors import G7ClassifyError
from g7classify.learn.advice import sheet
from g7classify.learn.data.rows import Row
from g7classify.learn.dataset import Dataset

SMOKE, LONGEST = 3000, 700
FORMS = (("csv", None), ("tsv", None), ("txt", "fasttext"), ("txt", None), ("csv", "doccano"), ("csv", "label-studio"))
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-16", "cp1252", "shift_jis", "utf-8-sig", "utf-32")
SHEET = 255
"""The first byte of a sheet."""
WORDS = (b'""', b'",\n', b"__label__", b"text,labels\n", b"text\tlaw\tpolice\n", b"law;police", b'["law"]', b"\r\n",
         b"\xef\xbb\xbf", b"\xff\xfe", b"{'law': .9}", b"'=", b"yes", b"label#Comments", b"((((")  # fmt: skip
AUDITED = Dataset.from_rows(
    [Row("Un.", ("law",), "a"), Row("Deux.", ("police",), "=b"), Row("Trois.", (), "c", lang="fr", group="g")],
    codebook=None,
)


def seeds() -> list[bytes]:
    own = "text,labels\n" + "".join(f'"{text[:30].replace(chr(34), "")}",law;police\n' for text in TEXTS[:6])
    files = [(name, data) for name, data in exports() if not name.endswith((".json", ".jsonl"))]
    found = [bytes([{"csv": 0, "tsv": 1, "txt": 2}[name[-3:]], 0]) + data[: LONGEST - 2] for name, data in files]
    found += [bytes([0, ENCODINGS.index(name)]) + own.encode(name, "replace")[: LONGEST - 2] for name in ENCODINGS[2:]]
    corrected = b"row,id,text,labels,suggested,keep\n0,a,Un.,law,,\n1,'=b,Deux.,law,law,no\n2,c,Trois.,police,,yes\n"
    return [*found, bytes([SHEET, 0]) + corrected]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    chosen, encoding = choices.below(256), choices.one_of(ENCODINGS)
    if chosen == SHEET:
        corrected(choices.rest())
        return
    suffix, form = FORMS[chosen % 6]
    options = {"format": form, "encoding": encoding, "separator": (None, None, "", ";")[chosen // 6 % 4]}
    codebook = CODEBOOK if chosen & 128 else None
    path = file(f"rows.{suffix}", content := choices.rest())
    reads(path, content, codebook=codebook, options=options)


def corrected(content: bytes) -> None:
    """Rows that a sheet leaves are those that were audited, with labels of their codebook."""
    path = file("sheet.csv", content)
    try:
        found = sheet.corrected(AUDITED, path)
    except G7ClassifyError as error:
        told(error)
        return
    assert set(found.texts) <= set(AUDITED.texts)
    assert (found.codebook.close_matrix(found.labels) == found.labels).all()

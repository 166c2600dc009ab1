"""Codebooks in TOML and JSON: refused, or sound, and written in every format so that they are read back the same."""

from __future__ import annotations

import json
import re
import tomllib

from choices import Choices, lengthened
from memory import file
from refusing import told
from small import CODEBOOK
from structured import headed

from g7classify import vocabulary
from g7classify.codebook import CODEBOOK as SHIPPED
from g7classify.codebook import Codebook
from g7classify.errors import G7ClassifyError
from targets import Mutate

SMOKE, LONGEST = 6000, 1200
WORDS = (b"@@9", b"@@[", b"@@{", b"@@a", b"@@.",
         b"[[labels]]\n", b'name = "a"\n', b'parent = "a"\n', b"exclusive = true\n", b'"""', b"'''", b"\\u0000", b"inf",
         b"1979-05-27T07:32:00Z", b"0x1F", b"[a.b]\n", b"{a = 1}", b'"iccs": ["0101"]', b"eurovoc = [1]\n")  # fmt: skip


def seeds() -> list[bytes]:
    tiny = Codebook("press", "1", SHIPPED.labels[:2])
    found = [b"\x01" + json.dumps(book.to_dict(), ensure_ascii=False).encode() for book in (CODEBOOK, tiny)]
    found += [b"\x00" + vocabulary.toml(book).encode() for book in (CODEBOOK, tiny)]
    return [data for data in found if len(data) <= LONGEST]


def mutated(data: bytes, longest: int, seed: int, mutate: Mutate) -> bytes:
    """JSON stays JSON; TOML is changed as bytes."""
    return headed(data, longest, seed, mutate) if data[:1] == b"\x01" else mutate(data, longest)


def one_input(data: bytes) -> None:
    choices = Choices(data)
    suffix = (".toml", ".json")[choices.below(2)]
    path = file(f"codebook{suffix}", lengthened(choices.rest()))
    try:
        found = Codebook.read(path)
    except G7ClassifyError as error:
        told(error)
        return
    assert Codebook.from_dict(found.to_dict()) == found
    assert Codebook.from_dict(json.loads(vocabulary.as_json(found))) == found
    assert Codebook.from_dict(tomllib.loads(vocabulary.toml(found))) == found
    for name in found.names:
        assert found.close([name])[-1] == name or found.close([name])[0] == name
        parent = found.parent(name)
        assert parent is None or found.parent(parent) is None
    skos, lines = vocabulary.skos(found), vocabulary.markdown(found).split("\n")
    iris = re.findall(r"<([^<>\s]*)>", re.sub(r'"(?:[^"\\]|\\.)*"', '""', skos))
    assert len(iris) >= len(found), "a label without an IRI"
    assert len([line for line in lines if line.startswith("| ")]) == len(found) + 2 * len(found.categories)
    assert len(found.sha256) == 64

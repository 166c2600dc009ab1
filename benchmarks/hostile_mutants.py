"""Hostile model files by number: the same number gives the same bytes, on every machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from benchmarks.hostile_damage import DAMAGE
from benchmarks.hostile_metadata import METADATA
from benchmarks.hostile_parts import Parts
from benchmarks.hostile_tensors import TENSORS
from benchmarks.records import ROOT
from g7classify import registry

GOLDEN: Final = ROOT / "tests" / "data" / "formats"  # every kind and FORMAT, of a few kB each
FORGERY: Final = (*TENSORS, *METADATA)
MUTATIONS: Final = (*DAMAGE, *FORGERY)
SHIPPED_EVERY: Final = 500  # files: one of so many is a mutated shipped model, of megabytes


class Mutant(NamedTuple):
    """A mutated file.

    Attributes:
        number: that gives it again.
        mutation: what was done to it.
        forged: whether its digest was made anew.
        source: the sound file.
        content: the bytes.
    """

    number: int
    mutation: str
    forged: bool
    source: Path
    content: bytes


@cache
def parts(path: Path) -> Parts:
    """A sound file, taken to pieces."""
    return Parts.of(path.name, path.read_bytes())


@cache
def golden() -> tuple[Path, ...]:
    """The tiny files."""
    return tuple(sorted(GOLDEN.glob("*.safetensors")))


@cache
def shipped() -> tuple[Path, ...]:
    """The smallest shipped file of each kind."""
    known = registry.manifest(registry.root())
    files = ["g7-mini", "g7-deep"]
    models = [registry.path(registry.find(name)) for name in files]
    return (*models, registry.root() / known.cascades[0].file, registry.root() / known.vectors[0].file)


def mutant(number: int) -> Mutant:
    """The file of a number, which is never the sound one."""
    random = Random(number)
    mutation = MUTATIONS[number % len(MUTATIONS)]
    turn = number // len(MUTATIONS)
    group = shipped() if number % SHIPPED_EVERY == SHIPPED_EVERY - 1 else golden()
    source = group[turn % len(group)]
    sound = parts(source)
    content = sound.content
    while content == sound.content:
        content = mutation(random, sound)
    return Mutant(number, mutation.__name__, mutation in FORGERY, source, content)


def mutation_of(number: int) -> str:
    """Which mutation a number is of."""
    return MUTATIONS[number % len(MUTATIONS)].__name__

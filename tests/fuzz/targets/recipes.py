"""Recipes in TOML: refused with RecipeError, or one that says the same again."""

from __future__ import annotations

from choices import lengthened
from memory import file
from refusing import told

from g7classify.errors import RecipeError
from g7classify.learn.recipe import Recipe

SMOKE, LONGEST = 6000, 500
WORDS = (b"@@9", b"@@[", b"@@{", b"@@a", b"@@.",
         *(f"{name} = ".encode() for name in Recipe.model_fields), b"[spec]\n", b"bits = 16\n", b"pairs = true\n",
         b"characters = [3, 5]\n", b"[weights]\n", b"1e400", b"nan", b"-inf", b"99999999999999999999", b'"balanced"',
         b"0000-00-00", b'"""', b"\xff")  # fmt: skip


def seeds() -> list[bytes]:
    return [
        b'name = "my-desk-2"\nversion = "0.1.0"\ncost = 12.5\ntask = "single-label"\nseed = 7\n',
        b"[spec]\nbits = 16\npairs = false\ncharacters = [2, 5]\nunspaced = [1, 3]\nrepeats = true\n",
        'weights = {law = 2.0, "é" = 0.5}\ndescription = """\na\nb"""\npivot = 0\nfolds = 2'.encode(),
        b'weights = "balanced"\nvectors = "none"\ndoubt = 0.5\nshrinkage = 1e3\nepochs = 0x10\n',
    ]


def one_input(data: bytes) -> None:
    path = file("recipe.toml", lengthened(data))
    try:
        found = Recipe.read(path)
    except RecipeError as error:
        told(error, longest=20_000)
        return
    assert len(found.sha256) == 64
    assert found.changed() == found
    assert found.complete().model_dump() == found.model_dump()

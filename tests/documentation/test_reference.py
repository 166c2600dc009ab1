"""The reference has every public name, and no name that there is not."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import g7classify
from g7classify import learn
from g7classify.errors import MissingExtraError

PAGES = Path(__file__).parents[2] / "docs" / "reference"
NAMES = [
    name
    for path in sorted(PAGES.glob("*.md"))
    for name in re.findall(r"^::: (g7classify\S*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("package", [g7classify, learn], ids=lambda package: package.__name__)
def test_every_public_name_is_in_the_reference(package: ModuleType) -> None:
    told = {name.removeprefix(f"{package.__name__}.") for name in NAMES}
    assert not sorted(set(package.__all__) - told)


def test_no_name_is_told_twice() -> None:
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_the_reference_exists_and_is_explained(name: str) -> None:
    home, _, last = name.rpartition(".")
    try:
        found = getattr(import_module(home), last, None)
        if found is None:
            found = import_module(name)
    except MissingExtraError as error:
        pytest.skip(str(error))
    values = (g7classify.OperatingPoint, g7classify.CODEBOOK, g7classify.__version__)
    assert found in values or found.__doc__, name

from __future__ import annotations

from typing import Any

import pytest

from g7classify.errors import OptionError
from g7classify.manifest import Manifest, ModelEntry


def entry(**changed: Any) -> ModelEntry:
    values: dict[str, Any] = {
        "name": "tiny",
        "version": "0.1.0",
        "file": "tiny-0.1.0.safetensors",
        "sha256": "0" * 64,
        "bytes": 9,
        "languages": ("fr",),
        "recipe_sha256": "",
        "data_sha256": {},
        "metrics": {},
        "card": "",
    }
    return ModelEntry(**values | changed)


def test_recipe_and_card_need_not_be_known() -> None:
    assert (entry().recipe_sha256, entry().card) == ("", "")


@pytest.mark.parametrize("version", ["0.1", "1" * 10 + ".0.0", "0.0." + "9" * 5000, "٠.١.٠", "0.1.0\n", ""])
def test_a_version_is_three_numbers_that_can_be_compared(version: str) -> None:
    with pytest.raises(OptionError, match="version"):
        entry(version=version)
    assert entry(version="999999999.10.0").order > entry(version="999999999.9.0").order


def test_the_default_is_among_the_models() -> None:
    assert Manifest("tiny", (entry(),)).models == (entry(),)
    with pytest.raises(OptionError, match="default 'other' is not among tiny@0"):
        Manifest("other", (entry(),))

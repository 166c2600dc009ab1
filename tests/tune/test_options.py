from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from g7classify.deep.model import DeepModel
from g7classify.errors import OptionError
from g7classify.tune import options
from g7classify.tune.options import Options


def test_the_rate_suits_what_is_tuned() -> None:
    assert Options().rate == options.WHOLE_RATE
    assert Options(rank=40).rate == options.ADAPTERS_RATE
    assert Options(rank=40, rate=1e-4).rate == 1e-4
    assert Options(rank=0, rate=1e-4).rate == 1e-4


def test_options_read_back_as_they_were() -> None:
    for chosen in (Options(), Options(rank=8), Options(rank=8, rate=1.0)):
        assert Options.model_validate_json(chosen.model_dump_json()) == chosen


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"rank": 129}, {"rate": 0}, {"hidden": 1}, {"speed": 1}])
def test_what_is_out_of_range_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(wrong))):
        options.checked(**wrong)


def test_going_on_keeps_rank_and_length(make_deep: Callable[..., DeepModel]) -> None:
    found = options.continuing(make_deep(rank=3, longest=64), rows=500, bfloat16=False)
    assert (found.rank, found.longest, found.bfloat16) == (3, 64, False)
    assert found.rate < options.ADAPTERS_RATE  # what was learned is not to be undone

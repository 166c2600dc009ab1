from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.learn.pace import Pace, minutes


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_speed_is_of_late_and_time_left_of_all_that_was_done() -> None:
    clock = Clock()
    pace = Pace(1000, clock=clock)
    pace.count(100)
    clock.now += 10
    assert pace.look() == "10.0 rows/s, 90 s left".replace("90 s", "1.5 min")
    pace.count(100)
    clock.now += 30
    assert pace.waited == 30
    assert pace.look() == "3.3 rows/s, 2.7 min left"  # 800 more at 200 in 40 s
    assert pace.waited == 0


def test_what_an_earlier_run_did_took_no_time_of_this_one() -> None:
    clock = Clock()
    pace = Pace(1000, done=900, clock=clock)
    pace.count(5, work=50)
    clock.now += 20
    assert pace.look() == "0.2 rows/s, 20 s left"


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_nothing_done_yet_is_no_error(total: float, done: float) -> None:
    assert "left" in Pace(total + done, done=done, clock=Clock()).look()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (89, "89 s"), (90, "1.5 min"), (4000, "66.7 min"), (7500, "2 h 5 min")]
)
def test_minutes(seconds: float, said: str) -> None:
    assert minutes(seconds) == said

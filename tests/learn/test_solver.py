from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array

from g7classify.learn import _descent, solver

try:
    from g7classify import _solver
except ImportError:
    _solver = None  # type: ignore[assignment]

compiled_only = pytest.mark.skipif(_solver is None, reason="the compiled solver is not built")
TWINS = [pytest.param(_descent, id="readable"), pytest.param(_solver, id="compiled", marks=compiled_only)]


def problem(seed: int, *, n: int = 40, d: int = 30, k: int = 3) -> tuple[csr_array, NDArray[np.float32]]:
    chance = np.random.RandomState(seed)
    weighed = np.where(chance.rand(n, d) < 0.2, chance.rand(n, d), 0)
    targets = np.where(chance.rand(n, k) < 0.5, chance.rand(n, k), chance.rand(n, k) < 0.3)
    return csr_array(weighed), targets.astype(np.float32)


def arguments(seed: int, *, cost: float = 10.0, moves: bool = True) -> dict[str, Any]:
    """What `descend` takes, at its start."""
    weighed, _ = problem(seed, k=_descent.LANES)
    chance = np.random.RandomState(seed)
    values = weighed.data.astype(np.float32)
    n, d = weighed.shape
    return {
        "starts": weighed.indptr.astype(np.int32),
        "buckets": weighed.indices.astype(np.int32),
        "values": values,
        "order": chance.permutation(n).astype(np.int32),
        "cost": (cost * chance.choice([0, 1, 3], (n, _descent.LANES))).astype(np.float32),
        "squared": (1 + weighed.multiply(weighed).sum(axis=1)).astype(np.float32),
        "weights": np.zeros((d + 1, _descent.LANES), np.float32),
        "duals": chance.choice([-15, 15, 0.5], (n, _descent.LANES)).astype(np.float32),
        "moves": moves,
    }


@compiled_only
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cost=st.sampled_from([1e-3, 1.0, 120.0, 1e4]), moves=st.booleans())
def test_twins_give_the_same_weights_to_the_last_bit(seed: int, cost: float, moves: bool) -> None:
    readable, compiled = (arguments(seed, cost=cost, moves=moves) for _ in range(2))
    for _ in range(3):
        _descent.descend(*readable.values())
        _solver.descend(*compiled.values())
    assert np.isfinite(readable["weights"]).all()
    for name in ("weights", "duals"):
        assert (readable[name] == compiled[name]).all()


@pytest.mark.parametrize("cost", [0.1, 3.0, 50.0])
def test_finds_the_minimum(cost: float) -> None:
    weighed, targets = problem(1)
    n, d = weighed.shape
    weights, bias = solver.fit(weighed, targets, np.full(n, cost, np.float32), epochs=300, seed=0)
    x = np.hstack((weighed.toarray(), np.ones((n, 1))))
    for column in range(targets.shape[1]):

        def objective(w: NDArray[np.float64], target: NDArray[np.float32] = targets[:, column]) -> float:
            s = x @ w
            return float(w @ w / 2 + cost * (np.logaddexp(0, s) - target * s).sum())

        best = minimize(objective, np.zeros(d + 1)).fun
        found = objective(np.append(weights[:, column], bias[column]).astype(np.float64))
        assert found <= best * 1.0005 + 1e-3


def test_a_row_of_twice_the_cost_is_a_row_twice() -> None:
    weighed, targets = problem(2)
    n = len(targets)
    cost = np.where(np.arange(n) < 10, 2.0, 1.0).astype(np.float32)
    once, _ = solver.fit(weighed, targets, cost, epochs=200, seed=0)
    rows = np.concatenate((np.arange(n), np.arange(10)))
    twice, _ = solver.fit(weighed[rows], targets[rows], np.ones(len(rows), np.float32), epochs=200, seed=0)
    assert np.allclose(once, twice, atol=0.01)


def test_a_target_between_is_its_shares_of_both_labels() -> None:
    weighed, targets = problem(3)
    n, k = targets.shape
    soft, _ = solver.fit(weighed, targets, np.ones(n, np.float32), epochs=200, seed=0)
    for column in range(k):
        own = targets[:, column]
        keep = np.concatenate((own, 1 - own)) > 0
        rows = np.concatenate((np.arange(n), np.arange(n)))[keep]
        hard = np.repeat([1, 0], n).astype(np.float32)[keep, None]
        cost = np.concatenate((own, 1 - own))[keep]
        found, _ = solver.fit(weighed[rows], hard, cost, epochs=400, seed=0)
        assert np.allclose(soft[:, column], found[:, 0], atol=0.02)


def test_the_seed_decides_the_order_and_little_else() -> None:
    weighed, targets = problem(4)
    cost = np.ones(len(targets), np.float32)
    one, same, other = (solver.fit(weighed, targets, cost, epochs=60, seed=seed)[0] for seed in (0, 0, 1))
    assert (one == same).all()
    assert (one != other).any()
    assert np.allclose(one, other, atol=0.01)


@pytest.mark.parametrize("twin", TWINS)
def test_rows_that_are_not_visited_change_nothing(twin: ModuleType) -> None:
    given_ = arguments(5)
    given_["order"] = np.zeros(0, np.int32)
    before = given_["duals"].copy()
    twin.descend(*given_.values())
    assert not given_["weights"].any()
    assert (given_["duals"] == before).all()


@compiled_only
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("starts", np.array([0, 5, 3] + [9] * 38, np.int32)),
        ("starts", np.array([0], np.int32)),
        ("buckets", -1),
        ("buckets", 30),
        ("order", 40),
        ("order", -1),
        ("values", np.zeros(1, np.float32)),
        ("cost", np.zeros(40, np.float32)),
        ("cost", np.zeros((40, 16), np.float32)),
        ("squared", np.zeros(41, np.float32)),
        ("weights", np.zeros((31, 7), np.float32)),
        ("weights", np.zeros(31, np.float32)),
        ("duals", np.zeros((40, 16), np.float32)),
        ("duals", np.zeros((40, 8), np.float64)),
        ("duals", np.zeros(40 * 8 * 4 + 1, np.uint8)[1:].view(np.float32).reshape(40, 8)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name: str, value: Any) -> None:
    given_ = arguments(6)
    if isinstance(value, int):
        given_[name][0] = value
    else:
        given_[name] = value
    with pytest.raises(ValueError, match="array"):
        _solver.descend(*given_.values())


def test_a_prior_is_where_the_weights_stay_unless_rows_speak() -> None:
    """Cost 0 says nothing of a label; and what is minimised is measured from the prior."""
    weighed, targets = problem(8)
    n, d = weighed.shape
    chance = np.random.RandomState(8)
    prior = chance.normal(0, 1, (d, 3)).astype(np.float32), chance.normal(0, 1, 3).astype(np.float32)
    cost = np.tile(np.array([0.0, 3.0, 3.0], np.float32), (n, 1))
    cost[: n // 2, 1] = 0
    weights, bias = solver.fit(weighed, targets, cost, epochs=300, seed=0, prior=prior)
    assert (weights[:, 0] == prior[0][:, 0]).all()
    assert bias[0] == prior[1][0]
    x = np.hstack((weighed.toarray(), np.ones((n, 1))))
    for column in (1, 2):
        start = np.append(prior[0][:, column], prior[1][column]).astype(np.float64)

        def objective(w: NDArray[np.float64], column: int = column, start: NDArray[np.float64] = start) -> float:
            s = x @ w
            loss = np.logaddexp(0, s) - targets[:, column] * s
            return float((w - start) @ (w - start) / 2 + cost[:, column] @ loss)

        found = objective(np.append(weights[:, column], bias[column]).astype(np.float64))
        assert found <= minimize(objective, start).fun * 1.0005 + 1e-3

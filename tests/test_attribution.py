from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from g7classify import features, kernel
from g7classify.attribution import attribute, explain
from g7classify.codebook import CODEBOOK
from g7classify.explanation import LabelExplanation
from g7classify.features import FeatureSpec
from g7classify.model import Model

# Words that come again, letters that fold to several or to nothing, and every script that the classes tell apart.
PIECES = [
    "police", "Police", "POLICE", "l'", "État", "é", "e\u0301", "ß", "ﬁ", "½", "x½y", "Ｇ７", "ｶﾞ", "\u00ad", "\u200d",
    "ı", "İ", "警察", "警察官", "人々", "テロ", "らーめん", "は", "か\u3099", "㍿", "㋀", "〇", "。",
    "ไทย", "မြန်", "ខ្មែរ", "ㄅ", "한국", "Киев", "ελλάς", "سلام", "हिन्दी",
    "𠀋", "🙂", "\ufdfa", "\x00", " ", "  ", "\n", "-", "\u0301", "\u3099",
]  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.text(st.characters(codec="utf-8"), max_size=40),
)
specs = st.builds(
    FeatureSpec,
    bits=st.just(8),
    pairs=st.booleans(),
    characters=st.sampled_from([(1, 1), (3, 5), (8, 8)]),
    unspaced=st.sampled_from([(1, 4), (2, 2), (1, 8)]),
    repeats=st.booleans(),
)

# A row of it counts one bucket, so that a pooled row is the multiset of the features' buckets.
COUNTS = np.eye(256, dtype=np.int8)


def words(text: str) -> list[str]:
    spans, _ = attribute(text, COUNTS, FeatureSpec(bits=8))
    return [text[start:end] for start, end in spans.tolist()]


def counted(text: str, **options: bool) -> NDArray[np.int64]:
    """How often each bucket comes in a text."""
    found, _ = features.buckets([text], FeatureSpec(bits=8, **options))  # type: ignore[arg-type]
    return np.bincount(found, minlength=256)


@settings(max_examples=300)
@given(texts, specs)
def test_the_features_are_those_that_the_kernel_counts(text: str, spec: FeatureSpec) -> None:
    _, shares = attribute(text, COUNTS, spec)
    found, _ = features.buckets([text], spec)
    np.testing.assert_allclose(shares.sum(axis=0), np.bincount(found, minlength=256), atol=1e-9)
    assert (shares >= 0).all()


@given(texts, specs)
def test_the_shares_add_up_to_what_the_kernel_pools(text: str, spec: FeatureSpec) -> None:
    table = np.random.default_rng(0).integers(-128, 128, (256, 5)).astype(np.int8)
    _, shares = attribute(text, table, spec)
    pooled = kernel.pool(
        [text],
        table,
        pairs=spec.pairs,
        characters=spec.characters,
        unspaced=spec.unspaced,
        repeats=spec.repeats,
    )
    np.testing.assert_allclose(shares.sum(axis=0), pooled[0], atol=1e-7)


@given(texts)
def test_words_lie_in_the_text_in_order_and_hold_all_that_has_features(text: str) -> None:
    spans, shares = attribute(text, COUNTS, FeatureSpec(bits=8))
    assert len(spans) == len(shares)
    edges = spans.ravel().tolist()
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in spans.tolist())
    for start, end in spans.tolist():
        assert counted(text[start:end]).any()
    for start, end in zip([0, *edges[1::2]], [*edges[0::2], len(text)], strict=True):
        assert not counted(text[start:end]).any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" …!\u200d\u0301", []),
        ("L'État, c'est moi", ["L", "État", "c", "est", "moi"]),
        (
            "e\u0301te\u0301 a\u0300 la",
            ["e\u0301te\u0301", "a\u0300", "la"],
        ),  # a decomposed accent stays with its letter
        ("Straße ﬁn Ｇ７", ["Straße", "ﬁn", "Ｇ７"]),  # forms of other lengths
        ("İZMİR œuvre", ["İZMİR", "œuvre"]),
        ("traf\u00adic", ["traf\u00adic"]),
        ("½ x½y ㋀", ["½", "x½y", "㋀"]),  # one code point holds two tokens
        ("🙂a𠀋", ["a", "𠀋"]),  # beyond the plane that is folded
        ("警察は不法移民を逮捕した。", ["警察", "は", "不法移民", "を", "逮捕", "した"]),
        ("人々がテロ、ｶﾞｽ", ["人々", "が", "テロ", "ｶﾞｽ"]),
        ("か\u3099く", ["か\u3099く"]),
        ("G7の㍿と𠀋丁", ["G7", "の", "㍿", "と", "𠀋丁"]),
        ("ไทย", ["ไ", "ท", "ย"]),
    ],
)
def test_words_as_a_reader_sees_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


class TestShares:
    def shares(self, text: str) -> NDArray[np.float64]:
        return attribute(text, COUNTS, FeatureSpec(bits=8))[1]

    def test_a_word_has_its_n_grams_and_half_of_its_pairs(self) -> None:
        first, second, third = self.shares("une police, forte")
        alone = [counted(word, pairs=False) for word in ("une", "police", "forte")]
        left = counted("une police") - alone[0] - alone[1]
        right = counted("police forte") - alone[1] - alone[2]
        assert left.sum() == right.sum() == 1
        np.testing.assert_allclose(first, alone[0] + left / 2)
        np.testing.assert_allclose(second, alone[1] + left / 2 + right / 2)
        np.testing.assert_allclose(third, alone[2] + right / 2)

    def test_words_with_an_unspaced_run_between_them_are_no_pair(self) -> None:
        first, _, second = self.shares("une警police")
        np.testing.assert_allclose(first, counted("une"))
        np.testing.assert_allclose(second, counted("police"))

    def test_occurrences_of_a_word_have_equal_parts(self) -> None:
        shares = self.shares("POLICE警police。警Police")
        np.testing.assert_allclose(shares[::2], np.tile(counted("police") / 3, (3, 1)))

    def test_with_repeats_each_occurrence_counts(self) -> None:
        _, shares = attribute("POLICE警police。警Police", COUNTS, FeatureSpec(bits=8, repeats=True))
        np.testing.assert_allclose(shares, np.array([counted("police"), counted("警")] * 3)[:5])

    def test_an_unspaced_n_gram_is_its_characters(self) -> None:
        both = counted("警は") - counted("警") - counted("は")
        kanji, kana = self.shares("警は")
        np.testing.assert_allclose(kanji, counted("警") + both / 2)
        np.testing.assert_allclose(kana, counted("は") + both / 2)


@pytest.fixture(scope="module", params=[False, True], ids=["once", "repeats"])
def noisy(model: Model, request: pytest.FixtureRequest) -> Model:
    """A model in which everything says something about every label."""
    random = np.random.default_rng(0)
    k = len(CODEBOOK)
    table = random.integers(-128, 128, (256, k + 1)).astype(np.int8)
    table[:, -1] &= 127
    return replace(
        model,
        spec=FeatureSpec(bits=8, repeats=request.param),
        table=table,
        scale=random.uniform(0.01, 0.03, k + 1).astype(np.float32),
        bias=random.uniform(-3, 1, k).astype(np.float32),
        slope=random.uniform(0.5, 2, k).astype(np.float32),
        intercept=random.uniform(-1, 1, k).astype(np.float32),
        pivot=2.0,
    )


def explained(model: Model, text: str) -> tuple[LabelExplanation, ...]:
    return explain(model, text, range(len(CODEBOOK)), model.deciding("balanced")[0])


@given(texts)
def test_bias_and_contributions_are_the_logit_that_the_model_gives(noisy: Model, text: str) -> None:
    logits = noisy.slope * noisy.scores([text])[0] + noisy.intercept
    for label, logit in zip(explained(noisy, text), logits.tolist(), strict=True):
        assert label.bias + sum(word.contribution for word in label.words) == pytest.approx(logit, abs=1e-4)
        assert label.logit == pytest.approx(logit, abs=1e-4)


@given(texts)
def test_a_probability_is_that_of_its_logit_or_of_the_sub_type_that_raised_it(noisy: Model, text: str) -> None:
    labels = {label.label: label for label in explained(noisy, text)}
    for (name, label), probability in zip(labels.items(), noisy.probabilities([text])[0].tolist(), strict=True):
        source = labels[label.raised_by or name]
        assert label.probability == pytest.approx(probability, abs=1e-6)
        assert label.probability == pytest.approx(1 / (1 + np.exp(-source.logit)), abs=1e-5)
        assert source.label == name or CODEBOOK.parent(source.label) == name
        assert source.logit >= label.logit


def test_the_word_that_a_model_knows_is_the_strongest(model: Model) -> None:
    for text, label, word in [
        ("La police est venue.", "actor.agency", "police"),
        ("昨日、警察が動いた。", "actor.agency", "警察"),
        ("Le terrorisme et la pluie", "threat.terrorism", "terrorisme"),
    ]:
        (found,) = explain(model, text, [CODEBOOK.index(label)], model.deciding("balanced")[0])
        assert found.tagged
        assert max(found.words, key=lambda w: w.contribution).text == word
        assert sum(w.contribution > 0 for w in found.words) == 1


def test_the_same_word_weighs_less_in_a_longer_sentence(model: Model) -> None:
    column = [CODEBOOK.index("actor.agency")]
    short, long = (
        explain(model, text, column, model.deciding("balanced")[0])[0].words[0]
        for text in ("police", "police et pluie")
    )
    assert short.contribution > long.contribution > 0

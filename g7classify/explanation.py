"""What explaining returns: for each label the words that speak for it and against it, and how much.

All numbers but probabilities and thresholds are calibrated logits, log(p / (1 - p)): they add up, and 0 is a
probability of one half. They are rounded to six decimals, as probabilities are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, nan

from g7classify.errors import DataError
from g7classify.labels import short
from g7classify.result import Result
from g7classify.results import ModelId, check_probability


@dataclass(frozen=True, slots=True)
class WordContribution(Result):
    """One word, and what it adds to the logit of a label.

    Where words are not spaced, a run of characters of one script is a word: kanji, hiragana or katakana.

    Attributes:
        text: the word as it stands in the sentence.
        start: offset of its first code point in the sentence.
        end: offset after its last.
        contribution: above 0 if the word speaks for the label, below if against it.
    """

    text: str
    start: int
    end: int
    contribution: float


@dataclass(frozen=True, slots=True)
class LabelExplanation(Result):
    """How the probability of one label comes about: `logit` is `bias` and the contributions of all words together.

    Attributes:
        label: its name.
        tagged: whether the sentence is tagged with it.
        probability: calibrated, in 0..1, as its tag tells it.
        threshold: of the label, in 0..1: tagged from this probability on.
        raised_by: the sub-type that holds more surely than the category itself and so lends it its probability; None
            if the probability is the label's own, 1 / (1 + exp(-logit)).
        logit: of the label's own probability.
        bias: the logit of a sentence without words.
        words: all words of the sentence, in its order.
    """

    label: str
    tagged: bool
    probability: float
    threshold: float
    raised_by: str | None
    logit: float
    bias: float
    words: tuple[WordContribution, ...]

    def _check(self) -> None:
        for name, value in (("probability", self.probability), ("threshold", self.threshold)):
            check_probability(value, name, self.label)
        try:
            total = fsum((self.bias, *(word.contribution for word in self.words)))
        except (OverflowError, ValueError):  # more than a float holds, or infinities of both signs
            total = nan
        if not abs(total - self.logit) <= 1e-6 * (len(self.words) + 2):  # as rounding allows; NaN neither
            raise DataError(
                f"logit of {short(self.label)}: expected {total}, the bias and all contributions, got {self.logit}"
            )


@dataclass(frozen=True, slots=True)
class Explanation(Result):
    """Why one sentence has the tags that it has.

    Attributes:
        text: the sentence.
        labels: those explained, in the order asked for; tags most probable first.
        model: which scored the sentence.
    """

    text: str
    labels: tuple[LabelExplanation, ...]
    model: ModelId

    def _check(self) -> None:
        self.model._check()
        for label in self.labels:
            label._check()
            before = 0
            for word in label.words:
                if word.start < before or self.text[word.start : word.end] != word.text:
                    raise DataError(
                        f"word {word.start}..{word.end} of {short(label.label)} does not lie in the text, in order"
                    )
                before = word.end

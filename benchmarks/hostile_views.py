"""What a user sees of a model file, and whether that is what the file says.

Files are opened as users open them. A deep model runs a stand-in for the transformer, whose vectors are of the width
that its file tells: the file's own numbers are all in use, and nothing of megabytes is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import g7classify
from benchmarks.hostile_mutants import GOLDEN
from benchmarks.hostile_parts import Parts
from g7classify import cascade, container, modelfile, reading, registry, vectorfile
from g7classify.cascade import Cascade, Fusion
from g7classify.codebook import Codebook
from g7classify.decision import OPERATING_POINTS
from g7classify.deep import model as deep_model
from g7classify.deep.model import DeepModel
from g7classify.manifest import ModelEntry
from g7classify.tagger import Tagger
from g7classify.vectorfile import Vectors

TEXTS: Final = (
    "La police arrête trois passeurs à la frontière.",
    "Ministers agree on sanctions; sanctions, sanctions and border controls follow.",
    "警察がテロ組織を摘発した。",
    "Der Bericht erscheint im Mai 2024.",
    "",
    "ministre " * 500,
)
TEXT: Final = "La police arrête trois passeurs. Ministers agree on sanctions. 警察がテロ組織を摘発した。"


@dataclass(frozen=True)
class View:
    """What is seen of a file.

    Attributes:
        sha256: as results tell it.
        seen: everything else: labels, codebook, numbers, arrays, probabilities, thresholds, tags.
        made: the object, to be written again.
        unsound: what breaks a promise of results; empty if nothing does.
    """

    sha256: str
    seen: dict[str, Any]
    made: Any
    unsound: str = ""


class StandIn:
    """An encoder that tells of each text a few small numbers that depend on it."""

    def __init__(self, width: int) -> None:
        self.width = width

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, w)."""
        rows = [[(len(text) * (column + 3)) % 7 / 4 - 0.75 for column in range(self.width)] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.width)


class Scores:
    """Stands in for the deep model of a cascade."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, k)."""
        return StandIn(len(self.codebook)).vectors(texts)


def stand_in() -> None:
    """Let deep models of this process run the stand-in, whether or not the extra is installed."""

    def made(model: DeepModel) -> Any:
        return StandIn(model.head.shape[1])

    deep_model.encoder_of = made
    deep_model.check_installed = lambda: None


def view(path: Path, kind: str) -> View:
    """What is seen of a file of a kind; raises what opening it does."""
    if kind == container.CASCADE:
        fusion, sha256 = cascade.load(path)
        return _fused(fusion, sha256)
    if kind == container.VECTORS:
        vectors, sha256 = vectorfile.load(path)
        arrays: dict[str, NDArray[Any]] = {"rows": vectors.rows, "idf": vectors.idf}
        seen = {"info": asdict(vectors.info), "spec": vectors.spec.to_dict(), "step": vectors.norm_step}
        finite = all(np.isfinite(array).all() for array in arrays.values())
        return View(sha256, seen | _bytes(arrays), vectors, "" if finite else "not finite")
    return _tagged(g7classify.load(path))


def facts(path: Path) -> str:
    """The sha256 that `g7classify models info` prints."""
    return registry.info(path).sha256


def verified(path: Path, entry: ModelEntry) -> str:
    """What `g7classify models verify` says of a file in the place of another."""
    from g7classify import facts

    return facts.verify(entry, path.parent).problem


def vouched(path: Path, kind: str, sha256: str) -> None:
    """Open a file as one that a shipped manifest names, without its own digest; raises what that does."""
    if kind == container.CASCADE:
        cascade.load(path, sha256=sha256)
    elif kind == container.VECTORS:
        vectorfile.load(path, sha256=sha256)
    else:
        reading.load(path, kind=kind, sha256=sha256)


def misread(found: View, content: bytes, folder: Path) -> str:
    """What of a file is not what was read of it, as writing that anew shows; empty if nothing is."""
    path = folder / "again.safetensors"
    if isinstance(found.made, Fusion):
        cascade.write(found.made, path)
    elif isinstance(found.made, Vectors):
        return _misread_vectors(found.made, Parts.of("", content))
    else:
        reading.write(found.made, path)
    said, again = Parts.of("", content), Parts.of("", path.read_bytes())
    if difference := _difference(said.model, again.model):
        return f"metadata {difference}"
    return "" if said.tensors == again.tensors else "tensors"


def _tagged(tagger: Tagger) -> View:
    model = tagger.model
    probabilities = tagger.predict_proba(TEXTS)
    seen: dict[str, Any] = {
        "info": asdict(model.info),
        "codebook": model.codebook.to_dict(),
        "labels": tagger.labels,
        "probabilities": probabilities.tobytes(),
    }
    tags = []
    for point in OPERATING_POINTS:
        at = tagger.at(point)
        document = at.tag(TEXT).to_dict()
        del document["model"]["sha256"]
        seen[point] = at.thresholds.tobytes(), at.band, document, at.predict(TEXTS).tobytes()
        tags.append(at.predict(TEXTS))
    if isinstance(model, DeepModel):
        parts: dict[str, Any] = {**model.adapters.tensors(), "head": model.head, "bias": model.bias}
        seen |= {"base": asdict(model.base), "longest": model.longest}
        gram = model.grams
        if gram is not None:
            parts |= {"table": gram.table, "scale": gram.scale}
            seen |= {"spec": gram.spec.to_dict(), "pivot": gram.pivot}
    else:
        assert isinstance(model, g7classify.model.Model)
        parts = {name: getattr(model, name) for name in ("table", *modelfile.VECTORS)}
        seen |= {"spec": model.spec.to_dict(), "pivot": model.pivot}
    unsound = _unsound(probabilities, model.codebook)
    if (tags[0] < tags[1]).any() or (tags[1] < tags[2]).any():
        unsound += " a tag at a stricter operating point alone"
    return View(tagger.id.sha256, seen | _bytes(parts), model, unsound)


def _fused(fusion: Fusion, sha256: str) -> View:
    seen = {"info": asdict(fusion.info), "codebook": fusion.codebook.to_dict(), "weight": fusion.weight}
    seen |= {"of": (fusion.table_sha256, fusion.deep_sha256)}
    arrays = _bytes({name: getattr(fusion, name) for name in cascade.TENSORS})
    table = modelfile.read(GOLDEN / "table-1.safetensors")
    unsound = ""
    if fusion.codebook.names == table.codebook.names:
        made = Cascade(table, Scores(fusion.codebook), fusion, 0.5)  # type: ignore[arg-type]
        found = made.read(TEXTS)
        seen |= {"read": (found.probabilities.tobytes(), found.escalated.tolist(), found.left.tolist())}
        for point in OPERATING_POINTS:
            thresholds, band = made.deciding(point)
            seen[point] = thresholds.tobytes(), band
        unsound = _unsound(found.probabilities, fusion.codebook)
    return View(sha256, seen | arrays, fusion, unsound)


def _unsound(probabilities: NDArray[np.float32], codebook: Codebook) -> str:
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        return "probabilities out of 0..1"
    low = (probabilities < codebook.raised(probabilities)).any()
    return "a category below its sub-type" if low else ""


def _bytes(arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    return {f"array {name}": (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}


def _difference(said: Any, again: Any) -> str:
    """Where what a file says differs from what was read: in a value, or its type but for whole numbers as floats."""
    if isinstance(said, dict) and isinstance(again, dict):
        for key in said:
            if key not in again and said[key] is not False:  # which `repeats` and `exclusive` are if left out
                return f"{key} was passed over"
            if key in again and (found := _difference(said[key], again[key])):
                return f"{key}.{found}"
        return ""  # what a file leaves out has the value that the documentation says
    if isinstance(said, list) and isinstance(again, list):
        if len(said) != len(again):
            return "is of another length"
        return next((found for one, other in zip(said, again, strict=True) if (found := _difference(one, other))), "")
    same_type = type(said) is type(again) or {type(said), type(again)} == {int, float}
    return "" if same_type and said == again else f"{said!r:.60} was read as {again!r:.60}"


def _misread_vectors(found: Vectors, said: Parts) -> str:
    scale = np.frombuffer(said.tensors["scale"][2], "<f4")
    rows = np.frombuffer(said.tensors["rows"][2], "i1").reshape(said.tensors["rows"][1])
    idf = np.frombuffer(said.tensors["idf"][2], "<f2").astype(np.float64)
    stated = {"spec": _listed(found.spec.to_dict()), "info": _listed(asdict(found.info)), "norm_step": found.norm_step}
    if difference := _difference(said.model, said.model | stated | {"width": found.rows.shape[1]}):
        return f"metadata {difference}"
    return "" if np.array_equal(rows * scale, found.rows) and np.array_equal(idf, found.idf) else "tensors"


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

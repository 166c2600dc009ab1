"""What n-grams mean, known before training: vectors distilled from a transformer, one for each bucket of a table.

A sentence's vector is the weighed mean of its buckets' vectors, taken with the weights and the norm that a table gives
them. A linear model on it is therefore a table again: what it says of a sentence is the sum of what it says of the
n-grams, in words too that no training row holds. So they help to train a model and are no part of it.

Logistic regression is fitted on n-grams and vector together. The vector's dimensions are scaled to a spread of REACH,
small beside the n-grams': the fit then leans on them where rows are few. At .02, with vectors of an earlier draw of
sentences, three folds of 2,254 rows of our task reached macro-F1 .596 instead of .539 at the best thresholds, of 328
rows of SDG .576 instead of .533, of 1,163 of VADER .590 instead of .538; at .1 and .3 SDG and VADER did worse than
without vectors. At .01 12,442 rows of VADER and 8,639 of our task did a little better than at .02.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from g7classify import registry, vectorfile
from g7classify.errors import RecipeError
from g7classify.learn.recipe import Recipe
from g7classify.locks import ProcessLock
from g7classify.manifest import VectorsEntry
from g7classify.vectorfile import Vectors

REACH: Final = 0.015
_lock = ProcessLock()


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """How the vectors of training rows are brought beside their n-grams.

    Attributes:
        mean: (w,), of the training rows.
        scale: what brings the spread to REACH.
    """

    mean: NDArray[np.float32]
    scale: float

    @classmethod
    def fit(cls, found: NDArray[np.float32]) -> Scaled:
        """On the vectors (n, w) of training rows."""
        spread = float(found.std(axis=0, dtype=np.float64).mean())
        return cls(found.mean(axis=0, dtype=np.float64).astype(np.float32), REACH / max(spread, 1e-9))

    def beside(self, weighed: csr_array, found: NDArray[np.float32]) -> csr_array:
        """Weighed n-grams (n, d) and vectors (n, w) in one matrix (n, d + w)."""
        # To a millionth of the reach, so that the last bit of a sum does not decide a model's bytes.
        side = np.round((found - self.mean) * np.float32(self.scale), 8)
        return csr_array(hstack((weighed, csr_array(side)), format="csr"))

    def fold(
        self, rows: NDArray[np.float32], weights: NDArray[np.float64], bias: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights (d + w, k) and bias (k,) on what `beside` makes, as weights (d, k) and bias on n-grams alone.

        Args:
            rows: (d, w), of the buckets.
        """
        d = len(rows)
        head = weights[d:] * self.scale
        return weights[:d] + rows.astype(np.float64) @ head, bias - self.mean.astype(np.float64) @ head


def shipped(name: str | None = None) -> Vectors:
    """Those of a name, or of name@version; the newest if not given. Read once, until others are asked for.

    Raises:
        UnknownModelError: none are called so.
        ModelFileError, UnreadableFileError: the file is damaged or missing.
    """
    entry = registry.vectors(name)
    with _lock.own():  # folds are fitted in threads, and each would read 67 MB of its own
        return _read(entry)


# 67 MB as floats, of which one set is kept. As int8 it would be 17, but to floats again takes .06 s and as much memory
# for each of the fits, which run side by side and share these.
@lru_cache(maxsize=1)
def _read(entry: VectorsEntry) -> Vectors:
    return vectorfile.read(registry.root() / entry.file, sha256=entry.sha256)


def pinned(recipe: Recipe) -> Recipe:
    """The same recipe naming its vectors, name@version or `none`, instead of `auto`; as models are called after it.

    Raises:
        RecipeError, UnknownModelError: as `chosen` does.
    """
    found = chosen(recipe)
    return recipe.changed(vectors="none" if found is None else f"{found.info.name}@{found.info.version}")


def chosen(recipe: Recipe) -> Vectors | None:
    """The vectors that a recipe names; `auto` takes the shipped ones where they are of the same n-grams.

    Raises:
        RecipeError: it names vectors of other n-grams.
        UnknownModelError: it names vectors that there are not.
    """
    if recipe.vectors == "none":
        return None
    found = shipped(None if recipe.vectors == "auto" else recipe.vectors)
    if found.spec == replace(recipe.spec, repeats=found.spec.repeats):  # how often, not which
        return found
    if recipe.vectors == "auto":
        return None
    raise RecipeError(
        f"vectors: {recipe.vectors} are of the n-grams {found.spec}, the recipe's are {recipe.spec}; "
        'leave the spec out of the recipe, or say vectors = "none"'
    )

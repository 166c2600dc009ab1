"""Every choice of a training run, in one file."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from g7classify.errors import RecipeError, UnreadableFileError
from g7classify.features import FeatureSpec
from g7classify.labels import short
from g7classify.model import NAME_PATTERN, VERSION_PATTERN
from g7classify.paths import checked

BEFORE: Final[dict[str, str | float]] = {"vectors": "none", "pivot": 1.0}
Weight = Annotated[float, Field(gt=0, le=1000)]
FORMS: Final = {
    "name": "expected lower-case words and numbers joined by hyphens, as in my-desk-2",
    "version": "expected three numbers joined by stops, as in 0.1.0",
}


class Recipe(BaseModel):
    """Hyper-parameters and seed; with the same rows, the same recipe gives the same model file, byte for byte.

    Raises:
        RecipeError: an unknown key, or a value outside its range.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(default="my-model", description="of the model", pattern=NAME_PATTERN, max_length=60)
    version: str = Field(default="0.1.0", description="of the model", pattern=VERSION_PATTERN)
    description: str = Field(default="", description="one paragraph for the model card", max_length=2000)
    spec: FeatureSpec = FeatureSpec()
    cost: float = Field(
        default=120.0, gt=0, le=1e4, description="weight of the data against the L2 norm, C of LIBLINEAR"
    )
    task: Literal["multi-label", "single-label"] = Field(
        default="multi-label",
        description="single-label: labels exclude each other, as they do in a codebook that says `exclusive = true`. A "
        "sentence is tagged with the likeliest, if that reaches its threshold, and every training row has exactly one",
    )
    weights: Literal["equal", "balanced"] | dict[str, Weight] = Field(
        default="equal",
        description="of the rows that a label holds for, beside those that it does not: `balanced` makes the two sides "
        "of each label weigh the same, a table names labels; what no table names weighs 1",
    )
    epochs: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="how often the solver visits each row",
    )
    soft_cost: float = Field(
        default=0.3,
        gt=0,
        le=100,
        description="what a sentence that a teacher has read weighs, in labelled rows",
    )
    idf_power: float = Field(
        default=2.0,
        ge=0,
        le=4,
        description="exponent of the inverse document frequency; on one fold of 43,521 rows sub-type macro-F1 was .729 "
        "at 1, .735 at 1.5, .736 at 2 and at 2.5",
    )
    vectors: str = Field(
        default="auto",
        description="of n-grams to start from, which know related words that no row holds: `name` or `name@version`; "
        "`auto` takes the shipped ones where the spec is theirs, `none` learns from the rows alone. With them the idf "
        "is theirs, and idf_power has no say",
        max_length=80,
    )
    pivot: float = Field(
        default=1.0,
        ge=0,
        le=10,
        description="what is added to the norm of a text, in mean norms of the training texts: at 1 what one word says "
        "is not drowned in a long sentence, 0 is the plain norm of TF-IDF, better for a few hundred long texts",
    )
    folds: int = Field(default=5, ge=2, le=20, description="of the cross-validation behind calibration and thresholds")
    near_duplicate: float = Field(
        default=0.7, gt=0, le=1, description="Jaccard similarity of features from which two texts share a fold"
    )
    calibrate_on: str = Field(
        default="natural",
        description="rows with this `sample` fit calibration and thresholds, as the rest was picked to be rich in "
        "labels; all rows where none has it",
    )
    shrinkage: float = Field(
        default=50.0,
        ge=0,
        description="labelled sentences that the mean of all labels counts against a label's own slope and threshold",
    )
    doubt: float = Field(
        default=0.5, ge=0, lt=1, description="share of the cross-validated mistakes that the band of doubt holds"
    )
    seed: int = Field(default=0, ge=0, lt=2**31)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Read a TOML file.

        Raises:
            UnreadableFileError: the file is missing or may not be read.
            RecipeError: not TOML, an unknown key, or a value outside its range.
        """
        try:
            content = checked(path, name="path").read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a path with NUL
            reason = error.strerror if isinstance(error, OSError) else error
            raise UnreadableFileError(f"cannot read the recipe {path}: {reason}") from error
        try:
            values = tomllib.loads(content.decode())
        except (ValueError, RecursionError) as error:  # ValueError: of numbers of too many digits too
            raise RecipeError(f"{path}: not TOML in UTF-8 ({error})") from error
        return cls._of(values, source=str(path))

    def changed(self, **values: Any) -> Self:
        """The same recipe with other values. Raises RecipeError if one is outside its range."""
        return self._of(self.model_dump(exclude_unset=True) | values, source="recipe")

    if not TYPE_CHECKING:  # who checks types sees the keys

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise RecipeError(f"recipe: {_told(error)}") from error

    @classmethod
    def _of(cls, values: dict[str, Any], *, source: str) -> Self:
        try:
            return cls(**values)
        except RecipeError as error:
            raise RecipeError(f"{source}: {str(error).removeprefix('recipe: ')}") from error.__cause__

    @property
    def sha256(self) -> str:
        """Of what the recipe states, as canonical JSON, so that comments and order in the file do not matter.

        What it leaves at the default is not hashed (but the spec is, as model files state it): a key that a later
        version adds does not change what an old recipe is called. A recipe whose model is shipped therefore states
        everything. Nor is a key hashed that says what was so before there was the key.
        """
        stated = self.model_dump(mode="json", exclude_unset=True)
        stated = {key: value for key, value in stated.items() if BEFORE.get(key) != value}
        if "spec" in stated:
            stated["spec"] = self.spec.to_dict()
        text = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def complete(self) -> Self:
        """The same recipe, stating everything."""
        return self._of(self.model_dump(), source="recipe")


def _told(error: ValidationError) -> str:
    """What is wrong with each key, and which ones there are if one is unknown."""
    found = error.errors(include_url=False)
    keys = f"; a recipe's keys are {', '.join(Recipe.model_fields)}" if any(map(_is_unknown, found)) else ""
    return "; ".join(map(_problem, found)) + keys


def _is_unknown(found: ErrorDetails) -> bool:
    return found["type"] in ("extra_forbidden", "unexpected_keyword_argument")


def _problem(found: ErrorDetails) -> str:
    *above, key = map(str, found["loc"])
    place = ".".join((*above, key))
    if _is_unknown(found):
        there_are = [field.name for field in fields(FeatureSpec)] if above == ["spec"] else list(Recipe.model_fields)
        near = difflib.get_close_matches(key, there_are, n=2)
        guess = f"; did you mean {' or '.join(near)}?" if near else ""
        return f"{place}: there is no such key{guess}"
    form = FORMS.get(place) if found["type"] == "string_pattern_mismatch" else None
    return f"{place}: {form or found['msg']}, got {short(found['input'])}"

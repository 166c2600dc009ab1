"""What a recipe file states, as far as shipping a model needs to know: its sha256, and a line for the model's card.

The recipe of a table is a learn.recipe.Recipe, in training/recipes. That of a deep model is whatever TOML its training
reads, in training/recipes/deep, and named by the sha256 of its values as canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from g7classify.classifier import Classifier
from g7classify.errors import RecipeError, UnreadableFileError
from g7classify.learn.recipe import Recipe
from g7classify.model import Model

ON_THE_CARD_ALREADY = ("name", "version", "description")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a recipe states.

    Attributes:
        sha256: as the ModelInfo of a model that it built has it.
        chief: its chief choices, for people.
    """

    sha256: str
    chief: str

    @classmethod
    def read(cls, path: Path, model: Classifier) -> Self:
        """Read the recipe of a table or of a deep model.

        Raises:
            UnreadableFileError: the file is missing or may not be read.
            RecipeError: it is no recipe of such a model.
        """
        if isinstance(model, Model):
            recipe = Recipe.read(path)
            return cls(recipe.sha256, f"seed {recipe.seed}, C = {recipe.cost:g}")
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        except OSError as error:
            raise UnreadableFileError(f"cannot read the recipe {path}: {error.strerror or error}") from error
        except (ValueError, TypeError, RecursionError) as error:  # TypeError: a date, which JSON has none of
            raise RecipeError(f"{path}: not TOML in UTF-8 of strings, numbers and tables ({error})") from error
        chief = [f"{key} = {value}" for key, value in values.items() if key not in ON_THE_CARD_ALREADY]
        return cls(hashlib.sha256(text.encode()).hexdigest(), ", ".join(chief))

"""Tag sentences of public-affairs text with actors, measures, threat types and institutional roles.

A first use::

    import g7classify

    document = g7classify.tag("La ministre a annoncé des sanctions.")
    for sentence in document.sentences:
        print(sentence.text, sentence.labels)
"""

from __future__ import annotations

import typing

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.decision import OperatingPoint
from g7classify.default import load, tag
from g7classify.documents import Text, read
from g7classify.errors import (
    CodebookError,
    DataError,
    EncodingError,
    ForgettingError,
    FormatVersionError,
    G7ClassifyError,
    InputTypeError,
    MissingExtraError,
    ModelFileError,
    OptionError,
    RecipeError,
    TextError,
    UnknownLabelError,
    UnknownModelError,
    UnreadableFileError,
)
from g7classify.model import ModelInfo
from g7classify.results import Document, ModelId, Sentence, Source, Tag
from g7classify.tagger import Tagger

if typing.TYPE_CHECKING:
    from g7classify.explanation import Explanation, LabelExplanation, WordContribution

__version__ = "0.1.0"

__all__ = [
    "CODEBOOK",
    "Codebook",
    "CodebookError",
    "DataError",
    "Document",
    "EncodingError",
    "Explanation",
    "ForgettingError",
    "FormatVersionError",
    "G7ClassifyError",
    "InputTypeError",
    "LabelExplanation",
    "MissingExtraError",
    "ModelFileError",
    "ModelId",
    "ModelInfo",
    "OperatingPoint",
    "OptionError",
    "RecipeError",
    "Sentence",
    "Source",
    "Tag",
    "Tagger",
    "Text",
    "TextError",
    "UnknownLabelError",
    "UnknownModelError",
    "UnreadableFileError",
    "WordContribution",
    "__version__",
    "load",
    "read",
    "tag",
]


if not typing.TYPE_CHECKING:  # a name that is misspelt would be Any to type checkers

    def __getattr__(name: str) -> typing.Any:
        # What only explanations need costs nothing until one is made.
        if name in ("Explanation", "LabelExplanation", "WordContribution"):
            from g7classify import explanation

            return getattr(explanation, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

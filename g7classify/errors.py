"""Every error that g7classify raises on purpose.

One root, and each error is also the built-in that a caller would expect::

    G7ClassifyError
    ├── InputTypeError (TypeError)        a value of the wrong type, e.g. bytes where str is expected
    ├── TextError (ValueError)            a text that cannot be tagged, e.g. one with a lone surrogate
    ├── OptionError (ValueError)          an option outside its range or set
    ├── CodebookError (ValueError)        a codebook that contradicts itself
    │   └── UnknownLabelError             a label outside the codebook
    ├── DataError (ValueError)            rows or documents that cannot be used; names file and line
    ├── ForgettingError (ValueError)      an update after which labels of before are told worse; holds the table
    ├── RecipeError (ValueError)          a training recipe that cannot be used
    ├── ModelFileError (ValueError)       a model file that is damaged, hostile or not a model file
    │   └── FormatVersionError            a model file of a FORMAT or FEATURES number this version cannot read
    ├── UnknownModelError (LookupError)   a model name that the manifest does not hold
    ├── UnreadableFileError (OSError)     a file that is missing, a folder, or not to be opened
    ├── EncodingError (ValueError)        a file that is not UTF-8 text
    └── MissingExtraError (ImportError)   an optional dependency is not installed; names the pip line

Messages name the value, what was expected and what to do.
"""

from __future__ import annotations

import typing


class G7ClassifyError(Exception):
    """Root of all errors that g7classify raises on purpose."""


class InputTypeError(G7ClassifyError, TypeError):
    """A value of the wrong type."""


class TextError(G7ClassifyError, ValueError):
    """A text that cannot be tagged."""


class OptionError(G7ClassifyError, ValueError):
    """An option outside its range or set."""


class CodebookError(G7ClassifyError, ValueError):
    """A codebook that contradicts itself."""


class UnknownLabelError(CodebookError):
    """A label outside the codebook."""


class DataError(G7ClassifyError, ValueError):
    """Labelled rows, tables or documents that cannot be used."""


class ForgettingError(G7ClassifyError, ValueError):
    """An update after which labels of before are told worse: `changes` says how much, label by label."""

    def __init__(self, message: str, changes: tuple[typing.Any, ...] = ()) -> None:
        super().__init__(message)
        self.changes = changes


class RecipeError(G7ClassifyError, ValueError):
    """A training recipe that cannot be used."""


class ModelFileError(G7ClassifyError, ValueError):
    """A model file that is damaged, hostile or no model file at all."""


class FormatVersionError(ModelFileError):
    """A model file of a FORMAT or FEATURES number that this version cannot read."""


class UnknownModelError(G7ClassifyError, LookupError):
    """A model name that the manifest does not hold."""


class UnreadableFileError(G7ClassifyError, OSError):
    """A file that is missing, is a folder or may not be opened."""


class EncodingError(G7ClassifyError, ValueError):
    """A file that is not UTF-8 text."""


class MissingExtraError(G7ClassifyError, ImportError):
    """An optional dependency is not installed."""

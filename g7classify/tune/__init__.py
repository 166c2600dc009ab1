"""Adapters of one's own: go on tuning a deep model's transformer, for any labels.

`tune` does it all, `options.Options` holds every choice. It needs the extra: pip install 'g7classify[tune]'. The same
loop tunes what we ship (training/teacher).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from g7classify.tune.options import Options
    from g7classify.tune.tuning import TunedModel, tune

__all__ = ["Options", "TunedModel", "tune"]


if not TYPE_CHECKING:  # a name that is misspelt would be Any to type checkers

    def __getattr__(name: str) -> Any:
        """What is asked for; PyTorch is imported with it alone."""
        if name == "Options":
            from g7classify.tune.options import Options

            return Options
        if name in ("TunedModel", "tune"):
            from g7classify.tune import tuning

            return getattr(tuning, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

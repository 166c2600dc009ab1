"""Train with labelled sentences of your own, judge what came of it, and find out what to label next.

Needs the extra: pip install 'g7classify[train]'. Each name is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from g7classify import extras

if TYPE_CHECKING:
    from g7classify.learn.advice.auditing import Audit, audit
    from g7classify.learn.advice.suggesting import Suggestion, suggest
    from g7classify.learn.data.inferred import codebook_of
    from g7classify.learn.data.problems import Report, validate
    from g7classify.learn.data.rows import Problem
    from g7classify.learn.dataset import Dataset, Row
    from g7classify.learn.estimator import SentenceClassifier
    from g7classify.learn.fit import Trained, train
    from g7classify.learn.judging.comparison import Comparison, compare
    from g7classify.learn.judging.evaluating import evaluate
    from g7classify.learn.judging.evaluation import Evaluation
    from g7classify.learn.recipe import Recipe
    from g7classify.learn.searching import Searched, search, settle
    from g7classify.learn.updating import Updated, update

__all__ = [
    "Audit",
    "Comparison",
    "Dataset",
    "Evaluation",
    "Problem",
    "Recipe",
    "Report",
    "Row",
    "Searched",
    "SentenceClassifier",
    "Suggestion",
    "Trained",
    "Updated",
    "audit",
    "codebook_of",
    "compare",
    "evaluate",
    "search",
    "settle",
    "suggest",
    "train",
    "update",
    "validate",
]

# No module is called like a function: once imported, it would take the function's place in this package.
HOMES: Final[dict[str, tuple[str, ...]]] = {
    "advice.auditing": ("Audit", "audit"),
    "judging.comparison": ("Comparison", "compare"),
    "dataset": ("Dataset", "Row"),
    "estimator": ("SentenceClassifier",),
    "judging.evaluating": ("evaluate",),
    "judging.evaluation": ("Evaluation",),
    "fit": ("Trained", "train"),
    "data.inferred": ("codebook_of",),
    "data.problems": ("Report", "validate"),
    "recipe": ("Recipe",),
    "data.rows": ("Problem",),
    "searching": ("Searched", "search", "settle"),
    "advice.suggesting": ("Suggestion", "suggest"),
    "updating": ("Updated", "update"),
}


if not TYPE_CHECKING:  # a name that is misspelt would be Any to type checkers

    def __getattr__(name: str) -> Any:
        """What is asked for, from the module where it lives.

        Raises:
            MissingExtraError: what it needs is not installed.
        """
        for module, names in HOMES.items():
            if name in names:
                extra = "audit" if name in HOMES["advice.auditing"] else "train"
                with extras.needed(extra, by=f"g7classify.learn.{name}"):
                    return getattr(import_module(f"g7classify.learn.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

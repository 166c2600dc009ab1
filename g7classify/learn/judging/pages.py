"""An evaluation as a self-contained HTML page; see page.py for what makes it safe to open and to send on."""

from __future__ import annotations

import os

from g7classify import atomic, page
from g7classify.learn.judging.evaluation import Evaluation
from g7classify.learn.judging.figures import by_part, by_point, flat


def write(evaluation: Evaluation, path: str | os.PathLike[str]) -> None:
    """Write the page of an evaluation, whole or not at all.

    It holds the sentences of the mistakes that the evaluation tells.

    Raises:
        MissingExtraError: jinja2 is not installed.
        UnreadableFileError: the folder does not exist, or the file may not be written.
    """
    atomic.write_bytes(path, render(evaluation).encode())


def render(evaluation: Evaluation) -> str:
    """The page of an evaluation; the same evaluation gives the same page.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    return page.render(
        "evaluation.html",
        evaluation=evaluation,
        parts=by_part(evaluation),
        by_point=by_point(evaluation),
        categories=next(iter(evaluation.points.values())).categories,
        flat=flat(evaluation),
    )

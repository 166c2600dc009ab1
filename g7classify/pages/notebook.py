"""What notebooks show of a document or a sentence: a small fragment of HTML, without script and style sheet.

It borrows ink and paper from the notebook, dark or light, so categories are told by words.
"""

from __future__ import annotations

from typing import Final

from g7classify import page
from g7classify.errors import MissingExtraError
from g7classify.report import told
from g7classify.results import Document, Sentence

MOST_SENTENCES: Final = 50


def document(shown: Document) -> str | None:
    """The first MOST_SENTENCES sentences of a document; None if jinja2 is not installed."""
    about = f"{len(shown.sentences):,} sentences, {shown.language}, {shown.model}"
    name = "" if shown.source is None else str(shown.source)
    return _rendered(shown.sentences[:MOST_SENTENCES], name=name, about=about, more=len(shown.sentences))


def sentence(shown: Sentence) -> str | None:
    """A sentence; None if jinja2 is not installed."""
    return _rendered((shown,), name="", about="", more=1)


def _rendered(sentences: tuple[Sentence, ...], *, name: str, about: str, more: int) -> str | None:
    try:
        environment = page.environment()
    except MissingExtraError:
        return None
    rows = [(one, *told(one)) for one in sentences]
    template = environment.get_template("notebook.html")
    return template.render(rows=rows, name=name, about=about, more=more - len(rows))

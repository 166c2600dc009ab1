"""Tagged documents as one self-contained HTML page; see page.py for what makes it safe to open and to send on.

Its text, tags and words lie in it compressed, so 20,000 sentences take less than they do as plain text, plus 1 MB: the
script unpacks them. What is in them: contents.py.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from g7classify import page
from g7classify.pages.contents import Contents
from g7classify.pages.interface import SPOKEN, TEXTS, chosen
from g7classify.report import FORMULA_STARTS, NamedDocuments
from g7classify.tagger import Tagger, checked


def render(
    documents: NamedDocuments,
    *,
    tagger: Tagger | None = None,
    interface: str | None = None,
    unread: Sequence[tuple[str, str]] = (),
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> str:
    """The page of documents.

    Args:
        documents: names and documents; one that tells its source is named by as much of its path as tells it apart.
        tagger: that made them; its words are told. If not given, models are loaded by their names, where they can be.
        interface: "en" or "fr"; French if not given and the first document is, else English.
        unread: files that could not be read to the end, and why not, which the page says too.
        progress: called with the sentences done and their number, again and again.

    Raises:
        MissingExtraError: jinja2 is not installed.
        InputTypeError: `tagger` is none.
        OptionError: there is no such interface.
        DataError: more sentences than a browser can show.
    """
    if tagger is not None:
        checked(tagger)
    page.environment()  # refused before anything is explained
    held = list(documents)
    language = chosen(interface, held[0][1].language if held else "")
    contents = Contents(held, tagger=tagger, interface=language, unread=unread, progress=progress)
    names = [name for name, _ in contents.files if name]
    return page.render(
        "documents.html",
        styles=["documents.css"],
        scripts=["documents.js"],
        contents=contents,
        data=packed(contents, says=SPOKEN[language]),
        interface=language,
        say=TEXTS[language],
        name=names[0] if len(names) == 1 else "",
    )


def packed(contents: Contents, *, says: dict[str, str]) -> str:
    """What the script reads: JSON, deflated, in base 64, so that no text of anybody's is near the markup."""
    told: dict[str, Any] = {
        name: getattr(contents, name) for name in ("sentences", "labels", "groups", "files", "languages", "models")
    }
    told |= {"says": says, "formula": "".join(FORMULA_STARTS)}
    plain = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()

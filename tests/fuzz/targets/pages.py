"""Pages of results that hold anything: what a text says does nothing on them."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from html.parser import HTMLParser

from choices import Choices, is_text, share
from small import TAGGER

from g7classify import page
from g7classify.pages import documents, notebook
from g7classify.pages import explaining as _explaining  # noqa: F401  # imported late, and to be watched
from targets.reports import STEERING, made, seeds  # noqa: F401  # the same documents

SMOKE, LONGEST = 1500, 250
WHOLE = 32
"""Of 256 inputs, whose whole page is made, in ten times the time that the fragments of a notebook take."""
WORDS = (b"<script>", b"</script>", b"<!--", b"-->", b'"><img src=x onerror=alert(1)>', b"{{", b"}}", b"javascript:")


TAG = re.compile(r'<(/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>')
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"<>]*)")?')
GLOBALS = page.environment(styles=["documents.css"], scripts=["documents.js"]).globals


class Held:
    """The elements, attributes and styles of a page; a finding if there is markup that is none of ours.

    By expressions, in a tenth of the time that a parser takes; what they say is compared with one now and then.
    """

    def __init__(self, shown: str, *, parse: bool) -> None:
        left = shown.replace(GLOBALS["css"], "").replace(GLOBALS["script"], "").replace("<!doctype html>", "", 1)
        found = TAG.findall(left)
        assert len(found) == left.count("<"), "an angle bracket that begins no element"
        self.elements = Counter(name for name, _ in found)
        attributes = [one for _, given in found for one in ATTRIBUTE.findall(given)]
        self.attributes = {name for name, _ in attributes}
        self.styles = {value for name, value in attributes if name == "style"}
        if parse:
            parsed = Parsed()
            parsed.feed(shown)
            parsed.close()
            assert parsed.elements == Counter({name: n for name, n in self.elements.items() if name[0] != "/"})
            assert parsed.attributes == self.attributes


class Parsed(HTMLParser):
    """The same by a parser."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes |= {name for name, _ in attrs}


def ours() -> Held:
    """What there is in pages of ordinary text."""
    plain = [made("Un. Deux.", "a", "law", "fr", options) for options in (1, 2, 1 | 4)]
    shown = documents.render([("a", one) for one in plain], interface="en", unread=[("c", "no")])
    return Held("".join([shown, *(notebook.document(one) or "" for one in plain)]), parse=True)


OURS = ours()


def one_input(data: bytes) -> None:
    choices = Choices(data)
    options = choices.below(256)
    text, name, label, other = (choices.text() for _ in range(4))
    if not all(map(is_text, (text, name, label, other))):
        return
    document = made(text, name, label, other, options)
    for shown in (notebook.document(document), *map(notebook.sentence, document.sentences[:2])):
        assert shown is not None
        assert_harmless(shown)
    if share(data) >= WHOLE:
        return
    tagger = TAGGER if options & 4 else None
    pages = [(name, document), ("b", document)] if options & 32 else [(name, document)]
    whole = documents.render(pages, tagger=tagger, interface="en", unread=[(name, other)] if options & 64 else ())
    assert_harmless(whole)
    packed = re.search(r'id="data"[^>]*>"([^"]*)"', whole)
    assert packed is not None
    held = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    assert len(held["sentences"]) == len(pages) * len(document.sentences)
    assert not any(STEERING.search(row[0]) for row in held["sentences"])
    assert not any(STEERING.search(name) for name, _ in held["files"])


def assert_harmless(shown: str) -> None:
    """No script, element, attribute or style but ours."""
    found = Held(shown, parse=share(shown.encode()) < 8)
    assert found.elements.keys() <= OURS.elements.keys(), found.elements
    assert found.elements["script"] <= OURS.elements["script"]
    assert found.attributes <= OURS.attributes, found.attributes
    assert found.styles <= OURS.styles, found.styles

"""The text of a Markdown file: headings, paragraphs, items of lists and cells of tables, without their markup.

Parsed by markdown-it-py (MIT), which rich brings: CommonMark and the tables of GitHub. Links and images become the text
that they show. Front matter, blocks of code, marks of footnotes and what the link references lead to are left out; of
HTML the tags go and the text stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING: Final = 100
"""Quotes and lists in each other; what lies deeper is left out. CommonMark's preset has 20, ten lists."""

# Its first line is a field: text between two rules is none.
_FRONT_MATTER: Final = re.compile(r"---[ \t]*\n[\w.-]+[ \t]*:(?:[ \t].*?)?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_MATTER_TOML: Final = re.compile(r"\+\+\+[ \t]*\n[\w.\-\[].*?\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_FOOTNOTE: Final = re.compile(r"\[\^[^\s\[\]]{1,100}\]:?")
# HTML without a parser: Python's takes hours for a MB of comments that begin.
_EDGES: Final = re.compile(r"(<!--|-->|</?(?:script|style)\b[^<>]*>)", re.IGNORECASE)
_CLOSED_BY: Final = {"<!--": "-->", "<script": "</script", "<style": "</style"}
_WITHIN_WORDS: Final = re.compile(
    r"</?(?:a|abbr|b|cite|code|em|i|img|kbd|mark|q|s|small|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE
)
_TAG: Final = re.compile(r"</?[a-zA-Z!?][^<>]*>")
_BLANK_LINES: Final = re.compile(r"\n\s*\n")


def extract(content: bytes) -> tuple[str, tuple[int, ...]]:
    """The text of UTF-8, blocks parted by a blank line, and no pages."""
    from markdown_it import MarkdownIt

    source = content.decode().replace("\r\n", "\n")
    front = _FRONT_MATTER.match(source) or _FRONT_MATTER_TOML.match(source)
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    tokens = parser.parse(source[front.end() :] if front else source)
    # A blank line inside would read as two blocks.
    blocks = (_BLANK_LINES.sub("\n", block).strip() for block in _blocks(tokens))
    return "\n\n".join(filter(None, blocks)), ()


def _blocks(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield _FOOTNOTE.sub("", "".join(_shown(token.children or [])))
        elif token.type == "html_block":
            yield from _blocks_of_html(token.content)


def _shown(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak") or (token.type == "html_inline" and token.content[:3] == "<br"):
            yield "\n"
        elif token.type == "image":
            yield from _shown(token.children or [])
        elif token.type != "html_inline":
            yield token.content


def _blocks_of_html(source: str) -> Iterator[str]:
    seen: list[str] = []
    until = ""  # what ends the comment, script or style that is open
    for piece in _EDGES.split(source):
        start = next((start for start in _CLOSED_BY if piece.lower().startswith(start)), "")
        if until:
            until = "" if piece.lower().startswith(until) else until
        elif start:
            until = _CLOSED_BY[start]
        else:
            seen.append(piece)
    yield from map(unescape, _TAG.split(_WITHIN_WORDS.sub("", "".join(seen))))

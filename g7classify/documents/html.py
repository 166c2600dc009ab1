"""The text that a web page shows.

Parsed by lexbor (selectolax, MIT; lexbor Apache-2.0), which builds the tree that the HTML standard describes and is the
quickest and smallest of those in benchmarks/extraction.py. Which text to take is decided here: no library tells blocks
from what is inline as a browser does, and trafilatura, which guesses the main text of a page and comes closest (F1 of
sentences .986), brings 62 MB of packages.

Blocks are paragraphs; a line break stays one. Scripts, styles, forms, navigation and what the page hides by attribute
or by a style of the element itself are left out; style sheets are not read.

lexbor looks through all open elements for each block that opens, as the standard says: 20,000 nested ones take it
0.4 s, 100,000 20 s. So pages nested deeper than any that a person or a program means are refused before they are
parsed. How deep is estimated: a page that is made to seem flat is given up after a while, as any (reader.py).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from g7classify.errors import DataError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

PRESCAN_BYTES: Final = 1024
MAX_DEPTH: Final = 50_000
"""Of open elements, which take 4 s. Old pages leave a <font> or <a name=...> open in each of thousands of lines."""

# fmt: off
_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "legend", "li", "main", "menu", "ol", "optgroup", "p", "pre", "section", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))
_UNSEEN: Final = frozenset((
    "area", "audio", "base", "button", "canvas", "datalist", "embed", "frameset", "head", "iframe", "link", "map",
    "math", "meta", "nav", "noembed", "noframes", "noscript", "object", "param", "progress", "rp", "rt", "script",
    "select", "source", "style", "svg", "template", "textarea", "title", "track", "video",
))
# What holds nothing, or is closed by what follows it: pages hold thousands that nothing closes.
_SHALLOW: Final = frozenset((
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input",
    "li", "link", "meta", "optgroup", "option", "p", "param", "rb", "rp", "rt", "rtc", "source", "tbody", "td",
    "tfoot", "th", "thead", "tr", "track", "wbr",
))
# In which tags mean nothing, or close themselves.
_APART: Final = frozenset((
    "iframe", "math", "noembed", "noframes", "script", "style", "svg", "textarea", "title", "xmp",
))
# fmt: on
_TAG: Final = re.compile(r"<(?:!--|(/?)([a-z][a-z0-9-]*)(?=[\s/>]))", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_WHITE: Final = re.compile(r"[ \t\n\f\r]+")
# A line break that stays one, until white space is put together: lexbor gives no NUL.
_BREAK: Final = "\0"
_AROUND_BREAK: Final = re.compile(r" ?\0 ?")

_META: Final = re.compile(rb"<!--.*?(?:-->|$)|<meta[\s/]([^>]*)", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE: Final = re.compile(rb"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_CHARSET: Final = re.compile(rb"""charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))""", re.IGNORECASE)
_XML: Final = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

_MARKS: Final = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# What the Encoding Standard takes these codecs for; those that it does not know are not used either.
_AS_ON_THE_WEB: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
# fmt: off
_CODECS: Final = frozenset((
    "utf-8", "cp866", "cp932", "cp949", "cp874", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "koi8-r", "koi8-u",
    "mac-roman", "mac-cyrillic", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8",
    "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16",
))
# fmt: on


def extract(content: bytes) -> tuple[str, tuple[int, ...]]:
    """The text, paragraphs parted by a blank line, and no pages. Raises DataError if elements are nested too deeply."""
    from selectolax.lexbor import LexborHTMLParser

    page = decoded(content)
    if page.count("<") > MAX_DEPTH and _is_deep(page):
        raise DataError(f"elements more than {MAX_DEPTH:,} deep within one another; export its text to a .txt file")
    body = LexborHTMLParser(page).body
    return "" if body is None else "\n\n".join(_paragraphs(body)), ()  # a set of frames has none


def _is_deep(page: str) -> bool:
    depth = at = 0
    while found := _TAG.search(page, at):
        at, name = found.end(), (found[2] or "").lower()
        if not name:
            at = page.find("-->", at) + 3
        elif found[1]:
            depth -= depth > 0 and name not in _SHALLOW
        elif name in _APART:
            closed = re.compile(f"</{name}", re.IGNORECASE).search(page, at)
            at = closed.end() if closed else len(page)
        elif name not in _SHALLOW:
            depth += 1
            if depth > MAX_DEPTH:
                return True
        if at < found.end():  # a comment that never ends
            return False
    return False


def decoded(content: bytes) -> str:
    """Bytes as the HTML standard reads them: by a byte order mark, by what the first 1024 bytes declare, or by guess.

    Guessed is UTF-8 where the bytes are that, and else Windows-1252. What is no character becomes U+FFFD.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    if declared := _declared(content[:PRESCAN_BYTES]):
        return content.decode(declared, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _declared(start: bytes) -> str | None:
    if found := _XML.match(start):
        return _codec(found[1])
    for found in _META.finditer(start):
        given = {
            name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(found[1] or b"")
        }
        label = given.get(b"charset")
        if label is None and given.get(b"http-equiv", b"").lower() == b"content-type":
            inner = _CHARSET.search(given.get(b"content", b""))
            label = next(filter(None, inner.groups()), None) if inner else None
        if label is not None and (codec := _codec(label)):
            return codec
    return None


def _codec(label: bytes) -> str | None:
    try:
        name = codecs.lookup(label.strip().decode("ascii")).name
    except (LookupError, UnicodeDecodeError, ValueError):  # ValueError: a label with NUL
        return None
    name = _AS_ON_THE_WEB.get(name, name)
    return name if name in _CODECS else None


def _paragraphs(body: LexborNode) -> Iterator[str]:
    pieces: list[str] = []
    kept = 0  # depth in elements whose white space counts
    for node, opens in _walk(body):
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            pieces.append(text.replace("\r\n", "\n").replace("\n", _BREAK) if kept else text)
        elif tag == "br":
            if opens:
                pieces.append(_BREAK)
        elif tag in _BLOCKS:
            yield from _flushed(pieces)
            pieces = []
            if tag == "pre":
                kept += 1 if opens else -1
    yield from _flushed(pieces)


def _flushed(pieces: list[str]) -> Iterator[str]:
    """What a block holds; two line breaks part it in two."""
    text = _AROUND_BREAK.sub("\n", _WHITE.sub(" ", "".join(pieces)))
    yield from filter(None, map(str.strip, re.split("\n\n+", text)))


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node that is seen, and whether it opens or closes; without recursion, as trees may be deep."""
    open_: list[LexborNode] = [root]
    yield root, True
    node = root.child
    while open_:
        if node is None:
            closed = open_.pop()
            yield closed, False
            node = closed.next if open_ else None
        elif node.tag == "-text":
            yield node, True
            node = node.next
        elif not node.is_element_node or _unseen(node):
            node = node.next
        else:
            yield node, True
            open_.append(node)
            node = node.child


def _unseen(node: LexborNode) -> bool:
    if node.tag in _UNSEEN:
        return True
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))

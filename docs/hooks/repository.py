"""Pages of the site that lie elsewhere in the repository, and links between them and those of docs/.

A page is written for whoever reads it in the repository: its links lead from its own place. On the site they lead to
the same pages; a link to what the site does not hold, source code say, becomes its text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
ELSEWHERE = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/README.md",
    "benchmarks/results/*.svg",
    "models/*.md",
    "seeds/README.md",
    "seeds/codebook.md",
    "training/README.md",
)
# What no reader's browser has to fetch from anywhere.
FETCHED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//[^>]*>""")
LINK = re.compile(r"(?P<before>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<path>[^)#:\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the cards of models where `nav` says `models/*.md`."""
    cards = [{path.stem: path.relative_to(ROOT).as_posix()} for path in sorted(ROOT.glob("models/*.md"))]
    config.nav = _put(config.nav, cards)
    return config


def _put(nav: Any, cards: list[dict[str, str]]) -> Any:
    if nav == "models/*.md":
        return cards
    if isinstance(nav, dict):
        return {title: _put(part, cards) for title, part in nav.items()}
    return [_put(part, cards) for part in nav] if isinstance(nav, list) else nav


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere."""
    for pattern in ELSEWHERE:
        for path in sorted(ROOT.glob(pattern)):
            files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead the links of a page to where its neighbours lie on the site."""
    here = page.file.src_uri
    lies = f"docs/{here}" if (Path(config.docs_dir) / here).exists() else here

    def led(match: re.Match[str]) -> str:
        there = posixpath.normpath(posixpath.join(posixpath.dirname(lies), match["path"])).removeprefix("docs/")
        if (ROOT / there).is_dir() and f"{there}/README.md" in files.src_uris:
            there = f"{there}/README.md"
        if there in files.src_uris:
            path = posixpath.relpath(there, posixpath.dirname(here) or ".")
            return f"{match['before']}[{match['text']}]({path}{match['anchor'] or ''})"
        if (ROOT / there).exists():
            return match["text"]
        return match[0]  # MkDocs tells that it leads nowhere

    # A link's text may be code, a block of code holds no link.
    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if number % 2 else LINK.sub(led, part) for number, part in enumerate(parts))


def on_page_content(html: str, **_: Any) -> str:
    """Docstrings announce what stands apart with two colons."""
    return html.replace("<p>::</p>", "").replace("::</p>", ":</p>")


def on_post_page(output: str, page: Page, **_: Any) -> None:
    """Refuse a page that would fetch something from another server."""
    if fetched := FETCHED.search(output):
        raise PluginError(f"{page.file.src_uri} fetches something from elsewhere: {fetched[0][:200]}")

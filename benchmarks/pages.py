"""How long a report of many sentences takes to make, how large it is, and how quickly a browser answers.

    python -m benchmarks.pages [--sentences 20000] [--keep report.html]

The sentences are those of seeds/labelled, over and over. It needs playwright and a browser, as tests/browser do.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.samples import SEEDS
from g7classify import Tagger
from g7classify.learn.dataset import Dataset
from g7classify.pages import documents

# What a reader does, as the page's script sees it; each ends when the browser has drawn what it led to.
ACTIONS: Final = {
    "filter by a label": "document.querySelector('input[name=label]').click()",
    "all again": "document.querySelector('#filters').reset()",
    "search": "{ const s = document.getElementById('search'); s.value = 'police';"
    " s.dispatchEvent(new Event('input', { bubbles: true })); }",
    "and all again": "document.querySelector('#filters').reset()",
    "matrix": "document.getElementById('tab-matrix').click()",
    "table": "document.getElementById('tab-table').click()",
    "sort by text": "document.querySelector('#tags th:last-child button').click()",
    "text": "document.getElementById('tab-text').click()",
    "the words behind a tag": "document.querySelector('.chip').click()",
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="Also write the page here.")
    arguments = parser.parse_args()
    texts = list(itertools.islice(itertools.cycle(Dataset.read(SEEDS).texts), arguments.sentences))
    tagger = Tagger.load()
    document = tagger.tag("\n\n".join(texts))
    held = sum(len(sentence.text.encode()) for sentence in document.sentences)
    html, seconds = _timed(lambda: documents.render([("", document)], tagger=tagger))
    size = len(html.encode())
    print(f"{len(document.sentences):,} sentences of {held / 1e6:.2f} MB")
    print(f"the page: {size / 1e6:.2f} MB, {(size - held) / 1e6:+.2f} beside its text; made in {seconds:.1f} s")
    if arguments.keep is not None:
        arguments.keep.write_text(html, encoding="utf-8")
    for name, taken in in_browser(html).items():
        print(f"{name}: {taken:.2f} s")


def in_browser(html: str) -> dict[str, float]:
    """Seconds until the first sentences, until all of them, and of each of ACTIONS."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no browser: install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        file = Path(folder, "report.html")
        file.write_text(html, encoding="utf-8")
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        start = time.monotonic()
        page.goto(file.as_uri())
        page.wait_for_selector("#sentences > li")
        found = {"first sentences": time.monotonic() - start}
        page.wait_for_selector("body[data-ready]", state="attached")
        found["all sentences"] = time.monotonic() - start
        for name, action in ACTIONS.items():
            found[name] = page.evaluate(f"""async () => {{
                const start = performance.now();
                {action};
                await new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))));
                return (performance.now() - start) / 1000;
            }}""")
        browser.close()
    return found


def _timed(make: Callable[[], Any]) -> tuple[Any, float]:
    start = time.monotonic()
    return make(), time.monotonic() - start


if __name__ == "__main__":
    main()

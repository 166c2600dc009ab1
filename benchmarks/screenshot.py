"""The picture of a report that the documentation shows: the seed document's, in a headless browser.

    python -m benchmarks.screenshot

It needs playwright and a browser, as tests/browser do, and Pillow, which comes with matplotlib.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from g7classify import Tagger, read
from g7classify.pages import documents

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "report.png"
SEED = ROOT / "seeds" / "documents" / "g7-strategie-trafic.fr.txt"
WIDTH, HEIGHT = 1180, 820
COLOURS = 224  # half of the bytes of the full picture
MOST_BYTES = 150_000


def main() -> None:
    """Write the picture."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no browser: install chromium")
    tagger = Tagger.load()
    html = documents.render([(SEED.name, tagger.tag(read(SEED).text))], tagger=tagger)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        file = Path(folder, "report.html")
        file.write_text(html, encoding="utf-8")
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(file.as_uri())
        page.locator("#s4 .chip").first.click()
        page.evaluate("document.querySelector('.sides').scrollIntoView()")
        taken = page.screenshot()
        browser.close()
    PICTURE.parent.mkdir(exist_ok=True)
    Image.open(io.BytesIO(taken)).quantize(COLOURS).save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    print(f"wrote {PICTURE}, {size:,} bytes")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES:,} bytes: make the window smaller")


if __name__ == "__main__":
    main()

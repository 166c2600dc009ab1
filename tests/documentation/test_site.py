"""What the site adds to its pages: where links lead, and that nothing is fetched from elsewhere. Run by `make docs`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip("mkdocs", reason="needs g7classify[docs]: make docs runs it")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def repository() -> ModuleType:
    """The hook, as MkDocs loads it."""
    spec = importlib.util.spec_from_file_location("repository", ROOT / "docs" / "hooks" / "repository.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def led(repository: ModuleType, page: str, markdown: str) -> str:
    """A page's text as the site has it."""
    files = SimpleNamespace(src_uris={"tutorial.md": 0, "how-to/explain.md": 0, "benchmarks/README.md": 0, page: 0})
    place = SimpleNamespace(file=SimpleNamespace(src_uri=page))
    config = SimpleNamespace(docs_dir=str(ROOT / "docs"))
    written: str = repository.on_page_markdown(markdown, page=place, config=config, files=files)
    return written


@pytest.mark.parametrize(
    ("page", "link", "there"),
    [
        ("tutorial.md", "how-to/explain.md", "how-to/explain.md"),
        ("how-to/explain.md", "../../benchmarks/README.md#speed", "../benchmarks/README.md#speed"),
        ("how-to/explain.md", "../tutorial.md", "../tutorial.md"),
        ("tutorial.md", "../benchmarks", "benchmarks/README.md"),
        ("benchmarks/README.md", "../docs/tutorial.md", "../tutorial.md"),
    ],
)
def test_links_lead_to_where_their_pages_lie_on_the_site(
    repository: ModuleType, page: str, link: str, there: str
) -> None:
    assert led(repository, page, f"see [it]({link}).") == f"see [it]({there})."


def test_a_link_to_what_the_site_does_not_hold_becomes_its_text(repository: ModuleType) -> None:
    assert led(repository, "tutorial.md", "see [the code](../setup.py).") == "see the code."


@pytest.mark.parametrize(
    "text", ["[it](nowhere.md)", "[it](https://example.org/)", "[it](#here)", "```\n[it](../setup.py)\n```"]
)
def test_other_links_stay_for_mkdocs_to_judge(repository: ModuleType, text: str) -> None:
    assert led(repository, "tutorial.md", text) == text


@pytest.mark.parametrize(
    "tag", ['<script src="https://example.org/a.js">', '<link rel="stylesheet" href="//example.org/a.css">']
)
def test_a_page_that_fetches_something_is_refused(repository: ModuleType, tag: str) -> None:
    from mkdocs.exceptions import PluginError

    page = SimpleNamespace(file=SimpleNamespace(src_uri="tutorial.md"))
    repository.on_post_page('<script src="assets/a.js"></script><a href="https://example.org/">', page=page)
    with pytest.raises(PluginError, match=r"example\.org"):
        repository.on_post_page(tag, page=page)

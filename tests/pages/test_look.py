"""The look of the page of documents, as its style sheet says it; what a browser makes of it: tests/browser."""

from __future__ import annotations

import re
from importlib import resources

import pytest


def template(name: str) -> str:
    return resources.files("g7classify").joinpath("templates", name).read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    long = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(long[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def schemes() -> dict[str, dict[str, str]]:
    """The colours of the light, the dark and the printed page."""
    found = {
        name: [dict(re.findall(r"--(\w+): (#[0-9a-f]+)", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)]
        for name, css in (("page", template("page.css")), ("documents", template("documents.css")))
    }
    (light, dark), (own_light, own_dark, printed) = found["page"], found["documents"]
    return {"light": light | own_light, "dark": dark | own_dark, "printed": light | own_light | printed}


@pytest.mark.parametrize("scheme", ["light", "dark", "printed"])
def test_colours_of_text_have_the_contrast_that_wcag_asks_for(scheme: str) -> None:
    colours = schemes()[scheme]
    pairs = [(f"k{i}", paper) for i in range(6) for paper in (f"t{i}", "paper", "card")]
    pairs += [("ink", f"h{i}") for i in range(1, 5)] + [("soft", "paper"), ("soft", "card"), ("two", "paper")]
    for ink, paper in pairs:
        light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_every_colour_of_the_screen_has_one_for_paper_that_holds_in_the_dark_too() -> None:
    css = template("documents.css")
    printed = css[css.index("@media print") :]
    for name in schemes()["dark"]:
        if name != "three":  # of plots
            assert f"--{name}: #" in printed, name


def test_categories_are_told_apart_without_colours() -> None:
    marks = re.findall(r'\.k\d \{.*--mark: "(.)"', template("documents.css"))
    assert len(marks) == len(set(marks)) == 6


@pytest.mark.parametrize("name", ["documents.css", "documents.js"])
def test_nothing_is_loaded_and_nothing_ends_the_element_that_holds_it(name: str) -> None:
    content = template(name)
    assert "url(" not in content
    assert "@import" not in content
    assert "http" not in content
    assert not re.search(r"</|<!--|<script|<style", content)


def test_the_script_makes_no_markup_of_strings() -> None:
    script = template("documents.js")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", ".srcdoc"):
        assert sink not in script

"""The page of licences lists what is installed, and the core needs nothing that is not permissive."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "about" / "licences.md").read_text(encoding="utf-8")
PERMISSIVE = {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "PSF-2.0", "Zlib"}
CLASSIFIERS = {"MIT License": "MIT", "Apache Software License": "Apache-2.0", "BSD License": "BSD",
               "Python Software Foundation License": "PSF-2.0", "ISC License (ISCL)": "ISC"}  # fmt: skip
FOR_USERS = ("train", "parquet", "frames", "duckdb", "spacy", "html", "spark", "documents", "deep", "tune", "audit")


def needed(name: str) -> set[str]:
    """What a package without extras needs, itself among it."""
    found, left = set(), [name]
    while left:
        one = canonicalize_name(left.pop())
        if one not in found:
            found.add(one)
            asked = map(Requirement, metadata.requires(one) or [])
            left += [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def licences(name: str) -> set[str]:
    """By SPDX, or as its classifiers say it."""
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        return set(re.findall(r"[\w.-]+", expression)) - {"AND", "OR"}
    classifiers = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if line.startswith("License")]
    return {CLASSIFIERS.get(line, line) for line in classifiers} or {told.get("License", "none")}


CORE = sorted(needed("g7classify") - {"g7classify"})
LISTED = dict(re.findall(r"^\| ([a-z-]+) \| ([\w.-]+(?:,.*)?) \|$", PAGE, re.MULTILINE))


def test_everything_that_is_always_needed_is_listed() -> None:
    core = PAGE.split("## What it always needs")[1].split("##")[0]
    listed = set(re.findall(r"^\| ([a-z-]+) \| (?!licence)", core, re.MULTILINE))
    assert set(CORE) <= listed  # releases of today; older ones need less


@pytest.mark.parametrize("name", CORE)
def test_what_is_always_needed_is_permissive_and_as_listed(name: str) -> None:
    found = licences(name)
    assert found
    assert found <= PERMISSIVE
    told = set(re.findall(r"[\w.-]+", LISTED[name])) | ({"BSD"} if "BSD" in LISTED[name] else set())
    assert found <= told


def test_the_extras_are_listed_with_all_that_they_name() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    lines = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.split("## What the extras add")[1], re.MULTILINE))
    assert sorted(lines) == sorted(FOR_USERS)
    for extra, line in lines.items():
        for asked in map(Requirement, extras[extra]):
            if asked.name == "g7classify":
                assert all(f"`{other}`" in line or lines[other].split(":")[0] in line for other in asked.extras)
            else:
                assert asked.name.lower() in line.lower()


def test_the_notices_are_installed() -> None:
    files = {Path(str(file)).name: file for file in metadata.files("g7classify") or ()}
    assert {"LICENSE", "NOTICE"} <= set(files)
    notice = Path(str(files["NOTICE"].locate())).read_text(encoding="utf-8")
    assert "Copyright (c) Microsoft Corporation" in notice
    assert "Unicode, Inc." in notice

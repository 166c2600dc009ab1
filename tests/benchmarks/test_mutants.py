from __future__ import annotations

import re
from collections import Counter

import pytest

from benchmarks import records
from benchmarks.mutants import MODULES, PAGE, explained, marked


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("f(language)", "f(None)", "f(⟨language → None⟩)"),
        ("a << 36 | b", "a << 37 | b", "a << ⟨36 → 37⟩ | b"),
        ("if x <= 1:", "if x < 1:", "if x <⟨= → ⟩ 1:"),
        ("return x", "return not x", "return ⟨ → not ⟩x"),
        ("f(a, b)", "f(a, )", "f(a, ⟨b → ⟩)"),
        ("x", "None", "⟨x → None⟩"),
        ("aa", "aaa", "aa⟨ → a⟩"),
    ],
)
def test_a_mutant_is_told_in_one_line(was: str, now: str, told: str) -> None:
    assert marked(was, now) == told
    assert re.sub("⟨(.*) → .*⟩", r"\1", told) == was
    assert re.sub("⟨.* → (.*)⟩", r"\1", told) == now


def test_survivors_are_read_from_the_page() -> None:
    page = "Why.\n\n- a.f: `x ⟨1 → 2⟩ | y`\n- a.f: `x ⟨1 → 2⟩ | y`\n- a.B.g: `z`\n- something else\n"
    assert explained(page) == {"a.f: `x ⟨1 → 2⟩ | y`": 2, "a.B.g: `z`": 1}


@pytest.mark.source
def test_what_the_page_explains_stands_in_the_code() -> None:
    told = explained(PAGE.read_text(encoding="utf-8"))
    assert told
    for line in told:
        module, function, code = re.fullmatch(r"(\w+)\.([\w.]+): `(.*)`", line).groups()  # type: ignore[union-attr]
        source = (records.ROOT / "g7classify" / f"{module}.py").read_text(encoding="utf-8")
        assert module in MODULES, line
        assert f"def {function.rpartition('.')[2]}(" in source, line
        assert re.sub("⟨(.*) → .*⟩", r"\1", code) in " ".join(source.split()), line


@pytest.mark.source
def test_the_record_is_of_all_modules_and_of_this_page() -> None:
    rows = records.read("mutants")["modules"]
    assert list(rows) == list(MODULES)
    told = Counter(line.partition(".")[0] for line in explained(PAGE.read_text(encoding="utf-8")).elements())
    for module, row in rows.items():
        assert row["mutants"] == row["killed"] + row["timeouts"] + row["survived"]
        assert row["survived"] == row["explained"] == told[module], module


@pytest.mark.source
def test_every_module_and_its_tests_are_there() -> None:
    for module, tests in MODULES.items():
        assert (records.ROOT / "g7classify" / f"{module}.py").is_file()
        assert [name for name in tests if not (records.ROOT / "tests" / name.partition("::")[0]).is_file()] == []

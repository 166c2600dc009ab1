from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.pages.paths import short


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["/home/me/reports/a.txt"], ["a.txt"]),
        (["/home/me/reports/a.txt", "/home/me/reports/old/a.txt"], ["a.txt", "old/a.txt"]),
        (["reports/a.txt", "reports/b/c.txt"], ["a.txt", "b/c.txt"]),
        (["./a.txt", "b.txt", "-"], ["a.txt", "b.txt", "-"]),
        (["../x/a.txt", "b.txt"], ["../x/a.txt", "b.txt"]),
        (["a/same", "a/same"], ["same", "same"]),
        (["/reports/a.txt", "/reports-2/a.txt"], ["reports/a.txt", "reports-2/a.txt"]),
        (["//home/a.txt", "/home/me/b.txt"], ["a.txt", "me/b.txt"]),
        (["//a.txt"], ["a.txt"]),
        (["-"], ["-"]),
        ([""], [""]),
    ],
)
def test_files_are_named_from_the_folder_that_holds_them_all(files: list[str], expected: list[str]) -> None:
    found = short(files)
    assert [found[file] for file in files] == [str(Path(name)) if name else "" for name in expected]


def test_relative_and_absolute_paths_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["a.txt", str(tmp_path / "b" / "c.txt")]
    assert [*map(short(given).get, given)] == ["a.txt", str(Path("b", "c.txt"))]


PARTS = st.lists(st.sampled_from(["a", "b", "..", "é\x00", " "]), min_size=1, max_size=4)


@given(st.lists(st.tuples(st.booleans(), PARTS), max_size=6))
def test_different_files_stay_different(made: list[tuple[bool, list[str]]]) -> None:
    files = {("/" if rooted else "") + "/".join(parts) for rooted, parts in made}
    found = short(files)
    at = {file: Path(file).absolute() for file in files}
    for one in files:
        assert at[one].parts[-len(Path(found[one]).parts) :] == Path(found[one]).parts
        for other in files:
            assert (found[one] == found[other]) == (at[one] == at[other])

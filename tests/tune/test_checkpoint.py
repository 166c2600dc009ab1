from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from g7classify.errors import OptionError, UnreadableFileError
from g7classify.tune import checkpoint
from g7classify.tune.checkpoint import RUN, STATE, Identity
from g7classify.tune.options import Options


def identity(**changes: Any) -> Identity:
    options = Options(rank=4, epochs=changes.pop("epochs", 3))
    return Identity(
        options=options,
        encoder_sha256="0" * 64,
        labels=("a", "b"),
        **({"data_sha256": {"rows.jsonl": "1" * 64}, "folds_sha256": "2" * 64, "rows": 80} | changes),
    )


def test_a_new_folder_has_nothing_to_go_on_from(tmp_path: Path) -> None:
    folder = tmp_path / "deeper" / "my.tuning"
    assert not checkpoint.begin(folder, identity())
    assert not checkpoint.begin(folder, identity())
    (folder / STATE).write_bytes(b"state")
    assert checkpoint.begin(folder, identity())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 4}, "epochs 3 then, 4 now"),
        ({"folds_sha256": "3" * 64}, "folds_sha256"),
        ({"data_sha256": {}}, "data_sha256"),
        ({"rows": 81, "start_sha256": "4" * 64}, "start_sha256, rows"),
        ({"recipe_sha256": "4" * 64}, "recipe_sha256"),
    ],
)
def test_another_run_is_refused_and_what_differs_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    checkpoint.begin(tmp_path, identity())
    before = (tmp_path / RUN).read_bytes()
    with pytest.raises(OptionError, match="other rows or options") as caught:
        checkpoint.begin(tmp_path, identity(**changes))
    assert f"({said})" in str(caught.value)
    assert (tmp_path / RUN).read_bytes() == before


def test_damage_is_told(tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(b"state")
    with pytest.raises(OptionError, match=r"holds state\.pt and no run\.json"):
        checkpoint.begin(tmp_path, identity())
    (tmp_path / RUN).write_bytes(b"{")
    with pytest.raises(OptionError, match="damaged"):
        checkpoint.begin(tmp_path, identity())


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnreadableFileError, match="cannot use the folder"):
        checkpoint.begin(tmp_path / "file", identity())


def test_the_end_leaves_what_is_not_ours(tmp_path: Path) -> None:
    for name, other in (("a", None), ("b", "teacher.json")):
        folder = tmp_path / name
        checkpoint.begin(folder, identity())
        (folder / STATE).write_bytes(b"state")
        if other:
            (folder / other).write_bytes(b"")
        checkpoint.end(folder)
    assert not (tmp_path / "a").exists()
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["teacher.json"]

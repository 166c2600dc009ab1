from __future__ import annotations

from pathlib import Path

import click
import pytest

from training import command_line


def test_what_teachers_read_comes_with_its_texts_or_not_at_all() -> None:
    assert command_line.read((), None) is None
    assert command_line.read((Path("a.npz"), Path("b.npz")), Path("texts")) == (
        (Path("a.npz"), Path("b.npz")),
        Path("texts"),
    )


@pytest.mark.parametrize(("soft", "texts"), [((Path("a.npz"),), None), ((), Path("texts"))])
def test_one_without_the_other_is_refused(soft: tuple[Path, ...], texts: Path | None) -> None:
    with pytest.raises(click.UsageError, match="go together"):
        command_line.read(soft, texts)

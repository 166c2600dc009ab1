from __future__ import annotations

import pytest

from g7classify import extras
from g7classify.errors import MissingExtraError


def test_what_is_missing_and_the_line_for_pip_are_told() -> None:
    expected = r"^training needs no_such_module, which is not installed: pip install 'g7classify\[train\]'$"
    with pytest.raises(MissingExtraError, match=expected) as caught, extras.needed("train", by="training"):
        import no_such_module  # type: ignore[import-not-found]  # noqa: F401
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_module_of_ours_is_of_no_extra() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"g7classify\.no_such_module"), extras.needed("train", by="training"):
        import g7classify.no_such_module  # type: ignore[import-not-found]  # noqa: F401


def test_an_installed_module_that_fails_says_so_itself() -> None:
    with pytest.raises(ImportError, match="no_such_name") as caught, extras.needed("train", by="training"):
        from json import no_such_name  # type: ignore[attr-defined]  # noqa: F401
    assert not isinstance(caught.value, MissingExtraError)

"""What `g7classify.learn` offers under its own name."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

from g7classify import learn


def test_every_name_is_there_and_stays_what_it_is() -> None:
    assert sorted(name for names in learn.HOMES.values() for name in names) == sorted(learn.__all__)
    for module in iter_modules(learn.__path__):
        assert module.name not in learn.__all__
        import_module(f"g7classify.learn.{module.name}")
    for name in learn.__all__:
        assert not isinstance(getattr(learn, name), ModuleType)
    with pytest.raises(AttributeError, match="no attribute 'teach'"):
        _ = learn.teach


def test_nothing_heavy_is_imported_before_it_is_asked_for() -> None:
    code = "import sys, g7classify.learn; print(sorted({'sklearn', 'scipy', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

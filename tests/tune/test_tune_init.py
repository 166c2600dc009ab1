from __future__ import annotations

import subprocess
import sys

import pytest

from g7classify import tune
from g7classify.errors import MissingExtraError
from g7classify.learn import deep  # noqa: F401, imported before PyTorch is hidden, which SciPy does not bear


def test_without_pytorch_the_pip_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("g7classify.tune.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert tune.Options(rank=4).rank == 4
    with pytest.raises(MissingExtraError, match=r"needs torch.*pip install 'g7classify\[tune\]'"):
        _ = tune.tune


def test_what_there_is_not_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tuna'"):
        _ = tune.tuna


def test_pytorch_is_imported_by_what_tunes_alone() -> None:
    code = "import sys; import g7classify.cli.learning, g7classify.tune; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

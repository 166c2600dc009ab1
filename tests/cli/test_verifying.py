from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from g7classify import installation, kernel
from g7classify.cli import main
from g7classify.installation import Check

WRONG = Check("tiny@1.0.0", "tiny.safetensors", "its digest\x1b[31m differs")


def test_all_is_well() -> None:
    result = CliRunner().invoke(main, ["verify"])
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["kernel", f"{kernel.NAME},"] in [line[:2] for line in lines]
    assert all(line[-1] == "ok" for line in lines[3:] if line)
    assert result.stderr == ""


def test_json() -> None:
    result = CliRunner().invoke(main, ["verify", "--json"])
    assert result.exit_code == 0
    found = [Check(**one) for one in json.loads(result.stdout)]
    assert {check.problem for check in found} == {""}
    assert "Python" in {check.what for check in found}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_something_is_off(monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    monkeypatch.setattr(installation, "verify", lambda: (Check("Python", "3.11.9"), WRONG))
    result = CliRunner().invoke(main, ["verify", *options])
    assert result.exit_code == 1
    assert result.stderr == "error: 1 of 2 checks failed: tiny@1.0.0\n"
    assert "\x1b" not in result.stdout
    if options:
        assert Check(**json.loads(result.stdout)[1]) == WRONG
    else:
        assert "tiny@1.0.0: its digest [31m differs" in result.stdout
        assert [line.split()[-1] for line in result.stdout.splitlines() if "tiny.safetensors" in line] == ["wrong"]

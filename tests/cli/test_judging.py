from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from g7classify import modelfile
from g7classify.cli import main
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.learn.judging.comparison import Comparison
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.model import Model

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    words = {"police": "actor.agency", "ministre": "actor.official", "beau": None}
    rows: list[dict[str, Any]] = [
        {
            "text": f"{word} {i}",
            "labels": [label] if label else [],
            "id": f"{word}{i}",
            "source": f"s{i % 2}",
            "lang": "fr",
        }
        for i in range(6)
        for word, label in words.items()
    ]
    rows.append({"text": "La police <b>dort</b>.", "labels": [], "id": "wrong"})
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.fixture
def weaker_path(model: Model, tmp_path: Path) -> Path:
    table = model.table.copy()
    table[:, CODEBOOK.index("actor.official")] = 0
    path = tmp_path / "weaker.safetensors"
    modelfile.write(replace(model, table=table, info=replace(model.info, name="weaker")), path)
    return path


class TestEvaluate:
    def test_json_is_an_evaluation(self, run: Run, model_path: Path, data: Path) -> None:
        result = run("evaluate", model_path, data, "--json", "--by", "source", "--rounds", 20)
        assert result.exit_code == 0, result.stderr
        found = Evaluation.model_validate_json(result.stdout)
        assert found.model == "hand-made@0.1.0"
        assert found.parts is not None
        assert found.parts.column == "source"
        assert {name: part.rows for name, part in found.parts.summaries.items()} == {"s0": 9, "s1": 9}
        assert [mistake.id for mistake in found.mistakes] == ["wrong"]
        assert run("evaluate", model_path, data, "--json", "--by", "source", "--rounds", 20).stdout == result.stdout
        other = run("evaluate", model_path, data, "--json", "--by", "source", "--rounds", 20, "--seed", 1)
        assert other.stdout != result.stdout

    def test_text_and_page(self, run: Run, model_path: Path, data: Path, tmp_path: Path) -> None:
        page = tmp_path / "page.html"
        result = run("evaluate", model_path, data, "--html", page, "--rounds", 20)
        assert result.exit_code == 0, result.stderr
        assert "the surest mistakes" in result.stdout
        assert result.stderr == f"wrote {page}\n"
        assert "La police &lt;b&gt;dort&lt;/b&gt;." in page.read_text(encoding="utf-8")

    def test_a_column_of_which_no_row_says_anything(self, run: Run, model_path: Path, data: Path) -> None:
        result = run("evaluate", model_path, data, "--by", "sample")
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "no row says its sample" in result.stderr
        assert run("evaluate", model_path, data, "--by", "colour").exit_code == 2

    def test_a_page_without_the_extra(
        self, run: Run, model_path: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "jinja2", None)
        result = run("evaluate", model_path, data, "--html", tmp_path / "page.html")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "pip install 'g7classify[html]'" in result.stderr
        assert not (tmp_path / "page.html").exists()
        assert run("evaluate", model_path, data, "--rounds", 5).exit_code == 0

    def test_a_page_that_cannot_be_written(self, run: Run, model_path: Path, data: Path, tmp_path: Path) -> None:
        result = run("evaluate", model_path, data, "--html", tmp_path / "no" / "page.html", "--rounds", 5)
        assert result.exit_code == 1
        assert "cannot write" in result.stderr


class TestLabelsThatTheModelLacks:
    """evaluate and compare treat them alike."""

    @pytest.fixture
    def commands(self, model_path: Path, weaker_path: Path) -> tuple[tuple[object, ...], ...]:
        return ("evaluate", model_path), ("compare", weaker_path, model_path)

    def test_are_errors(self, run: Run, commands: tuple[tuple[object, ...], ...], data: Path) -> None:
        data.write_text(data.read_text(encoding="utf-8").replace("actor.official", "actor.offical"), encoding="utf-8")
        for command in commands:
            result = run(*command, data, "--rounds", 5)
            assert (result.exit_code, result.stdout) == (1, "")
            assert "rows.jsonl:2: label 'actor.offical' is not in codebook" in result.stderr
            assert "did you mean 'actor.official'" in result.stderr
            assert "Codebook.names" not in result.stderr

    def test_are_left_out_if_asked_for(self, run: Run, commands: tuple[tuple[object, ...], ...], data: Path) -> None:
        data.write_text(data.read_text(encoding="utf-8").replace("actor.official", "sport.match"), encoding="utf-8")
        for command in commands:
            result = run(*command, data, "--rounds", 5, "--codebook", "auto", "--json")
            assert result.exit_code == 0, result.stderr
            found = json.loads(result.stdout)
            assert found["left_out"] == {"sport": "the rows' alone", "sport.match": "the rows' alone"}
            assert len(found["labels"]) == len(CODEBOOK)
            assert "left out: sport.match, the rows' alone" in run(*command, data, "--codebook", "auto").stdout

    def test_are_left_out_as_a_codebook_says(
        self, run: Run, commands: tuple[tuple[object, ...], ...], data: Path, tmp_path: Path
    ) -> None:
        book = tmp_path / "book.toml"
        names = (("actor", None), ("actor.agency", "actor"), ("actor.official", "actor"))
        book.write_text(
            'name = "mine"\nversion = "1"\n'
            + "".join(
                f'[[labels]]\nname = "{name}"\n' + (f'parent = "{parent}"\n' if parent else "")
                for name, parent in names
            )
        )
        for command in commands:
            result = run(*command, data, "--rounds", 5, "--codebook", book, "--json")
            assert result.exit_code == 0, result.stderr
            found = json.loads(result.stdout)
            assert len(found["labels"]) == 3
            assert found["left_out"]["threat"] == "not among the labels of the rows"


class TestCompare:
    def test_json_is_a_comparison(self, run: Run, model_path: Path, weaker_path: Path, data: Path) -> None:
        result = run("compare", weaker_path, model_path, data, "--json", "--rounds", 50)
        assert result.exit_code == 0, result.stderr
        found = Comparison.model_validate_json(result.stdout)
        assert (found.first, found.second, found.rows) == ("weaker@0.1.0", "hand-made@0.1.0", 19)
        official = next(label for label in found.labels if label.name == "actor.official")
        assert (official.first, official.second) == (0.0, 1.0)
        assert {one.label for one in found.disagreements} == {"actor.official"}

    def test_text(self, run: Run, model_path: Path, weaker_path: Path, data: Path) -> None:
        result = run("compare", weaker_path, model_path, data, "--rounds", 50)
        assert result.exit_code == 0, result.stderr
        assert "A: weaker@0.1.0\nB: hand-made@0.1.0\n" in result.stdout
        assert "actor.official: A 0" in result.stdout

    def test_models_of_two_codebooks(
        self, run: Run, model: Model, model_path: Path, data: Path, tmp_path: Path
    ) -> None:
        names = [f"x{i}" for i in range(len(CODEBOOK))]
        other = Codebook.from_dict({"name": "x", "version": "1", "labels": [{"name": name} for name in names]})
        path = tmp_path / "other.safetensors"
        modelfile.write(replace(model, codebook=other), path)
        result = run("compare", model_path, path, data)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "share no label" in result.stderr

    def test_usage(self, run: Run, model_path: Path, data: Path) -> None:
        assert run("compare", model_path, data).exit_code == 2
        assert run("compare", "no-such-model", model_path, data).exit_code == 2
        assert "Usage:" in run("compare", "-h").output


def test_rows_without_a_label_of_the_model_judge_nothing(run: Run, model_path: Path, tmp_path: Path) -> None:
    rows = tmp_path / "other.jsonl"
    rows.write_text(json.dumps({"text": "La police dort.", "labels": ["zzz"]}), encoding="utf-8")
    for command in (("evaluate", model_path), ("compare", model_path, model_path)):
        result = run(*command, rows, "--codebook", "auto")
        assert (result.exit_code, "zzz, are none of the model's: expected some of" in result.stderr) == (1, True)

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import g7classify
from g7classify import modelfile, registry
from g7classify.cli import main
from g7classify.deep import model as deep_model
from g7classify.model import Model

FRENCH = "La police a saisi des armes. Il fait beau. Le ministre parle de terrorisme.\n"

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)

    return invoke


@pytest.fixture
def tag(run: Run, model_path: Path) -> Run:
    return lambda *arguments, **options: run("tag", "-m", model_path, *arguments, **options)


@pytest.fixture
def french(tmp_path: Path) -> Path:
    path = tmp_path / "français.txt"
    path.write_text(FRENCH, encoding="utf-8")
    return path


def rows_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestTag:
    def test_jsonl(self, tag: Run, french: Path) -> None:
        rows = rows_of(tag(french, "-f", "jsonl"))
        assert [set(row["labels"]) for row in rows] == [
            {"actor", "actor.agency"},
            set(),
            {"actor", "actor.official", "threat", "threat.terrorism"},
        ]
        for row in rows:
            assert FRENCH[row["start"] : row["end"]] == row["text"]
            assert row["file"] == str(french)
            assert row["model"] == "hand-made@0.1.0"

    def test_a_table_unless_told_otherwise(self, tag: Run, french: Path) -> None:
        result = tag(french)
        assert result.exit_code == 0
        assert "actor.agency 1.00" in result.stdout
        assert "3 sentences, fr, hand-made@0.1.0" in result.stdout

    @pytest.mark.parametrize(
        ("suffix", "start"), [(".csv", '"file",'), (".md", "## "), (".jsonl", '{"file"'), (".txt", "/")]
    )
    def test_the_format_follows_the_output(
        self, tag: Run, french: Path, tmp_path: Path, suffix: str, start: str
    ) -> None:
        output = tmp_path / f"out{suffix}"
        result = tag(french, "-o", output)
        assert (result.exit_code, result.output) == (0, "")
        assert output.read_text(encoding="utf-8").startswith(start)
        assert tag(french, "-o", output, "--format", "jsonl").exit_code == 0
        assert output.read_text(encoding="utf-8").startswith('{"file"')

    def test_an_output_of_no_known_format_is_refused(self, tag: Run, french: Path, tmp_path: Path) -> None:
        output = tmp_path / "out.xlsx"
        result = tag(french, "-o", output)
        assert (result.exit_code, "ends in .jsonl, .csv, .md" in result.stderr) == (2, True)
        assert not output.exists()
        assert tag(french, "-o", tmp_path / "OUT.CSV").exit_code == 0
        assert (tmp_path / "OUT.CSV").read_text(encoding="utf-8").startswith('"file",')

    def test_several_files_are_named(self, tag: Run, french: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.jsonl"
        other.write_text('{"body": "No police."}\n{"body": ""}\n{"body": "警察。"}\n', encoding="utf-8")
        rows = rows_of(tag(french, other, french, "-f", "jsonl", "--text-field", "body"))
        assert [row["file"] for row in rows] == [str(french)] * 3 + [str(other)] * 2 + [str(french)] * 3
        assert [row["row"] for row in rows] == [None] * 3 + [1, 3] + [None] * 3
        assert {row["page"] for row in rows} == {None}
        assert rows == rows_of(tag(french, other, french, "-f", "jsonl", "--text-column", "body"))

    @pytest.mark.parametrize(
        ("options", "content", "files"),
        [((), FRENCH, ["-"] * 3), (("--input-format", "jsonl"), json.dumps({"text": FRENCH}), ["-"] * 3)],
    )
    def test_standard_input(self, tag: Run, options: tuple[str, ...], content: str, files: list[str]) -> None:
        assert [row["file"] for row in rows_of(tag("-", "-f", "jsonl", *options, input=content))] == files

    def test_labels_keep_their_sentences_alone(self, tag: Run, french: Path) -> None:
        rows = rows_of(tag(french, "-f", "jsonl", "--labels", "threat, actor.agency"))
        assert [row["labels"] for row in rows] == [["actor.agency"], ["threat", "threat.terrorism"]]

    def test_min_probability(self, tag: Run, french: Path) -> None:
        every = rows_of(tag(french, "-f", "jsonl"))
        highest = max(p for row in every for p in row["probabilities"])
        rows = rows_of(tag(french, "-f", "jsonl", "--min-probability", highest))
        assert len(rows) == 3
        assert {p for row in rows for p in row["probabilities"]} == {highest}

    def test_operating_points(self, run: Run, model: Model, french: Path, tmp_path: Path) -> None:
        path = tmp_path / "wide.safetensors"
        thresholds = np.repeat(np.float32([[0], [0.5], [1]]), len(model.codebook), axis=1)
        unsure = dataclasses.replace(model, thresholds=thresholds, slope=np.full_like(model.slope, 0.05))
        modelfile.write(unsure, path)
        found = {
            point: [len(row["labels"]) for row in rows_of(run("tag", french, "-m", path, "-f", "jsonl", *options))]
            for point, options in [
                ("", ()),
                *((name, ("--operating-point", name)) for name in ("recall", "balanced", "precision")),
            ]
        }
        assert found["recall"] == [len(model.codebook)] * 3
        assert found[""] == found["balanced"] == [2, 0, 4]
        assert found["precision"] == [0, 0, 0]
        refused = run("tag", french, "-m", path, "--operating-point", "f1")
        assert refused.exit_code == 2
        assert "'recall', 'balanced', 'precision'" in refused.output

    def test_probabilities_of_all_labels(self, tag: Run, french: Path) -> None:
        rows = rows_of(tag(french, "-f", "jsonl", "--probabilities"))
        told = {name for name in rows[0] if name.startswith("p:")}
        assert told == {f"p:{name}" for name in g7classify.CODEBOOK.names}
        result = tag(french, "-f", "csv", "--probabilities", "--labels", "threat.terrorism,actor")
        table = list(csv.DictReader(io.StringIO(result.stdout)))
        assert [name for name in table[0] if name.startswith("p:actor.")] == [
            f"p:{name}" for name in g7classify.CODEBOOK.children("actor")
        ]
        assert float(table[0]["p:actor.agency"]) == pytest.approx(rows[0]["p:actor.agency"])

    def test_the_language_may_be_given(self, tag: Run, french: Path) -> None:
        assert {row["language"] for row in rows_of(tag(french, "-f", "jsonl", "--language", "de"))} == {"de"}

    def test_an_empty_file(self, tag: Run, tmp_path: Path) -> None:
        empty = tmp_path / "empty.txt"
        empty.write_bytes(b"")
        assert tag(empty, "-f", "jsonl").stdout == ""
        assert "0 sentences" in tag(empty).output


class TestErrors:
    @pytest.fixture
    def bad(self, tmp_path: Path) -> dict[str, Path]:
        contents = {
            "latin.txt": "déjà".encode("latin-1"),
            "nul.txt": "abc".encode("utf-16-le"),
            "rows.jsonl": b'{"text": "Un."}\n{"body": "Deux."}\n',
            "broken.jsonl": b"{\n",
            "surrogate.jsonl": b'{"text": "\\ud800"}\n',
            "pickle.safetensors": b"\x80\x04.",
        }
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return {name: tmp_path / name for name in [*contents, "missing.txt", "."]}

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("missing.txt", "cannot read"),
            ("empty", "a folder, and no file"),
            ("latin.txt", "is not UTF-8"),
            ("nul.txt", "is NUL"),
            ("broken.jsonl", "broken.jsonl:1: not JSON"),
            ("surrogate.jsonl", "surrogate.jsonl:1: lone surrogate"),
        ],
    )
    @pytest.mark.parametrize("existing", [False, True])
    def test_bad_input_is_one_line_and_leaves_the_output_as_it_was(
        self, tag: Run, bad: dict[str, Path], name: str, message: str, existing: bool
    ) -> None:
        output = bad["."] / "out.jsonl"
        (bad["."] / "empty").mkdir()
        if existing:
            output.write_text("old")
        before = sorted(path.name for path in bad["."].iterdir())
        result = tag(bad["."] / name, "-o", output)
        assert result.exit_code == 1
        assert result.stderr.startswith("error: ")
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
        assert result.stdout == ""
        assert sorted(path.name for path in bad["."].iterdir()) == before
        assert not existing or output.read_text() == "old"

    def test_bad_files_stop_no_other_and_are_told_at_the_end(
        self, tag: Run, bad: dict[str, Path], french: Path, tmp_path: Path
    ) -> None:
        output = tmp_path / "out.jsonl"
        result = tag(bad["latin.txt"], french, bad["rows.jsonl"], bad["missing.txt"], french, "-o", output)
        assert (result.exit_code, result.stdout) == (1, "")
        rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        assert [row["file"] for row in rows] == [str(french)] * 3 + [str(bad["rows.jsonl"])] + [str(french)] * 3
        lines = result.stderr.splitlines()
        assert lines[0] == "error: 3 of 5 files cannot be read to the end; the others are tagged"
        assert ["latin.txt" in lines[1], "rows.jsonl:2: no field" in lines[2], "cannot read" in lines[3]] == [True] * 3
        assert len(lines) == 4

    def test_only_bad_files_leave_the_output_as_it_was(self, tag: Run, bad: dict[str, Path], tmp_path: Path) -> None:
        output = tmp_path / "out.csv"
        result = tag(bad["latin.txt"], bad["missing.txt"], "-o", output)
        assert result.exit_code == 1
        assert result.stderr.startswith("error: 2 of 2 files cannot be read to the end\n")
        assert not output.exists()

    def test_a_hostile_name_does_nothing_to_the_terminal(self, tag: Run, french: Path, tmp_path: Path) -> None:
        result = tag(french, tmp_path / "a\x1b[31m\u202e.txt")
        assert result.exit_code == 1
        assert all(char.isprintable() or char == "\n" for char in result.stderr)

    def test_what_came_before_a_bad_row_is_written_first(self, tag: Run, bad: dict[str, Path]) -> None:
        result = tag(bad["rows.jsonl"], "-f", "jsonl")
        assert result.exit_code == 1
        assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["Un."]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--labels", "threat.terorism"], "did you mean 'threat.terrorism'"),
            (["--labels", ""], "label ''"),
            (["--language", "xx"], "xx"),
            (["-m", "no-such-model"], "no-such-model"),
            (["--min-probability", "2"], "--min-probability"),
            (["--format", "xml"], "--format"),
            (["--unknown"], "--unknown"),
        ],
    )
    def test_bad_usage(self, tag: Run, french: Path, arguments: list[str], message: str) -> None:
        result = tag(french, *arguments)
        assert result.exit_code == 2
        assert message in result.stderr
        assert result.stdout == ""

    def test_no_file_is_bad_usage(self, tag: Run) -> None:
        assert tag().exit_code == 2

    @pytest.mark.parametrize(("name", "code"), [("pickle.safetensors", 1), ("missing.safetensors", 1)])
    def test_a_bad_model_file(self, run: Run, bad: dict[str, Path], french: Path, name: str, code: int) -> None:
        result = run("tag", french, "-m", bad["."] / name)
        assert result.exit_code == code
        assert result.stderr.startswith("error: ")

    def test_an_output_that_cannot_be_written(self, tag: Run, french: Path, tmp_path: Path) -> None:
        for output in (tmp_path, tmp_path / "missing" / "out.csv"):
            result = tag(french, "-o", output)
            assert result.exit_code == 1
            assert "cannot write" in result.stderr

    def test_an_output_that_is_an_input(self, tag: Run, french: Path) -> None:
        before = french.read_bytes()
        for name in (french, french.parent / ".." / french.parent.name / french.name):
            result = tag("-", french, "-o", name)
            assert result.exit_code == 2
            assert "it is also an input" in result.stderr
        assert french.read_bytes() == before

    def test_an_output_that_is_the_model(self, run: Run, french: Path, model_path: Path, tmp_path: Path) -> None:
        path = tmp_path / "own.safetensors"
        path.write_bytes(before := model_path.read_bytes())
        for command in (("tag", "-f", "csv"), ("report",)):
            result = run(*command, french, "-m", path, "-o", path)
            assert (result.exit_code, "--model names it too" in result.stderr) == (2, True)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("value", ["nan", "-nan", "1.1"])
    def test_a_probability_that_is_none(self, run: Run, french: Path, value: str) -> None:
        result = run("tag", french, f"--min-probability={value}")
        assert (result.exit_code, "is not in the range 0<=x<=1" in result.stderr) == (2, True)

    def test_a_dash_is_standard_output(self, tag: Run, french: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(french.parent)
        assert tag(french, "-o", "-", "-f", "jsonl").stdout == tag(french, "-f", "jsonl").stdout
        assert not Path("-").exists()

    def test_an_interruption(self, tag: Run, french: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("g7classify.cli.tagging.Tagger.tag_many", interrupt)
        result = tag(french)
        assert (result.exit_code, result.stderr) == (130, "error: interrupted\n")


class TestExplain:
    SENTENCE = "La police est venue."

    @pytest.fixture
    def explain(self, run: Run, model_path: Path) -> Run:
        return lambda *arguments, **options: run("explain", "-m", model_path, *arguments, **options)

    def test_a_table_of_the_tags(self, explain: Run) -> None:
        result = explain(self.SENTENCE)
        assert result.exit_code == 0
        assert "actor.agency 1.00" in result.stdout
        assert result.stdout.count(" police ") >= 2

    def test_json(self, explain: Run, model_path: Path) -> None:
        found = g7classify.Explanation.from_json(explain(self.SENTENCE, "--json").stdout)
        assert found == g7classify.load(model_path).explain(self.SENTENCE)

    @pytest.mark.parametrize("arguments", [(), ("-",)])
    def test_standard_input(self, explain: Run, arguments: tuple[str, ...]) -> None:
        result = explain(*arguments, "--json", input=f"\ufeff {self.SENTENCE}\r\n")
        assert result.stdout == explain(self.SENTENCE, "--json").stdout

    def test_labels_that_are_not_tagged(self, explain: Run) -> None:
        result = explain(self.SENTENCE, "--label", "threat", "--label", "actor", "--json")
        assert [label["label"] for label in json.loads(result.stdout)["labels"]] == ["threat", "actor"]
        assert explain("Il fait beau.").stdout == "no tag\n"

    @pytest.mark.usefixtures("encoders")
    def test_a_deep_model_tags_and_does_not_explain(self, run: Run, deep_path: Path, french: Path) -> None:
        assert "actor.agency" in str(rows_of(run("tag", french, "-m", deep_path, "-f", "jsonl")))
        result = run("explain", self.SENTENCE, "-m", deep_path)
        assert (result.exit_code, "is no table" in result.stderr) == (2, True)

    def test_what_a_deep_model_needs_is_one_line(
        self, run: Run, deep_path: Path, french: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deep_model, "find_spec", lambda _: None)
        result = run("tag", french, "-m", deep_path)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "pip install 'g7classify[deep]'" in result.stderr

    def test_bad_usage_and_bad_input(self, explain: Run) -> None:
        result = explain(self.SENTENCE, "--label", "threat.terorism")
        assert (result.exit_code, "did you mean 'threat.terrorism'" in result.stderr) == (2, True)
        result = explain(input=b"d\xe9j\xe0")
        assert (result.exit_code, "is not UTF-8" in result.stderr) == (1, True)


class TestLearning:
    @pytest.fixture
    def rows(self, tmp_path: Path) -> Path:
        """48 rows in which one word speaks for one label."""
        words = {
            "police": "actor.agency",
            "ministre": "actor.official",
            "sanctions": "measure.financial",
            "pluie": None,
        }
        lines = [
            json.dumps(
                {"text": f"Voici {word} numéro {i} à {place}.", "labels": [label] if label else [], "lang": "fr"}
            )
            for i, (word, label) in enumerate([*words.items()] * 12)
            for place in [("Lyon", "Nice", "Brest", "Metz", "Lille")[i % 5]]
        ]
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    @pytest.fixture
    def recipe(self, tmp_path: Path) -> Path:
        path = tmp_path / "recipe.toml"
        path.write_text('name = "of-recipe"\nfolds = 2\n[spec]\nbits = 8\n')
        return path

    def test_a_budget_goes_with_escalate(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Europol dismantled a ring.", encoding="utf-8")
        result = run("tag", tmp_path / "a.txt", "--budget", "0.2")
        assert result.exit_code != 0
        assert "--escalate g7-deep" in result.stderr

    def test_train_then_evaluate_then_tag(self, run: Run, rows: Path, recipe: Path, tmp_path: Path) -> None:
        output = tmp_path / "mine.safetensors"
        result = run("train", rows, "-o", output, "--recipe", recipe, "--name", "mine", "--jobs", 1)
        assert result.exit_code == 0, result.stderr
        assert "actor.agency" in result.stdout
        assert "sha256" in result.stderr
        model = modelfile.read(output)
        assert model.info.name == "mine"
        assert model.info.data_sha256 == {"rows.jsonl": registry.sha256(rows)}
        shown = run("evaluate", output, rows).stdout
        assert "actor.agency" in shown
        assert "sub-types, macro" in shown
        evaluation = json.loads(run("evaluate", output, rows, "--json").stdout)
        cautious = json.loads(run("evaluate", output, rows, "--json", "--operating-point", "precision").stdout)
        assert cautious["operating_point"] == "precision"
        assert cautious["points"] == evaluation["points"]
        assert evaluation["overall"]["rows"] == 48
        found = rows_of(run("tag", "-", "-m", output, "-f", "jsonl", "--labels", "actor.agency", input="Voici police."))
        assert [row["labels"] for row in found] == [["actor.agency"]]

    def test_train_with_a_codebook_of_one_s_own(self, run: Run, recipe: Path, tmp_path: Path) -> None:
        codebook = tmp_path / "codebook.toml"
        codebook.write_text('name = "weather"\nversion = "1"\n[[labels]]\nname = "rain"\n[[labels]]\nname = "sun"\n')
        rows = tmp_path / "weather.jsonl"
        lines = [{"text": f"{word} {i * 7919} fois", "labels": [word]} for i in range(12) for word in ("rain", "sun")]
        rows.write_text("\n".join(map(json.dumps, lines)))
        output = tmp_path / "weather.safetensors"
        assert run("validate", rows).exit_code == 1
        assert run("validate", rows, "--codebook", codebook).exit_code == 0
        result = run("train", rows, "-o", output, "--recipe", recipe, "--codebook", codebook, "--jobs", 1)
        assert result.exit_code == 0, result.stderr
        assert modelfile.read(output).codebook.names == ("rain", "sun")

    def test_train_refuses_before_it_works(self, run: Run, rows: Path, tmp_path: Path) -> None:
        assert run("train", rows).exit_code == 2
        result = run("train", rows, "-o", tmp_path / "model.pkl")
        assert (result.exit_code, ".safetensors" in result.stderr) == (2, True)
        result = run("train", rows, "-o", tmp_path / "missing" / "m.safetensors")
        assert (result.exit_code, "there is no folder" in result.stderr) == (1, True)

    @pytest.mark.parametrize("module", ["sklearn", "scipy"])
    def test_training_without_the_extra_names_the_pip_line(self, module: str, rows: Path, tmp_path: Path) -> None:
        code = f"import sys; sys.modules[{module!r}] = None; from g7classify.cli import main; main()"
        command = [sys.executable, "-c", code, "train", str(rows), "-o", str(tmp_path / "m.safetensors")]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert result.stderr.startswith("error: training needs ")
        assert "pip install 'g7classify[train]'" in result.stderr

    def test_evaluate_refuses_rows_of_another_codebook(self, run: Run, model_path: Path, tmp_path: Path) -> None:
        bad = tmp_path / "bad.jsonl"
        bad.write_text('{"text": "a", "labels": ["rain"]}\n')
        result = run("evaluate", model_path, bad)
        assert result.exit_code == 1
        assert "bad.jsonl:1" in result.stderr


def test_version_and_help(run: Run) -> None:
    assert run("--version").output.split()[-1] == g7classify.__version__
    for command in ([], ["tag"], ["explain"], ["models"], ["train"], ["evaluate"], ["validate"]):
        result = run(*command, "-h")
        assert result.exit_code == 0
        assert "Usage:" in result.output


class TestProcess:
    """What only a real process shows."""

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "g7classify", *map(str, arguments)]

    def test_bytes_in_bytes_out_whatever_the_locale(self, model_path: Path) -> None:
        result = subprocess.run(
            self.command("tag", "-", "-m", model_path, "-f", "jsonl"),
            input="警察が動いた。".encode(),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
        )
        assert json.loads(result.stdout.decode())["text"] == "警察が動いた。"
        assert result.stderr == b""

    def test_problems_are_told_whatever_the_locale(self, tmp_path: Path) -> None:
        rows = tmp_path / "rows.jsonl"
        rows.write_text('{"text": "a", "labels": ["警察"]}\n', encoding="utf-8")
        result = subprocess.run(
            self.command("validate", rows), capture_output=True, env={**os.environ, "PYTHONIOENCODING": "latin-1"}
        )
        assert "警察" in result.stdout.decode()
        assert result.stderr.endswith(b"\nerror: 1 problem\n")

    def test_a_reader_that_leaves_early(self, model_path: Path, tmp_path: Path) -> None:
        rows = tmp_path / "rows.jsonl"
        rows.write_text('{"text": "La police est venue."}\n' * 5000)
        process = subprocess.Popen(
            self.command("tag", rows, "-m", model_path, "-f", "jsonl"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="signals")
    def test_ctrl_c(self, model_path: Path) -> None:
        process = subprocess.Popen(
            self.command("tag", "-", "-m", model_path, "-f", "jsonl", "--input-format", "jsonl"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # what runs us may ignore it
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"text": "La police."}\n' * 1000)
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
        assert stderr == b"error: interrupted\n"
        assert process.returncode == 130

    @pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
    @pytest.mark.parametrize(("size", "to_file", "shown"), [(1, True, True), (1, False, False), (10**9, True, False)])
    def test_a_progress_bar_for_long_input_on_a_terminal_that_shows_nothing_else(
        self, model_path: Path, french: Path, tmp_path: Path, size: int, to_file: bool, shown: bool
    ) -> None:
        import pty

        code = f"from g7classify import cli; cli.tagging.LONG_INPUT_BYTES = {size}; cli.main()"
        command = [sys.executable, "-c", code, "tag", str(french), "-m", str(model_path)]
        terminal, process_side = pty.openpty()
        output = ["-o", str(tmp_path / "out.csv")] if to_file else []
        subprocess.run([*command, *output], stdout=process_side, stderr=process_side, check=True)
        os.set_blocking(terminal, False)
        written = b""
        try:
            while found := os.read(terminal, 10_000):
                written += found
        except BlockingIOError:
            pass
        os.close(process_side)
        os.close(terminal)
        assert (b"tagging" in written) == shown

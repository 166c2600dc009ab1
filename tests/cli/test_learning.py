from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("sklearn", reason="the extra `train` is not installed")

from g7classify import Tagger, modelfile
from g7classify.cli import main

Run = Callable[..., Result]

WORDS = {"police": "agency", "ministre": "official", "sanctions": "money", "pluie": ""}
BOOK = 'name = "mine"\nversion = "1"\n' + "".join(
    f'[[labels]]\nname = "{label}"\n' for label in WORDS.values() if label
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_rows(path: Path, words: dict[str, str], *, count: int = 15, first: int = 0) -> Path:
    rows = [
        {"text": f"Voici {word} numéro {i * 7919} à {place}.", "labels": [label] if label else []}
        for i in range(first, first + count)
        for place in [("Lyon", "Nice", "Brest", "Metz", "Lille")[i % 5]]
        for word, label in words.items()
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / f"{name}.toml" for name in ("recipe", "book", "more")}
    found["recipe"].write_text('name = "of-recipe"\nfolds = 2\n[spec]\nbits = 10\n')
    found["book"].write_text(BOOK)
    found["more"].write_text('name = "more"\nversion = "1"\n[[labels]]\nname = "sport"\n')
    found["rows"] = write_rows(tmp_path / "rows.jsonl", WORDS)
    found["out"] = tmp_path / "mine.safetensors"
    return found


def trained(run: Run, files: dict[str, Path], *options: object) -> Result:
    given = ("--recipe", files["recipe"], "--codebook", files["book"], "-j", 1)
    return run("train", files["rows"], "-o", files["out"], *given, *options)


def test_search_prints_what_it_tried_and_keeps_the_best(run: Run, files: dict[str, Path]) -> None:
    result = trained(run, files, "--search", 2)
    assert result.exit_code == 0, result.stderr
    assert "the recipe as given" in result.stdout
    assert "race F1" in result.stdout
    assert "race F1: macro-F1 of scores before calibration" in result.stderr
    assert modelfile.read(files["out"]).info.name == "of-recipe"


def test_single_label_takes_rows_of_one_label_each(run: Run, files: dict[str, Path]) -> None:
    result = trained(run, files, "--task", "single-label")
    assert result.exit_code == 1
    assert "labelled nothing, and 14 more rows have not exactly one label" in result.stderr
    assert not files["out"].exists()
    write_rows(files["rows"], {word: label for word, label in WORDS.items() if label})
    result = trained(run, files, "--task", "single-label", "--weights", "balanced")
    assert result.exit_code == 0, result.stderr
    tagger = Tagger.load(files["out"])
    assert tagger.codebook.exclusive
    assert tagger.tag_sentence("Voici police à Lyon.").labels == ("agency",)


def test_rows_beside_have_their_own_codebook(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('name = "other"\nversion = "1"\n[[labels]]\nname = "agency"\n[[labels]]\nname = "sport"\n')
    beside = write_rows(tmp_path / "beside.jsonl", {"gendarmerie": "agency", "match": "sport"}, first=100)
    result = trained(run, files, "--with", beside, "--with-codebook", other)
    assert result.exit_code == 0, result.stderr
    model = modelfile.read(files["out"])
    assert set(model.info.data_sha256) == {"rows.jsonl", "beside.jsonl"}
    assert model.codebook.names == ("agency", "official", "money")
    assert Tagger(model).tag_sentence("Voici gendarmerie à Nice.").labels == ("agency",)
    result = trained(run, files, "--with", beside)
    assert (result.exit_code, "beside.jsonl:1" in result.stderr) == (1, True)


def as_csv(rows: Path, *, text: str, labels: str) -> Path:
    """The rows as a table with columns of other names, and "|" between labels."""
    path = rows.with_suffix(".csv")
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow((text, labels, "text", "labels"))
        for line in rows.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            writer.writerow((row["text"], "|".join([*row["labels"], *row["labels"]]), "nichts", "none"))
    return path


SATZ = ("--text-field", "satz", "--label-field", "thema", "--separator", "|")
PHRASE = ("text-field=phrase", "label-field=sujet", "separator=|")


def test_all_files_of_a_command_are_laid_out_alike_or_told_apart(
    run: Run, files: dict[str, Path], tmp_path: Path
) -> None:
    files["rows"] = as_csv(files["rows"], text="satz", labels="thema")
    alike = as_csv(write_rows(tmp_path / "alike.jsonl", WORDS, first=100), text="satz", labels="thema")
    apart = as_csv(write_rows(tmp_path / "apart.jsonl", WORDS, first=200), text="phrase", labels="sujet")
    beside = ("--with-codebook", files["book"], "--with")
    result = trained(run, files, *SATZ, *beside, alike)
    assert result.exit_code == 0, result.stderr
    result = trained(run, files, *SATZ, *beside, apart)
    assert (result.exit_code, "no column 'satz'" in result.stderr) == (1, True), result.stderr
    told = [part for one in PHRASE for part in ("--with-layout", one)]
    result = trained(run, files, *SATZ, *beside, apart, *told)
    assert result.exit_code == 0, result.stderr
    assert modelfile.read(files["out"]).info.rows == 2 * 60
    result = trained(run, files, *SATZ, *beside, apart, "--with-layout", "text=phrase")
    assert (result.exit_code, "KEY of format, text-field" in result.stderr) == (2, True), result.stderr

    new = tmp_path / "new.safetensors"
    given = ("-o", new, "--recipe", files["recipe"], "-j", 1, *SATZ)
    result = run("update", files["out"], alike, *given, "--replay", files["rows"], "--check", files["rows"])
    assert result.exit_code == 0, result.stderr
    told = [part for one in PHRASE for part in ("--replay-layout", one)]
    result = run("update", files["out"], alike, *given, "--replay", apart, "--check", apart, *told)
    assert result.exit_code == 0, result.stderr

    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"satz": "Voici police."}) + "\n", encoding="utf-8")
    result = run("suggest", files["out"], texts, *SATZ, "--labelled", files["rows"])
    assert result.exit_code == 0, result.stderr
    told = [part for one in PHRASE for part in ("--labelled-layout", one)]
    result = run("suggest", files["out"], texts, "--text-field", "satz", "--labelled", apart, *told)
    assert result.exit_code == 0, result.stderr


def test_contradictions_are_refused_unless_told_what_to_do(run: Run, files: dict[str, Path]) -> None:
    twice = json.dumps({"text": "Voici police numéro 0 à Lyon.", "labels": ["money"]})
    files["rows"].write_text(files["rows"].read_text(encoding="utf-8") + "\n" + twice, encoding="utf-8")
    result = trained(run, files)
    assert (result.exit_code, "rows.jsonl:1 and " in result.stderr) == (1, True), result.stderr
    assert "--conflicts keep" in result.stderr
    assert not files["out"].exists()
    for way, rows in (("keep", 61), ("drop", 59)):
        assert trained(run, files, "--conflicts", way).exit_code == 0
        assert modelfile.read(files["out"]).info.rows == rows
    result = run("update", files["out"], files["rows"], "-o", files["out"].with_name("new.safetensors"))
    assert (result.exit_code, "have the same text and other labels" in result.stderr) == (1, True), result.stderr


def test_a_row_that_cannot_be_used_points_to_what_takes_it_out(run: Run, files: dict[str, Path]) -> None:
    sound = files["rows"].read_text(encoding="utf-8")
    files["rows"].write_text(sound + "\n" + json.dumps({"text": "", "labels": ["money"]}), encoding="utf-8")
    result = trained(run, files)
    assert result.exit_code == 1
    assert result.stderr.endswith("expected a sentence; `g7classify validate --clean FILE` names every such row, "
                                  "and writes the others\n")  # fmt: skip
    clean = files["rows"].with_name("clean.jsonl")
    run("validate", files["rows"], "--codebook", files["book"], "--clean", clean)
    files["rows"] = clean
    assert trained(run, files).exit_code == 0
    clean.write_text("{", encoding="utf-8")
    assert trained(run, files).stderr.count("validate --clean") == 1
    clean.write_bytes(b"\xff")
    assert "validate" not in trained(run, files).stderr  # which could write nothing either


def test_slips_among_the_labels_that_occur_are_told_and_can_be_left_out(run: Run, files: dict[str, Path]) -> None:
    lines = [json.loads(line) for line in files["rows"].read_text(encoding="utf-8").splitlines()]
    next(line for line in lines if line["labels"] == ["agency"])["labels"] = ["Agency"]
    files["rows"].write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    auto = ("train", files["rows"], "-o", files["out"], "--recipe", files["recipe"], "-j", 1, "--codebook")
    result = run(*auto, "auto")
    assert result.exit_code == 0, result.stderr
    assert "warning: label 'Agency' (1 row): did you mean 'agency' (14)?" in result.stderr
    assert modelfile.read(files["out"]).codebook.names == ("Agency", "agency", "money", "official")
    result = run(*auto, "auto", "--min-rows", 5)
    assert (result.exit_code, "warning" in result.stderr) == (0, False), result.stderr
    assert modelfile.read(files["out"]).codebook.names == ("agency", "money", "official")
    write_rows(files["rows"], WORDS)
    result = run(*auto, files["book"], "--min-rows", 5)
    assert (result.exit_code, "--min-rows is for" in result.stderr) == (2, True)


def test_options_that_do_not_go_together_are_refused(run: Run, files: dict[str, Path]) -> None:
    for option in (("--search", 3), ("--with", files["rows"]), ("--weights", "balanced")):
        result = trained(run, files, "--deep", *option)
        assert (result.exit_code, option[0] in result.stderr) == (2, True)


def test_update_adds_a_label_and_keeps_the_others(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    assert trained(run, files).exit_code == 0
    more = write_rows(tmp_path / "more.jsonl", {"match": "sport", "pluie": ""}, first=200)
    new = tmp_path / "new.safetensors"
    given = ("--codebook", files["more"], "--recipe", files["recipe"], "-j", 1)
    result = run("update", files["out"], more, "-o", new, *given, "--replay", files["rows"], "--json")
    assert result.exit_code == 0, result.stderr
    assert "--replay" not in result.stderr
    changes: list[dict[str, Any]] = json.loads(result.stdout)
    assert [change["label"] for change in changes] == ["agency", "official", "money", "sport"]
    assert changes[-1]["before"] is None
    model = modelfile.read(new)
    assert model.codebook.names[-1] == "sport"
    assert '"name": "check of an update"' in new.with_suffix(".md").read_text(encoding="utf-8")
    assert set(model.info.data_sha256) == {"rows.jsonl", "more.jsonl"}
    assert Tagger(model).tag_sentence("Voici match à Nice.").labels == ("sport",)
    assert Tagger(model).tag_sentence("Voici police à Nice.").labels == ("agency",)
    result = run("update", files["out"], more, "-o", new, *given)
    assert result.exit_code == 0, result.stderr
    assert "not checked, as too few rows hold them: agency, official, money" in result.stderr
    assert "checked on the new rows alone" in result.stderr


def test_update_takes_the_labels_that_occur(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    assert trained(run, files).exit_code == 0
    more = write_rows(tmp_path / "more.jsonl", {"match": "sport", "police": "agency"}, first=200)
    given = ("--recipe", files["recipe"], "-j", 1, "--replay", files["rows"])
    result = run("update", files["out"], more, "-o", tmp_path / "new.safetensors", "--codebook", "auto", *given)
    assert result.exit_code == 0, result.stderr
    assert modelfile.read(tmp_path / "new.safetensors").codebook.names == ("agency", "official", "money", "sport")


def test_update_ends_with_1_and_the_table_of_what_fell(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    assert trained(run, files).exit_code == 0
    wrong = write_rows(tmp_path / "wrong.jsonl", {"police": "money", "sanctions": "agency"}, count=60, first=300)
    new = tmp_path / "new.safetensors"
    given = ("--recipe", files["recipe"], "-j", 1, "--replay", files["rows"])
    result = run("update", files["out"], wrong, "-o", new, *given)
    assert result.exit_code == 1
    assert "fell" in result.stdout
    assert "error: macro-F1 of the 3 labels of before goes from" in result.stderr
    assert not new.exists()
    assert run("update", files["out"], wrong, "-o", new, *given, "--force").exit_code == 0
    assert new.exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_interrupted_training_leaves_the_model_of_before(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    assert trained(run, files).exit_code == 0
    before = files["out"].read_bytes()
    write_rows(files["rows"], WORDS, count=1000)
    slow = tmp_path / "slow.toml"
    slow.write_text("epochs = 1000\nfolds = 2\n[spec]\nbits = 18\n")
    command = [sys.executable, "-m", "g7classify", "train", files["rows"], "-o", files["out"], "--recipe", slow]
    process = subprocess.Popen(
        [*command, "--codebook", files["book"]],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # what runs us may ignore it
    )
    assert process.stderr is not None
    assert "[0/4]" in process.stderr.readline()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "error: interrupted"
    assert files["out"].read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.suffix not in (".toml", ".jsonl", ".safetensors", ".md")]


@pytest.mark.parametrize("command", ["train", "update"])
def test_help(run: Run, command: str) -> None:
    result = run(command, "-h")
    assert (result.exit_code, "Usage:" in result.stdout) == (0, True)

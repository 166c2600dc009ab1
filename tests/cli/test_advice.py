from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from g7classify.cli import main
from g7classify.learn.dataset import Dataset

Run = Callable[..., Result]
TOPICS = {
    "threat.terrorism": "attentat bombe",
    "actor.agency": "police gendarmes",
    "measure.financial": "sanctions gel",
}
RECIPE = 'name = "toy"\nfolds = 2\nepochs = 5\n[spec]\nbits = 12\n'


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)

    return invoke


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """60 rows of three topics, one of which has the labels of another."""
    rows = []
    for i in range(60):
        label, words = list(TOPICS.items())[i % 3]
        wrong = i == 30
        labels = ["actor.agency"] if wrong else [label]
        rows.append({"id": f"r{i}", "text": f"{words} numéro {i} du {i % 7}", "labels": labels, "lang": "fr"})
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_audit_and_correct(run: Run, data: Path, recipe: Path, tmp_path: Path) -> None:
    fix, out = tmp_path / "fix.csv", tmp_path / "corrected.jsonl"
    options = ("--recipe", recipe, "--doubtful", 0.3, "-j", 1)
    result = run("audit", data, "--other", data, "-o", fix, *options)
    assert result.exit_code == 0, result.output
    assert "60 leaks into the other data" in result.stdout
    with fix.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert "r30" in [row["id"] for row in found]
    for row in found:
        if row["id"] == "r30":
            row["labels"] = "threat.terrorism"
    with fix.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    result = run("audit", data, "--corrections", fix, "--rows", out, "--json", *options)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["rows"] == 60
    assert "r30" not in [suspect["id"] for suspect in told["suspects"]]
    assert Dataset.read(out).labels[30, Dataset.read(out).codebook.index("threat.terrorism")]


def test_audit_tells_slips_among_labels_that_were_taken_from_the_rows(run: Run, data: Path, recipe: Path) -> None:
    data.write_text(data.read_text(encoding="utf-8").replace('actor.agency"', 'Actor.agency"', 1), encoding="utf-8")
    given = ("audit", data, "--recipe", recipe, "-j", 1, "--codebook")
    result = run(*given, "auto")
    assert result.exit_code == 0, result.output
    assert "warning: label 'Actor.agency' (1 row): did you mean 'actor.agency' (20)?" in result.stderr


def test_audit_says_what_is_wrong_with_its_arguments(run: Run, data: Path, tmp_path: Path) -> None:
    assert run("audit", data, "-o", data).exit_code == 2
    assert "would be lost" in run("audit", data, "--rows", data).stderr
    assert run("audit", data, "-o", tmp_path / "none" / "fix.csv").exit_code == 1
    assert run("audit", tmp_path / "none.jsonl").exit_code == 1
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n", encoding="utf-8")
    result = run("audit", data, "--corrections", bad)
    assert (result.exit_code, "expected a sheet" in result.stderr) == (1, True)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "new.txt"
    lines = ["Le ministre parle.", "", "=SOMME(A1) de la police", "Le ministre parle.", "Des sanctions sont prises."]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_suggest_gives_rows_to_label(run: Run, model_path: Path, texts: Path) -> None:
    result = run("suggest", model_path, texts, "-n", 10)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert sorted(row["id"].rpartition(":")[2] for row in rows)[1:] == ["3", "5"]
    assert len({row["text"] for row in rows}) == len(rows) == 3
    assert all(row["labels"] == [] and row["why"] for row in rows)
    assert len(run("suggest", model_path, texts, "-n", 1).stdout.splitlines()) == 1


def test_suggest_splits_documents_into_sentences(run: Run, model_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "document.txt"
    path.write_text("Le ministre parle. La police arrive.\n\nDes sanctions sont prises.\n", encoding="utf-8")
    rows = [json.loads(line) for line in run("suggest", model_path, path).stdout.splitlines()]
    assert {row["id"].removeprefix(f"{path}:"): row["text"] for row in rows} == {
        "1:1": "Le ministre parle.",
        "1:2": "La police arrive.",
        "3": "Des sanctions sont prises.",
    }


def test_suggest_writes_files_and_reasons(run: Run, model_path: Path, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "next.csv"
    result = run("suggest", model_path, texts, "-o", out, "--json", "--quota", "actor.agency=1")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told[0]["quota"] == "actor.agency"
    assert told[0]["doubts"][0]["label"] == "actor.agency"
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "'=SOMME(A1) de la police" in [row["text"] for row in rows]
    assert rows[0]["why"].startswith("quota of actor.agency; actor.agency 0.")


def test_suggest_reads_jsonl_and_leaves_out_what_is_labelled(run: Run, model_path: Path, tmp_path: Path) -> None:
    new, old = tmp_path / "new.jsonl", tmp_path / "old.jsonl"
    new.write_text('{"body": "La police arrive."}\n{"body": "Des sanctions."}\n', encoding="utf-8")
    old.write_text('{"text": "La police arrive.", "labels": []}\n', encoding="utf-8")
    result = run("suggest", model_path, new, "--text-field", "body", "--labelled", old)
    assert (result.exit_code, "old.jsonl" in result.stderr) == (1, True)
    apart = ("--labelled-layout", "text-field=text")
    result = run("suggest", model_path, new, "--text-field", "body", "--labelled", old, *apart)
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["Des sanctions."]


def test_suggest_says_what_is_wrong_with_its_arguments(run: Run, model_path: Path, texts: Path, tmp_path: Path) -> None:
    assert "LABEL=COUNT" in run("suggest", model_path, texts, "--quota", "actor.agency").stderr
    assert "LABEL=COUNT" in run("suggest", model_path, texts, "--quota", "actor.agency=-1").stderr
    assert "did you mean" in run("suggest", model_path, texts, "--quota", "actor.agncy=1").stderr
    assert run("suggest", model_path, texts, "-o", tmp_path / "next.xlsx").exit_code == 2
    assert run("suggest", model_path, texts, "-o", texts).exit_code == 2
    assert run("suggest", model_path, tmp_path / "none.txt").exit_code == 1
    assert run("suggest", model_path, texts, "-n", 0).exit_code == 2
    assert "one a line" in run("suggest", model_path, tmp_path / "table.CSV").stderr

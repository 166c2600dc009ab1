"""`g7classify tag` on documents of all formats, and on what is none."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks.made_documents import Look, docx, html, paragraph, pdf
from g7classify.cli import main

SENTENCE = "La police a saisi des armes."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contents = {
        "a.docx": docx(paragraph(SENTENCE)),
        "b.html": html([SENTENCE]),
        "c.md": f"---\nlang: fr\n---\n- **{SENTENCE}**\n".encode(),
        "d.pdf": pdf([["Il fait beau."], [SENTENCE]]),
        "e.jsonl": json.dumps({"text": SENTENCE}).encode(),
        "f.txt": SENTENCE.encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder of files of which none can be read."""
    folder = tmp_path / "bad"
    folder.mkdir()
    contents = {
        "bomb.docx": docx(paragraph("a") + " " * 20_000_000),
        "broken.pdf": pdf([[SENTENCE]])[:300],
        "encrypted.pdf": pdf([[SENTENCE]], Look(password="secret")),
        "long.html": b"<p>",
        "scanned.pdf": pdf([[], []]),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    os.truncate(folder / "long.html", 100_000_000)
    return folder


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)


def rows_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_folder_of_every_format(folder: Path, model_path: Path) -> None:
    rows = rows_of(run("tag", folder, "-m", model_path, "-f", "jsonl"))
    found = [(Path(row["file"]).name, row["page"], row["row"]) for row in rows if "actor.agency" in row["labels"]]
    assert found == [
        ("a.docx", None, None),
        ("b.html", None, None),
        ("c.md", None, None),
        ("d.pdf", 2, None),
        ("e.jsonl", None, 1),
        ("f.txt", None, None),
    ]
    assert {row["text"] for row in rows} == {SENTENCE, "Il fait beau."}


def test_an_output_in_the_folder_is_no_input(folder: Path, model_path: Path) -> None:
    output = folder / "out.jsonl"
    for _ in range(2):
        assert run("tag", folder, "-m", model_path, "-o", output).exit_code == 0
    assert len(output.read_text(encoding="utf-8").splitlines()) == 7


def test_a_pattern(folder: Path, model_path: Path) -> None:
    rows = rows_of(run("tag", folder / "*.[hm]*", "-m", model_path, "-f", "jsonl"))
    assert [Path(row["file"]).name for row in rows] == ["b.html", "c.md"]


def test_standard_input(folder: Path, model_path: Path) -> None:
    rows = rows_of(run("tag", "-", "-m", model_path, "-f", "jsonl", input=(folder / "d.pdf").read_bytes()))
    assert [(row["file"], row["page"]) for row in rows] == [("-", 1), ("-", 2)]
    assert rows_of(run("tag", "-", "-m", model_path, "-f", "jsonl", "--input-format", "html", input=b"<p>a<p>b")) != []


def test_a_table_in_standard_input_is_not_taken_for_text(model_path: Path) -> None:
    result = run("tag", "-", "-m", model_path, "--text-column", "body", input=b"id,body\n1,La police.\n")
    assert (result.exit_code, result.stdout, "--input-format jsonl" in result.stderr) == (2, "", True)
    options = ("--text-column", "body", "--input-format", "jsonl", "-f", "jsonl")
    rows = rows_of(run("tag", "-", "-m", model_path, *options, input=b'{"body": "La police."}\n'))
    assert [row["text"] for row in rows] == ["La police."]


@pytest.mark.parametrize("command", ["tag", "report"])
def test_a_file_without_text_is_told_and_is_no_error(command: str, tmp_path: Path, model_path: Path) -> None:
    contents = {"a.txt": b"", "b.md": b"```\ncode\n```", "c.html": b"<p> ", "d.jsonl": b'{"text": ""}', "e.txt": b"Un."}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    result = run(command, tmp_path, "-m", model_path, "-o", tmp_path / f"out.{'csv' if command == 'tag' else 'html'}")
    assert result.exit_code == 0
    notes = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
    expected = "note: {}: there is no text in it, so nothing is tagged"
    assert notes == [expected.format(tmp_path / name) for name in ("a.txt", "b.md", "c.html")]


@pytest.mark.parametrize("columns", [1, 2])
def test_pages_of_a_long_report(columns: int, tmp_path: Path, model_path: Path) -> None:
    path, output = tmp_path / "report.pdf", tmp_path / "out.csv"
    pages = [
        [f"# Chapitre {number}", *[f"La ministre numéro {number} annonce la mesure {i}. {SENTENCE}" for i in range(12)]]
        for number in range(101, 151)
    ]
    path.write_bytes(pdf(pages, Look(columns=columns, hyphens=True, head="Rapport annuel")))
    assert run("tag", path, "-m", model_path, "-o", output).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8"), newline="")))
    expected = [
        (text, str(number))
        for number in range(1, 51)
        for text in [
            f"Chapitre {number + 100}",
            *[
                sentence
                for i in range(12)
                for sentence in (f"La ministre numéro {number + 100} annonce la mesure {i}.", SENTENCE)
            ],
        ]
    ]
    assert [(row["text"], row["page"]) for row in rows] == expected


def test_bad_files_stop_no_other(folder: Path, bad: Path, model_path: Path) -> None:
    output = folder / "out.jsonl"
    result = run("tag", bad, folder / "missing.pdf", folder / "*.*", "-m", model_path, "-o", output)
    assert (result.exit_code, result.stdout) == (1, "")
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [Path(row["file"]).name for row in rows] == [
        "a.docx",
        "b.html",
        "c.md",
        "d.pdf",
        "d.pdf",
        "e.jsonl",
        "f.txt",
    ]
    first, *failures = result.stderr.splitlines()
    assert first == "error: 6 of 12 files cannot be read to the end; the others are tagged"
    for failure, (name, message) in zip(
        failures,
        [
            ("bomb.docx", "inflates to"),
            ("broken.pdf", "damaged"),
            ("encrypted.pdf", "wants a password"),
            ("long.html", "more than 20,000,000 bytes"),
            ("scanned.pdf", "no text on any of its 2 pages"),
            ("missing.pdf", "cannot read"),
        ],
        strict=True,
    ):
        assert name in failure
        assert message in failure


def test_a_language_without_rules_is_refused_in_the_words_of_the_command_line(folder: Path, model_path: Path) -> None:
    for command in ("tag", "report"):
        result = run(command, folder / "f.txt", "-m", model_path, "--language", "pt")
        message = "error: --language pt: expected one of de, en, es, fr, it, ja; leave it out to have it guessed\n"
        assert (result.exit_code, result.stderr) == (2, message)


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_files_in_another_encoding(tmp_path: Path, model_path: Path, name: str) -> None:
    content = {
        "a.txt": "La police déjà.",
        "a.jsonl": '{"text": "La police déjà."}\n',
        "a.csv": "id,text\n1,La police déjà.\n",
    }
    path = tmp_path / name
    path.write_bytes(content[name].encode("cp1252"))
    failed = run("tag", path, "-m", model_path)
    assert failed.exit_code == 1
    assert "it looks like cp1252: give --encoding cp1252" in failed.stderr
    done = run("tag", path, "-m", model_path, "--format", "jsonl", "--encoding", "cp1252")
    assert [row["text"] for row in rows_of(done)] == ["La police déjà."]
    report = ("report", path, "-m", model_path, "-o", tmp_path / "page.html")
    assert run(*report).exit_code == 1
    done = run(*report, "--encoding", "cp1252")
    assert (done.exit_code, "page.html: 1 sentences" in done.stderr) == (0, True)


def test_a_missing_library_is_told_with_the_pip_line(
    folder: Path, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = run("tag", folder / "d.pdf", "-m", model_path)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "pip install 'g7classify[documents]'" in result.stderr


def test_tagging_text_loads_none_of_it(folder: Path, model_path: Path) -> None:
    import subprocess

    code = (
        f"import g7classify, sys; g7classify.load({str(model_path)!r}).tag(g7classify.read({str(folder / 'f.txt')!r}));"
        "print([name for name in sys.modules if 'pdf' in name or 'selectolax' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_pages_without_text_are_told(tmp_path: Path, model_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([["La police arrive."], [], ["Le ministre parle."], []]))
    for command, output in (("tag", "a.csv"), ("report", "a.html")):
        done = run(command, path, "-m", model_path, "-o", tmp_path / output)
        assert done.exit_code == 0
        assert f"note: {path}: no text on 2 of 4 pages (2, 4): blank, scanned or drawn" in done.stderr

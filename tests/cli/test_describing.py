from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph
from rdflib.namespace import RDF, SKOS

from g7classify import CODEBOOK, Codebook
from g7classify.cli import main
from g7classify.schema import document_schema


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text('name = "press"\nversion = "2"\n[[labels]]\nname = "économie"\n', encoding="utf-8")
    return path


def test_the_shipped_codebook_is_printed_as_markdown() -> None:
    result = run("codebook")
    assert result.exit_code == 0
    assert result.stdout.startswith("# Codebook g7, version 1\n")


def test_formats(own: Path) -> None:
    assert tomllib.loads(run("codebook", own, "--format", "toml").stdout)["labels"][0]["name"] == "économie"
    assert Codebook.from_dict(json.loads(run("codebook", "-f", "json").stdout)) == CODEBOOK
    turtle = run("codebook", own, "-f", "skos", "--base", "https://example.org/")
    (concept,) = Graph().parse(data=turtle.stdout, format="turtle").subjects(RDF.type, SKOS.Concept)
    assert str(concept) == "https://example.org/label/%C3%A9conomie"


def test_the_suffix_of_the_output_chooses(own: Path, tmp_path: Path) -> None:
    for name, start in (
        ("c.ttl", b"@prefix"),
        ("c.toml", b'name = "press"'),
        ("c.json", b"{"),
        ("c.md", b"# Codebook"),
    ):
        result = run("codebook", own, "-o", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, "")
        assert (tmp_path / name).read_bytes().startswith(start)


def test_the_codebook_of_a_model(model_path: Path) -> None:
    result = run("codebook", "--model", model_path, "-f", "json")
    assert Codebook.from_dict(json.loads(result.stdout)) == CODEBOOK


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("own.yaml",), 1, "ends in .toml or .json"),
        (("nowhere.toml",), 1, "cannot be read"),
        (("--model", "g7-bass"), 2, "g7-bass"),
        (("--base", "https://example.org/"), 2, "add --format skos"),
        (("-f", "skos", "--base", "nothing"), 2, "absolute IRI"),
        (("-o", "nowhere/c.md"), 1, "no folder"),
        (("-o", "c.rdf"), 2, "ends in .md, .toml, .json, .ttl"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("codebook", *arguments)
    assert result.exit_code == status
    assert said in result.stderr
    assert result.stdout == ""


def test_two_codebooks_and_a_lost_input_are_refused(own: Path) -> None:
    assert "two codebooks" in run("codebook", own, "--model", "g7-base").stderr
    assert "would be lost" in run("codebook", own, "-o", own).stderr


def test_the_schema(tmp_path: Path) -> None:
    assert json.loads(run("schema").stdout) == document_schema()
    assert run("schema", "-o", tmp_path / "s.json").exit_code == 0
    assert json.loads((tmp_path / "s.json").read_text()) == document_schema()

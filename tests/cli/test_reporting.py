from __future__ import annotations

import functools
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

from g7classify.cli import main, reporting, tagging
from g7classify.pages import documents as pages

Run = Callable[..., Result]


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch, model_path: Path) -> Run:
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(main, ["report", "-m", str(model_path), *map(str, arguments)])


def test_a_table_in_standard_input_is_not_taken_for_text(model_path: Path) -> None:
    arguments = ["report", "-", "-m", str(model_path), "-o", "-"]
    result = CliRunner().invoke(main, [*arguments, "--text-column", "body"], input="id,body\n1,La police.\n")
    assert (result.exit_code, result.stdout, "--input-format jsonl" in result.stderr) == (2, "", True)
    assert CliRunner().invoke(main, arguments, input="La police.").exit_code == 0


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the page is made of."""
    calls: list[dict[str, Any]] = []
    render = pages.render

    def noted(documents: Any, **options: Any) -> str:
        calls.append({"documents": list(documents), **options})
        return render(calls[-1]["documents"], **options)

    monkeypatch.setattr(pages, "render", noted)
    return calls


def write(path: Path, text: str = "La police a saisi des armes. Il fait beau.") -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_is_written_and_its_size_told(report: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = report(write(tmp_path / "a.txt"), "-o", page)
    assert result.exit_code == 0, result.output
    content = page.read_bytes()
    assert content.startswith(b"<!doctype html>")
    assert result.stdout == ""
    assert result.stderr.startswith(f"wrote {page}: 2 sentences, {len(content):,} bytes, ")


def test_it_may_go_to_standard_output(report: Run, tmp_path: Path) -> None:
    result = report(write(tmp_path / "a.txt"), "-o", "-")
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.endswith("</html>")
    assert result.stderr == ""


def test_it_takes_what_tag_takes(report: Run, rendered: list[dict[str, Any]], tmp_path: Path) -> None:
    rows = write(tmp_path / "b.jsonl", "".join(json.dumps({"body": f"La police {i}."}) + "\n" for i in range(3)))
    write(tmp_path / "a.txt")
    result = report(tmp_path, "-o", tmp_path / "p.html", "--text-column", "body", "--interface", "en")
    assert result.exit_code == 0, result.output
    sources = [document.source for _, document in rendered[0]["documents"]]
    assert [Path(source.file).name for source in sources] == ["a.txt", "b.jsonl", "b.jsonl", "b.jsonl"]
    assert [source.row for source in sources] == [None, 1, 2, 3]
    assert rendered[0]["interface"] == "en"
    assert str(rows) == sources[1].file


def test_every_option_that_it_has_of_tag_is_one_of_tag() -> None:
    assert set(reporting.AS_TAG) <= {parameter.name for parameter in tagging.tag.params}


def test_tags_can_be_left_out(report: Run, rendered: list[dict[str, Any]], tmp_path: Path) -> None:
    text = write(tmp_path / "a.txt", "La police et le ministre. Le terrorisme.")
    assert report(text, "-o", tmp_path / "p.html", "--labels", "actor.agency").exit_code == 0
    assert [document.labels for _, document in rendered[0]["documents"]] == [("actor.agency",)]
    assert report(text, "-o", tmp_path / "p.html", "--min-probability", "1.0").exit_code == 0


def test_one_bad_file_stops_no_other(report: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\xff\xff")
    page = tmp_path / "page.html"
    result = report(bad, write(tmp_path / "good.txt"), "-o", page)
    assert result.exit_code == 1
    assert page.exists()
    assert "1 of 2 files cannot be read to the end; the others are tagged" in result.stderr
    assert "bad.txt" in result.stderr
    content = page.read_text(encoding="utf-8")
    assert "<bdi>bad.txt: byte 0 (0xff) is not UTF-8; " in content
    assert str(tmp_path) not in content


def test_nothing_is_written_where_nothing_can_be_read(report: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = report(tmp_path / "missing.txt", "-o", page)
    assert result.exit_code == 1
    assert "missing.txt" in result.stderr
    assert not page.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--interface", "de"), "'de' is not one of"),
        (("--budget", "0.5"), "--budget 0.5: of what is escalated"),
        (("--labels", "nonsense"), "label 'nonsense'"),
        (("--language", "xx"), "xx"),
    ],
)
def test_bad_usage(report: Run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = report(write(tmp_path / "a.txt"), "-o", tmp_path / "p.html", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "p.html").exists()


def test_an_input_is_not_overwritten(report: Run, tmp_path: Path) -> None:
    text = write(tmp_path / "a.txt")
    result = report(text, "-o", text)
    assert result.exit_code == 2
    assert text.read_text(encoding="utf-8").startswith("La police")


def test_without_jinja2_nothing_is_read(report: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    result = report(tmp_path / "missing.txt", "-o", tmp_path / "p.html")
    assert result.exit_code == 1
    assert "pip install 'g7classify[html]'" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupted_run_leaves_no_page(model_path: Path, tmp_path: Path) -> None:
    pipe, page = tmp_path / "pipe", tmp_path / "page.html"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "g7classify", "report", "-m", model_path, "-o", page, pipe]
    listening = functools.partial(
        signal.signal, signal.SIGINT, signal.default_int_handler
    )  # what runs us may ignore it
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=listening)
    with started as process, pipe.open("wb") as stream:
        stream.write(b"La police.")  # and never ends
        stream.flush()
        # A signal that comes just before a system call waits until it is over: so again, as anybody would.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(1)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 130
    assert "interrupted" in said
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]

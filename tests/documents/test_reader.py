from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import hostile
import pytest

import g7classify
from benchmarks.made_documents import docx, html, paragraph, pdf
from g7classify.documents import Text, reader, worker
from g7classify.documents.files import format_of
from g7classify.documents.reader import Reader
from g7classify.errors import DataError, EncodingError, MissingExtraError, OptionError, UnreadableFileError
from g7classify.results import Source
from g7classify.tagger import Tagger

SENTENCE = "La police a saisi des armes."


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def documents(tmp_path: Path) -> dict[str, Path]:
    contents = {
        "a.txt": f"\ufeff{SENTENCE}".encode(),
        "a.md": f"*{SENTENCE}*".encode(),
        "a.HTM": html([SENTENCE]),
        "a.pdf": pdf([[], [SENTENCE]]),
        "a.docx": docx(paragraph(SENTENCE)),
    }
    return {name: written(tmp_path / name, content) for name, content in contents.items()}


def test_every_format(documents: dict[str, Path]) -> None:
    with Reader() as found:
        for name, path in documents.items():
            pages = (0, 0) if name == "a.pdf" else ()
            text = found.read(path)
            assert text == Text(SENTENCE, Source(str(path), pages=pages))
            assert text.empty_pages == ((1,) if pages else ())


def test_read_and_tag(documents: dict[str, Path], tagger: Tagger) -> None:
    document = tagger.tag(g7classify.read(documents["a.pdf"]))
    (sentence,) = document.sentences
    assert (sentence.text, document.page(sentence)) == (SENTENCE, 2)
    assert document.source == Source(str(documents["a.pdf"]), pages=(0, 0))


@pytest.mark.parametrize(
    ("name", "start", "expected"),
    [
        ("a.pdf", b"", "pdf"),
        ("a.txt", b"%PDF-1.7", "txt"),
        ("a", b"%PDF-1.7", "pdf"),
        ("-", b"PK\x03\x04", "docx"),
        ("-", b"\xef\xbb\xbf \n<!DOCTYPE HTML>", "html"),
        ("-", b"<HTML lang=fr>", "html"),
        ("a.unknown", b"Un texte.", "txt"),
    ],
)
def test_the_format_is_told_by_the_suffix_or_by_the_first_bytes(name: str, start: bytes, expected: str) -> None:
    assert format_of(name, start) == expected


def test_the_format_may_be_given(documents: dict[str, Path], tmp_path: Path) -> None:
    path = written(tmp_path / "b.txt", html([SENTENCE]))
    assert g7classify.read(path, input_format="html").text == SENTENCE
    assert g7classify.read(documents["a.HTM"], input_format="txt").text.startswith("<!doctype")
    with pytest.raises(OptionError, match="'doc': expected one of txt, md, html, pdf, docx"):
        g7classify.read(path, input_format="doc")


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.HTM"])
def test_standard_input(documents: dict[str, Path], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(documents[name].read_bytes())))
    found = g7classify.read("-")
    assert (found.text, found.source.file) == (SENTENCE, "-")


def test_markdown_from_standard_input_is_text_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for input_format, expected in ((None, "# *Bilan*"), ("md", "Bilan")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"# *Bilan*")))
        assert g7classify.read("-", input_format=input_format).text == expected


def test_threads_may_read_at_once(documents: dict[str, Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(g7classify.read, [documents["a.pdf"], documents["a.HTM"]] * 2))
    assert [text.text for text in found] == [SENTENCE] * 4


def test_the_process_finds_what_we_find(
    documents: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever works in a clone may import g7classify from the current folder."""
    environments: list[dict[str, str]] = []

    def started(command: list[str], *, env: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
        environments.append(env)
        return original(command, env=env, **options)

    original = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", started)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.chdir(tmp_path)
    assert g7classify.read(documents["a.docx"]).text == SENTENCE
    (environment,) = environments
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(tmp_path)


class TestErrors:
    def test_what_is_no_document(self, tmp_path: Path) -> None:
        for name in ("rows.csv", "rows.jsonl", "rows.PARQUET"):
            with pytest.raises(OptionError, match="a table, each of whose rows is a text"):
                g7classify.read(tmp_path / name)
        for path in (tmp_path / "missing.pdf", tmp_path, "nul\0"):
            with pytest.raises(UnreadableFileError, match="cannot read"):
                g7classify.read(path)
        with pytest.raises(EncodingError, match="is not UTF-8"):
            g7classify.read(written(tmp_path / "a.txt", b"\xff"))

    def test_name_the_file(self, tmp_path: Path) -> None:
        with pytest.raises(DataError) as caught:
            g7classify.read(written(tmp_path / "a.pdf", b"%PDF-"))
        assert str(caught.value).startswith(f"{tmp_path / 'a.pdf'}: no PDF, or a damaged one")

    @pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
    def test_an_empty_file_is_called_empty(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"an empty file, of 0 bytes, is no (PDF|DOCX)"):
            g7classify.read(written(tmp_path / name, b""))

    @pytest.mark.parametrize(("name", "library"), [("a.pdf", "pypdfium2"), ("a.HTM", "selectolax")])
    def test_a_library_that_is_missing(
        self, documents: dict[str, Path], name: str, library: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        with pytest.raises(MissingExtraError, match=rf"needs {library}.*pip install 'g7classify\[documents\]'"):
            g7classify.read(documents[name])
        assert g7classify.read(documents["a.docx"]).text == SENTENCE

    def test_a_page_of_a_hundred_megabytes_is_refused_before_it_is_read(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.html", b"<p>")
        os.truncate(path, 100_000_000)
        with pytest.raises(DataError, match="HTML of more than 20,000,000 bytes is not read"):
            g7classify.read(path)

    def test_standard_input_that_is_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(reader.MAX_BYTES, "html", 1000)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"<html>" + b" " * 5000)))
        with pytest.raises(DataError, match="-: HTML of more than 1,000 bytes is not read"):
            g7classify.read("-")


class TestHostileFiles:
    """Whatever a file does to its reader, the next one is read."""

    @pytest.fixture
    def after(self, tmp_path: Path) -> Path:
        return written(tmp_path / "after.pdf", hostile.page(hostile.stream(hostile.HELLO)))

    @pytest.mark.parametrize("name", ["a.pdf", "a.html"])
    def test_that_take_too_long(self, name: str, tmp_path: Path, after: Path) -> None:
        fonts = "".join(f"<p><b a={i}>" for i in range(4_900)).encode()  # each paragraph opens all before it again
        path = written(tmp_path / name, hostile.laughs() if name == "a.pdf" else fonts)
        with Reader(limit_seconds=0.7) as found:
            with pytest.raises(
                DataError, match=r"a\.(pdf|html): (took more than [12] s|what parses|takes too|cannot be)"
            ):
                found.read(path)
            found._limit_seconds = reader.LIMIT_SECONDS
            assert found.read(after).text == "Hello world."

    @pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
    def test_that_take_too_much_memory(self, tmp_path: Path, after: Path) -> None:
        path = written(tmp_path / "a.pdf", hostile.bomb(20))
        assert path.stat().st_size < 10_000
        with Reader(limit_bytes=150_000_000) as found:
            with pytest.raises(DataError, match=r"what parses PDF crashed|too much memory|cannot be parsed"):
                found.read(path)
            assert found.read(after).text == "Hello world."

    def test_that_end_the_process(self, after: Path) -> None:
        with Reader() as found:
            assert found.read(after).text == "Hello world."
            process = found._process
            assert process is not None
            killer = threading.Thread(target=lambda: (process.kill(), process.wait()))
            killer.start()
            killer.join()
            assert found.read(after).text == "Hello world."  # a dead process is noticed, and another one started
        assert found._process is None


def test_text_without_end_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(reader.MAX_BYTES, "txt", 3_000_000)
    with pytest.raises(DataError, match=r"/dev/zero: TXT of more than 3,000,000 bytes is not read: split it"):
        g7classify.read("/dev/zero")
    (tmp_path / "a.txt").write_bytes(b"a" * 3_000_000)
    assert len(g7classify.read(tmp_path / "a.txt").text) == 3_000_000


def test_json_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('[{"text": "Police."}]', encoding="utf-8")
    with pytest.raises(OptionError, match=r"rows.json: JSON is no text; write its texts as .jsonl"):
        g7classify.read(path)
    assert g7classify.read(path, input_format="txt").text == '[{"text": "Police."}]'


def test_any_damage_is_told_or_read(documents: dict[str, Path], tmp_path: Path) -> None:
    random = Random(0)
    outcomes = set()
    with Reader() as found:
        for number in range(90):
            name = ("a.pdf", "a.docx", "a.HTM")[number % 3]
            content = bytearray(documents[name].read_bytes())
            for _ in range(random.choice((1, 5, 50))):
                at = random.randrange(len(content))
                content[at : at + random.randrange(3)] = random.randbytes(random.randrange(3))
            try:
                outcomes.add(type(found.read(written(tmp_path / f"damaged{Path(name).suffix}", content))))
            except DataError as error:
                outcomes.add(type(error))
    assert outcomes == {Text, DataError}


class TestWorker:
    def test_answers_every_question(self) -> None:
        asked = io.BytesIO()
        for name, content in (("html", b"<p>a"), ("docx", b"no"), ("pdf", hostile.page(hostile.stream(hostile.HELLO)))):
            asked.write(json.dumps({"format": name, "bytes": len(content)}).encode() + b"\n" + content)
        asked.seek(0)
        answers = io.BytesIO()
        worker.serve(asked, answers)
        first, second, third = map(json.loads, answers.getvalue().splitlines())
        assert first == {"text": "a", "pages": []}
        assert "no DOCX file" in second["error"]
        assert third == {"text": "Hello world.", "pages": [0]}

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (MemoryError(), "too much memory"),
            (RuntimeError("x" * 999), r"cannot be parsed as HTML \(RuntimeError: x+\)"),
        ],
    )
    def test_answers_whatever_a_library_raises(
        self, error: Exception, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def raises(_: bytes) -> tuple[str, tuple[int, ...]]:
            raise error

        monkeypatch.setitem(worker.EXTRACTORS, "html", raises)
        with pytest.raises(DataError, match=message):
            raise DataError(worker.answered("html", b"")["error"])

    def test_no_lone_surrogate_gets_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(worker.EXTRACTORS, "html", lambda _: ("a\ud800b", ()))
        assert worker.answered("html", b"")["text"] == "a\ufffdb"


def test_what_was_interrupted_answers_for_no_other_document(
    documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Interrupted:
        def __init__(self, pipe: Any) -> None:
            self.close = pipe.close

        def readline(self) -> bytes:
            raise KeyboardInterrupt

    other = written(tmp_path / "other.html", b"<p>Another text.</p>")
    with Reader() as found:
        found.read(documents["a.pdf"])
        assert found._process is not None
        monkeypatch.setattr(found._process, "stdout", Interrupted(found._process.stdout))
        with pytest.raises(KeyboardInterrupt):
            found.read(documents["a.pdf"])
        monkeypatch.undo()
        assert found.read(other).text == "Another text."

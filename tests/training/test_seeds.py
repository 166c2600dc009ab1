import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from g7classify.codebook import CODEBOOK
from training.seed_rows import KEYS
from training.seeds import FOLDER, check, main

Row = dict[str, object]


def write(path: Path, rows: list[Row]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="\n")


def row(number: int, lang: str, text: str, *labels: str, group: str | None = None) -> Row:
    own = f"{lang}-{number:04d}"
    values = (own, lang, "news", group or own, list(labels), text)
    return dict(zip(KEYS, values, strict=True))


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A small sound folder: one document of two sentences, one sentence in two languages, one row without a label."""
    for name in ("documents", "labelled"):
        (tmp_path / name).mkdir()
    shutil.copy(FOLDER / "codebook.md", tmp_path)
    shutil.copy(FOLDER / "README.md", tmp_path)
    (tmp_path / "documents" / "plan.fr.txt").write_text("Un plan.\n", encoding="utf-8")
    fr = [
        row(1, "fr", "Le Conseil s’est prononcé.", "actor.intergovernmental", "role.decision", group="doc"),
        row(2, "fr", "Il a plu.", group="doc"),
        row(3, "fr", "La police a agi.", "measure", "actor.agency", group="both"),
    ]
    en = [row(1, "en", "The police acted.", "measure", "actor.agency", group="both")]
    write(tmp_path / "labelled" / "fr.jsonl", fr)
    write(tmp_path / "labelled" / "en.jsonl", en)
    assert run("readme", tmp_path) == (0, "")
    return tmp_path


def run(command: str, folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [command, "--folder", str(folder)])
    return result.exit_code, result.output


def change(folder: Path, language: str, number: int, **values: object) -> None:
    path = folder / "labelled" / f"{language}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[number - 1] |= values
    write(path, rows)


def edit(folder: Path, name: str, old: bytes, new: bytes) -> None:
    raw = (folder / name).read_bytes()
    assert old in raw
    (folder / name).write_bytes(raw.replace(old, new, 1))


def test_the_seeds_of_this_repository_are_sound() -> None:
    report = check(FOLDER)
    assert report.problems == ()
    assert report.summary == ("no problem in 11,943 rows of 6 files, 1 document, the codebook and the README")
    assert run("check", FOLDER) == (0, report.summary + "\n")


def test_the_counts_in_the_readme_are_those_of_the_files() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in (FOLDER / "labelled").iterdir():
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        none = sum(not row["labels"] for row in rows)
        groups = len({row["group"] for row in rows})
        assert f"| {path.stem} | {len(rows):,} | {groups:,} | {none:,} |" in readme
    fr = (FOLDER / "labelled" / "fr.jsonl").read_text(encoding="utf-8")
    counts = Counter(re.findall(r'"(threat\.\w+)"', fr))
    for name in CODEBOOK.children("threat"):
        assert f"| {name} | {counts[name]:,} |" in readme


def test_a_small_sound_folder_passes(seeds: Path) -> None:
    assert run("check", seeds) == (
        0,
        "no problem in 4 rows of 2 files, 1 document, the codebook and the README\n",
    )
    readme = (seeds / "README.md").read_text(encoding="utf-8")
    assert "| fr | 3 | 2 | 1 | 1.33 |" in readme
    assert "| all | 4 | 2 | 1 | 1.50 |" in readme
    assert "| actor | 2 | 1 | 3 |" in readme  # closed
    assert "| actor | 0 | 0 | 0 |" in readme  # as given


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "not UTF-8": (lambda p: edit(p, "labelled/fr.jsonl", b"plu", b"\xff"), r"fr\.jsonl:2: not UTF-8"),
    "not JSON": (lambda p: edit(p, "labelled/fr.jsonl", b'}\n{"id": "fr-0002"', b'}\n"id'), r"fr\.jsonl:2: not JSON"),
    "an empty line": (lambda p: edit(p, "labelled/fr.jsonl", b"}\n", b"}\n\n"), r"fr\.jsonl:2: not JSON"),
    "no last newline": (lambda p: edit(p, "labelled/en.jsonl", b"}\n", b"}"), r"en\.jsonl:1: the last line"),
    "Windows line ends": (
        lambda p: edit(p, "labelled/en.jsonl", b"}\n", b"}\r\n"),
        r"en\.jsonl:1: not in the canonical",
    ),
    "a byte order mark": (lambda p: edit(p, "labelled/en.jsonl", b"{", b"\xef\xbb\xbf{"), r"en\.jsonl:1: not JSON"),
    "a list": (lambda p: (p / "labelled/en.jsonl").write_text("[]\n"), r"en\.jsonl:1: expected an object"),
    "a missing key": (
        lambda p: edit(p, "labelled/fr.jsonl", b'"genre": "news", ', b""),
        r"fr\.jsonl:1: expected an obj",
    ),
    "one key too many": (lambda p: change(p, "fr", 2, note="x"), r"fr\.jsonl:2: expected an object with the keys id"),
    "keys in another order": (
        lambda p: edit(p, "labelled/en.jsonl", b'"lang": "en", "genre": "news"', b'"genre": "news", "lang": "en"'),
        r"en\.jsonl:1: expected an object",
    ),
    "a key given twice": (
        lambda p: edit(p, "labelled/en.jsonl", b'"lang"', b'"lang": "de", "lang"'),
        r"en\.jsonl:1: not in the canonical",
    ),
    "an escaped letter": (
        lambda p: edit(p, "labelled/fr.jsonl", "é".encode(), b"\\u00e9"),
        r"fr\.jsonl:1: not in the can",
    ),
    "a number as text": (lambda p: change(p, "fr", 3, text=5), r"fr\.jsonl:3: expected a list of strings"),
    "a string as labels": (lambda p: change(p, "fr", 3, labels="actor"), r"fr\.jsonl:3: expected a list of strings"),
    "another language": (lambda p: change(p, "fr", 2, lang="it"), r"fr\.jsonl:2: lang 'it' in a file of 'fr'"),
    "ids out of order": (lambda p: change(p, "fr", 2, id="fr-0000"), r"fr\.jsonl:2: id 'fr-0000' does not come after"),
    "an id twice in a file": (lambda p: change(p, "fr", 2, id="fr-0001"), r"fr\.jsonl:2: id 'fr-0001' is also at .*:1"),
    "an id twice in two files": (
        lambda p: change(p, "en", 1, id="fr-0001"),
        r"fr\.jsonl:1: id .* is also at .*en\.jsonl:1",
    ),
    "an id with a space": (lambda p: change(p, "en", 1, id="en 1"), r"en\.jsonl:1: id 'en 1'"),
    "no genre": (lambda p: change(p, "en", 1, genre=""), r"en\.jsonl:1: genre ''"),
    "an unknown label": (lambda p: change(p, "fr", 1, labels=["actor.sate"]), r"fr\.jsonl:1: label .*'actor\.state'"),
    "labels out of order": (
        lambda p: change(p, "fr", 1, labels=["role.decision", "actor.state"]),
        r"fr\.jsonl:1: the labels are not in codebook order",
    ),
    "a label twice": (lambda p: change(p, "fr", 1, labels=["actor.state"] * 2), r"fr\.jsonl:1: a label is given twice"),
    "a category beside its sub-type": (
        lambda p: change(p, "fr", 1, labels=["actor", "actor.state"]),
        r"fr\.jsonl:1: 'actor' stands beside one of its sub-types",
    ),
    "an empty text": (lambda p: change(p, "fr", 2, text=" "), r"fr\.jsonl:2: the text is empty"),
    "space at an end": (lambda p: change(p, "fr", 2, text="Il a plu. "), r"fr\.jsonl:2: the text has space"),
    "a line break": (lambda p: change(p, "fr", 2, text="Il a\nplu."), r"fr\.jsonl:2: the text holds U\+000A"),
    "a NUL": (lambda p: change(p, "fr", 2, text="Il a\0plu."), r"fr\.jsonl:2: the text holds U\+0000"),
    "a line separator": (lambda p: change(p, "fr", 2, text="Il a\u2028plu."), r"fr\.jsonl:2: the text holds U\+2028"),
    "a lone surrogate": (
        lambda p: edit(p, "labelled/fr.jsonl", b"plu", b"pl\\ud800"),
        r"fr\.jsonl:2: the text holds U\+D800",
    ),
    "a text not in NFC": (lambda p: change(p, "fr", 2, text="Il e\u0301tait"), r"fr\.jsonl:2: .* NFC"),
    "a text twice": (
        lambda p: change(p, "fr", 2, text="La police a agi."),
        r"fr\.jsonl:3: the text is also at .*fr\.jsonl:2, with other labels",
    ),
    "two sentences of a language in a group of translations": (
        lambda p: change(p, "fr", 2, group="both", labels=["measure", "actor.agency"]),
        r"fr\.jsonl:3: group 'both' of translations has 'fr' at .*fr\.jsonl:2 too",
    ),
    "a translation with other labels": (
        lambda p: change(p, "fr", 3, labels=["actor.agency"]),
        r"fr\.jsonl:3: labels differ from the translation at .*en\.jsonl:1",
    ),
    "a file of another kind": (lambda p: (p / "labelled/fr.jsonl~").touch(), r"fr\.jsonl~:1: expected files named"),
    "a folder named as a file": (lambda p: (p / "labelled/it.jsonl").mkdir(), r"it\.jsonl:1: cannot be read"),
    "no documents": (lambda p: (p / "documents/plan.fr.txt").unlink(), r"documents:1: no document"),
    "a document in Latin-1": (
        lambda p: (p / "documents/plan.fr.txt").write_bytes(b"a\nb\xe9"),
        r"plan\.fr\.txt:2: not UTF-8",
    ),
    "an empty document": (
        lambda p: (p / "documents/plan.fr.txt").write_text("\n"),
        r"plan\.fr\.txt:1: the document is em",
    ),
    "a document without language": (
        lambda p: (p / "documents/plan.txt").write_text("x"),
        r"plan\.txt:1: expected a file",
    ),
    "no codebook": (lambda p: (p / "codebook.md").unlink(), r"codebook\.md:1: cannot be read"),
    "a codebook with another label": (
        lambda p: edit(p, "codebook.md", b"| threat.hybrid |", b"| threat.mixed |"),
        r"codebook\.md:\d+: label 'threat\.mixed' where g7classify\.codebook has 'threat\.hybrid'",
    ),
    "a codebook without its last label": (
        lambda p: edit(p, "codebook.md", b"| role.support |", b"| support |"),
        r"codebook\.md:1: 37 labels where g7classify\.codebook has 38",
    ),
    "no README": (lambda p: (p / "README.md").unlink(), r"README\.md:1: cannot be read"),
    "a README without counts": (
        lambda p: (p / "README.md").write_text("# Seeds\n"),
        r"README\.md:1: the lines .* missing",
    ),
    "counts typed by hand": (
        lambda p: edit(p, "README.md", b"| fr | 3 |", b"| fr | 4 |"),
        r"README\.md:\d+: the counts",
    ),
    "counts of yesterday": (
        lambda p: change(p, "fr", 2, labels=["threat"]),
        r"README\.md:\d+: the counts are not those",
    ),
}


@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_every_kind_of_damage_is_found_and_placed(seeds: Path, damage: Callable[[Path], object], message: str) -> None:
    damage(seeds)
    code, output = run("check", seeds)
    assert code == 1
    *problems, summary = output.splitlines()
    assert re.search(message, "\n".join(problems))
    assert all(re.match(rf"{re.escape(str(seeds))}[^:]*:\d+: ", problem) for problem in problems)
    assert summary.startswith("1 problem in" if len(problems) == 1 else f"{len(problems)} problems in")


def test_every_problem_is_reported_not_only_the_first(seeds: Path) -> None:
    change(seeds, "fr", 1, labels=["nonsense", "rubbish"], text=" x\u0007")
    change(seeds, "en", 1, lang="fr", id="en 1")
    (seeds / "codebook.md").unlink()
    problems = check(seeds).problems
    assert len(problems) >= 7
    for part in ("nonsense", "rubbish", "space at an end", "U+0007", "lang 'fr'", "id 'en 1'", "codebook.md"):
        assert any(part in problem for problem in problems), part


def test_an_empty_folder_does_not_pass(tmp_path: Path) -> None:
    code, output = run("check", tmp_path)
    assert code == 1
    assert "no labelled row" in output
    assert "no document" in output


def test_usage_errors_exit_with_2(tmp_path: Path) -> None:
    assert run("check", tmp_path / "missing")[0] == 2
    assert run("count", tmp_path)[0] == 2


def test_counts_are_not_written_from_broken_rows(seeds: Path) -> None:
    before = (seeds / "README.md").read_bytes()
    change(seeds, "fr", 1, labels=["nonsense"])
    code, output = run("readme", seeds)
    assert code == 1
    assert "fr.jsonl:1: label 'nonsense'" in output
    assert (seeds / "README.md").read_bytes() == before


def test_counts_need_their_place_in_the_readme(seeds: Path) -> None:
    (seeds / "README.md").write_text("# Seeds\n", encoding="utf-8")
    code, output = run("readme", seeds)
    assert code == 1
    assert "are missing; add them" in output


def test_writing_the_counts_twice_changes_nothing(seeds: Path) -> None:
    before = (seeds / "README.md").read_bytes()
    assert run("readme", seeds) == (0, "")
    assert (seeds / "README.md").read_bytes() == before

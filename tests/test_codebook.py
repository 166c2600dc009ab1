import json
import pickle
import re
import tomllib
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.codebook import CODEBOOK, MAX_LABELS, Codebook, Label
from g7classify.errors import (
    CodebookError,
    DataError,
    EncodingError,
    InputTypeError,
    UnknownLabelError,
    UnreadableFileError,
)

SEEDS = Path(__file__).parents[1] / "seeds"
label_sets = st.sets(st.sampled_from(CODEBOOK.names))


def toml(data: dict[str, object]) -> str:
    """A codebook's dict as TOML; JSON and TOML write strings and lists alike."""
    lines = [f"{key} = {json.dumps(data[key], ensure_ascii=False)}" for key in ("name", "version")]
    for row in data["labels"]:
        lines.append("[[labels]]")
        lines += [f"{key} = {json.dumps(v, ensure_ascii=False)}" for key, v in row.items() if v is not None]
    return "\n".join(lines)


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    alphabet = st.characters(categories=("L", "N"), codec="utf-8")
    name = st.text(alphabet, min_size=1, max_size=20).map(lambda s: unicodedata.normalize("NFC", s))
    names = draw(st.lists(name.filter(str.isprintable), min_size=1, max_size=8, unique=True))
    cut = draw(st.integers(1, len(names)))
    labels = []
    for i, own in enumerate(names):
        parent = names[draw(st.integers(0, cut - 1))] if i >= cut and draw(st.booleans()) else None
        prose = draw(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")), max_size=30))
        labels.append(Label(own, prose, own, prose, parent, draw(st.sampled_from([(), ("0204",)])), (i + 1,)))
    return Codebook("own", "1.2", tuple(draw(st.permutations(labels))))


def test_the_codebook_is_the_table_of_the_seeds() -> None:
    found: dict[str, list[str]] = {}
    for line in (SEEDS / "codebook.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## (\w+) —", line):
            found[heading[1]] = []
        elif row := re.match(r"\| (\w+)\.(\w+) \|", line):
            found[row[1]].append(f"{row[1]}.{row[2]}")
    assert CODEBOOK.categories == tuple(found)
    assert {category: CODEBOOK.children(category) for category in found} == {c: tuple(n) for c, n in found.items()}
    assert CODEBOOK.names == CODEBOOK.categories + CODEBOOK.subtypes
    assert CODEBOOK.subtypes == tuple(name for names in found.values() for name in names)


def test_the_shipped_codebook_has_38_columns_in_the_order_that_models_were_trained_on() -> None:
    assert (len(CODEBOOK), len(CODEBOOK.categories), len(CODEBOOK.subtypes)) == (38, 4, 34)
    assert CODEBOOK.names[:6] == ("actor", "measure", "threat", "role", "actor.state", "actor.official")
    assert CODEBOOK.names[-1] == "role.support"
    assert all(CODEBOOK.parent(name) == name.split(".")[0] for name in CODEBOOK.subtypes)


def test_every_shipped_label_is_fit_for_a_report() -> None:
    for label in CODEBOOK.labels:
        assert label.definition.endswith(".")
        assert 20 <= len(label.definition) <= 110
        assert all(2 <= len(display) <= 40 for display in (label.display_en, label.display_fr))
    for key in ("display_en", "display_fr", "definition"):
        assert len({getattr(label, key) for label in CODEBOOK.labels}) == 38


def test_identifiers_have_the_form_of_their_vocabulary_and_crime_codes_stand_at_threats_alone() -> None:
    codes = {label.name: label.iccs for label in CODEBOOK.labels if label.iccs}
    assert codes["threat.human_trafficking"] == ("0204",)
    assert all(name.startswith("threat.") for name in codes)
    assert all(re.fullmatch(r"\d{2,6}", code) for label in codes.values() for code in label)
    concepts = [number for label in CODEBOOK.labels for number in label.eurovoc]
    assert len(concepts) == len(set(concepts))


def test_the_digest_is_stable_and_follows_meaning_alone() -> None:
    rows = CODEBOOK.to_dict()
    rows["name"] = "other"
    rows["labels"][0] |= {"display_fr": "Autre", "eurovoc": [1]}
    assert Codebook.from_dict(rows).sha256 == CODEBOOK.sha256
    for change in ({"name": "who"}, {"definition": "Another meaning."}, {"parent": "measure"}):
        rows = CODEBOOK.to_dict()
        rows["labels"][-1] |= change
        assert Codebook.from_dict(rows).sha256 != CODEBOOK.sha256
    flat = Codebook("x", "1", (Label("a", "A.", "A", "A", None), Label("b", "B.", "B", "B", None)))
    assert flat.sha256 != Codebook("x", "1", flat.labels[::-1]).sha256
    # Frozen, for it stands in model files: printf '[["a",null,"A."],["b",null,"B."]]' | sha256sum
    assert flat.sha256 == "c68fa97e18a6ac4c781be088ea1e90dbf0f4d7704ae52f562ab12cbc08856574"


def test_index_and_parents_agree() -> None:
    for column, name in enumerate(CODEBOOK.names):
        assert CODEBOOK.index(name) == column
        parent = CODEBOOK.parent(name)
        assert CODEBOOK.parents[column] == (-1 if parent is None else CODEBOOK.index(parent))
    assert CODEBOOK.children("actor.state") == ()
    with pytest.raises(ValueError, match="read-only"):
        CODEBOOK.parents[0] = 3


def test_an_unknown_label_is_named_with_its_neighbours_and_the_place_to_look() -> None:
    with pytest.raises(
        UnknownLabelError, match=r"'threat\.cyber' .*did you mean .*'threat\.cybercrime'.*its 38 labels are actor"
    ):
        CODEBOOK.index("threat.cyber")
    with pytest.raises(UnknownLabelError, match=r"did you mean 'threat\.terrorism'"):
        CODEBOOK.index("THREAT.TERRORISM")
    with pytest.raises(UnknownLabelError) as caught:
        CODEBOOK.close(["\ud800" * 1_000_000])
    assert len(str(caught.value)) < 250
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["actor", b"actor", [3], [None], [b"actor"]])
def test_labels_of_the_wrong_type_are_refused(wrong: object) -> None:
    with pytest.raises(InputTypeError, match="expected"):
        CODEBOOK.close(wrong)


@given(label_sets, label_sets)
def test_closure_is_extensive_monotone_and_idempotent(some: set[str], more: set[str]) -> None:
    closed = CODEBOOK.close(some)
    assert some <= set(closed)
    assert set(closed) <= set(CODEBOOK.close(some | more))
    assert CODEBOOK.close(closed) == closed
    assert list(closed) == sorted(set(closed), key=CODEBOOK.index)
    assert set(closed) - some == {label.split(".")[0] for label in some} - some


@given(st.lists(label_sets, max_size=6))
def test_the_matrix_and_the_sets_close_alike(sets: list[set[str]]) -> None:
    raw = np.array([[name in labels for name in CODEBOOK.names] for labels in sets], dtype=bool).reshape(-1, 38)
    before = raw.copy()
    closed = CODEBOOK.close_matrix(raw)
    assert closed.dtype == np.bool_
    np.testing.assert_array_equal(raw, before)
    np.testing.assert_array_equal(closed, CODEBOOK.indicator(sets))
    np.testing.assert_array_equal(CODEBOOK.close_matrix(closed), closed)
    names = np.array(CODEBOOK.names)
    assert [tuple(names[row]) for row in closed] == [CODEBOOK.close(labels) for labels in sets]


def test_a_matrix_of_another_kind_is_refused() -> None:
    with pytest.raises(InputTypeError, match="float64"):
        CODEBOOK.close_matrix(np.zeros((2, 38)))
    with pytest.raises(InputTypeError, match="list"):
        CODEBOOK.close_matrix([[True] * 38])
    for shape in ((2, 37), (38,), (1, 2, 38)):
        with pytest.raises(DataError, match=re.escape(str(shape))):
            CODEBOOK.close_matrix(np.zeros(shape, dtype=bool))


@given(codebooks())
def test_any_codebook_survives_dict_json_toml_and_pickle(codebook: Codebook) -> None:
    data = codebook.to_dict()
    assert Codebook.from_dict(json.loads(json.dumps(data))) == codebook
    assert Codebook.from_dict(tomllib.loads(toml(data))) == codebook
    again = pickle.loads(pickle.dumps(codebook))
    assert again == codebook
    assert again.names == codebook.names
    assert again.sha256 == codebook.sha256
    assert codebook.close(codebook.names) == codebook.names


@pytest.mark.parametrize("suffix", [".json", ".toml"])
def test_the_shipped_codebook_is_read_back_from_a_file(tmp_path: Path, suffix: str) -> None:
    data = CODEBOOK.to_dict()
    path = tmp_path / f"own{suffix}"
    path.write_text(json.dumps(data) if suffix == ".json" else toml(data), encoding="utf-8")
    assert Codebook.read(path) == CODEBOOK
    assert Codebook.read(str(path)).sha256 == CODEBOOK.sha256


def test_a_codebook_written_by_hand_needs_names_only(tmp_path: Path) -> None:
    path = tmp_path / "press.toml"
    text = 'name="press"\nversion="1"\n[[labels]]\nname="grève"\nparent="économie"\n[[labels]]\nname="économie"'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())  # as Windows editors write it
    codebook = Codebook.read(path)
    assert codebook.close(["grève"]) == ("grève", "économie")
    assert codebook.parents.tolist() == [1, -1]
    assert codebook.labels[0] == Label("grève", "", "grève", "grève", "économie")


A = {"name": "a"}
BROKEN = {
    "not a table": ([], "expected a table"),
    "no labels": ({"name": "x", "version": "1"}, "labels is missing"),
    "no name": ({"version": "1", "labels": [A]}, "name is missing"),
    "an empty list": ({"labels": []}, "0 labels"),
    "too many labels": ({"labels": [{"name": str(i)} for i in range(MAX_LABELS + 1)]}, "10001 labels"),
    "labels as a table": ({"labels": {"a": "b"}}, "expected a list of labels"),
    "a label as a string": ({"labels": ["a"]}, "label 1 'a'"),
    "a label without name": ({"labels": [A, {"definition": "b"}]}, "label 2: name is missing"),
    "a misspelt key": ({"labels": [{"name": "a", "parrent": "b"}]}, "label 1 .'a'.: unknown key 'parrent'"),
    "a misspelt top key": ({"labels": [A], "lables": 1}, "unknown key 'lables'"),
    "a version that is a number": ({"version": 1, "labels": [A]}, "codebook version 1"),
    "an empty codebook name": ({"name": "", "labels": [A]}, "codebook name ''"),
    "an empty label name": ({"labels": [{"name": ""}]}, "label name ''"),
    "a label name with space": ({"labels": [{"name": "a "}]}, "label name 'a '"),
    "a label name with a line break": ({"labels": [{"name": "a\nb"}]}, r"label name 'a\\nb'"),
    "a label name of 101 characters": ({"labels": [{"name": "a" * 101}]}, "label name 'aaa.* 1 to 100"),
    "a label name not in NFC": ({"labels": [{"name": "e\u0301"}]}, "NFC"),
    "a label name with a surrogate": ({"labels": [{"name": "a\ud800"}]}, "label name 'a.ud800'"),
    "a label name that is a number": ({"labels": [{"name": 5}]}, "label name 5"),
    "a name given twice": ({"labels": [A, A]}, "'a' is given twice"),
    "a missing parent": ({"labels": [A, {"name": "b", "parent": "c"}]}, "'b': its parent 'c' is not"),
    "a parent that is a list": ({"labels": [{"name": "b", "parent": ["a"]}]}, "'b': parent .'a'. is not the name"),
    "a label above itself": ({"labels": [{"name": "a", "parent": "a"}]}, "'a' is above itself"),
    "a circle of two": ({"labels": [{"name": "a", "parent": "b"}, {"name": "b", "parent": "a"}]}, "above itself"),
    "a circle of three": (
        {"labels": [{"name": x, "parent": y} for x, y in ("ab", "bc", "ca")]},
        "'a' is under 'b', which is under 'c'",
    ),
    "three levels": (
        {"labels": [A, {"name": "b", "parent": "a"}, {"name": "c", "parent": "b"}]},
        "'c' is under 'b', which is under 'a': a codebook has two levels",
    ),
    "a definition that is no text": ({"labels": [{"name": "a", "definition": None}]}, "'a': definition None"),
    "a definition of two lines": ({"labels": [{"name": "a", "definition": "x\ny"}]}, "'a': definition"),
    "a definition without end": ({"labels": [{"name": "a", "definition": "x" * 1001}]}, "'a': definition"),
    "a display name of no text": ({"labels": [{"name": "a", "display_fr": 1}]}, "'a': display_fr 1"),
    "a crime code as number": ({"labels": [{"name": "a", "iccs": [204]}]}, "'a': iccs"),
    "a crime code in letters": ({"labels": [{"name": "a", "iccs": ["02x"]}]}, "'a': iccs"),
    "crime codes as text": ({"labels": [{"name": "a", "iccs": "0204"}]}, "'a': iccs"),
    "a concept that is no number": ({"labels": [{"name": "a", "eurovoc": [True]}]}, "'a': eurovoc"),
    "a concept below 1": ({"labels": [{"name": "a", "eurovoc": [0]}]}, "'a': eurovoc"),
}


@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_codebook_is_refused_with_file_and_label(data: object, message: str, tmp_path: Path) -> None:
    if isinstance(data, dict) and message not in ("labels is missing", "name is missing"):
        data = {"name": "x", "version": "1"} | data
    path = tmp_path / "own.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(CodebookError, match=message) as caught:
        Codebook.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value)) < len(str(path)) + 350


def test_a_deeply_nested_value_is_refused_without_printing_it() -> None:
    nested: object = "x"
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(CodebookError, match="label name") as caught:
        Codebook.from_dict({"name": "x", "version": "1", "labels": [{"name": nested}]})
    assert len(str(caught.value)) < 350


@pytest.mark.parametrize(("name", "raw"), [("a.json", b"{"), ("a.toml", b"= 3"), ("b.json", b"[" * 100_000)])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(CodebookError, match=rf"{name}: not {name[-4:].upper()}: .*; correct the file"):
        Codebook.read(tmp_path / name)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"missing\.json: cannot be read"):
        Codebook.read(tmp_path / "missing.json")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(UnreadableFileError, match=r"folder\.json"):
        Codebook.read(tmp_path / "folder.json")
    (tmp_path / "latin.toml").write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(EncodingError, match=r"latin\.toml: not UTF-8 at byte 8"):
        Codebook.read(tmp_path / "latin.toml")
    with pytest.raises(CodebookError, match=r"ends in \.toml or \.json"):
        Codebook.read(tmp_path / "codebook.yaml")


@given(st.integers(0, 2**32 - 1))
def test_category_is_never_below_its_subtypes(seed: int) -> None:
    p = np.random.default_rng(seed).random((3, len(CODEBOOK))).astype(np.float32)
    before = p.copy()
    raised = CODEBOOK.raised(p)
    assert (p == before).all(), "the argument is left as it is"
    for child, parent in enumerate(CODEBOOK.parents):
        if parent >= 0:
            assert (raised[:, parent] >= raised[:, child]).all()
            assert (raised[:, child] == p[:, child]).all()
    columns = [[c for c, q in enumerate(CODEBOOK.parents) if parent in (q, c)] for parent in range(4)]
    assert (raised[:, :4] == np.stack([p[:, c].max(axis=1) for c in columns], axis=1)).all()


def test_a_codebook_whose_labels_exclude_each_other_says_so_in_its_dict_alone() -> None:
    data = {"name": "b", "version": "1", "labels": [{"name": "x"}, {"name": "y"}]}
    plain, exclusive = Codebook.from_dict(data), Codebook.from_dict(data | {"exclusive": True})
    assert "exclusive" not in plain.to_dict()
    assert Codebook.from_dict(exclusive.to_dict()) == exclusive != plain
    assert exclusive.sha256 == plain.sha256
    with pytest.raises(CodebookError, match="exclusive 'yes': expected true or false"):
        Codebook.from_dict(data | {"exclusive": "yes"})

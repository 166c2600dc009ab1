from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.pages.legend import Legend
from g7classify.results import Document, ModelId, Sentence, Tag

NAMES = st.sampled_from(["a", "b", "c", "a.x", "actor", "actor.state"])


def document(tags: list[tuple[str, str]], in_doubt: list[str]) -> Document:
    sentence = Sentence("x", 0, 1, tuple(Tag(label, category, 0.9, 0.5) for label, category in tags), tuple(in_doubt))
    return Document("x", "fr", (sentence,), ModelId("nowhere", "0.1.0", ""))


@given(st.lists(st.tuples(NAMES, NAMES), max_size=5), st.lists(NAMES, max_size=3))
def test_every_label_is_in_one_group_whatever_a_document_says(tags: list[tuple[str, str]], in_doubt: list[str]) -> None:
    legend = Legend([document(tags, in_doubt)], None, "en")
    assert set(legend.names) >= {name for tag in tags for name in tag} | set(in_doubt)
    assert [legend.names[legend.index[name]] for name in legend.names] == legend.names
    for label in legend.labels:
        assert 0 <= label["group"] < len(legend.groups)
    for name in {label for label, _ in tags} | set(in_doubt):
        index = legend.index[name]
        assert any(index == group["head"] or index in group["labels"] for group in legend.groups)


def test_the_order_is_that_of_the_shipped_codebook_where_it_has_all_labels(make_document: Any) -> None:
    made = make_document(("x", {"threat": 0.9, "actor.state": 0.9, "actor": 0.9}, ("actor.agency",)))
    legend = Legend([made], None, "fr")
    assert [group["name"] for group in legend.groups] == ["Acteurs", "Menaces"]
    assert [legend.names[i] for i in legend.groups[0]["labels"]] == ["actor.state", "actor.agency"]


def test_sub_types_that_do_not_occur_are_known_but_in_no_filter(make_document: Any) -> None:
    legend = Legend([make_document(("x", {"threat": 0.9}, ()))], CODEBOOK, "en")
    assert "threat.terrorism" in legend.names
    assert "actor" not in legend.names
    assert legend.groups == [{"name": "Threats", "head": legend.index["threat"], "labels": []}]


def test_labels_without_categories_are_one_group_beside_those_with(make_document: Any) -> None:
    own = Codebook.from_dict(
        {"name": "o", "version": "1", "labels": [{"name": "z"}, {"name": "b"}, {"name": "b.c", "parent": "b"}]}
    )
    legend = Legend([make_document(("x", {"z": 0.9, "b.c": 0.9, "b": 0.9}, ()), codebook=own)], own, "en")
    assert [group["name"] for group in legend.groups] == ["b", "Labels"]
    assert legend.names == ["z", "b", "b.c"]

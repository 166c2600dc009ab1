"""What a codebook is written as, read by libraries that know the format."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS
from test_codebook import codebooks

from g7classify import vocabulary
from g7classify.codebook import CODEBOOK, Codebook, Label
from g7classify.errors import OptionError

BASE = "https://example.org/g7/"


def graph(codebook: Codebook, base: str | None = BASE) -> Graph:
    return Graph().parse(data=vocabulary.skos(codebook, base=base), format="turtle")


def concept(found: Graph, name: str) -> URIRef:
    """The one concept of the codebook that has this notation."""
    scheme = next(found.subjects(OWL.versionInfo))
    (iri,) = (
        iri
        for iri in found.subjects(SKOS.notation, Literal(name))
        if (iri, SKOS.inScheme, scheme) in found or (iri, SKOS.topConceptOf, scheme) in found
    )
    assert isinstance(iri, URIRef)
    return iri


def test_the_shipped_codebook_as_skos() -> None:
    found = graph(CODEBOOK)
    terrorism, crime = concept(found, "threat.terrorism"), concept(found, "threat.organised_crime")
    assert str(terrorism) == f"{BASE}label/threat.terrorism"
    assert set(found.objects(terrorism, SKOS.prefLabel)) == {Literal("Terrorism", "en"), Literal("Terrorisme", "fr")}
    assert set(found.objects(terrorism, SKOS.narrowMatch)) == {URIRef("http://eurovoc.europa.eu/4452")}
    (iccs,) = (match for match in found.objects(crime, SKOS.narrowMatch) if "eurovoc" not in match)
    assert found.value(iccs, SKOS.notation) == Literal("09051")
    assert "Classification of Crime" in str(found.value(found.value(iccs, SKOS.inScheme), DCTERMS.title))


@given(codebooks())
def test_skos_says_what_the_codebook_says(codebook: Codebook) -> None:
    found = graph(codebook, base=None)
    scheme = next(found.subjects(OWL.versionInfo))
    assert found.value(scheme, DCTERMS.title) == Literal(codebook.name)
    assert found.value(scheme, OWL.versionInfo) == Literal(codebook.version)
    assert set(found.objects(scheme, SKOS.hasTopConcept)) == {concept(found, name) for name in codebook.categories}
    for label in codebook.labels:
        iri = concept(found, label.name)
        assert found.value(iri, RDF.type) == SKOS.Concept
        above = set() if label.parent is None else {concept(found, label.parent)}
        assert set(found.objects(iri, SKOS.broader)) == above
        assert set(found.objects(iri, SKOS.narrower)) == {concept(found, n) for n in codebook.children(label.name)}
        definitions = [str(text) for text in found.objects(iri, SKOS.definition)]
        assert definitions == [label.definition] * bool(label.definition)
        names = {text.language: str(text) for text in found.objects(iri, SKOS.prefLabel)}  # type: ignore[attr-defined]
        assert names.get("en", "") == label.display_en
        assert names.get("fr", label.display_en if "fr" not in names else "") in (label.display_fr, label.display_en)
        matches = {str(match) for match in found.objects(iri, SKOS.narrowMatch)}
        assert {match for match in matches if "eurovoc" in match} == {f"{vocabulary.EUROVOC}{n}" for n in label.eurovoc}
        assert len(matches) == len(label.eurovoc) + len(label.iccs)


def test_hostile_names_and_prose_stay_what_they_are() -> None:
    name, prose = 'a> ; "x" \\ <b', '"""@en . <http://evil> a <b> \\u0022 \\'
    codebook = Codebook("c d", "1/2", (Label(name, prose, prose, f"{prose}é", None),), exclusive=True)
    found = graph(codebook, base=None)
    assert str(found.value(concept(found, name), SKOS.definition)) == prose
    assert len(set(found.subjects())) == 2
    assert "at most" in str(found.value(next(found.subjects(OWL.versionInfo)), SKOS.note))


def test_no_label_is_said_to_be_french_that_is_not() -> None:
    found = graph(Codebook("own", "1", (Label("money", "", "Money", "Money", None), Label("x", "", "", "", None))))
    assert set(found.objects(concept(found, "money"), SKOS.prefLabel)) == {Literal("Money", "en")}
    assert set(found.objects(concept(found, "x"), SKOS.prefLabel)) == set()


@pytest.mark.parametrize(
    "base", ["", "codebook/", "https://example.org/a b/", "https://example.org/x", "urn:a>:", "é:/"]
)
def test_a_base_that_is_no_iri_is_refused(base: str) -> None:
    with pytest.raises(OptionError, match="absolute IRI"):
        vocabulary.skos(CODEBOOK, base=base)


@given(codebooks())
def test_toml_and_json_are_read_back(codebook: Codebook) -> None:
    assert Codebook.from_dict(tomllib.loads(vocabulary.toml(codebook))) == codebook
    assert Codebook.from_dict(json.loads(vocabulary.as_json(codebook))) == codebook


def test_the_shipped_codebook_is_read_back_from_files(tmp_path: Path) -> None:
    for suffix, text in (("toml", vocabulary.toml(CODEBOOK)), ("json", vocabulary.as_json(CODEBOOK))):
        path = tmp_path / f"own.{suffix}"
        path.write_text(text, encoding="utf-8")
        assert Codebook.read(path) == CODEBOOK


def test_markdown_has_a_row_a_label() -> None:
    page = vocabulary.markdown(CODEBOOK)
    first = [row.split(" | ")[0].removeprefix("| ").replace("\\_", "_") for row in page.splitlines() if "| " in row]
    assert [name for name in first if name not in ("label", "---")] == [
        name for category in CODEBOOK.categories for name in (category, *CODEBOOK.children(category))
    ]
    hostile = Codebook("x", "1", (Label("a|b", "<script>alert(1)</script> | [x](javascript:y)", "A", "B", None),))
    row = vocabulary.markdown(hostile).splitlines()[-1]
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert "\\<script\\>" in row

"""A codebook for other programs and readers: SKOS in Turtle, TOML, JSON, Markdown.

SKOS is the W3C's vocabulary for thesauri and code lists (https://www.w3.org/TR/skos-reference/), Turtle its readable
syntax. They are written by a template: 40 concepts of one fixed shape need no RDF library, and a string literal of
JSON is one of Turtle and of TOML too. The tests read what is written with rdflib, tomllib and json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import quote

from g7classify.codebook import Codebook, Label
from g7classify.errors import OptionError
from g7classify.report import escaped

EUROVOC: Final = "http://eurovoc.europa.eu/"
ICCS_TITLE: Final = "International Classification of Crime for Statistical Purposes (ICCS), version 1.0"
_PREFIXES: Final = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
_HEAD: Final = "| label | English | French | holds for | ICCS | EuroVoc |\n| --- | --- | --- | --- | --- | --- |"
# A scheme, and what Turtle allows inside <>, up to where names are put behind it.
_IRI: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\\ud800-\udfff]*[/#:]')


def skos(codebook: Codebook, *, base: str | None = None) -> str:
    """A codebook as a SKOS concept scheme, in Turtle.

    A label is a concept, a sub-type is narrower than its category. Its name is the notation, and percent-encoded the
    end of its IRI; what it is called in English and French (only where that differs) are the preferred labels. The
    concepts of EuroVoc and of the ICCS that fall within it are narrow matches. The ICCS has no public IRIs that we know
    of, so its codes become concepts under `base`, in a scheme of their own.

    Args:
        codebook: any.
        base: what all IRIs start with, which ends in / # or :. Without it `urn:g7classify:NAME:VERSION:`, which does
            for data of one's own; who publishes a codebook gives an address that is theirs.

    Raises:
        OptionError: `base` is no such IRI.
    """
    if base is None:
        base = f"urn:g7classify:{_quoted(codebook.name)}:{_quoted(codebook.version)}:"
    if not _IRI.fullmatch(base):
        raise OptionError(
            f"base {base!r:.200}: expected an absolute IRI that ends in / # or :, "
            "as in https://example.org/codebook/; correct it"
        )
    return "\n".join([_PREFIXES, *_scheme(codebook, base), *_concepts(codebook, base), *_iccs(codebook, base)])


def _scheme(codebook: Codebook, base: str) -> Iterator[str]:
    note = ["skos:note " + _text("A sentence has one of the labels at most, and its category.", "en")]
    yield _node(
        f"{base}codebook",
        "skos:ConceptScheme",
        f"dcterms:title {_text(codebook.name)}",
        f"owl:versionInfo {_text(codebook.version)}",
        *(note if codebook.exclusive else []),
        f"skos:hasTopConcept {_iris(_concept(base, name) for name in codebook.categories)}",
    )


def _concepts(codebook: Codebook, base: str) -> Iterator[str]:
    for label in codebook.labels:
        narrower = codebook.children(label.name)
        above = "skos:topConceptOf" if label.parent is None else "skos:inScheme"
        matches = [f"{EUROVOC}{number}" for number in label.eurovoc] + [f"{base}iccs/{code}" for code in label.iccs]
        yield _node(
            _concept(base, label.name),
            "skos:Concept",
            f"{above} <{base}codebook>",
            *([] if label.parent is None else [f"skos:broader <{_concept(base, label.parent)}>"]),
            *([f"skos:narrower {_iris(_concept(base, name) for name in narrower)}"] if narrower else []),
            f"skos:notation {_text(label.name)}",
            *_prose(label),
            *([f"skos:narrowMatch {_iris(matches)}"] if matches else []),
        )


def _prose(label: Label) -> Iterator[str]:
    if label.display_en:
        yield f"skos:prefLabel {_text(label.display_en, 'en')}"
    # A codebook without French repeats the English there: that would be said to be French.
    if label.display_fr not in ("", label.display_en):
        yield f"skos:prefLabel {_text(label.display_fr, 'fr')}"
    if label.definition:
        yield f"skos:definition {_text(label.definition, 'en')}"


def _iccs(codebook: Codebook, base: str) -> Iterator[str]:
    codes = sorted({code for label in codebook.labels for code in label.iccs})
    if codes:
        yield _node(f"{base}iccs", "skos:ConceptScheme", f"dcterms:title {_text(ICCS_TITLE, 'en')}")
    for code in codes:
        names = (f"skos:notation {_text(code)}", f"skos:prefLabel {_text(f'ICCS {code}', 'en')}")
        yield _node(f"{base}iccs/{code}", "skos:Concept", f"skos:inScheme <{base}iccs>", *names)


def _concept(base: str, name: str) -> str:
    return f"{base}label/{_quoted(name)}"


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _node(iri: str, kind: str, *statements: str) -> str:
    return " ;\n    ".join([f"<{iri}> a {kind}", *statements]) + " .\n"


def _iris(iris: Iterator[str] | list[str]) -> str:
    return ", ".join(f"<{iri}>" for iri in iris)


def _text(value: str, language: str = "") -> str:
    return json.dumps(value, ensure_ascii=False) + (f"@{language}" if language else "")


def toml(codebook: Codebook) -> str:
    """A codebook as the TOML that Codebook.read reads; the start of one of your own."""
    data = codebook.to_dict()
    head = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in data.items() if key != "labels"]
    tables = [
        [
            "",
            "[[labels]]",
            # A name to show that is left out is read as the name of the label: an empty one has to be said.
            *(
                f"{key} = {json.dumps(value, ensure_ascii=False)}"
                for key, value in row.items()
                if value or key in ("display_en", "display_fr")
            ),
        ]
        for row in data["labels"]
    ]
    return "\n".join([*head, *(line for table in tables for line in table)]) + "\n"


def as_json(codebook: Codebook) -> str:
    """A codebook as the JSON that Codebook.read reads."""
    return json.dumps(codebook.to_dict(), ensure_ascii=False, indent=1) + "\n"


def markdown(codebook: Codebook) -> str:
    """A codebook to read: a heading and a table a category. No text is taken for markup."""
    parts = [f"# Codebook {escaped(codebook.name)}, version {escaped(codebook.version)}\n"]
    by_name = {label.name: label for label in codebook.labels}
    for category in codebook.categories:
        parts.append(f"\n## {escaped(category)}\n\n{_HEAD}\n{_row(by_name[category])}\n")
        parts += [f"{_row(by_name[name])}\n" for name in codebook.children(category)]
    return "".join(parts)


def _row(label: Label) -> str:
    texts = [escaped(text) for text in (label.name, label.display_en, label.display_fr, label.definition)]
    links = ", ".join(f"[{number}]({EUROVOC}{number})" for number in label.eurovoc)
    return f"| {' | '.join([*texts, ', '.join(label.iccs), links])} |"


FORMATS: Final[Mapping[str, Callable[[Codebook], str]]] = {
    "md": markdown,
    "toml": toml,
    "json": as_json,
    "skos": skos,
}

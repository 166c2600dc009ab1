from __future__ import annotations

import dataclasses
import itertools

import pytest

from g7classify.characters import LOWER, UPPER, classify
from g7classify.errors import OptionError
from g7classify.languages import LANGUAGES, Language, by_code

CODES = ["fr", "en", "de", "it", "ja", "es"]


def test_the_languages_and_their_order() -> None:
    assert [language.code for language in LANGUAGES] == CODES
    assert [by_code(code) for code in CODES] == list(LANGUAGES)


@pytest.mark.parametrize("code", ["pt", "FR", "", "french", None, 3, ["fr"]])
def test_an_unknown_language_names_the_known_ones(code: object) -> None:
    with pytest.raises(OptionError, match="fr, en, de, it, ja, es") as caught:
        by_code(code)  # type: ignore[arg-type]
    assert repr(code) in str(caught.value)


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_tables_are_frozen(language: Language) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        language.code = "xx"  # type: ignore[misc]
    kinds = {type(getattr(language, field.name)) for field in dataclasses.fields(language)}
    assert kinds <= {str, bool, frozenset}


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_words_can_be_found_as_they_are_looked_up(language: Language) -> None:
    for field in dataclasses.fields(language):
        words = getattr(language, field.name)
        if isinstance(words, frozenset):
            assert [word for word in words if word != word.lower() or word.endswith(".") or " " in word] == []


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_an_abbreviation_is_of_one_kind_only(language: Language) -> None:
    kinds = [language.joined, language.numbered, language.may_end, language.closing]
    assert [first & second for first, second in itertools.combinations(kinds, 2) if first & second] == []


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_particles_are_starters(language: Language) -> None:
    assert language.particles <= language.starters


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_letters_are_lower_case_or_marks(language: Language) -> None:
    assert not [
        char for char in language.letters if classify(char) == UPPER or (char.isalpha() != (classify(char) == LOWER))
    ]

"""What one label is, and the labels that g7classify ships: 4 categories and 34 sub-types in their fixed column order.

`seeds/codebook.md` says at length what each label means and settles doubts; the definitions here condense it.
"""

from __future__ import annotations

import re
import reprlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from g7classify.errors import CodebookError, InputTypeError

MAX_NAME_CHARACTERS = 100
MAX_PROSE_CHARACTERS = 1_000

# A plain repr of what a hostile file holds may be megabytes long or nested too deep to print.
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 80


def is_name(value: object) -> bool:
    """Whether a value can name a label or a codebook: 1 to 100 printable characters, stripped, in Unicode form NFC."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME_CHARACTERS:
        return False
    # Two spellings of one accented letter would be two labels that look the same.
    return value.isprintable() and value == value.strip() and unicodedata.is_normalized("NFC", value)


def short(value: object) -> str:
    """A value as an error message shows it: its repr, cut to about 80 characters and a few levels."""
    return _REPR.repr(value)


def quoted(name: str) -> str:
    """The name of a column as a message shows it: cut, and escaped where it is not printable, as JSON allows."""
    cut = name[:MAX_NAME_CHARACTERS]
    return f"`{cut if cut.isprintable() else cut.encode('unicode_escape').decode()}`"


def _is_prose(value: object) -> bool:
    if not isinstance(value, str) or len(value) > MAX_PROSE_CHARACTERS:
        return False
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in value)


def _is_iccs(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]{2,6}", value) is not None


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its name, what it means, how a report prints it, and its place in other vocabularies.

    `iccs` are codes of the UNODC International Classification of Crime for Statistical Purposes (v1.0), `eurovoc` are
    concept numbers of the EU's thesaurus (http://eurovoc.europa.eu/<number>): concepts that fall within the label,
    not synonyms of it.

    Raises:
        CodebookError: A field that breaks the rules of a codebook; names the label, the field and the rule.
    """

    name: str
    definition: str
    display_en: str
    display_fr: str
    parent: str | None
    iccs: tuple[str, ...] = ()
    eurovoc: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise CodebookError(
                f"label name {short(self.name)}: expected 1 to {MAX_NAME_CHARACTERS} printable characters in Unicode "
                "form NFC without spaces at the ends; rename the label"
            )
        if not (self.parent is None or isinstance(self.parent, str)):
            raise CodebookError(f"label {self.name!r}: parent {short(self.parent)} is not the name of a label")
        for key in ("definition", "display_en", "display_fr"):
            if not _is_prose(getattr(self, key)):
                raise CodebookError(
                    f"label {self.name!r}: {key} {short(getattr(self, key))}: expected one line of at most "
                    f"{MAX_PROSE_CHARACTERS} characters without control characters; shorten or clean it"
                )
        if not (isinstance(self.iccs, tuple) and all(_is_iccs(code) for code in self.iccs)):
            raise CodebookError(
                f"label {self.name!r}: iccs {short(self.iccs)}: expected codes of 2 to 6 digits in quotes, "
                'as in ["0204"]; correct or remove them'
            )
        if not (isinstance(self.eurovoc, tuple) and all(type(c) is int and c > 0 for c in self.eurovoc)):
            raise CodebookError(
                f"label {self.name!r}: eurovoc {short(self.eurovoc)}: expected concept numbers above 0, "
                "as in [5933]; correct or remove them"
            )


# Where the identifiers come from (what could not be checked is left empty):
# - EuroVoc: numbers and English names in the release of 16 October 2023 as packaged on PyPI (`eurovoc` 23.10.16.0).
#   Newer concepts such as "hybrid warfare" have no number and are left out.
# - ICCS: 0204, 03022, 0601, 0701, 0703, 07041, 0903 and 09051 in the code lists of Eurostat's crime statistics
#   (crim_off_cat and the urban audit). ICCS knows migrant smuggling and terrorism too, but no list that we could read
#   gives their codes.
# fmt: off
_ACTOR, _MEASURE, _THREAT, _ROLE = "actor", "measure", "threat", "role"

LABELS: tuple[Label, ...] = (
    Label("actor", "Somebody who can act or be acted on is named.", "Actors", "Acteurs", None),
    Label("measure", "Something is done, agreed, planned or demanded against a problem.", "Measures", "Mesures", None),
    Label("threat", "A crime or another harm to security is named.", "Threats", "Menaces", None),
    Label("role", "The function, power or place of a body in an institutional order is stated.",
          "Institutional roles", "Rôles institutionnels", None),

    Label("actor.state", "A country or one of its governments, ministries or parliaments, or a group of countries.",
          "States and governments", "États et gouvernements", _ACTOR, eurovoc=(883, 1172, 5116)),
    Label("actor.official", "A person in office, by name or title.",
          "Office-holders", "Responsables publics", _ACTOR, eurovoc=(1939, 5805)),
    Label("actor.intergovernmental", "A supranational or international body or one of its organs.",
          "International bodies", "Organisations internationales", _ACTOR, eurovoc=(1451, 2189)),
    Label("actor.agency", "Those who enforce, guard or judge: police, border guards, customs, courts, armed forces.",
          "Enforcement and justice", "Forces de l'ordre et justice", _ACTOR, eurovoc=(502, 2440)),
    Label("actor.company", "A business or an industry, such as platforms, banks, carriers and employers.",
          "Companies", "Entreprises", _ACTOR, eurovoc=(828,)),
    Label("actor.criminal", "Persons or groups who do harm: smugglers, traffickers, terrorists, gangs, hackers.",
          "Criminals and hostile groups", "Criminels et groupes hostiles", _ACTOR),
    Label("actor.civil_society", "Associations, unions, churches, media, universities and think tanks.",
          "Civil society and media", "Société civile et médias", _ACTOR, eurovoc=(2191, 8428)),
    Label("actor.people", "People affected, protected or at risk: migrants, victims, children, citizens, workers.",
          "People affected", "Personnes concernées", _ACTOR, eurovoc=(2986, 3320, 4695)),

    Label("measure.cooperation", "Working together: coordination, partnership, agreement, coalition, dialogue.",
          "Cooperation", "Coopération", _MEASURE, eurovoc=(216, 5551)),
    Label("measure.information_sharing", "Exchange of data, intelligence or evidence; registers, alerts, statistics.",
          "Information sharing", "Échange d'informations", _MEASURE, eurovoc=(616,)),
    Label("measure.capacity_building", "Training, equipment, staff, money, technical or military aid, new units.",
          "Capacity building", "Renforcement des capacités", _MEASURE),
    Label("measure.border_control", "Checks, surveillance, visas, entry rules, returns and readmission.",
          "Border control", "Contrôle des frontières", _MEASURE, eurovoc=(5540,)),
    Label("measure.legislation", "Laws, treaties, standards and rules, their making, ratification and transposition.",
          "Legislation", "Législation", _MEASURE, eurovoc=(1589,)),
    Label("measure.law_enforcement", "Investigation, arrest, prosecution, sentence, seizure, police operation.",
          "Law enforcement", "Action policière et judiciaire", _MEASURE, eurovoc=(1457, 3055)),
    Label("measure.financial", "Sanctions, frozen or confiscated assets, money-laundering checks, tracing of money.",
          "Sanctions and financial measures", "Sanctions et mesures financières", _MEASURE, eurovoc=(3483, 3870)),
    Label("measure.digital", "Removal of content, duties of platforms, cyber defence, age checks, encryption policy.",
          "Digital measures", "Mesures numériques", _MEASURE),
    Label("measure.prevention", "Awareness, education, early warning, deradicalisation, resilience, root causes.",
          "Prevention", "Prévention", _MEASURE, eurovoc=(3347, 6375)),
    Label("measure.protection", "Help for victims or people at risk: shelter, asylum, rescue, care, humanitarian aid.",
          "Protection and assistance", "Protection et assistance", _MEASURE, eurovoc=(3074, 6727)),

    Label("threat.migrant_smuggling", "People smuggling, or irregular migration spoken of as a security problem.",
          "Migrant smuggling", "Trafic de migrants", _THREAT, eurovoc=(1915,)),
    Label("threat.human_trafficking", "Trafficking in persons, forced labour, sexual exploitation, slavery.",
          "Human trafficking", "Traite des êtres humains", _THREAT, iccs=("0204",), eurovoc=(5933,)),
    Label("threat.terrorism", "Terrorism, its financing and its fighters, violent extremism, radicalisation.",
          "Terrorism", "Terrorisme", _THREAT, eurovoc=(4452,)),
    Label("threat.organised_crime", "Mafias, gangs and networks, gun running, extortion, kidnapping, smuggling.",
          "Organised crime", "Criminalité organisée", _THREAT, iccs=("09051",), eurovoc=(5560,)),
    Label("threat.drug_trafficking", "Production, traffic and sale of drugs and precursors.",
          "Drug trafficking", "Trafic de drogue", _THREAT, iccs=("0601",), eurovoc=(3355,)),
    Label("threat.cybercrime", "Attacks on computers, ransomware, hacking, online fraud, data theft.",
          "Cybercrime", "Cybercriminalité", _THREAT, iccs=("0903",), eurovoc=(3027,)),
    Label("threat.hybrid", "Disinformation, foreign interference, sabotage, espionage, instrumentalised migration.",
          "Hybrid threats", "Menaces hybrides", _THREAT, eurovoc=(6378, 6770)),
    Label("threat.financial_crime", "Money laundering, corruption, fraud, tax or sanctions evasion, counterfeiting.",
          "Financial crime", "Criminalité financière", _THREAT,
          iccs=("0701", "0703", "07041"), eurovoc=(245, 1092, 1095, 5465, 8434)),
    Label("threat.child_abuse", "Sexual abuse or exploitation of children, abuse material, grooming.",
          "Child sexual abuse", "Abus sexuels sur enfants", _THREAT, iccs=("03022",), eurovoc=(6553,)),
    Label("threat.armed_conflict", "War, aggression, missile or nuclear threat, proliferation, coup, escalation.",
          "Armed conflict", "Conflits armés", _THREAT, eurovoc=(306, 1210)),

    Label("role.presidency", "Who holds, takes over or hands on the chair or the leadership of a body.",
          "Presidency", "Présidence", _ROLE, eurovoc=(5806,)),
    Label("role.membership", "Who belongs to, joins, leaves or sits in a body; what kind of body it is.",
          "Membership", "Composition et adhésion", _ROLE, eurovoc=(4063,)),
    Label("role.mandate", "What a body or office is responsible for, tasked with or entitled to.",
          "Mandate", "Mandat et compétences", _ROLE, eurovoc=(4182,)),
    Label("role.decision", "A body decides as an institution: adopts, ratifies, votes, vetoes, signs into law.",
          "Decision", "Décision", _ROLE, eurovoc=(2580, 2629)),
    Label("role.oversight", "Monitoring, review, audit, inspection, reporting duty or evaluation by a body.",
          "Oversight", "Contrôle et suivi", _ROLE, eurovoc=(4675,)),
    Label("role.support", "A body stands ready, undertakes or serves to assist, advise or back another.",
          "Support", "Appui et conseil", _ROLE),
)
# fmt: on


def several(given: Any, *, name: str) -> None:
    """Refuse one str, and what holds nothing, where several labels or columns are expected.

    Args:
        name: what messages call it.

    Raises:
        InputTypeError: see above.
    """
    if isinstance(given, str | bytes):
        kind = type(given).__name__
        raise InputTypeError(f"{name}: expected several, got the {kind} {short(given)}; pass [{short(given)}]")
    if not isinstance(given, Iterable):
        raise InputTypeError(f"{name}: expected several, as in a list, got {type(given).__name__}")

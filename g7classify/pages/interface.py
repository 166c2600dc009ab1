"""What the pages of documents say, in English and French; and the names of labels in these languages."""

from __future__ import annotations

from typing import Final, Literal, get_args

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import OptionError

Interface = Literal["en", "fr"]
INTERFACES: Final[tuple[Interface, ...]] = get_args(Interface)

# By what the template, or the script of the page (SPOKEN), says with it. {…} is filled in by whoever says it.
_EN: Final = {
    "title": "What was tagged",
    "about": "Sentences and the labels that a model gave them.",
    "noscript": "This page shows its text with a script of its own, which this program does not run. "
    "Nothing is loaded from anywhere.",
    "old": "This browser is too old for this page: it knows no DecompressionStream.",
    "skip": "Skip to the results",
    "sentences": "sentences",
    "tagged": "with tags",
    "tags": "tags",
    "in_doubt": "to look at",
    "model": "Model:",
    "unread": "Files not read, or not to the end:",
    "views": "Views",
    "text": "Text",
    "matrix": "Matrix",
    "table": "Table",
    "filters": "Filters",
    "reset": "Reset",
    "search": "Contains",
    "least": "Probability from",
    "doubt_only": "Only what to look at",
    "doubt_note": "Probability close to the threshold: the model could have decided either way.",
    "language": "Language",
    "file": "File",
    "thousands": ",",
    "any_language": "any",
    "any_file": "any",
    "any_label": "any",
    "whole": "{name} (all)",
    "labels": "Labels",
    "rows": "Rows",
    "columns": "Columns",
    "against": "and also",
    "matrix_note": "In how many sentences two labels stand together. A click shows them.",
    "save": "Save as CSV",
    "previous": "Previous rows",
    "next": "Next rows",
    "fr": "French",
    "en": "English",
    "de": "German",
    "it": "Italian",
    "ja": "Japanese",
    "es": "Spanish",
}
_EN_SPOKEN: Final = {
    "shown": "{sentences} of {all} sentences, {tags} tags",
    "none": "No sentence is left: loosen the filters.",
    "nothing": "There is no sentence.",
    "look": "look here",
    "doubt": "in doubt",
    "missed": "just missed",
    "left": "a better model would have read it, had its budget not been spent",
    "page": "page",
    "row": "row",
    "why": "Why {label}?",
    "within": "{group}: {label}",
    "close": "Close",
    "probability": "probability",
    "threshold": "threshold",
    "raised": "The probability is that of “{label}”, which implies this label. Its own words:",
    "logit": "Words speak for the label (+) or against it (−), in logits, log(p/(1−p)); they add up.",
    "word": "word",
    "contribution": "contribution",
    "rest": "all other words",
    "bias": "without any word",
    "total": "in all",
    "no_table": "This model is no table, and only a table’s scores are sums over words: there are none to show.",
    "absent": "The model that decided is not at hand, so its words cannot be told.",
    "all": "{label} (all)",
    "together": "{row} and {column}: {count} sentences",
    "sentence": "sentence",
    "label": "label",
    "file": "file",
    "place": "page or row",
    "text": "text",
    "in_doubt": "in doubt",
    "range": "{first}–{last} of {all}",
}
_FR: Final = {
    "title": "Ce qui a été étiqueté",
    "about": "Des phrases et les étiquettes qu’un modèle leur a données.",
    "noscript": "Cette page montre son texte par un script qui lui est propre, que ce programme n’exécute pas. "
    "Rien n’est chargé d’ailleurs.",
    "old": "Ce navigateur est trop ancien pour cette page : il ne connaît pas DecompressionStream.",
    "skip": "Aller aux résultats",
    "sentences": "phrases",
    "tagged": "étiquetées",
    "tags": "étiquettes",
    "in_doubt": "à vérifier",
    "model": "Modèle :",
    "unread": "Fichiers non lus, ou pas jusqu’au bout :",
    "views": "Vues",
    "text": "Texte",
    "matrix": "Matrice",
    "table": "Tableau",
    "filters": "Filtres",
    "reset": "Tout montrer",
    "search": "Contient",
    "least": "Probabilité minimale",
    "doubt_only": "Seulement ce qui est à vérifier",
    "doubt_note": "Probabilité proche du seuil : le modèle aurait pu trancher dans l’autre sens.",
    "language": "Langue",
    "file": "Fichier",
    "thousands": "\u00a0",
    "any_language": "toutes",
    "any_file": "tous",
    "any_label": "n’importe laquelle",
    "whole": "{name} (tout)",
    "labels": "Étiquettes",
    "rows": "Lignes",
    "columns": "Colonnes",
    "against": "et aussi",
    "matrix_note": "Dans combien de phrases deux étiquettes se trouvent ensemble. Un clic les montre.",
    "save": "Enregistrer en CSV",
    "previous": "Lignes précédentes",
    "next": "Lignes suivantes",
    "fr": "français",
    "en": "anglais",
    "de": "allemand",
    "it": "italien",
    "ja": "japonais",
    "es": "espagnol",
}
_FR_SPOKEN: Final = {
    "shown": "{sentences} phrases sur {all}, {tags} étiquettes",
    "none": "Aucune phrase ne reste : élargissez les filtres.",
    "nothing": "Il n’y a aucune phrase.",
    "look": "à vérifier",
    "doubt": "incertain",
    "missed": "manqué de peu",
    "left": "un meilleur modèle l’aurait lue si son budget n’avait pas été épuisé",
    "page": "page",
    "row": "ligne",
    "why": "Pourquoi {label} ?",
    "within": "{group} : {label}",
    "close": "Fermer",
    "probability": "probabilité",
    "threshold": "seuil",
    "raised": "La probabilité est celle de « {label} », qui implique cette étiquette. Ses propres mots :",
    "logit": "Les mots plaident pour l’étiquette (+) ou contre (−), en logits, log(p/(1−p)) ; ils s’additionnent.",
    "word": "mot",
    "contribution": "contribution",
    "rest": "tous les autres mots",
    "bias": "sans aucun mot",
    "total": "au total",
    "no_table": "Ce modèle n’est pas une table, et seuls les scores d’une table sont des sommes de mots : "
    "il n’y en a pas à montrer.",
    "absent": "Le modèle qui a tranché n’est pas à portée : ses mots ne peuvent être dits.",
    "all": "{label} (tout)",
    "together": "{row} et {column} : {count} phrases",
    "sentence": "phrase",
    "label": "étiquette",
    "file": "fichier",
    "place": "page ou ligne",
    "text": "texte",
    "in_doubt": "incertain",
    "range": "{first}–{last} sur {all}",
}
TEXTS: Final[dict[Interface, dict[str, str]]] = {"en": _EN, "fr": _FR}
SPOKEN: Final[dict[Interface, dict[str, str]]] = {"en": _EN_SPOKEN, "fr": _FR_SPOKEN}


def chosen(interface: str | None, language: str) -> Interface:
    """The interface asked for, or else the one of a language; English for one that there is none for.

    Raises:
        OptionError: there is no such interface.
    """
    if interface is None:
        return "fr" if language == "fr" else "en"
    if interface not in INTERFACES:
        raise OptionError(f"interface {interface!r}: expected one of {', '.join(INTERFACES)}")
    return interface


def shown(label: str, codebook: Codebook | None, interface: Interface) -> str:
    """The name of a label as people read it: that of a codebook, or of the shipped one, or else its own."""
    for book in (codebook, CODEBOOK):
        if book is not None and label in book.names:
            found = book.labels[book.index(label)]
            return found.display_fr if interface == "fr" else found.display_en
    return label

"""The tables of figures in French: their heads, the names of their lines, and how numbers are written."""

from __future__ import annotations

import re
from typing import Final

# In heads, in the first cell of a line and beside pictures; the longer ones come first. Names are not translated.
PHRASES: Final = {
    "plain pass: tokens and hashes, no look-up": "passe nue : mots et hachage, sans table",
    "the same, the labels of every sentence read": "de même, étiquettes de chaque phrase lues",
    "F1 of the tiers over sentences a second": "F1 des niveaux selon le nombre de phrases par seconde",
    "the same, all as dicts": "de même, tout en dictionnaires",
    "the same, 2 threads": "de même, 2 fils d'exécution",
    "splitting documents": "découpage compris",
    "Arrow column of strings": "colonne Arrow de textes",
    "two annotations": "deux annotations",
    "at best thresholds": "aux meilleurs seuils",
    "sub-type macro-F1": "macro-F1 des sous-types",
    "category macro": "macro des catégories",
    "cross-validation:": "validation croisée :",
    "held-out:": "réservées :",
    "escalated there": "transmises",
    "hours a million": "heures par million",
    "import + load": "import + chargement",
    "of the plain pass": "de la passe nue",
    "sentences/s": "phrases/s",
    "as shipped": "tel que livré",
    "taught": "instruit",
    "batches of": "lots de",
    "kernel": "noyau",
    "memory, MB": "mémoire, Mo",
    "model, MB": "modèle, Mo",
    "MB": "Mo",
    "model": "modèle",
    "system": "système",
    "path": "chemin",
    "to": "vers",
}
PHRASE: Final = re.compile("|".join(rf"(?<![\w-]){re.escape(one)}(?![\w-])" for one in PHRASES))
CELL: Final = re.compile(r"(?<!\\)\|")


def told(figures: str) -> str:
    """A table or a picture in French."""
    lines = [_line(line, head=number == 0) for number, line in enumerate(figures.splitlines())]
    return "".join(f"{line}\n" for line in lines)


def _line(line: str, *, head: bool) -> str:
    if not line.startswith("|"):
        return _words(line)
    if set(line) <= set("|-: "):
        return line
    first, *others = CELL.split(line)[1:-1]
    return f"|{'|'.join([_names(first), *(_names(cell) if head else number(cell) for cell in others)])}|"


def _names(cell: str) -> str:
    # A comma parts thousands in a head too: de (2,037).
    return re.sub(r"(\d)%", "\\1\u00a0%", re.sub(r"(\d),(?=\d{3}\b)", "\\1\u202f", _words(cell)))


def _words(text: str) -> str:
    return PHRASE.sub(lambda match: PHRASES[match[0]], text)


def number(cell: str) -> str:
    """The numbers of a cell: 1,234.5 is 1 234,5, .709 is 0,709, [.621, .644] is [0,621 ; 0,644]."""
    cell = re.sub(r", (?=[-+.\d])", " ; ", cell)
    cell = re.sub(r"(\d),(?=\d{3}\b)", "\\1\u202f", cell)
    cell = re.sub(r"(?<!\d)\.(?=\d)", "0,", cell)
    cell = re.sub(r"(\d)\.(?=\d)", r"\1,", cell)
    cell = re.sub(r"(\d)%", "\\1\u00a0%", cell)
    return cell.replace(" of ", " sur ").replace("-", "\u2212")

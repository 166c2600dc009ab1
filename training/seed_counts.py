"""The tables of counts in `seeds/README.md`, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from g7classify.codebook import CODEBOOK
from g7classify.learn.cards import markdown
from training.seed_rows import Row

README_BEGIN = "<!-- counts: written by `python -m training.seeds readme`, not by hand -->"
README_END = "<!-- end of counts -->"
TOP_GENRES = 25


def tables(rows: Sequence[Row]) -> str:
    """Sentences per language, per genre, per category and language, and per label and language.

    Raises:
        UnknownLabelError: A label is not in the codebook.
    """
    return "\n" + "\n".join((_per_language(rows), _per_genre(rows), _per_category(rows), _per_label(rows)))


def _per_language(rows: Sequence[Row]) -> str:
    lines = []
    for language in [*_languages(rows), "all"]:
        chosen = [row for row in rows if language in (row.lang, "all")]
        groups = len({row.group for row in chosen})
        bare = sum(not row.labels for row in chosen)
        labels = sum(len(row.labels) for row in chosen) / len(chosen)
        lines.append([language, f"{len(chosen):,}", f"{groups:,}", f"{bare:,}", f"{labels:.2f}"])
    return _table("Per language", ["language", "sentences", "groups", "without a label", "labels a sentence"], lines)


def _per_genre(rows: Sequence[Row]) -> str:
    genres = Counter(row.genre for row in rows)
    top = sorted(genres, key=lambda genre: (-genres[genre], genre))[:TOP_GENRES]
    lines = [[genre, f"{genres[genre]:,}"] for genre in top]
    if rest := len(genres) - len(top):
        lines.append([f"{rest} others", f"{len(rows) - sum(genres[genre] for genre in top):,}"])
    return _table(f"Per genre (the {len(top)} most frequent)", ["genre", "sentences"], lines)


def _per_category(rows: Sequence[Row]) -> str:
    closed = [(row.lang, CODEBOOK.close(row.labels)) for row in rows]
    return _label_table(rows, "Per category: its sub-types or the bare category hold", CODEBOOK.categories, closed)


def _per_label(rows: Sequence[Row]) -> str:
    given = [(row.lang, row.labels) for row in rows]
    return _label_table(rows, "Per label as given (a category: bare, no sub-type fits)", CODEBOOK.names, given)


def _label_table(
    rows: Sequence[Row], title: str, names: Sequence[str], labelled: Sequence[tuple[str, tuple[str, ...]]]
) -> str:
    counts = Counter((label, language) for language, labels in labelled for label in labels)
    languages = _languages(rows)
    lines = []
    for name in names:
        cells = [counts[name, language] for language in languages]
        lines.append([name, *(f"{count:,}" for count in cells), f"{sum(cells):,}"])
    return _table(title, ["label", *languages, "all"], lines)


def _languages(rows: Sequence[Row]) -> list[str]:
    counts = Counter(row.lang for row in rows)
    return sorted(counts, key=lambda language: (-counts[language], language))


def _table(title: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return f"### {title}\n\n{markdown.table(head, lines)}"

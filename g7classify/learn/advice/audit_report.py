"""An audit as tables for the terminal."""

from __future__ import annotations

from typing import Final, TextIO

from g7classify import report
from g7classify.learn.advice.auditing import Audit

SHOWN: Final = 20  # of each kind
WIDTH: Final = 70  # of a text


def write(audit: Audit, stream: TextIO) -> None:
    """What was found, the most telling first, at most SHOWN of a kind; texts are cut at WIDTH characters."""
    disputed = sum(1 for repeat in audit.repeats if repeat.disputed)
    f1 = "-" if audit.subtype_macro_f1 is None else f"{audit.subtype_macro_f1:.3f}"
    stream.write(
        f"{audit.rows} rows, judged by a model of cross-validated sub-type macro-F1 {f1}\n"
        f"{len(audit.suspects)} with likely label errors\n"
        f"{len(audit.repeats)} texts told twice or more, {disputed} with different labels\n"
        f"{len(audit.leaks)} leaks into the other data, {len(audit.shared_groups)} groups in both\n"
        f"{sum(label.thin for label in audit.labels)} labels of too few independent rows\n"
    )
    _grid(
        f"likely label errors{_of(audit.suspects)}",
        ("id", "change", "probability", "text"),
        [
            (
                s.id if i == 0 else "",
                f"{'-' if c.given else '+'} {c.label}",
                f"{c.probability:.3f}",
                s.text if i == 0 else "",
            )
            for s in audit.suspects[:SHOWN]
            for i, c in enumerate(s.changes)
        ],
        stream,
    )
    _grid(
        f"repeats{_of(audit.repeats)}",
        ("id", "also", "", "disputed labels"),
        [
            (r.ids[0], ", ".join(r.ids[1:]), "same text" if r.exact else "near-duplicate", ", ".join(r.disputed) or "-")
            for r in audit.repeats[:SHOWN]
        ],
        stream,
    )
    _grid(
        f"leaks{_of(audit.leaks)}",
        ("id", "in the other data", ""),
        [(k.id, k.other_id, "same text" if k.exact else "near-duplicate") for k in audit.leaks[:SHOWN]],
        stream,
    )
    languages = sorted({language for label in audit.labels for language in label.languages})
    _grid(
        "labels (!: too few independent rows)",
        ("label", "rows", "effective", *languages),
        [
            (
                label.label,
                str(label.rows),
                f"{label.effective:.1f}{' !' if label.thin else '  '}",
                *(str(label.languages[language]) for language in languages),
            )
            for label in audit.labels
        ],
        stream,
    )
    _grid(
        f"labels taken for each other{_of(audit.confusions)}",
        ("label", "other", "rows", "taken for other", "rows of other", "taken for label", "share", "separation"),
        [
            (
                c.label,
                c.other,
                str(c.only_label),
                str(c.taken_for_other),
                str(c.only_other),
                str(c.taken_for_label),
                f"{c.share:.3f}",
                f"{c.separation:.3f}",
            )
            for c in audit.confusions[:SHOWN]
        ],
        stream,
    )


def _of(found: tuple[object, ...]) -> str:
    return f" ({SHOWN} of {len(found)})" if len(found) > SHOWN else ""


def _grid(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]], stream: TextIO) -> None:
    if rows:
        stream.write(f"\n{title}\n")
        report.write_grid(head, [tuple(_short(cell) for cell in row) for row in rows], stream)


def _short(cell: str) -> str:
    shown = report.visible(cell)
    return shown if len(shown) <= WIDTH else f"{shown[: WIDTH - 1]}…"

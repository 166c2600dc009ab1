"""The tables of Spark for the pages: what was measured, and what it comes to at the size of the web. See figures."""

from __future__ import annotations

import math
from collections.abc import Callable

from benchmarks import records
from g7classify.learn.cards import markdown

ONE = "1 on one CPU each"  # of an executor: what all others of a full machine leave to it
WAYS = {
    "tag": "`spark.tag`, sentences",
    "tag_sentences": "`spark.tag_sentences`, documents",
    "untouched": "the same sentences through Python and back, not tagged",
}
ALONE = {"tag": "tag", "tag_sentences": "tag_sentences", "tag, Parquet read": "tag"}

# Assumptions, not figures: docs/how-to/web-scale.md states them, and fills them in from here.
VCPU_HOUR_USD = 0.05  # on demand, general purpose; price lists of November 2026 differ by a factor of two around it
MACHINE_VCPUS = 16
BUSY = 0.7  # the share of paid core-hours in which tasks run: start, stragglers, lost machines
SIZES = {1e9: 1.0, 1e11: 24.0}  # sentences, and the hours in which they are to be done


def table() -> str:
    """Sentences a second of Arrow alone and of executors, and their CPU time."""
    figures = records.read("spark")
    lines = []
    for way, one in figures["arrow"].items():
        name = "Arrow alone, " + ("Parquet read, " if way not in WAYS else "") + WAYS[ALONE[way]].split(", ")[1]
        rate = one["sentences_per_second"]["median"]
        lines.append([name, "", f"{rate:,.0f}", f"{1e6 / rate:.2f}", ""])
    for executors, ways in figures["spark"].items():
        for way, one in ways.items():
            rate, cpu = one["sentences_per_second"]["median"], one["cpu_us_per_sentence"]["median"]
            alone = figures["arrow"].get(way)
            share = f"{rate / alone['sentences_per_second']['median']:.0%}" if alone else ""
            lines.append([WAYS[way], executors, f"{rate:,.0f}", f"{cpu:.2f}", share])
    return markdown.table(["path", "executors", "sentences/s", "CPU us a sentence", "of Arrow alone, 1 CPU"], lines)


def web_scale() -> str:
    """Core-hours, machines, cost and traffic of 1e9 and of 1e11 sentences."""
    figures = records.read("spark")
    lines = []
    for sentences, hours in SIZES.items():
        for way in ("tag", "tag_sentences"):
            rate = figures["spark"][ONE][way]["sentences_per_second"]["median"]
            core_hours = sentences / rate / 3600 / BUSY
            machines = math.ceil(core_hours / MACHINE_VCPUS / hours)
            text = sentences * figures["bytes_per_sentence"]
            lines.append(
                [
                    f"{sentences:.0e}".replace("e+0", "e").replace("e+", "e"),
                    WAYS[way],
                    f"{core_hours:,.1f}" if core_hours < 100 else f"{core_hours:,.0f}",
                    f"{machines:,} for {hours:.0f} h",
                    f"{core_hours * VCPU_HOUR_USD:,.2f}",
                    f"{text / 1e12:,.2f}",
                    f"{8 * rate * MACHINE_VCPUS * figures['bytes_per_sentence'] / 1e9:.1f}",
                ]
            )
    heads = ["sentences", "path", "paid core-hours", f"machines of {MACHINE_VCPUS} vCPUs", "USD", "text, TB"]
    return markdown.table([*heads, "text into each, Gbit/s"], lines)


def assumptions() -> str:
    """The numbers of web_scale that nobody measured."""
    lines = [
        ["price of a vCPU-hour, USD", f"{VCPU_HOUR_USD:.2f}"],
        ["vCPUs of a machine", str(MACHINE_VCPUS)],
        ["share of the paid time in which tasks run", f"{BUSY:.0%}"],
    ]
    return markdown.table(["assumed", ""], lines)


TABLES: dict[str, Callable[[], str]] = {
    "spark": table,
    "spark-web-scale": web_scale,
    "spark-assumptions": assumptions,
}

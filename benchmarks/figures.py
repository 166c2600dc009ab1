"""Write the tables of benchmarks/results/*.json into README.md, benchmarks/README.md and the pages of docs/.

Run as `python -m benchmarks.figures`.

A table stands between `<!-- figures: NAME -->` and `<!-- end of figures -->`; nothing else is touched. With
`--check` nothing is written, and a table that is not the one the results give is an error.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

import click

from benchmarks import (
    extraction,
    figures_curves,
    figures_quality,
    figures_spark,
    frames,
    french,
    records,
    streaming,
    suggesting,
)
from benchmarks.samples import CORPUS
from g7classify import registry
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import number
from training.build import ROOT

PAGES = (
    ROOT / "README.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "README.fr.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
FRENCH = (ROOT / "README.fr.md",)
BLOCK = re.compile(r"(<!-- figures: ([a-z0-9-]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def splitting() -> str:
    """Splitters beside each other, all languages together; speed is the median of the languages."""
    figures = records.read("splitting")
    lines = []
    for name, version in figures["versions"].items():
        rows = [row for row in figures["rows"] if row["splitter"] == name]
        tuned, held_out = (
            f"{sum(row[f'{part}_exact'] for row in rows)} of {sum(row[f'{part}_cases'] for row in rows)}"
            for part in ("tuned", "held_out")
        )
        f1, wrapped = (median(row[key] for row in rows) for key in ("f1", "wrapped_f1"))
        speed = median(row["megabytes_per_second"] for row in rows)
        lines.append([f"{name} {version}", tuned, held_out, number(f1), number(wrapped), f"{speed:.1f}"])
    head = ["splitter", "golden cases", "held-out cases", "recovered F1", "in wrapped lines", "MB/s"]
    return markdown.table(head, lines)


def speed() -> str:
    """Every path of the written corpus, with each kernel."""
    kernels = records.read("speed")["kernels"]
    paths = {kernel: kinds[CORPUS] for kernel, kinds in kernels.items()}
    lines = []
    for path, figures in next(iter(paths.values())).items():
        if "sentences_per_second" in figures:
            lines.append([path, *(cell for one in paths.values() for cell in speed_cells(one[path]))])
    heads = [f"{kernel}: {unit}" for kernel in kernels for unit in ("sentences/s", "MB/s", "of the plain pass")]
    return markdown.table(["path", *heads], lines)


def speed_in_short() -> str:
    """The paths that most people take, with each kernel."""
    kernels = records.read("speed")["kernels"]
    lines = []
    for path, name in SHORT.items():
        cells = [one[CORPUS][path]["sentences_per_second"]["median"] for one in kernels.values()]
        share = next(iter(kernels.values()))[CORPUS][path]["share_of_plain"]["median"]
        lines.append([name, *(f"{cell:,.0f}" for cell in cells), number(share)])
    heads = [f"sentences/s, kernel {kernel}" for kernel in kernels]
    return markdown.table(["path", *heads, f"of the plain pass, {next(iter(kernels))}"], lines)


SHORT = {
    "plain pass": "plain pass: tokens and hashes, no look-up",
    "predict_proba, batches of 1,000": "`predict_proba`, batches of 1,000",
    "predict_proba, batches of 1,000, 2 threads": "the same, 2 threads",
    "scores_utf8 (Arrow column)": "Arrow column of strings",
    "tag_many, documents counted": "`tag_many`, splitting documents",
    "tag_many, labels read": "the same, the labels of every sentence read",
    "tag_many, to_dict": "the same, all as dicts",
}


def speed_cells(figures: dict[str, Any]) -> list[str]:
    """Medians of one path."""
    rate, size, share = (
        figures[key]["median"] for key in ("sentences_per_second", "megabytes_per_second", "share_of_plain")
    )
    return [f"{rate:,.0f}", f"{size:.1f}", number(share)]


def latency() -> str:
    """Microseconds of single sentences, with each kernel."""
    kernels = records.read("speed")["kernels"]
    lines = []
    for path, figures in next(iter(kernels.values()))[CORPUS].items():
        if "p50_us" in figures:
            told = [one[CORPUS][path][key]["median"] for one in kernels.values() for key in figures]
            lines.append([path.removeprefix("one sentence, "), *(f"{value:,.1f}" for value in told)])
    return markdown.table(["one sentence, us", *(f"{kernel}: p{p}" for kernel in kernels for p in (50, 95, 99))], lines)


def speed_by_text() -> str:
    """The first kernel's paths on every kind of text."""
    kinds = next(iter(records.read("speed")["kernels"].values()))
    lines = [
        [f"{kind}: {path}", *speed_cells(figures)]
        for kind, paths in kinds.items()
        for path, figures in paths.items()
        if "sentences_per_second" in figures
    ]
    return markdown.table(["text and path", "sentences/s", "MB/s", "of the plain pass"], lines)


def footprint() -> str:
    """Milliseconds, megabytes and bytes, by model where the model matters."""
    figures = records.read("footprint")
    models = figures["models"]
    same = {f"{name}, whole process, ms": one["wall_ms"] for name, one in figures["processes"].items()}
    same |= {f"import {name}, alone, ms": one["import_ms"] for name, one in figures["imports"].items()}
    lines = [[name, *[span(one)] * len(models)] for name, one in same.items()]
    for key, name in FOOTPRINT.items():
        lines.append([name, *(span(one[key]) for one in models.values())])
    lines.append(["model file, bytes", *(f"{one['model_bytes']:,}" for one in models.values())])
    lines.append(["wheel with all models, bytes", *[f"{figures['wheel_bytes']:,}"] * len(models)])
    return markdown.table(["figure: median (least-most)", *models], lines)


FOOTPRINT = {
    "command_line_ms": "g7classify tag on one sentence, whole process, ms",
    "load_ms": "load by name, after the import, ms",
    "first_tag_ms": "first tag, ms",
    "first_tag_bare_cache_ms": "first tag where nothing is kept yet, ms",
    "first_tag_bare_cache_peak_mb": "peak memory of that, MB",
    "numpy_peak_mb": "peak memory of Python and NumPy, MB",
    "import_above_numpy_mb": "above it after the import, MB",
    "load_above_numpy_mb": "above it after loading, MB",
    "tag_above_numpy_mb": "above it after tagging 1,000 sentences, MB",
}


def import_profile() -> str:
    """The modules that take most of the import."""
    modules = records.read("footprint")["import_profile"]
    return markdown.table(["module", "own ms"], [[f"`{name}`", span(one["self_ms"])] for name, one in modules.items()])


def scaling() -> str:
    """Every curve: cost where least and most was measured, its exponent, and the memory of streams."""
    lines = []
    for name, curve in records.read("scaling")["curves"].items():
        first, *_, last = curve["points"]
        cells = [f"{int(first):,}-{int(last):,}", f"{curve['exponent']:.2f}"]
        least, most = (curve["points"][at] for at in (first, last))
        for key, label in SCALING.items():
            if key in least:
                ends = [
                    value if isinstance(value, float | int) else value["median"] for value in (least[key], most[key])
                ]
                lines.append(
                    [name, *cells, label, *(f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}" for value in ends)]
                )
                name, cells = "", ["", ""]
    return markdown.table(
        ["what grows", "from-to", "exponent of the cost", "figure", "at the least", "at the most"], lines
    )


SCALING = {
    "total_seconds": "seconds",
    "sentences_per_second": "sentences/s",
    "nanoseconds_per_byte": "ns a byte",
    "rows_per_second": "rows/s",
    "peak_memory_mb": "peak memory, MB",
    "table_bytes": "bytes of the table",
}


def span(figure: dict[str, float]) -> str:
    """Median and range."""
    return f"{figure['median']:.1f} ({figure['least']:.1f}-{figure['most']:.1f})"


def peers() -> str:
    """What a user could pick instead, beside us."""
    return peer_table(records.read("peers"))


def peers_in_short() -> str:
    """Accuracy, speed, size and memory of each."""
    figures = records.read("peers")
    lines = []
    for name, system in figures["systems"].items():
        of_rows = "" if system["train_rows"] == figures["rows"]["train"] else f" ({system['train_rows']:,} rows)"
        speed = system["sentences_per_second"]["median"]
        line = [
            f"{name} {next(iter(system['versions'].values()))}{of_rows}",
            number(system["subtype_macro_f1"]["value"]),
            number(system["subtype_micro_f1"]["value"]),
            f"{speed:,.0f}",
            f"{system['model_bytes'] / 1e6:,.0f}",
            f"{system['import_ms']['median'] + system['load_ms']['median']:,.0f}",
            f"{system['peak_rss_bytes']['median'] / 1e6:,.0f}",
        ]
        lines.append(line)
    lines += [[f"{name}: {why}", *[""] * 6] for name, why in figures["unavailable"].items()]
    head = ["system", "sub-type macro-F1", "micro", "sentences/s", "model, MB", "import + load, ms", "memory, MB"]
    return markdown.table(head, lines)


def peer_table(figures: dict[str, Any]) -> str:
    """The figures of the peers benchmark; a system that could not be measured says why."""
    systems = figures["systems"]
    ours = systems.get("g7classify", {}).get("sentences_per_second", {}).get("median")
    lines = []
    for name, system in systems.items():
        version = next(iter(system["versions"].values()))
        macro, speed = system["subtype_macro_f1"], system["sentences_per_second"]
        of_rows = "" if system["train_rows"] == figures["rows"]["train"] else f", {system['train_rows']:,} rows"
        line = [
            f"{name} {version}{of_rows}",
            f"{number(macro['value'])} [{number(macro['low'])}, {number(macro['high'])}]",
            number(system["subtype_micro_f1"]["value"]),
            f"{speed['median']:,.0f} ({speed['min']:,.0f}-{speed['max']:,.0f})",
            f"{ours / speed['median']:,.1f}" if ours else "",
            f"{system['single_p50_us']['median']:,.0f}",
            f"{system['model_bytes'] / 1e6:,.1f}",
            f"{system['import_ms']['median'] + system['load_ms']['median']:,.0f}",
            f"{system['peak_rss_bytes']['median'] / 1e6:,.0f}",
            f"{system['train_seconds']:,.0f}",
        ]
        lines.append(line)
    lines += [[f"{name}: {why}", *[""] * 9] for name, why in figures["unavailable"].items()]
    head = [
        "system",
        "sub-type macro-F1 [95 %]",
        "micro",
        "sentences/s (least-most)",
        "g7classify is faster, times",
        "one sentence, us",
        "model, MB",
        "import + load, ms",
        "peak memory, MB",
        "training, s",
    ]
    return markdown.table(head, lines)


def models() -> str:
    """The shipped models and their chief figures, from the manifest."""
    keys = ("subtype_macro_f1", "subtype_micro_f1", "category_macro_f1")
    lines = [
        [f"`{entry.name}` {entry.version}", f"{entry.bytes / 1e6:.1f}", *(number(entry.metrics[key]) for key in keys)]
        for entry in sorted(registry.models(), key=lambda entry: -entry.bytes)
    ]
    return markdown.table(["model", "MB", "sub-type macro-F1", "micro", "category macro"], lines)


def cascade() -> str:
    """F1 and cost of the table, the cascade and the deep model; hours of this machine for a million sentences."""
    return markdown.table(*cascade_cells())


def cascade_in_short() -> str:
    """The tiers and a few budgets, without categories and what was left."""
    head, lines = cascade_cells()
    kept = [at for at, name in enumerate(head) if "category" not in name and name != "left"]
    told = [line for line in lines if not re.search(r", (?:1|2|20|50|100)% ", line[0])]
    return markdown.table([head[at] for at in kept], [[line[at] for at in kept] for line in told])


def cascade_cells() -> tuple[list[str], list[list[str]]]:
    """The head and the lines of the whole table."""
    figures = records.read("cascade")
    crossed = figures["cross_validation"]
    by_budget = {one["budget"]: one for one in crossed["budgets"]} | {
        "table": crossed["budgets"][0],
        "deep": crossed["deep"],
    }
    keys = ("subtype_macro_f1", "subtype_micro_f1", "category_macro_f1")
    lines = []
    for line in figures["held_out"]:
        key = line["budget"] if line["budget"] is not None else line["tier"]
        rate = line["sentences_per_second"]
        lines.append(
            [
                line["system"],
                *(number(one[figure]) for one in (by_budget[key], line) for figure in keys),
                f"{line['escalated']:.1%}" if line["budget"] is not None else "",
                f"{line['left']:.1%}" if line["budget"] is not None else "",
                f"{rate:,.0f}",
                f"{1e6 / rate / 3600:.2f}",
            ]
        )
    heads = [
        f"{part}: {name}" for part in ("cross-validation", "held-out") for name in ("macro-F1", "micro", "category")
    ]
    return ["system", *heads, "escalated there", "left", "sentences/s", "hours a million"], lines


def cascade_criteria() -> str:
    """What else could choose the sentences to escalate: macro-F1 and share of the distance to the deep model."""
    figures = records.read("cascade")
    crossed = figures["cross_validation"]
    start, end = crossed["budgets"][0]["subtype_macro_f1"], crossed["deep"]["subtype_macro_f1"]
    budgets = [one["budget"] for one in next(iter(figures["criteria"].values()))]
    lines = [
        [name, *(cell for one in found for cell in told_way(one["subtype_macro_f1"], start, end))]
        for name, found in figures["criteria"].items()
    ]
    heads = [head for budget in budgets for head in (f"{budget:.0%}: macro-F1", "of the distance")]
    return markdown.table(["criterion", *heads], lines)


def told_way(value: float, start: float, end: float) -> tuple[str, str]:
    """A figure, and how far it is from start to end."""
    return number(value), f"{(value - start) / (end - start):.0%}"


def cascade_picture() -> str:
    """The tiers, F1 over speed."""
    return "![F1 of the tiers over sentences a second](benchmarks/results/cascade.svg)\n"


TABLES: dict[str, Callable[[], str]] = (
    figures_quality.TABLES
    | figures_curves.TABLES
    | figures_spark.TABLES
    | {
        "cascade": cascade,
        "cascade-criteria": cascade_criteria,
        "cascade-in-short": cascade_in_short,
        "cascade-picture": cascade_picture,
        "extraction": extraction.table,
        "footprint": footprint,
        "frames": frames.table,
        "import-profile": import_profile,
        "latency": latency,
        "models": models,
        "scaling": scaling,
        "peers": peers,
        "peers-in-short": peers_in_short,
        "speed": speed,
        "speed-by-text": speed_by_text,
        "speed-in-short": speed_in_short,
        "splitting": splitting,
        "streaming": streaming.table,
        "suggesting": suggesting.table,
    }
)


def fill(page: str, *, in_french: bool = False) -> str:
    """The same page with every table made anew."""
    written = french.told if in_french else str
    return BLOCK.sub(lambda match: f"{match[1]}{written(TABLES[match[2]]())}{match[3]}", page)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a table is stale.")
def main(check: bool) -> None:
    """Write the tables of figures into the pages."""
    for path in PAGES:
        before = path.read_text(encoding="utf-8")
        after = fill(before, in_french=path in FRENCH)
        if check and after != before:
            raise click.ClickException(f"{path.name} has figures that benchmarks/results do not give")
        if not check:
            path.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

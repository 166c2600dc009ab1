"""Accuracy against cost: the table, the cascade at several budgets, the deep model: `make cascade HELD_OUT=rows.jsonl`.

F1 at the shipped thresholds on rows that no model was trained on, and sentences a second on the same rows in the same
run, each sentence taken whole; loading and the first call are not counted. Cross-validated figures, and the comparison
of criteria, are those that training.deep.fusing recorded when the cascade was fitted. The picture has the peers too,
their F1 on the same rows as benchmarks.quality recorded it, their speed as benchmarks.peers did.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from benchmarks import quality_plots, records
from benchmarks.quality_peers import TEACHER, TEST
from benchmarks.quality_plots import COLOURS, FAINT
from benchmarks.quality_systems import OURS
from g7classify import Tagger, decision, load, registry
from g7classify.cascade import Cascade
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import chief_f1
from training.deep.fusing import BUDGETS, NAME, VERSION
from training.publish import EVALUATIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TABLE: Final = "g7-base"
DEEP: Final = "g7-deep"
ROUNDS: Final = 3


def taggers() -> dict[str, tuple[Tagger, Cascade | None]]:
    """What is measured, with its cascade if it is one."""
    found: dict[str, tuple[Tagger, Cascade | None]] = {TABLE: (load(TABLE), None)}
    whole, *_ = registry.cascade(TABLE, DEEP, budget=1)
    for budget in BUDGETS[1:]:
        cascade = whole.with_budget(budget)  # its transformer is made ready once
        found[f"{TABLE}, {budget:.0%} to {DEEP}"] = Tagger(cascade), cascade
    found[DEEP] = load(DEEP), None
    return found


def measure(tagger: Tagger, cascade: Cascade | None, dataset: Dataset) -> dict[str, Any]:
    """F1 on labelled rows, the share of them that were escalated, and sentences a second."""
    texts = list(dataset.texts)
    tags = decision.decide(tagger.predict_proba(texts), tagger.thresholds, tagger.codebook)
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        tagger.predict_proba(texts)
        seconds.append(time.perf_counter() - started)
    read = cascade.read(texts) if cascade else None  # as predict_proba does, in one call
    return chief_f1(dataset.labels, tags, dataset.codebook) | {
        "escalated": round(float(read.escalated.mean()), 4) if read else None,
        "left": round(float(read.left.mean()), 4) if read else None,
        "sentences_per_second": round(len(texts) / statistics.median(seconds), 1),
    }


def peers(dataset: Dataset) -> tuple[list[dict[str, Any]], float | None]:
    """F1 of peers on these rows and their speed; F1 of the teachers together. Nothing where other rows were judged."""
    judged, timed = records.read("quality"), records.read("peers")["systems"]
    held_out = judged["held_out"]["evaluations"][judged["held_out"]["chief"]]["overall"]
    if held_out["rows"] != len(dataset):
        return [], None
    found = {name: one["subtype_macro_f1"]["value"] for name, one in judged["peers"]["parts"][TEST].items()}
    points = [
        {
            "system": name,
            "subtype_macro_f1": found[name],
            "sentences_per_second": one["sentences_per_second"]["median"],
        }
        for name, one in timed.items()
        if name in found and name != OURS and "sentences_per_second" in one
    ]
    return points, found.get(TEACHER)


def run(held_out: Path) -> dict[str, Any]:
    """All figures."""
    dataset = Dataset.read(held_out)
    lines: list[dict[str, Any]] = []
    for name, (tagger, cascade) in taggers().items():
        budget = cascade.budget if cascade else None
        tier = "cascade" if cascade else "deep" if name == DEEP else "table"
        lines.append({"system": name, "tier": tier, "budget": budget} | measure(tagger, cascade, dataset))
        click.echo(json.dumps(lines[-1]))
    fitted = json.loads((EVALUATIONS / f"{NAME}-{VERSION}.json").read_text(encoding="utf-8"))
    model = registry.find(DEEP)
    alone = json.loads((EVALUATIONS / f"{model.name}-{model.version}.json").read_text(encoding="utf-8"))["overall"]
    deep = {key: alone[key]["value"] for key in ("subtype_macro_f1", "subtype_micro_f1", "category_macro_f1")}
    points, teacher = peers(dataset)
    return {
        "rows": len(dataset),
        "held_out": lines,
        "peers": points,
        "teacher_subtype_macro_f1": teacher,
        "criteria": fitted["criteria"],
        "cross_validation": {"rows": fitted["rows"], "budgets": fitted["budgets"], "deep": deep},
    }


def plot(axes: Axes, figures: dict[str, Any]) -> None:
    """Sub-type macro-F1 over sentences a second."""
    lines = figures["held_out"]
    mixed = [line for line in lines if line["budget"] is not None]
    keys = ("sentences_per_second", "subtype_macro_f1")
    axes.plot(*([line[key] for line in mixed] for key in keys), marker="o", label=f"{TABLE} with {DEEP}")
    for line in mixed:
        place = tuple(line[key] for key in keys)
        axes.annotate(f"{line['budget']:.0%}", place, textcoords="offset points", xytext=(4, 4))
    for marker, line in zip("sD", (one for one in lines if one["budget"] is None), strict=True):
        axes.plot(*(line[key] for key in keys), marker, label=line["system"])
    for line in figures["peers"]:
        place = tuple(line[key] for key in keys)
        axes.plot(*place, "x", color=COLOURS[-1])
        axes.annotate(line["system"], place, textcoords="offset points", xytext=(5, -2), fontsize=7)
    if figures["teacher_subtype_macro_f1"] is not None:
        axes.axhline(figures["teacher_subtype_macro_f1"], color=FAINT, linestyle="--", label="its teachers together")
    axes.set_xscale("log")
    axes.set_xlabel("sentences a second")
    axes.set_ylabel("sub-type macro-F1, held-out sentences")
    axes.legend(frameon=False)


@click.command()
@click.option("--held-out", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(held_out: Path) -> None:
    """Measure the tiers on HELD_OUT rows."""
    figures = run(held_out)
    path = records.write("cascade", figures)
    quality_plots.picture(path.with_suffix(".svg"), plot, (6.4, 4.4), figures)
    click.echo(path)


if __name__ == "__main__":
    sys.exit(main())

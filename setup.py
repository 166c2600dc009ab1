"""The compiled kernel and splitter, the only part that pyproject.toml cannot describe; it is optional.

G7CLASSIFY_KERNEL says whether it is built: `auto` (as when unset) where that is possible, `yes` or the installation
fails, `no` not at all. Without it the NumPy kernel does the same work, slower.
"""

from __future__ import annotations

import gzip
import os
import sys
import sysconfig
import tarfile
import time
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

WANTED = os.environ.get("G7CLASSIFY_KERNEL", "auto")
if WANTED not in ("auto", "yes", "no"):
    sys.exit(f"G7CLASSIFY_KERNEL={WANTED!r}: expected auto, yes or no")
# Free-threaded Python has no limited API yet.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")

# Products and sums are not to be fused: the scores are then those of NumPy to the last bit.
# A function outside the limited API would be declared implicitly, and called wrongly.
OPTIONS = (
    ["/std:c11", "/O2", "/utf-8"]
    if os.name == "nt"
    else ["-std=c11", "-O3", "-g0", "-ffp-contract=off", "-Werror=implicit-function-declaration"]
)
NAMES = ("_kernel", "_splitter", "_solver")
EXTENSIONS = [
    Extension(
        f"g7classify.{name}",
        sources=[f"g7classify/{name}.c"],
        depends=["g7classify/_columns.h", "g7classify/_logistic.h", "g7classify/_portable.h"],
        py_limited_api=True,
        extra_compile_args=OPTIONS,
    )
    for name in NAMES
]


class BuildKernel(build_ext):
    """Builds all if it can, or else none, and says so."""

    def run(self) -> None:
        """Build anew: what an earlier build left would otherwise be packed where this one fails."""
        self.force = True
        self._remove()
        try:
            super().run()
        except Exception as error:  # whatever a compiler, or its absence, brings about
            self._remove()
            if WANTED == "yes":
                raise
            print(f"g7classify: the kernel was not compiled ({error}); the NumPy kernel will be used", file=sys.stderr)
            self.extensions = self.distribution.ext_modules = []

    def _remove(self) -> None:
        folder = Path() if self.inplace or self.editable_mode else Path(self.build_lib)
        for name in NAMES:
            for built in (folder / "g7classify").glob(f"{name}.*[do]"):  # .so or .pyd
                built.unlink()


class Wheel(bdist_wheel):
    """Builds the kernel first, because the name of the wheel depends on whether that works."""

    def run(self) -> None:
        """Build and tag: without a kernel the wheel is one for every platform."""
        self.run_command("build_ext")
        self.root_is_pure = not self.distribution.ext_modules
        super().run()

    def write_wheelfile(self, *args: Any, **options: Any) -> None:
        """The last file before all are packed, with their permissions: those are not to be of who builds."""
        super().write_wheelfile(*args, **options)
        for path in Path(self.bdist_dir).rglob("*"):
            path.chmod(0o755 if path.is_dir() or path.suffix in (".so", ".pyd") else 0o644)


class Source(sdist):
    """Packs the same files into the same bytes, as wheels do, which setuptools does not (pypa/setuptools#2133)."""

    def make_archive(self, base_name: str, format: str, root_dir: Any = None, base_dir: Any = None, **_: Any) -> str:
        """Write a .tar.gz with the time of SOURCE_DATE_EPOCH and without owners and their umask."""
        if format != "gztar":
            raise SystemExit(f"--formats {format}: expected gztar")
        at = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))

        def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
            member.mtime, member.uid, member.gid, member.uname, member.gname = at, 0, 0, "", ""
            member.mode = 0o755 if member.isdir() else 0o644
            return member

        path = Path(f"{base_name}.tar.gz").absolute()
        with (
            path.open("wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=at) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            archive.add(Path(root_dir or ".") / base_dir, base_dir, filter=anonymous)  # sorts by name
        return str(path)


commands = {"bdist_wheel": Wheel, "build_ext": BuildKernel, "sdist": Source}
if WANTED == "no" or not LIMITED:
    print("g7classify: without the compiled kernel; the NumPy kernel will be used", file=sys.stderr)
    setup(cmdclass=commands)
else:
    setup(cmdclass=commands, ext_modules=EXTENSIONS, options={"bdist_wheel": {"py_limited_api": "cp311"}})

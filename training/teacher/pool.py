"""Sentences without labels for the teacher to read: which of the given files' lines."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import EncodingError, UnreadableFileError
from g7classify.learn.data.duplicates import BANDS, ROWS, minhash

CHUNK: Final = 20_000  # texts whose n-grams are held at a time, some 100 MB
CANDIDATES: Final = 32  # labelled rows of one band that a sentence is compared with


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """n sentences and where they stand: line `lines[i]`, from 1, of file `files[i]`, which is in `languages[i]`."""

    texts: tuple[str, ...]
    files: NDArray[np.int16]
    lines: NDArray[np.int32]
    languages: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.texts)

    def select(self, wanted: NDArray[np.int64] | NDArray[np.bool_]) -> Pool:
        """Those of a mask (n,) or of indices (m,)."""
        index = np.arange(len(self))[wanted]
        texts = tuple(self.texts[i] for i in index)
        return Pool(texts, self.files[index], self.lines[index], self.languages[index])


def paths(given: Iterable[Path]) -> list[Path]:
    """The files meant by some paths: a folder stands for its *.txt.gz, sorted."""
    found: list[Path] = []
    for path in given:
        found += sorted(path.glob("*.txt.gz")) if path.is_dir() else [path]
    return found


def read(files: Sequence[Path]) -> Pool:
    """The sentences of gzipped files, one a line; blank lines and what stood before are left out.

    The language is what follows the last hyphen of a file's name: europarl-it.txt.gz.

    Raises:
        UnreadableFileError: a file is missing, may not be read or is not gzipped.
        EncodingError: a file is not UTF-8.
    """
    places: dict[str, tuple[int, int, str]] = {}
    for number, path in enumerate(files):
        language = path.name.split(".", 1)[0].rpartition("-")[2]
        try:
            content = gzip.decompress(path.read_bytes()).decode("utf-8")
        except UnicodeDecodeError as error:
            raise EncodingError(f"{path}: not UTF-8 ({error}); convert it") from error
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFileError(f"cannot read {path} as a gzipped file: {error}") from error
        for line, text in enumerate(content.split("\n"), 1):
            if text.strip():
                places.setdefault(text.strip(), (number, line, language))
    return Pool(
        tuple(places),
        np.array([number for number, _, _ in places.values()], dtype=np.int16),
        np.array([line for _, line, _ in places.values()], dtype=np.int32),
        np.array([language for _, _, language in places.values()], dtype=np.str_),
    )


def balanced(pool: Pool, *, per_language: int, seed: int) -> NDArray[np.int64]:
    """Indices (m,) of at most so many sentences of each language, in the pool's order.

    Drawn by a hash of the text, so that a larger draw holds every smaller one, whatever files are added.
    """
    key = seed.to_bytes(8, "little")
    rank = np.array([blake2b(text.encode(), digest_size=8, key=key).digest() for text in pool.texts], dtype="S8")
    order = np.argsort(rank, kind="stable")
    languages = pool.languages[order]
    chosen = [order[languages == language][:per_language] for language in np.unique(languages)]
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *chosen]))


def unlike(texts: Sequence[str], labelled: Sequence[str], *, similarity: float) -> NDArray[np.bool_]:
    """Which texts (n,) have an estimated Jaccard similarity under `similarity` with each labelled one.

    By the signatures that part the folds, so that no near-duplicate of a held-out row gets in. Of a crowded band,
    32 labelled texts are looked at.
    """
    known = signatures(labelled)
    keys = [np.sort(keyed(known, band)) for band in range(BANDS)]
    orders = [np.argsort(keyed(known, band), kind="stable") for band in range(BANDS)]
    found = np.ones(len(texts), dtype=bool)
    for start in range(0, len(texts), CHUNK):
        signature = minhash(texts[start : start + CHUNK])
        for band in range(BANDS):
            wanted = keyed(signature, band)
            first = np.searchsorted(keys[band], wanted, side="left")
            count = np.searchsorted(keys[band], wanted, side="right") - first
            for step in range(min(CANDIDATES, int(count.max(initial=0)))):
                mine = np.flatnonzero(count > step)
                theirs = orders[band][first[mine] + step]
                alike = (signature[mine] == known[theirs]).mean(axis=1) >= similarity
                found[start + mine[alike]] = False
    return found


def signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Those of `g7classify.learn.data.duplicates.minhash`, in bounded memory."""
    parts = [minhash(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
    return np.concatenate([np.zeros((0, BANDS * ROWS), dtype=np.uint32), *parts])


def keyed(signature: NDArray[np.uint32], band: int) -> NDArray[np.uint64]:
    """One number for a band of each signature: its rows mixed into 64 bits."""
    part = signature[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
    key = np.zeros(len(part), dtype=np.uint64)
    for column in part.T:
        key = (key ^ column) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key

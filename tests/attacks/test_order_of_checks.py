"""What is checked of a model file, in which order: what docs/reference/model-file.md says, held against the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forging import canonical, framed, header_bytes, metadata_of, signed
from safetensors.numpy import load, save

import g7classify
from g7classify import plainjson
from g7classify.container import KINDS
from g7classify.errors import FormatVersionError, ModelFileError, UnreadableFileError

ROOT = Path(__file__).parents[2]
SOUND = ROOT / "tests" / "data" / "formats" / "table-1.safetensors"
MANY = "[" + "0," * plainjson.MAX_SEPARATORS + "0]"


class Draft:
    """A sound file that any number of mistakes can be made in, each at its own level."""

    def __init__(self) -> None:
        content = SOUND.read_bytes()
        self.model: dict[str, Any] = metadata_of(content)
        self.tensors = {name: array.copy() for name, array in load(content).items()}
        self.seal: str | None = None
        self.texts: list[Callable[[str], str]] = []
        self.outers: list[Callable[[dict[str, Any]], object]] = []
        self.headers: list[Callable[[str], str]] = []
        self.files: list[Callable[[bytes], bytes]] = []

    def content(self) -> bytes:
        text = self._sealed()
        for change in self.texts:
            text = change(text)
        written = save(self.tensors, {"g7classify": text})
        end = header_bytes(written)
        outer = json.loads(written[8:end])
        for edit in self.outers:
            edit(outer)
        header = json.dumps(outer, ensure_ascii=False, separators=(",", ":"))
        for change in self.headers:
            header = change(header)
        encoded = header.encode()
        found = framed(encoded + b" " * (-len(encoded) % 8), written[end:])
        for cut in self.files:
            found = cut(found)
        return found

    def _sealed(self) -> str:
        made = signed(self.model, self.tensors)
        outer = json.loads(made[8 : header_bytes(made)])
        text: str = outer["__metadata__"]["g7classify"]
        return text if self.seal is None else canonical({"model": self.model, "sha256": self.seal})


def _no_layout(draft: Draft) -> None:
    draft.files.append(lambda content: (2**63).to_bytes(8, "little") + content[8:])


def _many(draft: Draft) -> None:
    draft.headers.append(lambda header: f'{header[:-1]},"x":{MANY}}}')


def _no_json(draft: Draft) -> None:
    draft.headers.append(lambda header: header + "}")


def _twice(draft: Draft) -> None:
    draft.headers.append(lambda header: header.replace('"dtype":', '"dtype":"F64","dtype":', 1))


def _no_metadata(draft: Draft) -> None:
    draft.outers.append(lambda outer: outer.update(__metadata__={"format": "pt"}))


def _beside(draft: Draft) -> None:
    draft.outers.append(lambda outer: outer["__metadata__"].update(format="pt"))


def _many_within(draft: Draft) -> None:
    """In escapes, which the header's own limit does not see."""
    draft.headers.append(
        lambda header: re.sub(
            r'\\"FORMAT\\":1', lambda _: '\\"FORMAT\\":' + MANY.replace(",", "\\u002c").replace("[", "\\u005b"), header
        )
    )


def _no_json_within(draft: Draft) -> None:
    draft.texts.append(lambda text: text + "}")


def _twice_within(draft: Draft) -> None:
    draft.texts.append(lambda text: text.replace('"pivot":', '"pivot":1.0,"pivot":'))


def _no_model(draft: Draft) -> None:
    draft.texts.append(lambda text: text.replace('"sha256":', '"sha265":'))


def _another_kind(draft: Draft) -> None:
    draft.model["kind"] = "tabel"


def _format(draft: Draft) -> None:
    draft.model["FORMAT"] = 2


def _features(draft: Draft) -> None:
    draft.model["FEATURES"] = 2


def _not_canonical(draft: Draft) -> None:
    draft.texts.append(lambda text: text + " ")


def _metadata(draft: Draft) -> None:
    draft.model["spec"]["bits"] = "8"


def _codebook(draft: Draft) -> None:
    draft.model["codebook"]["labels"][1]["name"] = "actor\u200b"


def _names(draft: Draft) -> None:
    draft.tensors["bais"] = draft.tensors.pop("bias")


def _place(draft: Draft) -> None:
    draft.tensors["table"] = draft.tensors["table"].astype(np.uint8)


def _size(draft: Draft) -> None:
    draft.files.append(lambda content: content + b"\0")


def _seal(draft: Draft) -> None:
    draft.seal = "0" * 64


def _finite(draft: Draft) -> None:
    draft.tensors["scale"][0] = np.nan


def _huge(draft: Draft) -> None:
    draft.tensors["slope"][0] = 1.1e6


def _positive(draft: Draft) -> None:
    draft.tensors["slope"][1] = 0


def _outside(draft: Draft) -> None:
    draft.tensors["thresholds"][2, 0] = 1.5


def _falls(draft: Draft) -> None:
    draft.tensors["thresholds"][:, 1] = 0.9, 0.5, 0.1


def _norm(draft: Draft) -> None:
    draft.tensors["table"][3, -1] = -1


# In the order of the documentation: how the message begins or goes on, and what earns it.
CHECKS: list[tuple[str, Callable[[Draft], None]]] = [
    ("no safetensors layout in its", _no_layout),
    (f"its header holds more than {plainjson.MAX_SEPARATORS} commas, brackets and braces", _many),
    ("its header is no JSON object", _no_json),
    ("its header holds a key twice", _twice),
    ("it has no g7classify metadata", _no_metadata),
    ("it has metadata beside g7classify's", _beside),
    (f"its g7classify metadata holds more than {plainjson.MAX_SEPARATORS} commas, brackets and braces", _many_within),
    ("its g7classify metadata is no JSON object", _no_json_within),
    ("its g7classify metadata holds a key twice", _twice_within),
    ("its g7classify metadata hold no model, FORMAT and sha256", _no_model),
    (f"this version of g7classify reads {', '.join(KINDS)}", _another_kind),
    ("FORMAT is 2, this version of g7classify reads 1", _format),
    ("FEATURES is 2, this version of g7classify reads 1", _features),
    ("its metadata is no canonical JSON", _not_canonical),
    ("its metadata is malformed", _metadata),
    ("its codebook is malformed", _codebook),
    ("its tensors are", _names),
    ("its tensor table is", _place),
    ("bytes are not the", _size),
    ("its contents do not match the sha256 in its own metadata", _seal),
    ("holds NaN or infinity", _finite),
    ("holds a value beyond 1e+06", _huge),
    ("holds a value that is not positive", _positive),
    ("holds a value outside 0..1", _outside),
    ("falls from one operating point to the next", _falls),
    ("the norm column of its table holds a negative value", _norm),
]
# Both are found while the text is read, whichever comes first in it.
ALIKE = {("its header is no JSON object", "its header holds a key twice")}
ALIKE |= {("its g7classify metadata is no JSON object", "its g7classify metadata holds a key twice")}
FORMAT_VERSION = {message for message, _ in CHECKS if "this version of g7classify reads" in message}


def _refusal(path: Path, *mistakes: Callable[[Draft], None]) -> str:
    draft = Draft()
    for mistake in mistakes:
        mistake(draft)
    path.write_bytes(draft.content())
    with pytest.raises(ModelFileError) as caught:
        g7classify.load(path)
    assert isinstance(caught.value, FormatVersionError) == any(one in str(caught.value) for one in FORMAT_VERSION)
    return str(caught.value)


def _pairs() -> Iterator[tuple[int, int]]:
    """Neighbours, and some that are farther apart."""
    for one, two in combinations(range(len(CHECKS)), 2):
        if two == one + 1 or (one + two) % 9 == 0:
            yield one, two


def test_the_draft_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(Draft().content())
    assert path.read_bytes() == SOUND.read_bytes()


@pytest.mark.parametrize("number", range(len(CHECKS)))
def test_a_mistake_ends_in_its_message(tmp_path: Path, number: int) -> None:
    message, mistake = CHECKS[number]
    assert message in _refusal(tmp_path / "model.safetensors", mistake)


@pytest.mark.parametrize(("first", "then"), list(_pairs()))
def test_of_two_mistakes_the_first_in_the_list_is_told(tmp_path: Path, first: int, then: int) -> None:
    (message, mistake), (later, other) = CHECKS[first], CHECKS[then]
    found = _refusal(tmp_path / "model.safetensors", other, mistake)
    assert message in found or ((message, later) in ALIKE and later in found)


def test_a_file_that_cannot_be_read_comes_before_all(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot read the model file"):
        g7classify.load(tmp_path / "model.safetensors")


def test_the_documentation_lists_the_same_in_the_same_order() -> None:
    page = (ROOT / "docs" / "reference" / "model-file.md").read_text(encoding="utf-8")
    section = page[page.index("## What is checked, in which order") :]
    section = section[: section.index("\n## ")]
    listed = re.findall(r"^(\d+)\. .*`([^`]+)`$", section, re.MULTILINE)
    assert [int(number) for number, _ in listed] == list(range(1, len(listed) + 1))
    expected = ["cannot read the model file", *(message for message, _ in CHECKS)]
    assert [message for _, message in listed] == expected

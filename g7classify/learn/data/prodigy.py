"""What Prodigy's export (db-out) means: choices that were accepted, or one label a line, accepted or rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from g7classify.labels import short
from g7classify.learn.data.cells import labels_of
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.meaning import Meaning, Said, names_in
from g7classify.learn.data.rows import Unusable

ANSWERS: Final = ("accept", "reject", "ignore")


def is_prodigy(found: Mapping[str, Any]) -> bool:
    """Whether an object is a line of Prodigy's."""
    return found.get("answer") in ANSWERS and ("accept" in found or "label" in found or "_task_hash" in found)


def meaning_of_prodigy(tasks: Sequence[Mapping[str, Any]], layout: Layout) -> Meaning:
    """What the lines say; those of one text that each ask for one label are joined into one row.

    Of a joined row the labels hold that were accepted more often than rejected; labels that were never asked do not.
    """
    text = layout.text_column([name for name in names_in(tasks) if name != "label"] or ["text"])
    votes: dict[str, dict[str, int]] = {}
    for task in tasks:
        sentence, label = task.get(text), task.get("label")
        if _asks_one(task) and isinstance(sentence, str) and isinstance(label, str):
            of_text = votes.setdefault(sentence, {})
            of_text[label] = of_text.get(label, 0) + (1 if task["answer"] == "accept" else -1)
    said: set[str] = set()

    def meaning(task: Mapping[str, Any]) -> Said | None:
        answer = task.get("answer")
        if answer not in ANSWERS:
            raise Unusable("row", f"`answer` is {short(answer)}; expected one of {', '.join(ANSWERS)}")
        fields = {**_meta(task), **task}
        if _asks_one(task):
            sentence, label = task.get(text), task.get("label")
            if not isinstance(label, str):
                raise Unusable("row", f"`label` is {short(label)}; expected a label")
            if isinstance(sentence, str):
                if sentence in said:
                    return None
                said.add(sentence)
                tied = [label for label, count in votes[sentence].items() if count == 0]
                note = f"accepted as often as rejected: {', '.join(map(short, tied))}" if tied else ""
                return Said(sentence, [label for label, count in votes[sentence].items() if count > 0], fields, note)
        if answer != "accept":
            raise Unusable("unlabelled", f"the answer is {answer}", severity="warning")
        accepted = task.get("accept")
        if isinstance(accepted, list):
            options = task.get("options")
            given = [o for o in options if isinstance(o, Mapping)] if isinstance(options, list) else []
            texts = {o["id"]: o.get("text") for o in given if isinstance(o.get("id"), int)}
            accepted = [texts.get(one, one) if isinstance(one, int) else one for one in accepted]
        return Said(task.get(text), labels_of(accepted, name="accept", separator=None, tabular=False), fields)

    return meaning


def _asks_one(task: Mapping[str, Any]) -> bool:
    return "accept" not in task and "label" in task and task.get("answer") in ("accept", "reject")


def _meta(task: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = task.get("meta")
    return meta if isinstance(meta, Mapping) else {}

"""What the exports of annotation tools mean, where it is not told by the names of columns alone.

- Label Studio JSON: tasks with annotations of choices or taxonomies. (JSON-MIN and CSV are told by their columns.)
- Argilla 2: records with responses, nested (to_json) or flat (to_datasets); Argilla 1: those of a FeedbackDataset, and
  the annotation of a TextClassificationRecord.
- Prodigy: choices that were accepted, and one label a line that was accepted or rejected.

Those of doccano and spaCy are told by their columns too.

Where several people labelled one text, a label holds if more than half of them gave it. What somebody skipped, threw
away or has not answered yet is unlabelled, which is not the same as being without labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from g7classify.codebook import Codebook
from g7classify.labels import short
from g7classify.learn.data.cells import labels_of
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.meaning import Meaning, Said, mappings, meaning_of_columns, names_in
from g7classify.learn.data.prodigy import is_prodigy, meaning_of_prodigy
from g7classify.learn.data.records import Source
from g7classify.learn.data.rows import Unusable

ANSWERED: Final = "submitted"


def meaning_of(source: Source, *, layout: Layout, codebook: Codebook | None) -> Meaning:
    """What the objects of a source say, as the tool that wrote them means it.

    Raises:
        Unusable: it is not certain which fields hold the text and the labels.
    """
    objects = mappings(source)
    first = objects[0] if objects else {}
    if _is_task(first):
        return _label_studio(objects, layout)
    if layout.format == "argilla" or _is_argilla(first):
        return _argilla(objects, layout)
    if layout.format == "prodigy" or is_prodigy(first):
        return meaning_of_prodigy(objects, layout)
    return meaning_of_columns(source, layout=layout, codebook=codebook)


def agreed(answers: Sequence[Sequence[Any]]) -> tuple[list[str], str]:
    """The labels that more than half of the answers hold, and a note where the answers are not alike.

    Raises:
        Unusable: a label is no str.
    """
    for label in (label for answer in answers for label in answer if not isinstance(label, str)):
        raise Unusable("row", f"label {short(label)}: expected a list of labels, each a str; give labels names")
    sets = [dict.fromkeys(answer) for answer in answers]
    votes = Counter(label for answer in sets for label in answer)
    labels = [label for label, count in votes.items() if 2 * count > len(sets)]
    if all(answer.keys() == votes.keys() for answer in sets):
        return labels, ""
    told = ", ".join(f"{short(label)} {count}" for label, count in votes.items() if count < len(sets))
    return labels, f"{len(sets)} people disagree: {told} of {len(sets)}; labels that more than half gave are kept"


def _is_task(found: Mapping[str, Any]) -> bool:
    return isinstance(found.get("data"), Mapping) and isinstance(
        found.get("annotations", found.get("completions")), list
    )


def _label_studio(tasks: Sequence[Mapping[str, Any]], layout: Layout) -> Meaning:
    results = [result for task in tasks for result in _results(task) if _holds_labels(result)]
    controls = list(dict.fromkeys(str(result.get("from_name")) for result in results))
    control = None
    if layout.labels is not None or len(controls) > 1:
        control = layout.label_column(controls, what="labels among the controls")
    data = [task["data"] for task in tasks if isinstance(task.get("data"), Mapping)]
    text = _only_text(data, layout)

    def said(task: Mapping[str, Any]) -> Said:
        answers = [
            [
                label
                for r in results
                if _holds_labels(r) and control in (None, r.get("from_name"))
                for label in _chosen(r)
            ]
            for results in _annotations(task)
        ]
        if not answers:
            raise Unusable("unlabelled", "no annotation, or only cancelled ones", severity="warning")
        found = task.get("data")
        if not isinstance(found, Mapping):
            raise Unusable("row", f"`data` is {short(found)}; expected the fields of the task")
        labels, note = agreed(answers)
        return Said(found.get(text), labels, {**found, "id": task.get("id")}, note)

    return said


def _annotations(task: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """The results of each annotation that was not cancelled."""
    found = task.get("annotations", task.get("completions"))
    if not isinstance(found, list) or not all(isinstance(a, Mapping) for a in found):
        raise Unusable("row", f"`annotations` is {short(found)}; expected a list of objects")
    kept = [a.get("result") for a in found if not (a.get("was_cancelled") or a.get("skipped"))]
    if not all(isinstance(results, list) for results in kept):
        raise Unusable("row", "an annotation has no `result`; expected a list")
    return [[r for r in results if isinstance(r, Mapping)] for results in kept if isinstance(results, list)]


def _results(task: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    try:
        return [result for results in _annotations(task) for result in results]
    except Unusable:  # told again where the row is read
        return []


def _holds_labels(result: Mapping[str, Any]) -> bool:
    return result.get("type") in ("choices", "taxonomy")


def _chosen(result: Mapping[str, Any]) -> list[Any]:
    value = result.get("value")
    if not isinstance(value, Mapping) or not isinstance(value.get(str(result.get("type"))), list):
        raise Unusable("row", f"a result is {short(value)}; expected its {result.get('type')}")
    if "start" in value:
        raise Unusable("row", "choices for a part of the text; expected labels of the whole")
    return labels_of(value, name=str(result.get("from_name")), separator=None, tabular=False)


def _only_text(objects: Sequence[Mapping[str, Any]], layout: Layout) -> str:
    """The field that holds the text: the one of its name, or the only one that holds strings."""
    names = names_in(objects)
    strings = [name for name in names if any(isinstance(found.get(name), str) for found in objects)]
    if layout.text is None and len(strings) == 1:
        return strings[0]
    return layout.text_column(names or ["text"])


def _is_argilla(found: Mapping[str, Any]) -> bool:
    nested = isinstance(found.get("fields"), Mapping) and isinstance(found.get("responses"), Mapping | list)
    flat = any(name.endswith(".responses") for name in found)
    classic = "annotation" in found and "status" in found and ("text" in found or "inputs" in found)
    return nested or flat or classic or bool(_feedback_columns(found))


def _feedback_columns(found: Mapping[str, Any]) -> list[str]:
    """The questions of a FeedbackDataset in the layout of Hugging Face: lists of who said what, or columns of these."""
    return [
        name
        for name, value in found.items()
        for one in [value[0] if isinstance(value, list) and value else value]
        if isinstance(one, Mapping) and {"user_id", "value", "status"} <= one.keys()
    ]


def _argilla(records: Sequence[Mapping[str, Any]], layout: Layout) -> Meaning:
    if records and "annotation" in records[0]:
        return lambda record: _classic(record, layout)
    asked = names_in([dict.fromkeys(_responses(record)) for record in records])
    question = asked[0] if len(asked) == 1 and layout.labels is None else layout.label_column(asked, what="labels")
    fields = [f for record in records if isinstance(f := record.get("fields", record), Mapping)]
    text = _only_text([{k: v for k, v in f.items() if k not in ("id", "_server_id", "status")} for f in fields], layout)

    def said(record: Mapping[str, Any]) -> Said:
        answers = [
            labels_of([value] if isinstance(value, str) else value, name=question, separator=None, tabular=False)
            for value, status in _responses(record).get(question, [])
            if value is not None and status in (None, ANSWERED)
        ]
        if not answers:
            raise Unusable("unlabelled", f"no submitted response to {short(question)}", severity="warning")
        labels, note = agreed(answers)
        found = record.get("fields", record)
        about = {**record, **_about(record)} | {"id": record.get("id") or record.get("external_id")}
        return Said(found.get(text) if isinstance(found, Mapping) else None, labels, about, note)

    return said


def _about(record: Mapping[str, Any]) -> Mapping[str, Any]:
    found = record.get("metadata")
    return found if isinstance(found, Mapping) else {}


def _responses(record: Mapping[str, Any]) -> dict[str, list[tuple[Any, Any]]]:
    """The value and status of each response, by question; a status is None where the export leaves it out."""
    found: dict[str, list[tuple[Any, Any]]] = {}
    responses = record.get("responses")
    if isinstance(responses, Mapping):  # Argilla 2
        for question, given in responses.items():
            found[question] = [(one.get("value"), one.get("status")) for one in _objects(given)]
    elif isinstance(responses, list):  # a FeedbackDataset of Argilla 1
        for response in _objects(responses):
            for question, one in _pairs(response.get("values")):
                found.setdefault(question, []).append((one, response.get("status")))
    for name, given in record.items():
        if name.endswith(".responses"):  # Argilla 2, flat
            values = given if isinstance(given, list) else []
            statuses = record.get(f"{name}.status")
            statuses = statuses if isinstance(statuses, list) else [None] * len(values)
            found[name.removesuffix(".responses")] = list(zip(values, statuses, strict=False))
    for name in _feedback_columns(record):
        found[name] = _columns(record[name])
    return found


def _columns(given: Any) -> list[tuple[Any, Any]]:
    if isinstance(given, Mapping) and isinstance(given["value"], list) and isinstance(given["status"], list):
        return list(zip(given["value"], given["status"], strict=False))
    return [(one.get("value"), one.get("status")) for one in _objects(given)]


def _objects(given: Any) -> list[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _pairs(given: Any) -> list[tuple[str, Any]]:
    if not isinstance(given, Mapping):
        return []
    return [(name, one.get("value") if isinstance(one, Mapping) else one) for name, one in given.items()]


def _classic(record: Mapping[str, Any], layout: Layout) -> Said:
    """A TextClassificationRecord of Argilla 1: one annotation, which counts once it was validated."""
    if record.get("status") not in ("Validated", None):
        raise Unusable("unlabelled", f"its status is {short(record.get('status'))}, not Validated", severity="warning")
    labels = record.get("annotation")
    inputs = record.get("inputs")
    text = record.get("text")
    if text is None and isinstance(inputs, Mapping):
        text = inputs.get(_only_text([inputs], layout))
    given = [labels] if isinstance(labels, str) else [] if labels is None else labels
    found = labels_of(given, name="annotation", separator=None, tabular=False)
    return Said(text, found, {**_about(record), "id": record.get("id")})

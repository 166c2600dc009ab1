"""Tags as columns of a data frame of Apache Spark, in batches and in streams, on as many machines as Spark has.

::

    import g7classify.spark

    g7classify.spark.tag(frame, "text")            # with the columns labels and probabilities
    g7classify.spark.tag_sentences(frame, "text")  # a row a sentence

Spark hands over its rows as Arrow (DataFrame.mapInArrow), which are tagged where they lie (arrow.py); the other columns
go through untouched. What travels to the executors is the tagger's address, not its model: each of their Python
processes opens the model once, maps it if it is shipped, and makes sure that it is the same. So g7classify has to be
installed for the executors' Python, in the same version.

This needs the extra `spark`, and PySpark in the version of the cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from g7classify import __version__, arrow, default, sentences
from g7classify.decision import OperatingPoint
from g7classify.errors import DataError, InputTypeError, MissingExtraError, OptionError, UnreadableFileError
from g7classify.opening import Address
from g7classify.tagger import Tagger, reopened

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

SPLIT_ROWS: Final = 1024
"""Texts that are split at once: the columns beside them are repeated for each sentence, and memory stays small."""


def tag(frame: DataFrame, column: str, *, tagger: Tagger | None = None, prefix: str = "") -> DataFrame:
    """The frame with two columns more: the tags of the texts of one of its columns, each taken whole as one sentence.

    Nothing is computed until Spark runs the frame, and an error of an executor fails Spark's job then.

    Args:
        frame: of Spark, streaming or not.
        column: of strings.
        tagger: loaded by name or from a file; of the default model if not given. A cascade with a budget decides batch
            by batch what it escalates, so what it leaves depends on how Spark parts the rows; one with an
            `uncertainty` does not.
        prefix: before the names of the two columns, for a second tagger's say.

    Returns:
        All columns of the frame; `labels`, arrays of strings, most probable first; and `probabilities`, arrays of
        32-bit floats, of these labels. Both are null where the text is.

    Raises:
        InputTypeError: `frame` is no data frame of Spark, or the column holds no strings.
        DataError: there is no such column, or one of the new ones is there already.
        OptionError: the tagger was not loaded, and so has no address.
        MissingExtraError: pyspark, or what it needs, is not installed here.
    """
    types = _types()
    schema = _schema(frame, column)
    new = [
        types.StructField(f"{prefix}labels", types.ArrayType(types.StringType(), False)),
        types.StructField(f"{prefix}probabilities", types.ArrayType(types.FloatType(), False)),
    ]
    return _mapped(frame, column, schema.fields, new, tagger)


def tag_sentences(
    frame: DataFrame, column: str, *, tagger: Tagger | None = None, language: str | None = None, prefix: str = ""
) -> DataFrame:
    """A frame with a row for each sentence of the texts of a column; null and white space have none.

    Args:
        frame, column, tagger: as in `tag`.
        language: ISO 639-1 code whose rules split all texts; guessed for each text if not given.
        prefix: before the names of the new columns.

    Returns:
        The columns of the frame but the texts, repeated for each sentence; `start` and `end` (32-bit integers,
        half-open, in characters of the text), `text` (the sentence), `labels` (array, most probable first),
        `probabilities` (array, of these labels) and `in_doubt` (array: the labels, tagged or not, that are close to
        their threshold).

    Raises:
        InputTypeError, DataError, MissingExtraError: as `tag` does.
        OptionError: as `tag` does; or a language without rules.
    """
    sentences.split("", language=language)
    types = _types()
    schema = _schema(frame, column)
    strings = types.ArrayType(types.StringType(), False)
    new = [
        types.StructField(f"{prefix}start", types.IntegerType(), False),
        types.StructField(f"{prefix}end", types.IntegerType(), False),
        types.StructField(f"{prefix}text", types.StringType(), False),
        types.StructField(f"{prefix}labels", strings, False),
        types.StructField(f"{prefix}probabilities", types.ArrayType(types.FloatType(), False), False),
        types.StructField(f"{prefix}in_doubt", strings, False),
    ]
    kept = [field for field in schema.fields if field.name != column]
    return _mapped(frame, column, kept, new, tagger, split=True, language=language)


@dataclass(frozen=True, slots=True)
class Job:
    """What an executor is told.

    Attributes:
        address, operating_point: of the tagger.
        column: the place of the texts among the columns.
        split: whether each text is split into sentences.
        language: whose rules split; guessed if None.
        names: of the columns of the result.
    """

    address: Address
    operating_point: OperatingPoint
    column: int
    split: bool
    language: str | None
    names: tuple[str, ...]

    @classmethod
    def told(cls, values: dict[str, Any]) -> Job:
        """The job whose `asdict` this is."""
        return cls(**values | {"address": Address(**values["address"])})


def work(job: Job, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of rows to batches of tagged rows, in a process of an executor.

    Raises:
        UnknownModelError, ModelFileError: this machine has no such model, or another one.
        UnreadableFileError: it has no such file, and Spark was given none of that name to bring along.
        TextError: a text is not UTF-8.
    """
    import pyarrow as pa

    tagger = _opened(job.address).at(job.operating_point)
    tagged = partial(_split, language=job.language) if job.split else _whole
    for batch in batches:
        for columns in tagged(tagger, batch, job.column):
            yield pa.RecordBatch.from_arrays(columns, job.names)


def _whole(tagger: Tagger, batch: pa.RecordBatch, column: int) -> Iterator[list[pa.Array]]:
    yield [*batch.columns, *arrow.parts(arrow.tag(tagger, batch.column(column)))]


def _split(tagger: Tagger, batch: pa.RecordBatch, column: int, *, language: str | None) -> Iterator[list[pa.Array]]:
    for start in range(0, batch.num_rows, SPLIT_ROWS):
        texts = batch.column(column)
        kept = [array for i, array in enumerate(batch.columns) if i != column]
        found = arrow.tag_sentences(tagger, texts[start : start + SPLIT_ROWS], language=language)
        for part in found.to_batches():
            rows, *new = part.columns
            yield [*(array[start : start + SPLIT_ROWS].take(rows) for array in kept), *new]


def _opened(address: Address) -> Tagger:
    if not address.is_path:
        return reopened(address)
    from pyspark import SparkFiles

    added = Path(SparkFiles.get(Path(address.model).name))
    if added.exists():
        return reopened(replace(address, model=str(added)))
    try:
        return reopened(address)
    except UnreadableFileError as error:
        raise UnreadableFileError(
            f"{error}; spark.sparkContext.addFile({address.model!r}) brings it to every executor"
        ) from error


def _address(tagger: Tagger | None) -> tuple[Address, OperatingPoint]:
    tagger = default.chosen(tagger)
    if tagger.address is None:
        raise OptionError(
            f"{tagger.id} was not loaded, so that no executor could find it; write its file and load that"
        )
    return tagger.address, tagger.operating_point


def _schema(frame: DataFrame, column: str) -> StructType:
    """The schema of a frame that has such a column of strings."""
    from pyspark.sql import DataFrame

    if not isinstance(frame, DataFrame):
        raise InputTypeError(f"frame: expected a pyspark.sql.DataFrame, got {type(frame).__name__}")
    schema = frame.schema
    if (count := schema.names.count(column)) != 1:
        has = f"it has {', '.join(map(repr, schema.names))}"[:500]
        raise DataError(f"column {column!r:.200}: expected one in the frame, found {count or 'none'}; {has}")
    kind = schema[column].dataType
    if not isinstance(kind, _types().StringType):
        raise InputTypeError(f"column {column!r:.200}: expected strings, got {kind.simpleString():.200}")
    return schema


def _mapped(
    frame: DataFrame,
    column: str,
    kept: list[Any],
    new: list[Any],
    tagger: Tagger | None,
    *,
    split: bool = False,
    language: str | None = None,
) -> DataFrame:
    names = tuple(field.name for field in (*kept, *new))
    if there := [field.name for field in new if names.count(field.name) > 1]:
        raise DataError(f"column {there[0]!r} is in the frame already; choose a prefix, or drop it first")
    job = Job(*_address(tagger), frame.columns.index(column), split, language, names)
    try:
        return frame.mapInArrow(_sent(asdict(job), __version__), _types().StructType([*kept, *new]))
    except ImportError as error:
        raise _missing(error) from error


def _sent(job: dict[str, Any], version: str) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What Spark sends to its executors: no function of a module, nor value of ours, so that it can tell of our lack.

    cloudpickle sends a function inside another by its code, and one of a module by its name.
    """

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        import sys

        try:
            from g7classify import __version__ as found
            from g7classify import spark
        except ImportError as error:
            found = f"{type(error).__name__}: {error}"
        if found != version:
            raise ImportError(
                f"g7classify {version} is not installed for {sys.executable} of an executor, which has: {found}. "
                f"pip install 'g7classify[spark]=={version}' there, or choose the Python that has it by PYSPARK_PYTHON"
            )
        return spark.work(spark.Job.told(job), batches)

    return run


def _types() -> Any:
    try:
        from pyspark.sql import types
    except ImportError as error:
        raise _missing(error) from error
    return types


def _missing(error: ImportError) -> MissingExtraError:
    return MissingExtraError(
        f"tagging in Spark needs pyspark, pyarrow and pandas: pip install 'g7classify[spark]' ({error})"
    )

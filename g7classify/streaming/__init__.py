"""A table too large to hold, tagged row by row into another: Parquet, CSV or JSONL in, any of them out.

`tag_table` reads, tags and writes batch by batch, so that memory does not grow with the table, and keeps what is done
in a part file, so that an interrupted run can go on. docs/streaming.md says what stands in the output.
"""

from __future__ import annotations

from g7classify.streaming.run import Told, tag_table

__all__ = ["Told", "tag_table"]

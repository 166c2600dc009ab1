"""What lies in the folder in which the pages' blocks are run: the repository's seeds, and files of a reader's own."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEECHES = (
    "The Interior Minister announced that border checks will be stepped up. Europol will share its data with us.",
    "Coast guards rescued forty people at sea. The smugglers were arrested in Genoa.",
    "Sanctions against the cartel's bankers were adopted by the Council on Monday.",
)


def prepare(folder: Path) -> None:
    """Fill a folder that need not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("seeds", "models", "benchmarks"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    (folder / "report.txt").write_text(" ".join(SPEECHES[:2]) + "\n", encoding="utf-8")
    rows = [json.dumps({"id": number, "text": text}) for number, text in enumerate(SPEECHES, start=1)]
    (folder / "speeches.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")

"""How much of what the installed package exports has types that pyright sees whole: a figure, and what lacks them.

What g7classify.tune runs is made of PyTorch's classes, which is not installed here; all else has to be whole. A path,
if one is given, is where the figures go as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

OF_PYTORCH = "g7classify.tune."


def main(*to: str) -> int:
    """Prints the figure; 1 if a type is missing."""
    command = ["pyright", "--verifytypes", "g7classify", "--ignoreexternal", "--outputjson"]
    report = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)["typeCompleteness"]
    if "pyTypedPath" not in report:
        print("g7classify: pyright finds no py.typed in the installed package")
        return 1
    symbols = [symbol for symbol in report["symbols"] if symbol["isExported"]]
    poor = sorted(s["name"] for s in symbols if s["isTypeAmbiguous"] or not s["isTypeKnown"])
    wrong = [name for name in poor if not name.startswith(OF_PYTORCH)]
    for name in wrong:
        print(f"{name}: its type is not known, or guessed; `{' '.join(command[:-1])}` says what of it")
    print(
        f"pyright knows the types of {len(symbols) - len(poor)} of {len(symbols)} symbols, "
        f"{report['completenessScore']:.1%}; {len(poor) - len(wrong)} of the others are PyTorch's, in {OF_PYTORCH}*"
    )
    figures = {
        "symbols": len(symbols),
        "known": len(symbols) - len(poor),
        "of PyTorch": len(poor) - len(wrong),
        "missing": wrong,
    }
    for path in to:
        Path(path).write_text(json.dumps(figures), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

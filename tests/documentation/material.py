"""What lies in the folder in which the pages' blocks are run: the repository's seeds, and files of a reader's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from g7classify import registry

ROOT = Path(__file__).parents[2]
SPEECHES = (
    "The Interior Minister announced that border checks will be stepped up. Europol will share its data with us.",
    "Coast guards rescued forty people at sea. The smugglers were arrested in Genoa.",
    "Sanctions against the cartel's bankers were adopted by the Council on Monday.",
)
# The second sentence goes on over the end of a line, and the third over that of the page.
COMMUNIQUE = (
    ("Les ministres de l'Intérieur du G7 se sont réunis à Rome.", "Ils ont décidé de renforcer les con-",
     "trôles aux frontières et les échanges de données.", "Europol apportera son aide aux"),
    ("polices des pays d'origine.", "Le prochain sommet aura lieu au Canada."),
)  # fmt: skip


def prepare(folder: Path) -> None:
    """Fill a folder that need not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "models").symlink_to(registry.root(), target_is_directory=True)  # those of the package
    for name in ("seeds", "benchmarks"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    (folder / "report.txt").write_text(" ".join(SPEECHES[:2]) + "\n", encoding="utf-8")
    rows = [json.dumps({"id": number, "text": text}) for number, text in enumerate(SPEECHES, start=1)]
    (folder / "speeches.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    press = folder / "press"
    press.mkdir()
    (press / "communique.pdf").write_bytes(pdf(COMMUNIQUE))
    (press / "scan.pdf").write_bytes(pdf(((),)))
    page = f"<html lang=en><title>News</title><body><article><p>{SPEECHES[1]}</p></article></body></html>"
    (press / "news.html").write_text(page, encoding="utf-8")


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of these lines of text, in Latin-1; a page without lines is like a scanned one, to whoever reads text."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for i, lines in enumerate(pages):
        told = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
        content = "".join(["BT /F1 11 Tf 14 TL 72 770 Td ", *(f"({line}) Tj T* " for line in told), "ET"]).encode(
            "latin-1"
        )
        resources = "/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 595 842]"
        objects.append(f"<</Type/Page/Parent 2 0 R/Contents {5 + 2 * i} 0 R{resources}>>".encode())
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(content), content))
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%b endobj\n" % (number, one)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()

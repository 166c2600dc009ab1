"""What libFuzzer begins with: inputs of every script from our own corpus, and the words that the rules look at.

They are written to build/fuzz, and never committed.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from g7classify import _tables, characters
from g7classify.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PER_LANGUAGE = 12  # sentences of each language; libFuzzer makes the rest of them
OTHER_SCRIPTS = (
    "Η Ελλάδα υποστηρίζει τον ΟΗΕ. ΣΑΣ ς;",
    "Полиция арестовала контрабандистов. «Да», – сказал И. И. Иванов.",
    "الشرطة تكافح التهريب. ﷺ \u202bنص\u202c",
    "המשטרה נלחמת בהברחה.",
    "पुलिस तस्करी से लड़ती है। क्षि",
    "ตำรวจต่อสู้กับการลักลอบขนของ",
    "경찰은 밀수와 싸운다. \u1112\u1161\u11ab",
    "警察打击走私。“是的。”她说。",
    "Ⅷⅷ㎉ﷲﷳﷴﷵﷶﷷﷸ﷼",  # all that fold to more letters than they have bytes
    "½ ﷺ ﬁn Straße \u00ad e\u0301 🙂 𠀋𠀋 İ ı ſ Å \ufeff\0 ｶﾞ",
    "👩‍👩‍👧‍👦 #G7 @chair https://example.org/a.b?c=d 5 p.m. U.S. Am 3. Oktober",
    "1. a\n2. b\r\n\r\n- c\n• d\n（一）\n第１条　e\n\u2029iv) f\nIV. g\n(a) h",
    "・首脳会議\n・密輸を非難する\n見出し：\n・終。\n* x\n（２）y\n１）z\n二\u3000第",
    "「覚醒剤。密輸。」と述べた。（終）。「『。』」という。",
    "M. Dupont, p. ex., a dit: « Non. » Art. 5. 1. Oui! z. B. d. h. EE. UU. S. 3 f. xii. al. 2[12] Fin.3 Le",
    "Le texte\nest coupé\net continue de\nla même façon.\nTITRE\nSuite du texte",
    " \t\u00a0\u202f\u3000\u2028...!!!???…‥",
)


def texts() -> list[str]:
    """Sentences of the corpus and of scripts that it lacks; and all of a language in one text."""
    found = list(OTHER_SCRIPTS)
    for path in sorted((ROOT / "seeds" / "labelled").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        chosen = [row["text"] for row in rows[:: max(len(rows) // PER_LANGUAGE, 1)]]
        found += [*chosen, "\n".join(chosen[:5]), " ".join(chosen[5:10])]
    return found


def seeds(target: str) -> list[bytes]:
    """Inputs as a target reads them."""
    encoded = [text.encode() for text in texts()]
    if target in ("strings", "splits"):
        first = range(16) if target == "strings" else range(len(LANGUAGES) + 1)
        found = [bytes([first[i % len(first)], 0]) + text for i, text in enumerate(encoded)]
        found += [bytes([0, 1]) + text[:-1] for text in encoded[:20]]
        found += [bytes([0, 3]) + text.encode("utf-16-le") for text in OTHER_SCRIPTS]
        return found + [bytes([1, 0]) + b"\xff".join(encoded[i : i + 3]) for i in range(0, len(encoded) - 3, 3)]
    if target in ("columns", "split_columns"):
        good = []
        for i, text in enumerate(encoded):
            head = bytes([1 + i % 2 * 4 + i % 5 * 32, i % 3]) + (bytes([2, 0xAA, 0x55]) if i % 2 else b"")
            good.append(head + bytes([3, 4, i % 2, 40, 80, 120, 200]) + text)
        wide = [bytes([1, 0, 0, 3, 1]) + struct.pack("<3q", 0, 2, 5) + text for text in encoded[:5]]
        return good + wide + [bytes([1, 0, 0, 3, 0]) + struct.pack("<3i", 0, -2, 2**31 - 1) + encoded[0]]
    if target == "arrays":
        floats = struct.pack("<4f", float("nan"), float("inf"), -1e30, 1e-40)
        return [
            bytes([i % 5, 0, i % 2, i, i % 11]) + bytes(range(256)) + floats * 6 + text
            for i, text in enumerate(encoded)
        ]
    if target == "objects":
        return [
            bytes([i % 5, i % 7, i % 8, 0]) + text[:64].ljust(64) + bytes([i % 4, i, i, i, i % 8])
            for i, text in enumerate(encoded)
        ]
    chance = range(1, 60)
    return [
        bytes([i % 5, i % 6, 1 + i % 2, i % 5, *[i % 4] * 4, *range(i % 9)])
        + bytes([0] * (i % 13))
        + struct.pack("<9f", *(i * 0.1 - j for j in range(9))) * 9
        for i in chance
    ]


def dictionary() -> list[bytes]:
    """The words and marks that rules look at."""
    words = {word for language in LANGUAGES for name in _tables._SETS for word in getattr(language, name)}
    marks = set("".join(_tables._MARKS) + characters.SPACES + characters.BREAKS + characters.STOPS)
    pieces = {word.encode() for word in words | marks | set(OTHER_SCRIPTS[4:8])}
    pieces |= {f"{word.capitalize()} ".encode() for word in words if len(word) < 6} | {
        f" {word}.".encode() for word in words if len(word) < 4
    }
    return sorted(piece for piece in pieces if len(piece) <= 40)


def write(target: str, corpus: Path) -> Path:
    """Write the seeds to a folder, and the dictionary beside it; return the latter's path."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    path = corpus.parent / "words.txt"
    path.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in piece) + '"\n' for piece in dictionary()))
    return path

"""What fuzzers begin with: sentences in many scripts, and what is known to be awkward."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXPORTS = ROOT / "tests" / "data" / "exports"

TEXTS = (
    "Le G7 lutte contre les passeurs. M. Dupont, p. ex., a dit: « Non. » Art. 5. 1. Oui!",
    "Am 3. Oktober d. J. sprach Dr. Müller z. B. in Berlin. Und? Ja.",
    "U.S. officials met at 5 p.m. Monday.\n\n- First item\n- Second item\nHEADING\nText follows here.",
    "¿Qué? El Sr. Pérez (EE.UU.) llegó. L'on. Rossi, ecc. Art. 3, comma 2.",
    "首脳会議は「覚醒剤の密輸を非難する。」と述べた。ｶﾞｶﾞ（終）",
    "Полиция задержала контрабандистов. Суд решит в ст. 5. Ёлка.",
    "أدانت مجموعة السبع تهريب المهاجرين. هل وافقت الشرطة؟ نعم.",
    "המשטרה עצרה מבריחים. ״כן״, אמר השר ג׳ כהן.",
    "पुलिस ने तस्करों को पकड़ा। मंत्री ने कहा, क्षेत्र सुरक्षित है।",
    "ตำรวจจับกุมผู้ลักลอบค้ามนุษย์ รัฐมนตรีกล่าวว่าปลอดภัย",
    "경찰이 밀수업자를 체포했다. 장관은 “예”라고 말했다.",
    "Αστυνομία: τέλος;  警方逮捕了走私者。“好。”",
    "½ ﷺ ﬁn Straße \u00ad e\u0301 🙂👩‍👩‍👧‍👦🏳️‍🌈 𠀋𠀋 İı ẞ \u200b\u202e\u2066x\u2069",
    "<script>alert(1)</script> =HYPERLINK(\"x\") @SUM +1 -1 ＝1 \x1b[31m \x07 \x00 \x85 \u2028 | `a` *b* &amp; ]]>",
    "police " * 9 + "e" + "\u0301" * 30,
)  # fmt: skip


def texts() -> list[str]:
    """TEXTS, and three of the labelled sentences of each language that we ship."""
    files = sorted((ROOT / "seeds" / "labelled").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()[:3]]
    return [*TEXTS, *(json.loads(line)["text"] for line in lines)]


def exports() -> list[tuple[str, bytes]]:
    """What annotation tools wrote, by the name of the file; no more of each than the first records of it."""
    return [(path.name, path.read_bytes()) for path in sorted(EXPORTS.iterdir())]

"""The kernel in use, and the choice of it. `NAME` says which it is, "c" or "numpy"; `sentences` follows it.

Both have the same names, signatures, results and errors; the readable one is _fallback.py. The environment variable
G7CLASSIFY_KERNEL chooses: `auto` (as when unset) takes the compiled kernel where it was built, `yes` insists on it,
`no` leaves it. At installation it says in the same words whether it is built: see setup.py.
"""

from __future__ import annotations

import os
from importlib import import_module

from g7classify._fallback import FEATURES, INTERFACE
from g7classify._tables import RULES
from g7classify.errors import OptionError

__all__ = ["FEATURES", "NAME", "Table", "calibrate", "keys", "pool"]

SPLITTER = ("guess", "split_texts", "split_utf8")
"""What the compiled splitter has to have."""


def compiled() -> bool:
    """Whether the compiled kernel and the compiled splitter are to be used: both or none.

    Raises:
        OptionError: the environment variable is none of auto, yes, no.
        ImportError: it is `yes`, and one of them is missing or of another version.
    """
    wanted = os.environ.get("G7CLASSIFY_KERNEL", "auto")
    if wanted not in ("auto", "yes", "no"):
        raise OptionError(f"G7CLASSIFY_KERNEL={wanted!r}: expected auto, yes or no")
    if wanted == "no":
        return False
    try:
        built = import_module("g7classify._kernel")
        splitter = import_module("g7classify._splitter")
    except ImportError as error:
        if wanted == "yes":
            raise ImportError(f"G7CLASSIFY_KERNEL=yes, but no kernel was compiled ({error}); install again") from error
        return False
    features, interface, rules = built.FEATURES, getattr(built, "INTERFACE", 1), splitter.RULES
    problem = ""
    if (features, interface, rules) != (FEATURES, INTERFACE, RULES):
        problem = (
            f"FEATURES {features}, INTERFACE {interface} and RULES {rules}, "
            f"expected {FEATURES}, {INTERFACE} and {RULES}"
        )
    elif lacking := [name for name in (*__all__, *SPLITTER) if name not in {*dir(built), *dir(splitter)}]:
        problem = f"no {', '.join(lacking)}"
    if problem and wanted == "yes":
        raise ImportError(f"the compiled kernel has {problem}; install again")
    return not problem  # another version's are left, as happens in a checkout


if compiled():
    from g7classify._kernel import NAME, Table, calibrate, keys, pool
else:
    from g7classify._fallback import NAME, Table, calibrate, keys, pool

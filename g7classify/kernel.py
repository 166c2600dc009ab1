"""The kernel in use: the only module that chooses one. `NAME` says which it is.

`keys` and `pool` have the same signatures and results in every kernel; the readable one is _fallback.py.
"""

from __future__ import annotations

from g7classify._fallback import NAME, keys, pool

__all__ = ["NAME", "keys", "pool"]

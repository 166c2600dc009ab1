"""The compiled kernel: the names of its readable twin."""

from g7classify._fallback import Table as Table
from g7classify._fallback import calibrate as calibrate
from g7classify._fallback import keys as keys
from g7classify._fallback import pool as pool

FEATURES: int
INTERFACE: int
NAME: str

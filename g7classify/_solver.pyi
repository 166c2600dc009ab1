"""The compiled solver: the names of its readable twin."""

from g7classify.learn._descent import descend as descend

DESCENT: int

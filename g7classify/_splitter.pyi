"""The compiled splitter: the names of its readable twin."""

from g7classify._sentences import guess as guess
from g7classify._sentences import split_texts as split_texts

RULES: int

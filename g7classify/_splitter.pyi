"""The compiled splitter: the names of its readable twin."""

from g7classify._sentences import guess as guess
from g7classify._sentences import split_texts as split_texts
from g7classify._sentences import split_utf8 as split_utf8

RULES: int

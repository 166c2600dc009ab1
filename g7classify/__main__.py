"""`python -m g7classify`: the command line."""

from __future__ import annotations

from g7classify.cli import main

if __name__ == "__main__":
    main()

"""Labelled rows: read from files and from memory, checked, and told as they were written."""

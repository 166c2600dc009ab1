"""Measurements of g7classify and of what else there is; each writes its figures to benchmarks/results."""

"""Benchmarks: run one with `python -m benchmarks.<name>`. Figures go to benchmarks/results/ as JSON."""

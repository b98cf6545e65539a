"""Measures what the project aims for, on real parts: `make bench`, or `python -m benchmarks`."""

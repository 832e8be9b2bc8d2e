"""Benchmarks: callbacks, the pipeline, the sweep. Speed goals are ratios in one run, never timed tests (docs/bench.md)."""

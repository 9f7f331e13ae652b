"""The parts of `benchmarks.muisc_evaluation` and `benchmarks.muisc_results`."""

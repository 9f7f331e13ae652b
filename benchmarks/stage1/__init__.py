"""The parts of the stage-1 benchmarks."""

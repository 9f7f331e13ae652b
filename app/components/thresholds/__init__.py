"""The parts of the page of thresholds."""

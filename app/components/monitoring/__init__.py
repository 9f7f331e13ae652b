"""The parts of the page of monitoring."""

"""Commands that print every number of the documentation."""

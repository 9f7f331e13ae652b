"""Pieces of the page that makes the sequence of one product; each draws one thing from typed results."""

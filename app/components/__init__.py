"""Pieces of pages; each draws one thing from typed results."""

"""Parts of the catalogue page."""

"""Gettext catalogues of the interface, one file a language."""

"""Tables of predictions on pages: which one is looked at, and what of it was left out."""

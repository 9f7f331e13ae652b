"""Rule errors."""

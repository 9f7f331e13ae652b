"""Parts of the page of rule errors."""

"""Rendered products: parametric shapes with prints and patterns, photographed off-screen (needs the extra `render`)."""

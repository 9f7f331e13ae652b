"""Measurable quality of single photos: sharpness, light, resolution, borders, proportions, content."""

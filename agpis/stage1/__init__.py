"""Stage 1: single-image and image-pair recognition, and the choice of the sequence (section 3.3)."""

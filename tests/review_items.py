"""Sequences for a queue, with small photos that are easy to tell apart."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as PilImage

from agpis.rules import load_taxonomy
from agpis.store import StoredPhoto, Submission

WIDTH, HEIGHT = 200, 160


def photo_bytes(number: int) -> bytes:
    """A PNG of 200 x 160 pixels in a colour of its own."""
    colour = (40 * number % 256, 90 + 30 * number % 160, 200 - 50 * number % 200)
    buffer = io.BytesIO()
    PilImage.fromarray(np.full((HEIGHT, WIDTH, 3), colour, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def submission(number: int, feedback: str = "yes", title: str = "") -> Submission:
    """Product `number`: three photos, p^t of 0.8, and S01, P01, M01 as its most probable rules in this order."""
    rules = load_taxonomy()
    probabilities = {rule_id: 0.001 for rule_id in rules.ids} | {"qualified": 0.8, "S01": 0.1, "P01": 0.05, "M01": 0.02}
    return Submission(
        product_id=f"product-{number}",
        title=title or f"Product {number}",
        category="kitchen",
        photos=tuple(StoredPhoto(f"{number}-{place}.png", photo_bytes(3 * number + place)) for place in range(3)),
        p_qualified=0.8,
        p_nlg_qualified=0.75,
        rule_probabilities=probabilities,
        feedback=feedback,
        model_version="model-1",
        submission_threshold=0.3,
        threshold_version="threshold-1",
    )

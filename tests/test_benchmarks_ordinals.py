"""Which images a feedback names, in every sentence that the simulated reviewer has."""

from __future__ import annotations

import numpy as np
import pytest

from agpis.rules import Rule, load_taxonomy
from agpis.simulation.predicates import Hit
from agpis.simulation.wording import compose_feedback
from benchmarks.muisc.ordinals import named_images, same_images

TAXONOMY = load_taxonomy()
FIRST, BOTH, SPAN, NONE = frozenset({2}), frozenset({2, 4}), frozenset({2, 3, 4}), frozenset[int]()
# What the sentences of a kind may name of a hit on the 2nd and 4th image; all others tell of the first image alone.
ALLOWED = {
    "too_few_images": {NONE},
    "side_missing": {NONE},
    "one_side_only": {SPAN, NONE},
    "no_close_up": {frozenset({1, 2, 3, 4}), NONE},
    "mostly_not_product": {FIRST, frozenset({4})},
    "detail_before_view": {BOTH},
    "products_mixed": {BOTH},
    # One of them tells of one image only.
    "styles_mixed": {BOTH, FIRST},
}
PAIRS = {"exact_copy", "near_copy", "partial_copy", "transformed_copy", "same_view"}
PAIRS |= {"variant_differs", "product_differs", "style_differs"}


@pytest.mark.parametrize("rule", TAXONOMY.rules, ids=lambda rule: rule.id)
@pytest.mark.parametrize("thing", ["the text 'Buy 2, 3rd free: see image 9'", "4 pieces", ""])
def test_every_sentence_of_the_reviewer_is_understood(rule: Rule, thing: str) -> None:
    kind = rule.predicate["kind"]
    allowed = {BOTH} if kind in PAIRS else ALLOWED.get(kind, {FIRST})
    if not thing and kind not in ("exact_copy", "near_copy", "partial_copy"):
        allowed = {FIRST}  # a false alarm names one image
    hit = Hit((2, 4), place="in the upper left corner", thing=thing, other="6 pieces")
    rng = np.random.default_rng(0)
    found = {named_images(compose_feedback(rule, kind, hit, TAXONOMY, rng)) for _ in range(60)}
    assert found == allowed


@pytest.mark.parametrize(
    ("feedback", "images"),
    [
        ("yes", set()),
        ("Watermark: the 11th image has a watermark.", {11}),
        ("Exact duplicate. Images 1 and 3 are the same file.", {1, 3}),
        ("No diversity of views: from the 1st to the 4th image one side only.", {1, 2, 3, 4}),
        ("Overlaid text: the text '1st choice' at the top of the 3rd image.", {3}),
        ("Overlaid text: the text 'Don't wait, 2nd free' on image 1.", {1}),
        ("Cropped product: the men's shoe in the 2nd image's corner is cut.", {2}),
        ("Too few images: the sequence has 1 usable image, at least 2 are needed.", set()),
        ("Low resolution: image 2 is too small, 86 pixels where 128 pixels are the least.", {2}),
        ("Style clash: from warm beige in image 1 to pastel in image 3.", {1, 3}),
    ],
)
def test_the_images_of_a_feedback(feedback: str, images: set[int]) -> None:
    assert named_images(feedback) == images


def test_naming_the_same_images() -> None:
    assert same_images("see the 2nd image", "image 2 is out of focus", 3)
    assert not same_images("see the 2nd and the 3rd image", "image 2 is out of focus", 3)
    assert not same_images("yes", "image 2 is out of focus", 3)
    assert same_images("no image shows material or details of the mug", "none of the 4 images is a close-up", 4)
    assert not same_images("all images show the front", "images 1 to 4 show nothing but the front", 5)
    assert not same_images("the text 'all images' on image 2", "images 1 to 3 show the front", 3)

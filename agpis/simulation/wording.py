"""How a reviewer writes down a breach: one of several sentences for every kind of predicate."""

from __future__ import annotations

import re

import numpy as np

from agpis.rules import Rule, RuleTaxonomy
from agpis.simulation.facts import DefectKind
from agpis.simulation.predicates import Hit

# {a} is the first image concerned and {b} the second, as in "2nd"; {thing}, {place} and {other} are those of the hit.
_CARRIES = (
    "the {a} image carries {thing} {place}",
    "the {a} image has {thing} {place}",
    "{thing} {place} of the {a} image",
    "there is {thing} {place} on image {n}",
    "please remove {thing} {place} from the {a} image",
)
_IS = (
    "the {a} image is {thing}",
    "image {n} is {thing}",
    "the photo in {a} place is {thing}",
    "please replace the {a} image, it is {thing}",
)
# A breach of this rule takes the place of the photo rather than lying on it.
_REPLACES = (
    "the {a} image is {thing}, not a photo",
    "image {n} is {thing} instead of a photo of the item",
    "please replace {thing} in {a} place by a photo",
    "{thing} stands in for the photo on image {n}",
)
_CUT_OUT = (
    "the item in the {a} image is badly cut out, with {thing}",
    "{thing} {place} in the {a} image",
    "the cut-out on image {n} shows {thing}",
    "please cut the item in the {a} image out again, there is {thing}",
)
_DISTORTED = (
    "the {a} image is {thing}",
    "image {n} was {thing}",
    "the photo in {a} place has been {thing}",
    "please send the {a} image in its own proportions and size, it is {thing}",
)
_BY_DEFECT = {
    DefectKind.CUTOUT: _CUT_OUT,
    DefectKind.DISTORTION: _DISTORTED,
    DefectKind.PLACEHOLDER: _REPLACES,
    DefectKind.NOT_A_PHOTO: _REPLACES,
}
_SENTENCES = {
    "cropped_full_view": (
        "the {thing} in the {a} image is cut by the frame",
        "the {a} image does not show the {thing} whole",
        "the frame cuts the {thing} in image {n}",
    ),
    "extra_props": (
        "the {a} image shows {thing} {place} and not the item alone",
        "{thing} {place} on image {n} does not belong to the offer",
        "please take {thing} {place} out of the {a} image",
        "beside the item there is {thing} {place} in the {a} image",
    ),
    "low_resolution": (
        "the longest side of the {a} image has {thing}, at least {other} are needed",
        "image {n} is too small, {thing} where {other} are the least",
        "the {a} image has only {thing}, please send it larger",
    ),
    "several_items": (
        "the {a} image shows {thing} of the {other}, one is sold",
        "one {other} is sold but image {n} shows {thing}",
        "there are {thing} in the {a} image, please show a single {other}",
    ),
    "bad_presentation": (
        "the {other} in the {a} image is {thing}",
        "image {n} shows the {other} {thing}",
        "please show the {other} by itself, in the {a} image it is {thing}",
    ),
    "low_fill": (
        "the {thing} fills only {other} of the {a} image",
        "the {thing} in the {a} image is too small, only {other} of the frame",
        "image {n} shows the {thing} at {other} of the frame",
    ),
    "busy_primary_background": (
        "the {a} image has no plain background",
        "the background of the {a} image is busy",
        "the {thing} in image {n} stands before a busy background",
    ),
    "exact_copy": (
        "the {a} and the {b} image are the same picture",
        "the {b} image is the {a} once more",
        "images {n} and {m} are the same file",
    ),
    "near_copy": (
        "the {b} image is the {a} saved again",
        "the {a} and the {b} image are almost the same picture",
        "images {n} and {m} come from the same photo",
    ),
    "partial_copy": (
        "of the {a} and the {b} image one is only a part of the other",
        "images {n} and {m} are a picture and a part of it",
        "the {a} and the {b} image show the same photo, one of them zoomed in",
    ),
    "transformed_copy": (
        "the {b} image is the {a} {thing}",
        "the {a} and the {b} image are the same photo {thing}",
        "images {n} and {m} are one photo {thing}",
    ),
    "same_view": (
        "the {a} and the {b} image both show {thing}",
        "images {n} and {m} show {thing} twice",
        "the {b} image shows {thing} again, as the {a} does",
    ),
    "variant_differs": (
        "the item in the {a} image is {thing}, in the {b} it is {other}",
        "the {a} and the {b} image show two variants of the item, {thing} and {other}",
        "{thing} in image {n} but {other} in image {m}",
    ),
    "product_differs": (
        "the {b} image shows another item than the {a}, {other} instead of {thing}",
        "the {a} and the {b} image show two different items",
        "the {other} in image {m} is not the {thing} in image {n}",
    ),
    "primary_not_front": (
        "the {a} image shows {thing}, not the whole front",
        "the {a} image must show the front, it shows {thing}",
        "image {n} shows {thing}",
    ),
    "detail_before_view": (
        "the {a} image is a detail and stands before {other} in the {b}",
        "the detail in the {a} image belongs after {other} in the {b}",
        "image {n} is a detail but image {m} still shows {other}",
    ),
    "style_differs": (
        "the {a} image has a {thing} backdrop, the {b} a {other} one",
        "backdrop and light change from {thing} in image {n} to {other} in image {m}",
        "the {a} and the {b} image were not shot in one style, {thing} against {other}",
    ),
    "too_few_images": (
        "the sequence has {thing}, at least {other} are needed",
        "{thing} where at least {other} are needed",
        "at least {other} are needed, there is {thing}",
    ),
    "side_missing": (
        "no image shows the item from the {thing}",
        "a view from the {thing} is missing",
        "please add a view from the {thing}",
    ),
    "one_side_only": (
        "images {n} to {m} show nothing but {thing} and close-ups",
        "from the {a} to the {b} image the item is seen from one side only, {thing}",
        "all images show {thing}, none another side",
    ),
    "no_close_up": (
        "none of the {m} images is a close-up of the {thing}",
        "no image shows material or details of the {thing}",
        "images 1 to {m} all show the {thing} whole, please add a close-up",
    ),
    "mostly_not_product": (
        "too many images show {thing} and not the item, see the {a}",
        "there is more of {thing} than of the item, as in image {n}",
        "half of the images or more show {thing}, the {b} for one",
    ),
    "products_mixed": (
        "the {a} and the {b} image show other items than the {thing} of the rest",
        "images {n} and {m} do not belong to the offer, they show another {other}",
        "several items are mixed, {thing} with the {other} in the {a} and in the {b} image",
    ),
    "styles_mixed": (
        "the {a} and the {b} image do not match the {other} look of the rest",
        "backdrop and light keep changing, {thing} in image {n} against {other} elsewhere",
        "the set has no common look, see images {n} and {m}",
    ),
    "title_category_differs": (
        "the title says {thing}, the {a} image shows {other}",
        "the {a} image shows {other} but the title names {thing}",
        "{thing} in the title, {other} in image {n}",
    ),
    "title_variant_differs": (
        "the title says {thing}, the item in the {a} image is {other}",
        "the item in the {a} image is {other} but the title names {thing}",
        "{thing} in the title, {other} in image {n}",
    ),
    "title_quantity_differs": (
        "the title promises {thing}, the {a} image shows {other}",
        "{thing} in the title but {other} in image {n}",
        "the title says {thing}, image {n} shows {other}",
    ),
    "title_brand_differs": (
        "the title names {thing}, the item in the {a} image is marked {other}",
        "{other} can be read in the {a} image but the title says {thing}",
        "{thing} in the title, {other} on the item in image {n}",
    ),
}
_BARE = ("the {a} image breaks this rule", "see the {a} image", "image {n}")
_JOINTS = (": ", ": ", ": ", " - ", ". ")
# Defects that are a state of the whole photo rather than something on it.
_STATES = (
    "out of focus",
    "shaken",
    "soft all over",
    "pixelated",
    "full of",
    "too dark",
    "washed out",
    "flat and",
    "grainy",
    "of a",
)


def compose_feedback(rule: Rule, kind: str, hit: Hit, taxonomy: RuleTaxonomy, rng: np.random.Generator) -> str:
    """One sentence that begins with the title of `rule` and tells what `hit` found.

    `taxonomy.classify_feedback` gives `rule` for it; where titles of a user's rule file would make that fail, the
    feedback is the bare title.
    """
    templates = _templates(rule, kind, hit)
    sentence = templates[int(rng.integers(len(templates)))].format(
        a=ordinal(hit.images[0]),
        b=ordinal(hit.images[-1]),
        n=hit.images[0],
        m=hit.images[-1],
        place=hit.place,
        thing=hit.thing,
        other=hit.other,
    )
    sentence = re.sub(r"\s+", " ", sentence).strip()
    joint = _JOINTS[int(rng.integers(len(_JOINTS)))]
    if joint == ". ":
        sentence = sentence[0].upper() + sentence[1:]
    feedback = f"{rule.title}{joint}{sentence}."
    return feedback if taxonomy.classify_feedback(feedback) == rule else rule.title


def ordinal(number: int) -> str:
    """1 as "1st", 2 as "2nd", 11 as "11th"."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _templates(rule: Rule, kind: str, hit: Hit) -> tuple[str, ...]:
    if not hit.thing and kind not in ("exact_copy", "near_copy", "partial_copy"):
        return _BARE
    if kind == "has_defect":
        usual = _IS if hit.thing.startswith(_STATES) else _CARRIES
        return _BY_DEFECT.get(rule.predicate.get("defect", ""), usual)
    return _SENTENCES.get(kind, _BARE)

"""The pictures of one product that sequences are made from, sorted by what the reviewer thinks of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from agpis.rules import RuleCategory
from agpis.simulation.facts import TitleFacts, View
from agpis.simulation.framing import close_ups, resized
from agpis.simulation.reviewer import Reviewer
from agpis.simulation.sources import SourceImage, SourceProduct

_Thing = TypeVar("_Thing")

# Close-ups are cut from whole views where a source has fewer details of its own.
_DETAILS = 2
_MAX_WHOLES = 4
# Which views go together is found by trying.
_PROPOSALS = 6
# A close-up with a shorter side, as a share of the finished size, would look out of focus once it is enlarged.
_SHARP = 0.5
_BLANK_SPREAD = 4.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a product shares with the others it is simulated beside.

    Attributes:
        reviewer: judges without error; decides what is a clean picture.
        others: products of the same split, for pictures and titles that do not belong.
        size: longest side of the finished images in pixels.
    """

    reviewer: Reviewer
    others: Sequence[SourceProduct]
    size: int


class CandidatePool:
    """Pictures by index: `images[i]`; the lists hold indices.

    Attributes:
        product: the source product.
        around: reviewer, other products and image size.
        rng: decides everything that is random.
        images: all pictures, those made on the way included.
        wholes: clean pictures that show the product whole.
        spare_wholes: more clean whole views, of which good sequences make no use.
        fronts: those of `wholes` that may come first.
        details: clean close-ups, at most two.
        spare_details: more clean close-ups, of which good sequences make no use.
        flawed: pictures that the source flawed on purpose.
        variants: clean pictures of the same design in another colour or pattern.
        strangers: clean pictures of other products.
    """

    def __init__(self, product: SourceProduct, around: Surroundings, rng: np.random.Generator) -> None:
        """Sort the source pictures; at most four clean whole views and two close-ups are kept, for K^c near 7."""
        self.product = product
        self.around = around
        self.images: list[SourceImage] = []
        self.rng = rng
        clean, flawed = self._sorted(product)
        wholes = [image for image in clean if image.facts.whole]
        details = [image for image in clean if image.facts.view is View.DETAIL and self._is_worthwhile(image)]
        # Never both: close-ups of one photograph cut here and there might show one place twice.
        details = details or self._cut_details(wholes)
        thinned = self._thinned(wholes)
        self.wholes = [self._take(image) for image in thinned]
        self.spare_wholes = [self._take(image) for image in wholes if not any(image is kept for kept in thinned)]
        self.fronts = [index for index in self.wholes if self.accepts([index], unfinished=True)]
        close = [self._take(details[int(i)]) for i in rng.permutation(len(details))]
        self.details, self.spare_details = close[:_DETAILS], close[_DETAILS:]
        self.flawed = [self._take(image) for image in flawed]
        self.variants = [self._take(image) for image in self._sorted(replace(product, images=product.variants))[0]]
        self.strangers = [self._take(image) for image in self._strangers()]

    def add(self, image: SourceImage) -> int:
        """Take in a picture made from others; its index."""
        self.images.append(image)
        return len(self.images) - 1

    def accepts(self, sequence: Sequence[int], title: TitleFacts | None = None, *, unfinished: bool = False) -> bool:
        """Whether the reviewer finds nothing wrong with a sequence, or with the beginning of one.

        Without a title, which may say anything, only the units that the product is sold in are known.
        """
        facts = [self.images[i].facts for i in sequence]
        title = title or _untitled(self.product)
        return self.around.reviewer.review(title, facts, self.rng, unfinished=unfinished).accepted

    def good_sequence(self, length: int, details: int | None = None) -> list[int] | None:
        """A sequence that the reviewer accepts: a front view, other whole views, close-ups last.

        Args:
            length: images wanted.
            details: how many of them are close-ups; random when not given.

        Returns:
            Indices, or None when the pictures do not suffice.
        """
        if not self.fronts or length > len(self.wholes) + len(self.details):
            return None
        for _ in range(_PROPOSALS):
            proposed = self._proposed(length, details)
            if len(proposed) == length and self.accepts(proposed):
                return proposed
        return None

    def _proposed(self, length: int, details: int | None) -> list[int]:
        spare = min(len(self.details), length - 1)
        low = max(0, length - len(self.wholes))
        if details is None:
            details = int(self.rng.integers(low, spare + 1)) if low <= spare else spare
        chosen = [self.pick(self.fronts)]
        for index in self._shuffled(self.wholes):
            if len(chosen) < length - details and index not in chosen and self._goes_on(chosen, index):
                chosen.append(index)
        for index in self._shuffled(self.details):
            if len(chosen) < length and self._goes_on(chosen, index):
                chosen.append(index)
        return chosen

    def pick(self, indices: Sequence[int]) -> int:
        """One of `indices` at random."""
        return indices[int(self.rng.integers(len(indices)))]

    def some(self, indices: Sequence[int], count: int) -> list[int]:
        """`count` of `indices` at random, or all when there are fewer, in random order."""
        return self._shuffled(indices)[:count]

    def is_whole(self, index: int) -> bool:
        """Whether a picture is meant to show the product whole."""
        return self.images[index].facts.whole

    def _goes_on(self, chosen: list[int], index: int) -> bool:
        return self.accepts([*chosen, index], unfinished=True)

    def _sorted(self, product: SourceProduct) -> tuple[list[SourceImage], list[SourceImage]]:
        clean: list[SourceImage] = []
        flawed: list[SourceImage] = []
        for image in product.images:
            if image.facts.view is not View.UNKNOWN:
                (clean if self._is_clean(image, _untitled(product)) else flawed).append(image)
        return clean, flawed

    def _is_clean(self, image: SourceImage, title: TitleFacts) -> bool:
        reviewer = self.around.reviewer
        broken = reviewer.review(title, [image.facts], self.rng).violations
        singles = [v for v in broken if reviewer.taxonomy[v.rule_id].category is RuleCategory.SINGLE]
        return not singles and not image.facts.defects and not image.facts.cut_off

    def _cut_details(self, wholes: Sequence[SourceImage]) -> list[SourceImage]:
        whole = self._pick_one(wholes[:2])
        if whole is None or min(whole.pixels.shape[:2]) < 2 * _SHARP * self.around.size:
            return []
        return close_ups(whole, _DETAILS, self.around.size, self.rng)

    def _is_worthwhile(self, image: SourceImage) -> bool:
        """Whether a close-up is large enough and shows more than bare ground."""
        height, width = image.pixels.shape[:2]
        large = float(height * width) >= (_SHARP * self.around.size) ** 2
        return large and float(image.pixels.std(axis=(0, 1)).max()) > _BLANK_SPREAD

    def _thinned(self, wholes: list[SourceImage]) -> list[SourceImage]:
        if len(wholes) <= _MAX_WHOLES:
            return wholes
        # The first front view always stays; without it the product has no good sequence.
        first = next((image for image in wholes if image.facts.view is View.FRONT), wholes[0])
        rest = [image for image in wholes if image is not first]
        kept = self.rng.choice(len(rest), _MAX_WHOLES - 1, replace=False)
        return [first, *(rest[int(index)] for index in sorted(kept))]

    def _strangers(self) -> list[SourceImage]:
        """Clean whole views of up to two other products, of the same category where there is one."""
        mine = self.product.images[0].facts if self.product.images else None
        others = [other for other in self.around.others if other.product_id != self.product.product_id]
        if mine is None or not others:
            return []
        alike = [other for other in others if other.images and other.images[0].facts.category == mine.category]
        found: list[SourceImage] = []
        for other in [self._pick_one(alike), self._pick_one(others)]:
            clean = [image for image in self._sorted(other)[0] if image.facts.whole] if other else []
            image = self._pick_one(clean)
            designs = {mine.design, *(stranger.facts.design for stranger in found)}
            if image is not None and image.facts.design not in designs and image.facts.items == mine.items:
                found.append(image)
        return found

    def _take(self, image: SourceImage) -> int:
        height, width = image.pixels.shape[:2]
        factor = self.around.size / max(height, width)
        if factor == 1.0:
            return self.add(image)
        pixels = resized(image.pixels, max(1, round(height * factor)), max(1, round(width * factor)))
        return self.add(SourceImage(pixels, image.facts))

    def _pick_one(self, things: Sequence[_Thing]) -> _Thing | None:
        return things[int(self.rng.integers(len(things)))] if things else None

    def _shuffled(self, indices: Sequence[int]) -> list[int]:
        return [indices[int(position)] for position in self.rng.permutation(len(indices))]


def _untitled(product: SourceProduct) -> TitleFacts:
    return TitleFacts("", quantity=product.title.quantity)

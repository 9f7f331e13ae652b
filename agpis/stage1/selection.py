"""Who stays in I^c and which sequence is built from it (section 3.3). Pure logic, no models.

The decisions come in the paper's order: primary image, non-compliant images, image pairs, sequence. Three things are
settled here that the paper leaves open:

- The paper does not say what happens when the chosen primary image is itself non-compliant. Here the next best
  compliant image above the primary threshold takes its place.
- A sequence that shows a product in several colours is rejected by review. Shops recolour one photograph for every
  colour they sell: where the primary image has such variants, the one whose colours agree most with the product's
  other photos becomes primary. Then images in other colours than the primary image are removed. Where that leaves too
  few, the image with the next largest p^primary whose colour leaves enough becomes primary instead.
- The paper draws K^t - 1 images at random and gives them no order. Here those with the larger p^primary come first,
  which puts whole views before details.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from agpis.errors import ModelError, SettingsError
from agpis.reasons import Reason
from agpis.stage1.palette import palette_agreement
from agpis.types import (
    DuplicatePair,
    ImageAssessment,
    Outcome,
    PairMatch,
    PairRelation,
    PipelineSettings,
    Removal,
    RemovalCause,
    StageOneResult,
)


def select(
    assessments: Sequence[ImageAssessment], matches: Sequence[PairMatch], settings: PipelineSettings
) -> StageOneResult:
    """Apply the decisions of section 3.3 to one product.

    1. The image with the largest p^primary is the primary image when that exceeds `primary_threshold`; otherwise the
       run ends with NO_PRIMARY. Ties, of no more than `tie_threshold`, go to the earlier image (a departure where that
       is above 0: fronts and backs are hard to tell apart, and shops know which picture is their first).
    2. Images with p^nc above `noncompliance_threshold`, or with a quality check above `quality_threshold`, are
       removed. When the primary image is among them, the compliant image with the next largest p^primary takes its
       place if that exceeds the threshold (a departure, see the head of this file); otherwise the run ends with
       NO_PRIMARY.
    3. Pairs with similarity of at least `duplicate_threshold` are taken by falling similarity, ties in the product's
       order; VARIANT pairs only with `remove_variants`. Of a pair the primary image stays, else the image with the
       smaller p^nc, else the earlier one. A pair that already lost an image does nothing.
    4. Images whose colours agree with the primary image's by less than `colour_threshold` are removed, only with
       `remove_variants`; an image of unknown colours stays.
    5. The primary image and K^t - 1 of the others, drawn with `seed`, make the sequence, the others by falling
       p^primary, ties in the product's order.

    Where 3 and 4 leave fewer than K^t images, they are decided once more with the next largest p^primary above the
    threshold that leaves enough, only with `remove_variants`.

    After 2 and after 4 the run ends with TOO_FEW_IMAGES when fewer than K^t images are left; without any image it ends
    with NO_READABLE_IMAGE.

    Args:
        assessments: one per readable image, in the product's order; files unique.
        matches: image pairs among those files, in any order.
        settings: thresholds, K^t and seed.

    Raises:
        ModelError: when a probability is not a number in [0, 1].
        ValueError: when a file is assessed twice, or a match names a file that was not assessed.
    """
    state = _State(tuple(assessments), settings)
    state.check(matches)
    ended = state.choose_primary() or state.remove_noncompliant() or state.settle(matches)
    if ended is not None:
        return state.result((), ended.outcome, ended.reason)
    sequence = state.draw_sequence()
    reason = Reason.SEQUENCE.format(clause=state.why_first(), count=len(sequence) - 1, total=len(state.remaining) - 1)
    return state.result(sequence, None, reason)


def candidate_sequences(
    stage_one: StageOneResult, settings: PipelineSettings, limit: int, primaries: Sequence[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """List the sequences stage 2 may choose from: primary first, then K^t - 1 remaining images in any order.

    The paper scores the one random sequence only and names the choice among several as future work.

    Args:
        stage_one: the result of `select` with the same settings.
        settings: K^t and seed.
        limit: the largest number of sequences wanted, at least 1.
        primaries: remaining images that may come first; only the primary image of `stage_one` by default.

    Returns:
        All different sequences when there are at most `limit`, in the product's order; else `limit` of them drawn with
        `seed`, the sequence of `stage_one` being the first. Empty when stage 1 terminated.

    Raises:
        SettingsError: when limit is below 1.
        ValueError: when a primary does not remain.
    """
    if limit < 1:
        raise SettingsError(f"limit must be at least 1 candidate sequence, got {limit}")
    if stage_one.termination is not None:
        return ()
    firsts = tuple(primaries) or stage_one.sequence[:1]
    if not set(firsts) <= set(stage_one.remaining):
        raise ValueError(f"primaries must be among the remaining images {stage_one.remaining}, got {firsts}")
    others = {first: [file for file in stage_one.remaining if file != first] for first in firsts}
    size = settings.num_images - 1
    if count_sequences(len(firsts), len(stage_one.remaining), settings.num_images) <= limit:
        return tuple((first, *tail) for first in firsts for tail in itertools.permutations(others[first], size))
    generator = np.random.default_rng(settings.seed)
    drawn = {stage_one.sequence: None}  # a dict keeps the order of drawing
    while len(drawn) < limit:
        # One primary takes no random number, so that its draw does not depend on this choice being there.
        first = firsts[generator.integers(len(firsts))] if len(firsts) > 1 else firsts[0]
        tail = generator.choice(len(others[first]), size=size, replace=False)
        drawn[(first, *(others[first][index] for index in tail))] = None
    return tuple(drawn)


def count_sequences(primaries: int, remaining: int, num_images: int) -> int:
    """How many sequences of `num_images` there are of `remaining` images, one of `primaries` of them coming first."""
    return primaries * math.perm(remaining - 1, num_images - 1)


def why_noncompliant(image: ImageAssessment, settings: PipelineSettings) -> str:
    """Why an image is removed as non-compliant, in one sentence; empty for a compliant one.

    Where a quality check is above its threshold, the sentence says what is seen on the photo; else p^nc speaks.
    """
    worst = max(image.quality, key=lambda check: check.score, default=None)
    if worst is not None and worst.score > settings.quality_threshold:
        value, bound = _digits(worst.score, settings.quality_threshold)
        return Reason.FLAWED.format(clause=worst.message.rstrip("."), value=value, limit=bound)
    if image.p_noncompliant > settings.noncompliance_threshold:
        value, bound = _digits(image.p_noncompliant, settings.noncompliance_threshold)
        return Reason.NONCOMPLIANT.format(value=value, limit=bound)
    return ""


@dataclass(frozen=True, slots=True)
class _End:
    outcome: Outcome
    reason: str


@dataclass(slots=True)
class _Settlement:
    """What pairs and colours take out when `primary` is the primary image."""

    primary: str
    duplicates: list[DuplicatePair] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """I^c while the decisions are being made; each step returns why the run ends, or None to go on."""

    assessments: tuple[ImageAssessment, ...]
    settings: PipelineSettings
    by_file: dict[str, ImageAssessment] = field(init=False)
    position: dict[str, int] = field(init=False)
    primary: str | None = None
    replaced: str | None = None
    recoloured: str | None = None
    removals: list[Removal] = field(default_factory=list)
    duplicates: list[DuplicatePair] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.by_file = {assessment.file: assessment for assessment in self.assessments}
        self.position = {assessment.file: index for index, assessment in enumerate(self.assessments)}

    @property
    def remaining(self) -> tuple[str, ...]:
        return tuple(a.file for a in self.assessments if a.file not in self.removed)

    def check(self, matches: Sequence[PairMatch]) -> None:
        if len(self.by_file) != len(self.assessments):
            raise ValueError(f"a file is assessed twice: {[a.file for a in self.assessments]}")
        for a in self.assessments:
            scores = ((f"the {check.kind} score", check.score) for check in a.quality)
            for name, value in (("p^primary", a.p_primary), ("p^nc", a.p_noncompliant), *scores):
                if not 0.0 <= value <= 1.0:  # also true for NaN
                    raise ModelError(f"{name} of {a.file} must lie in [0, 1], got {value}; check the model's weights")
        for match in matches:
            if not {match.first, match.second} <= self.by_file.keys():
                raise ValueError(f"the match of {match.first} and {match.second} names a file that was not assessed")

    def choose_primary(self) -> _End | None:
        if not self.assessments:
            return _End(Outcome.NO_READABLE_IMAGE, Reason.NO_IMAGE.format())
        best = self._best(self.assessments)
        limit = self.settings.primary_threshold
        if best.p_primary <= limit:
            value, bound = _digits(best.p_primary, limit)
            reason = Reason.NO_PRIMARY.format(value=value, file=best.file, limit=bound)
            return _End(Outcome.NO_PRIMARY, reason)
        self.primary = best.file
        return None

    def _best(self, images: Sequence[ImageAssessment]) -> ImageAssessment:
        """The one with the largest p^primary, or the first of those tied with it and above the limit as it is."""
        largest = max(images, key=lambda image: image.p_primary)
        least = largest.p_primary - self.settings.tie_threshold
        limit = self.settings.primary_threshold
        return next((image for image in images if image.p_primary > limit and image.p_primary >= least), largest)

    def why_first(self) -> str:
        """Why the primary image comes first, as a clause of the reason."""
        assert self.primary is not None  # choose_primary and remove_noncompliant end the run otherwise
        chosen = self.by_file[self.primary].p_primary
        clause = Reason.COMES_FIRST.format(file=self.primary, p_primary=chosen)
        rival = max((self.by_file[file] for file in self.remaining), key=lambda image: image.p_primary)
        if chosen < rival.p_primary <= chosen + self.settings.tie_threshold:
            clause = Reason.TIED.format(clause=clause, rival=rival.file, p_primary=rival.p_primary)
        if self.replaced:
            clause = Reason.STANDS_IN.format(clause=clause, replaced=self.replaced)
        if self.recoloured:
            clause = Reason.COMMON_COLOUR.format(clause=clause, recoloured=self.recoloured)
        return clause

    def remove_noncompliant(self) -> _End | None:
        for a in self.assessments:
            reason = why_noncompliant(a, self.settings)
            if reason:
                self._remove(a.file, RemovalCause.NONCOMPLIANT, reason)
        if self.primary in self.removed:
            ended = self._replace_primary()
            if ended is not None:
                return ended
        return self._too_few(Reason.NONCOMPLIANT_IMAGES)

    def _replace_primary(self) -> _End | None:
        self.replaced, self.primary = self.primary, None
        limit = self.settings.primary_threshold
        compliant = [self.by_file[file] for file in self.remaining]
        if not compliant:
            return _End(Outcome.NO_PRIMARY, Reason.NONE_IN_PLACE.format(replaced=self.replaced))
        best = self._best(compliant)
        if best.p_primary <= limit:
            value, bound = _digits(best.p_primary, limit)
            reason = Reason.NEXT_TOO_LOW.format(replaced=self.replaced, value=value, file=best.file, limit=bound)
            return _End(Outcome.NO_PRIMARY, reason)
        self.primary = best.file
        return None

    def settle(self, matches: Sequence[PairMatch]) -> _End | None:
        """Decide pairs and colours, with the first possible primary image that leaves enough images."""
        settlements = (self._settlement(primary, matches) for primary in self._possible_primaries(matches))
        first = next(settlements)
        needed = self.settings.num_images
        chosen = first
        if len(self.remaining) - len(first.removals) < needed:
            chosen = next((s for s in settlements if len(self.remaining) - len(s.removals) >= needed), first)
        if chosen.primary != self.primary:
            self.recoloured, self.primary = self.primary, chosen.primary
        self.duplicates = chosen.duplicates
        for removal in chosen.removals:
            self._remove(removal.file, removal.cause, removal.reason)
        causes = {removal.cause for removal in chosen.removals}
        only_duplicates = causes <= {RemovalCause.DUPLICATE}
        return self._too_few(Reason.DUPLICATES if only_duplicates else Reason.DUPLICATES_AND_COLOURS)

    def _possible_primaries(self, matches: Sequence[PairMatch]) -> tuple[str, ...]:
        """The primary image first; others only where a sequence must show one colour."""
        assert self.primary is not None  # choose_primary and remove_noncompliant end the run otherwise
        if not self.settings.remove_variants:
            return (self.primary,)
        first = self._common_colour(matches)
        compliant = [self.by_file[file] for file in self.remaining if file != first]
        above = [a for a in compliant if a.p_primary > self.settings.primary_threshold]
        return (first, *(a.file for a in sorted(above, key=lambda a: -a.p_primary)))

    def _common_colour(self, matches: Sequence[PairMatch]) -> str:
        """Of one photograph in several colours, the one whose colours the product's other photos show."""
        limit, smallest = self.settings.primary_threshold, self.settings.duplicate_threshold
        group = {self.primary} | {
            match.second if match.first == self.primary else match.first
            for match in matches
            if match.relation is PairRelation.VARIANT
            and match.similarity >= smallest
            and self.primary in (match.first, match.second)
        }
        rivals = [self.by_file[f] for f in self.remaining if f in group and self.by_file[f].p_primary > limit]
        others = [self.by_file[file].palette for file in self.remaining if file not in group]

        def agreement(rival: ImageAssessment) -> tuple[float, bool, float]:
            votes = sum(palette_agreement(rival.palette, other) for other in others)
            return votes, rival.file == self.primary, rival.p_primary

        return max(rivals, key=agreement).file

    def _settlement(self, primary: str, matches: Sequence[PairMatch]) -> _Settlement:
        settlement = _Settlement(primary)
        gone = set(self.removed)

        def order(match: PairMatch) -> tuple[float, int, int]:
            first, second = sorted((self.position[match.first], self.position[match.second]))
            return -match.similarity, first, second

        for match in sorted(matches, key=order):
            wanted = match.relation is PairRelation.DUPLICATE or self.settings.remove_variants
            violates = wanted and match.similarity >= self.settings.duplicate_threshold
            if violates and not {match.first, match.second} & gone:
                pair, removal = self._settle_pair(match, primary)
                settlement.duplicates.append(pair)
                settlement.removals.append(removal)
                gone.add(removal.file)
        if self.settings.remove_variants:
            left = [a for a in self.assessments if a.file not in gone and a.file != primary]
            settlement.removals += filter(None, (self._settle_colour(a, primary) for a in left))
        return settlement

    def _settle_pair(self, match: PairMatch, primary: str) -> tuple[DuplicatePair, Removal]:
        def rank(file: str) -> tuple[bool, float, int]:
            return file != primary, self.by_file[file].p_noncompliant, self.position[file]

        kept, removed = sorted((match.first, match.second), key=rank)
        boxes = match.boxes if kept == match.first else tuple((second, first) for first, second in match.boxes)
        is_variant = match.relation is PairRelation.VARIANT
        why = Reason.KEPT_PRIMARY.format(kept=kept) if kept == primary else self._why_kept(kept, removed)
        value, bound = _digits(match.similarity, self.settings.duplicate_threshold)
        shows = Reason.VARIANT if is_variant else Reason.DUPLICATE
        reason = shows.format(clause=why, value=value, limit=bound)
        cause = RemovalCause.VARIANT if is_variant else RemovalCause.DUPLICATE
        return DuplicatePair(kept, removed, match.relation, match.similarity, boxes), Removal(removed, cause, reason)

    def _settle_colour(self, image: ImageAssessment, primary: str) -> Removal | None:
        shown, limit = self.by_file[primary].palette, self.settings.colour_threshold
        if not shown or not image.palette:
            return None
        agreement = palette_agreement(shown, image.palette)
        if agreement >= limit:
            return None
        value, bound = _digits(agreement, limit)
        reason = Reason.OTHER_COLOURS.format(primary=primary, value=value, limit=bound)
        return Removal(image.file, RemovalCause.OTHER_COLOUR, reason)

    def _why_kept(self, kept: str, removed: str) -> str:
        smaller, larger = self.by_file[kept].p_noncompliant, self.by_file[removed].p_noncompliant
        if smaller == larger:
            return Reason.KEPT_EARLIER.format(kept=kept, p_noncompliant=smaller)
        value, bound = _digits(smaller, larger)
        return Reason.KEPT_SMALLER.format(kept=kept, value=value, limit=bound)

    def _remove(self, file: str, cause: RemovalCause, reason: str) -> None:
        self.removed.add(file)
        self.removals.append(Removal(file, cause, reason))

    def _too_few(self, what: Reason) -> _End | None:
        left, needed = len(self.remaining), self.settings.num_images
        if left >= needed:
            return None
        if not self.removals:
            in_all = Reason.ONE_IN_ALL if left == 1 else Reason.FEW_IN_ALL
            return _End(Outcome.TOO_FEW_IMAGES, in_all.format(left=left, needed=needed))
        some_left = Reason.ONE_LEFT if left == 1 else Reason.FEW_LEFT
        reason = some_left.format(left=left, total=len(self.assessments), clause=what, needed=needed)
        return _End(Outcome.TOO_FEW_IMAGES, reason)

    def draw_sequence(self) -> tuple[str, ...]:
        assert self.primary is not None  # choose_primary and remove_noncompliant end the run otherwise
        others = [file for file in self.remaining if file != self.primary]
        generator = np.random.default_rng(self.settings.seed)
        drawn = generator.choice(len(others), size=self.settings.num_images - 1, replace=False)
        following = sorted((others[index] for index in sorted(drawn)), key=lambda file: -self.by_file[file].p_primary)
        return (self.primary, *following)

    def result(self, sequence: tuple[str, ...], termination: Outcome | None, reason: str) -> StageOneResult:
        return StageOneResult(
            assessments=self.assessments,
            primary=self.primary,
            duplicates=tuple(self.duplicates),
            removals=tuple(self.removals),
            remaining=self.remaining,
            sequence=sequence,
            termination=termination,
            reason=reason,
        )


def _digits(value: float, limit: float) -> tuple[str, str]:
    """Print both with two decimals, or with as many as it takes to tell them apart."""
    for digits in range(2, 17):
        texts = f"{value:.{digits}f}", f"{limit:.{digits}f}"
        if texts[0] != texts[1]:
            return texts
    return f"{value:.2f}", f"{limit:.2f}"

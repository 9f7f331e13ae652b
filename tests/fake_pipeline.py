"""A pipeline with the protocol of `AgpisPipeline` whose answers a test chooses and whose calls it can count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agpis.reporting import build_result
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.types import (
    DuplicatePair,
    ImageAssessment,
    Outcome,
    PairMatch,
    PipelineSettings,
    Product,
    Removal,
    RemovalCause,
    SequenceResult,
    SequenceScore,
    StageOneResult,
)


@dataclass(frozen=True)
class FakeWord:
    """Stands for `agpis.explain.WordAttention`."""

    word: str
    maps: tuple[npt.NDArray[np.float32], ...]


@dataclass
class FakePipeline:
    """Answers by file name.

    Attributes:
        p_primary: file -> p^primary; 0.1 for a file that is not named.
        p_noncompliant: file -> p^nc; 0.1 for a file that is not named.
        pairs: what pair recognition finds among the product's images.
        p_qualified: p^t of every sequence.
        feedback: written about every sequence.
        calls: how often each method ran.
    """

    p_primary: Mapping[str, float] = field(default_factory=dict)
    p_noncompliant: Mapping[str, float] = field(default_factory=dict)
    pairs: tuple[PairMatch, ...] = ()
    p_qualified: float = 0.62
    feedback: str = "Promotional banner in the 2nd image"
    settings: PipelineSettings = field(default_factory=PipelineSettings)
    taxonomy: RuleTaxonomy = field(default_factory=load_taxonomy)
    calls: Counter[str] = field(default_factory=Counter)

    def assess(self, product: Product) -> tuple[ImageAssessment, ...]:
        self.calls["assess"] += 1
        return tuple(
            ImageAssessment(image.file, self.p_primary.get(image.file, 0.1), self.p_noncompliant.get(image.file, 0.1))
            for image in product.images
        )

    def match(self, product: Product) -> tuple[PairMatch, ...]:
        self.calls["match"] += 1
        files = {image.file for image in product.images}
        return tuple(pair for pair in self.pairs if {pair.first, pair.second} <= files)

    def select(
        self, assessments: tuple[ImageAssessment, ...], matches: tuple[PairMatch, ...], settings: PipelineSettings
    ) -> StageOneResult:
        self.calls["select"] += 1
        best = max(assessments, key=lambda assessment: assessment.p_primary, default=None)
        if best is None or best.p_primary <= settings.primary_threshold:
            return _ended(assessments, None, (), (), Outcome.NO_PRIMARY, "No image passes the primary threshold.")
        removals = [
            Removal(one.file, RemovalCause.NONCOMPLIANT, f"p^nc {one.p_noncompliant:.2f} is above the limit.")
            for one in assessments
            if one.p_noncompliant > settings.noncompliance_threshold and one is not best
        ]
        duplicates = []
        for pair in matches:
            gone = {removal.file for removal in removals}
            if pair.similarity >= settings.duplicate_threshold and not gone & {pair.first, pair.second}:
                duplicates.append(DuplicatePair(pair.first, pair.second, pair.relation, pair.similarity, pair.boxes))
                removals.append(Removal(pair.second, RemovalCause.DUPLICATE, f"Shows the same as {pair.first}."))
        gone = {removal.file for removal in removals}
        remaining = tuple(one.file for one in assessments if one.file not in gone)
        if len(remaining) < settings.num_images:
            reason = f"{len(remaining)} images are left, {settings.num_images} are needed."
            return _ended(assessments, best.file, duplicates, removals, Outcome.TOO_FEW_IMAGES, reason)
        others = [file for file in remaining if file != best.file]
        chosen = np.random.default_rng(settings.seed).permutation(others)[: settings.num_images - 1]
        sequence = (best.file, *(str(file) for file in chosen))
        return StageOneResult(
            assessments,
            best.file,
            tuple(duplicates),
            tuple(removals),
            remaining,
            sequence,
            None,
            "A sequence was built.",
        )

    def score(self, product: Product, sequence: tuple[str, ...]) -> SequenceScore:
        self.calls["score"] += 1
        rest = (1 - self.p_qualified) / (len(self.taxonomy) - 1)
        probabilities = {rule_id: rest for rule_id in self.taxonomy.ids}
        probabilities[self.taxonomy.qualified.id] = self.p_qualified
        return SequenceScore(sequence, probabilities, self.p_qualified, self.feedback, self.p_qualified - 0.05)

    def attend(self, product: Product, sequence: tuple[str, ...], feedback: str) -> tuple[FakeWord, ...]:
        self.calls["attend"] += 1
        sizes = {image.file: (image.height, image.width) for image in product.images}
        return tuple(
            FakeWord(word, tuple(_spot(sizes[file], place + index) for index, file in enumerate(sequence)))
            for place, word in enumerate(feedback.split())
        )

    def result(
        self,
        product: Product,
        stage_one: StageOneResult,
        score: SequenceScore | None,
        settings: PipelineSettings,
        timings: dict[str, float],
    ) -> SequenceResult:
        return build_result(product, stage_one, score, settings, timings)


def _ended(
    assessments: tuple[ImageAssessment, ...],
    primary: str | None,
    duplicates: list[DuplicatePair] | tuple[()],
    removals: list[Removal] | tuple[()],
    outcome: Outcome,
    reason: str,
) -> StageOneResult:
    gone = {removal.file for removal in removals}
    remaining = tuple(one.file for one in assessments if one.file not in gone)
    return StageOneResult(assessments, primary, tuple(duplicates), tuple(removals), remaining, (), outcome, reason)


def _spot(size: tuple[int, int], turn: int) -> npt.NDArray[np.float32]:
    rows, columns = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    centre = 0.5 + 0.3 * np.sin(turn), 0.5 + 0.3 * np.cos(turn)
    return np.exp(-12 * ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2)).astype(np.float32)

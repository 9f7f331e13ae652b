"""A pipeline with the protocol of `AgpisPipeline` whose answers a test chooses and whose calls it can count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agpis.alternatives import find_alternatives, place_image
from agpis.explain import ExplainedImage, Explanation, Method
from agpis.own_order import result_of_order
from agpis.reporting import build_result
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.stage1.selection import select
from agpis.types import (
    Finding,
    Image,
    ImageAssessment,
    PairMatch,
    PipelineSettings,
    Product,
    SequenceResult,
    SequenceScore,
    StageOneResult,
)


@dataclass(frozen=True)
class FakeWord:
    """Stands for `agpis.explain.WordAttention`."""

    word: str
    maps: tuple[npt.NDArray[np.float32], ...]


@dataclass(frozen=True)
class FakeEncoded:
    """Stands for `agpis.muisc.scoring.EncodedSequence`."""

    product_id: str
    files: tuple[str, ...]


@dataclass
class FakePipeline:
    """Answers by file name.

    Attributes:
        p_primary: file -> p^primary; 0.1 for a file that is not named.
        p_noncompliant: file -> p^nc; 0.1 for a file that is not named.
        findings: file -> evidence; none for a file that is not named.
        pairs: what pair recognition finds among the product's images.
        p_qualified: p^t of every sequence that is not named.
        p_of: sequence -> its p^t.
        feedback: written about every sequence.
        max_images: largest K^t.
        writes_feedback: whether it stands for a model that writes.
        calls: how often each method ran.
    """

    p_primary: Mapping[str, float] = field(default_factory=dict)
    p_noncompliant: Mapping[str, float] = field(default_factory=dict)
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    pairs: tuple[PairMatch, ...] = ()
    p_qualified: float = 0.62
    p_of: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    feedback: str = "Promotional banner in the 2nd image"
    settings: PipelineSettings = field(default_factory=PipelineSettings)
    taxonomy: RuleTaxonomy = field(default_factory=load_taxonomy)
    max_images: int = 5
    writes_feedback: bool = True
    calls: Counter[str] = field(default_factory=Counter)

    def assess(self, product: Product) -> tuple[ImageAssessment, ...]:
        self.calls["assess"] += 1
        return tuple(
            ImageAssessment(image.file, self.p_primary.get(image.file, 0.1), self.p_noncompliant.get(image.file, 0.1))
            for image in product.images
        )

    def gather_evidence(
        self, product: Product, assessments: tuple[ImageAssessment, ...]
    ) -> tuple[ImageAssessment, ...]:
        self.calls["evidence"] += 1
        return tuple(replace(one, findings=self.findings.get(one.file, ())) for one in assessments)

    def match(self, product: Product) -> tuple[PairMatch, ...]:
        self.calls["match"] += 1
        files = {image.file for image in product.images}
        return tuple(pair for pair in self.pairs if {pair.first, pair.second} <= files)

    def select(
        self, assessments: tuple[ImageAssessment, ...], matches: tuple[PairMatch, ...], settings: PipelineSettings
    ) -> StageOneResult:
        self.calls["select"] += 1
        return select(assessments, matches, settings)

    def encode(self, product: Product, sequence: tuple[str, ...]) -> FakeEncoded:
        self.calls["encode"] += 1
        return FakeEncoded(product.product_id, sequence)

    def score(self, encoded: FakeEncoded) -> SequenceScore:
        self.calls["score"] += 1
        p_qualified = self.p_of.get(encoded.files, self.p_qualified)
        rest = (1 - p_qualified) / (len(self.taxonomy) - 1)
        probabilities = {rule_id: rest for rule_id in self.taxonomy.ids}
        probabilities[self.taxonomy.qualified.id] = p_qualified
        return SequenceScore(encoded.files, probabilities, p_qualified, p_nlg_qualified=p_qualified - 0.05)

    def write_feedback(self, encoded: FakeEncoded) -> str:
        self.calls["feedback"] += 1
        return self.feedback

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

    def result_of_order(
        self,
        product: Product,
        stage_one: StageOneResult,
        score: SequenceScore,
        settings: PipelineSettings,
        timings: dict[str, float],
    ) -> SequenceResult:
        return result_of_order(product, stage_one, score, settings, timings)

    def alternatives(
        self,
        product: Product,
        stage_one: StageOneResult,
        settings: PipelineSettings,
        current: tuple[str, ...],
        *,
        other_primaries: bool = False,
    ) -> Any:
        self.calls["alternatives"] += 1
        scorer: Any = _Scorer(self)
        return find_alternatives(scorer, product, stage_one, settings, current, other_primaries=other_primaries)

    def place(self, product: Product, sequence: tuple[str, ...], file: str) -> Any:
        self.calls["place"] += 1
        scorer: Any = _Scorer(self)
        return place_image(scorer, product, sequence, file)

    def explain(self, product: Product, sequence: tuple[str, ...], method: Method, rule_id: str) -> Explanation:
        self.calls[f"explain {method.value}"] += 1
        sizes = {image.file: (image.height, image.width) for image in product.images}
        maps = tuple(_spot(sizes[file], index) for index, file in enumerate(sequence))
        shares = tuple(1 / len(sequence) for _ in sequence)
        if not method.is_signed:
            return Explanation(method, "", self.p_qualified, maps, 0.2, shares)
        p = self.p_of.get(sequence, self.p_qualified)
        return Explanation(method, rule_id, p, tuple(-one for one in maps), 0.3, shares, None, 0.05, 0.002)

    def explain_noncompliance(self, product: Product, file: str) -> ExplainedImage:
        self.calls["explain_noncompliance"] += 1
        image = next(image for image in product.images if image.file == file)
        p = self.p_noncompliant.get(file, 0.1)
        return ExplainedImage(p, 0.02, _spot((image.height, image.width), 0), p)


@dataclass(frozen=True)
class _Scorer:
    """Stands for `agpis.muisc.scoring.SequenceScorer`, with the answers of a fake pipeline."""

    pipeline: FakePipeline

    def score_many(self, _title: str, sequences: list[list[Image]], _category: str) -> tuple[SequenceScore, ...]:
        orders = [tuple(image.file for image in sequence) for sequence in sequences]
        known, otherwise = self.pipeline.p_of, self.pipeline.p_qualified
        return tuple(SequenceScore(order, {}, known.get(order, otherwise)) for order in orders)


def _spot(size: tuple[int, int], turn: int) -> npt.NDArray[np.float32]:
    rows, columns = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    centre = 0.5 + 0.3 * np.sin(turn), 0.5 + 0.3 * np.cos(turn)
    distance = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2
    return np.asarray(np.exp(-12 * distance), dtype=np.float32)

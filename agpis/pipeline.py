"""The whole framework for one product (section 3.2): photos and title in, image sequence and p^t out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Self

from agpis.alternatives import Alternatives, Placement, find_alternatives, place_image
from agpis.explain import ExplainedImage, Explanation, Method, WordAttention
from agpis.explain.attention import attend
from agpis.explain.sequences import explain
from agpis.explain.single_images import explain_image
from agpis.model_folder import ModelFolder, load_model_folder
from agpis.muisc.scoring import EncodedSequence, SequenceScorer
from agpis.own_order import result_of_order
from agpis.reasons import Reason
from agpis.reporting import build_result
from agpis.stage1.duplicates import find_pairs
from agpis.stage1.evidence.find import find_evidence
from agpis.stage1.palette import measure_palette
from agpis.stage1.quality.findings import quality_findings
from agpis.stage1.quality.kinds import quality_rules
from agpis.stage1.selection import select
from agpis.types import (
    Image,
    ImageAssessment,
    PairMatch,
    PipelineSettings,
    Product,
    SequenceResult,
    SequenceScore,
    StageOneResult,
)

Progress = Callable[[str, float], None]
"""Called with the stage that begins and the share of the work done, in [0, 1]."""


class _Clock:
    """Times the stages of one run and tells of them as they begin."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.timings: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, share: float) -> Iterator[None]:
        if self.progress:
            self.progress(name, share)
        start = perf_counter()
        yield
        self.timings[name] = perf_counter() - start


class AgpisPipeline:
    """Stage 1, MUIsC and the decision, with the models and thresholds of one folder.

    Each step can be called by itself and reused while only later settings change: `assess`, `gather_evidence` and
    `match` depend on the images alone, `select` is instant, `score` and `write_feedback` share what `encode` made of
    the sequence and the title.

    Attributes:
        primary: p^primary of single images.
        noncompliance: p^nc of single images.
        scorer: MUIsC with its processor.
        taxonomy: the classes the scorer was trained on.
        settings: defaults that were stored with the models.
    """

    def __init__(self, parts: ModelFolder) -> None:
        """Use models that are in memory already."""
        self.primary = parts.primary
        self.noncompliance = parts.noncompliance
        self.scorer = SequenceScorer(parts.muisc, parts.processor, parts.taxonomy)
        self.taxonomy = parts.taxonomy
        self.settings = parts.settings

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> Self:
        """Load the models, rules and settings of a folder that `agpis assemble` wrote.

        Raises:
            ModelError: when a part is missing or malformed, or the parts do not fit one another.
            RulesError: when the rule file is not valid.
            SettingsError: when a stored setting lies outside its range.
        """
        return cls(load_model_folder(Path(folder)))

    @property
    def max_images(self) -> int:
        """Largest K^t that MUIsC takes."""
        return int(self.scorer.model.config.num_images)

    @property
    def writes_feedback(self) -> bool:
        """Whether MUIsC writes feedback, or only classifies (section 4.5)."""
        return self.scorer.writes_feedback

    def assess(self, product: Product) -> tuple[ImageAssessment, ...]:
        """p^primary, p^nc, colours and quality of every readable image, in the product's order (section 3.3.1)."""
        p_primary = self.primary.predict(product.images)
        p_noncompliant = self.noncompliance.predict(product.images)
        rules = quality_rules(self.taxonomy)
        return tuple(
            ImageAssessment(
                file=image.file,
                p_primary=float(first),
                p_noncompliant=float(second),
                palette=measure_palette(image),
                quality=quality_findings(image, rules),
            )
            for image, first, second in zip(product.images, p_primary, p_noncompliant, strict=True)
        )

    def gather_evidence(self, product: Product, assessments: Sequence[ImageAssessment]) -> tuple[ImageAssessment, ...]:
        """The assessments with findings: what was laid over the photos, where, and by which rule that is forbidden.

        It explains and decides nothing; `select` looks at the probabilities alone.
        """
        probabilities = [assessment.p_noncompliant for assessment in assessments]
        found = find_evidence(product.images, probabilities, self.taxonomy, self.noncompliance)
        return tuple(
            replace(assessment, findings=(*assessment.findings, *findings))
            for assessment, findings in zip(assessments, found, strict=True)
        )

    def match(self, product: Product) -> tuple[PairMatch, ...]:
        """Image pairs with anything in common, strongest first, before any threshold (section 3.3.2)."""
        return find_pairs(product.images, self.noncompliance)

    def select(
        self, assessments: Sequence[ImageAssessment], matches: Sequence[PairMatch], settings: PipelineSettings
    ) -> StageOneResult:
        """Who stays, who is the primary image, and the sequence (section 3.3)."""
        return select(assessments, matches, settings)

    def encode(self, product: Product, sequence: Sequence[str]) -> EncodedSequence:
        """The named images in this order and the title, as MUIsC sees them; the slow part of `score`.

        Raises:
            KeyError: when the product has no image of that name.
            ModelError: when the sequence is empty or longer than the model takes.
        """
        return self.scorer.encode(product.title, self._images(product, sequence), product.category)

    def score(self, encoded: EncodedSequence) -> SequenceScore:
        """p^t and the probability of every rule; writes no feedback (section 3.4.3)."""
        return self.scorer.score_encoded(encoded)

    def write_feedback(self, encoded: EncodedSequence) -> str:
        """What a reviewer would write about the sequence; encodes no image again (section 3.4.2).

        Raises:
            ModelError: when the model writes no feedback (`writes_feedback`).
        """
        return self.scorer.write_feedback(encoded)

    def attend(self, product: Product, sequence: Sequence[str], feedback: str) -> tuple[WordAttention, ...]:
        """Where on the images MUIsC looks while it writes each word of `feedback`."""
        pixels = [image.pixels for image in self._images(product, sequence)]
        return attend(self.scorer.model, self.scorer.processor, pixels, product.title, feedback, product.category)

    def explain(
        self, product: Product, sequence: Sequence[str], method: Method, rule_id: str | None = None
    ) -> Explanation:
        """Which places of the images p^t comes from, or the probability of a rule.

        Args:
            product: decoded images and title.
            sequence: files in order.
            method: how; the attention methods are the same for every rule.
            rule_id: class of the taxonomy; qualified by default.

        Raises:
            RulesError: when the taxonomy has no such class.
            ModelError: when the sequence does not fit the model, or the model has no attention to show.
        """
        index = 0 if rule_id is None else self.taxonomy.index(rule_id)
        pixels = [image.pixels for image in self._images(product, sequence)]
        model, processor = self.scorer.model, self.scorer.processor
        return explain(model, processor, pixels, product.title, method, index, product.category)

    def explain_noncompliance(self, product: Product, file: str) -> ExplainedImage:
        """Which places of one image its p^nc comes from (section 3.3.1)."""
        return explain_image(self.noncompliance, self._images(product, [file])[0])

    def alternatives(
        self,
        product: Product,
        stage_one: StageOneResult,
        settings: PipelineSettings,
        current: Sequence[str],
        *,
        other_primaries: bool = False,
    ) -> Alternatives:
        """The best sequences of the images that remain, compared with the current one (`find_alternatives`)."""
        return find_alternatives(self.scorer, product, stage_one, settings, current, other_primaries=other_primaries)

    def place(self, product: Product, sequence: Sequence[str], file: str) -> tuple[Placement, ...]:
        """p^t with an image put in each place of the sequence (`place_image`)."""
        return place_image(self.scorer, product, sequence, file)

    def result(
        self,
        product: Product,
        stage_one: StageOneResult,
        score: SequenceScore | None,
        settings: PipelineSettings,
        timings: dict[str, float],
    ) -> SequenceResult:
        """Stage 1, score and thresholds as the one answer for the product."""
        return build_result(product, stage_one, score, settings, timings, self._notes(product))

    def result_of_order(
        self,
        product: Product,
        stage_one: StageOneResult,
        score: SequenceScore,
        settings: PipelineSettings,
        timings: dict[str, float],
    ) -> SequenceResult:
        """The answer for the product in an order that a person chose; its notes say what stage 1 has against it.

        Args:
            product: the product that was run.
            stage_one: what stage 1 decided by itself.
            score: of the order a person chose.
            settings: the thresholds in force.
            timings: stage -> seconds.
        """
        return result_of_order(product, stage_one, score, settings, timings, self._notes(product))

    def __call__(
        self, product: Product, settings: PipelineSettings | None = None, progress: Progress | None = None
    ) -> SequenceResult:
        """Run every step.

        Args:
            product: decoded images and title.
            settings: thresholds and K^t; the stored ones by default.
            progress: told of every step.

        Raises:
            ModelError: when K^t is larger than the model takes.
        """
        settings = settings or self.settings
        self.scorer.check_length(settings.num_images)
        clock = _Clock(progress)
        with clock.stage("assess", 0.0):
            assessments = self.assess(product)
        with clock.stage("evidence", 0.1):
            assessments = self.gather_evidence(product, assessments)
        with clock.stage("match", 0.3):
            matches = self.match(product)
        with clock.stage("select", 0.6):
            stage_one = self.select(assessments, matches, settings)
        score = None
        if stage_one.sequence:
            with clock.stage("score", 0.65):
                encoded = self.encode(product, stage_one.sequence)
                score = self.score(encoded)
            if self.writes_feedback:
                with clock.stage("feedback", 0.85):
                    score = replace(score, feedback=self.write_feedback(encoded))
        return self.result(product, stage_one, score, settings, clock.timings)

    def _images(self, product: Product, sequence: Sequence[str]) -> list[Image]:
        by_file = {image.file: image for image in product.images}
        return [by_file[file] for file in sequence]

    def _notes(self, product: Product) -> tuple[str, ...]:
        silent = () if self.writes_feedback else (Reason.NO_FEEDBACK.format(),)
        return (*self._title_notes(product), *silent)

    def _title_notes(self, product: Product) -> tuple[str, ...]:
        if not self.scorer.reads_title:
            return (Reason.NO_TITLES.format(),)
        if not product.title.strip():
            return (Reason.EMPTY_TITLE.format(),)
        kept, total = self.scorer.title_tokens(product.title, product.category)
        return (Reason.TITLE_LIMIT.format(kept=kept, total=total),) if kept < total else ()

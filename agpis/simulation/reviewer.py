"""A reviewer who sees facts instead of pixels: accepts a sequence, or names the most severe broken rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agpis.errors import RulesError, SettingsError
from agpis.rules import Rule, RuleTaxonomy
from agpis.simulation.facts import ImageFacts, TitleFacts
from agpis.simulation.predicates import Hit, Predicate, build_predicate
from agpis.simulation.wording import compose_feedback


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach that the reviewer noticed.

    Attributes:
        rule_id: the broken rule.
        images: the images concerned, counted from 1 in sequence order.
        place: where on the image, in words; empty when it is the whole image.
        thing: what breaks the rule, in words.
        other: what it is compared with, in words; empty when it stands alone.
    """

    rule_id: str
    images: tuple[int, ...]
    place: str = ""
    thing: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict on one sequence.

    Attributes:
        accepted: whether the sequence may be published.
        rule_id: id of the qualified class, or of the most severe rule that the reviewer saw broken.
        feedback: what the reviewer writes; the taxonomy reads `rule_id` back from it.
        violations: all breaches noticed, most severe rule first; empty for a false alarm.
    """

    accepted: bool
    rule_id: str
    feedback: str
    violations: tuple[Violation, ...] = ()


class Reviewer:
    """Walks the rules in the order of the rule file, which is the order of severity.

    Attributes:
        taxonomy: the rules; those without a predicate are never seen broken.
        miss_rate: probability of overlooking a broken rule, in [0, 1].
        false_alarm_rate: probability of rejecting a sequence in which nothing was seen, in [0, 1].
    """

    def __init__(self, taxonomy: RuleTaxonomy, miss_rate: float = 0.0, false_alarm_rate: float = 0.0) -> None:
        """Learn the rules.

        Raises:
            SettingsError: when a rate lies outside [0, 1].
            RulesError: when a predicate of the rule file is not valid; the message names the rule.
        """
        for name, rate in (("miss_rate", miss_rate), ("false_alarm_rate", false_alarm_rate)):
            if not 0.0 <= rate <= 1.0:
                raise SettingsError(f"{name} must lie in [0, 1], got {rate}")
        self.taxonomy = taxonomy
        self.miss_rate = miss_rate
        self.false_alarm_rate = false_alarm_rate
        self._rules = tuple((rule, _predicate_of(rule)) for rule in taxonomy.rules if rule.predicate)

    @property
    def known_rules(self) -> tuple[Rule, ...]:
        """The rules that this reviewer can see broken, most severe first."""
        return tuple(rule for rule, _ in self._rules)

    def flaws(self, image: ImageFacts, title: TitleFacts) -> tuple[str, ...]:
        """A word for every rule that an image breaks alone, besides the defects drawn on it."""
        return tuple(
            predicate.flaw for _, predicate in self._rules if predicate.flaw and any(predicate.hits([image], title))
        )

    def review(
        self, title: TitleFacts, images: Sequence[ImageFacts], rng: np.random.Generator, *, unfinished: bool = False
    ) -> Review:
        """Judge one sequence.

        Args:
            title: what the title says.
            images: the facts of the sequence in order; at least one.
            rng: decides the wording, and what is overlooked or falsely seen.
            unfinished: more images will follow; what they may mend is not held against the sequence.

        Raises:
            SettingsError: when the sequence is empty.
        """
        if not images:
            raise SettingsError("a sequence to review needs at least 1 image, got 0")
        seen: list[tuple[Rule, str, Hit]] = []
        for rule, predicate in self._rules:
            if unfinished and predicate.needs_end:
                continue
            hits = list(predicate.hits(images, title))
            if hits and rng.random() >= self.miss_rate:
                seen += [(rule, predicate.kind, hit) for hit in hits]
        if seen:
            rule, kind, hit = seen[0]
            violations = tuple(
                Violation(broken.id, found.images, found.place, found.thing, found.other) for broken, _, found in seen
            )
            return Review(False, rule.id, compose_feedback(rule, kind, hit, self.taxonomy, rng), violations)
        if self._rules and rng.random() < self.false_alarm_rate:
            rule, predicate = self._rules[int(rng.integers(len(self._rules)))]
            alarm = Hit((int(rng.integers(len(images))) + 1,))
            return Review(False, rule.id, compose_feedback(rule, "", alarm, self.taxonomy, rng))
        qualified = self.taxonomy.qualified
        return Review(True, qualified.id, qualified.title)


def _predicate_of(rule: Rule) -> Predicate:
    try:
        return build_predicate(rule.predicate)
    except RulesError as error:
        raise RulesError(f"rule {rule.id} ({rule.name}): {error}") from error

"""A sequence in an order that a person chose: its result, what stage 1 has against it, what it changes in p^t."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agpis.errors import SettingsError
from agpis.reasons import Reason
from agpis.reporting import build_result
from agpis.rules import RuleTaxonomy
from agpis.types import PipelineSettings, Product, SequenceResult, SequenceScore, StageOneResult


@dataclass(frozen=True, slots=True)
class Objection:
    """A decision of stage 1 that a chosen order goes against.

    Attributes:
        file: the image it concerns; empty when it concerns the whole order.
        reason: one sentence for a person.
    """

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleShift:
    """What a chosen order does to one rule.

    Attributes:
        rule_id: the class.
        title: of the rule.
        probability: p_i^mcc of the chosen order, in [0, 1].
        difference: that minus p_i^mcc of the automatic sequence; None when that was not scored.
    """

    rule_id: str
    title: str
    probability: float
    difference: float | None


@dataclass(frozen=True, slots=True)
class OrderComparison:
    """A chosen order beside the automatic sequence.

    Attributes:
        difference: p^t of the chosen order minus that of the automatic sequence; None when that was not scored.
        rules: the likeliest rules of the chosen order, the likeliest first.
    """

    difference: float | None
    rules: tuple[RuleShift, ...]


def check_order(order: Sequence[str], product: Product, max_images: int) -> None:
    """Refuse what cannot be scored.

    Args:
        order: files, the first to open the sequence.
        product: whose images they are.
        max_images: how many images MUIsC takes.

    Raises:
        SettingsError: when the order is empty, too long, names an image twice or one that the product lacks.
    """
    files = [image.file for image in product.images]
    if not 1 <= len(order) <= max_images:
        raise SettingsError(Reason.ORDER_LENGTH.format(count=len(order), most=max_images))
    for file in order:
        if file not in files:
            raise SettingsError(Reason.ORDER_UNKNOWN.format(file=file, count=len(files)))
    if repeated := sorted({file for file in order if list(order).count(file) > 1}):
        raise SettingsError(Reason.ORDER_REPEATS.format(file=repeated[0]))


def keep_locked(sequence: Sequence[str], locked: Mapping[int, str]) -> tuple[str, ...]:
    """The sequence with locked images on their places; the other images keep their order and fill what is left.

    Args:
        sequence: I^t as stage 1 selected it.
        locked: place, counted from 1 -> file; a place that the sequence does not have is not taken.
    """
    kept = {place: file for place, file in locked.items() if place <= len(sequence)}
    others = iter([file for file in sequence if file not in kept.values()])
    return tuple(kept[place] if place in kept else next(others) for place in range(1, len(sequence) + 1))


def result_of_order(
    product: Product,
    stage_one: StageOneResult,
    score: SequenceScore,
    settings: PipelineSettings,
    timings: dict[str, float],
    notes: tuple[str, ...] = (),
) -> SequenceResult:
    """The answer for the product with the scored order in place of the selected sequence.

    Images that stage 1 removed and the order puts back count as selected; the notes say what they had against them.

    Args:
        product: the product that was run.
        stage_one: what stage 1 decided by itself.
        score: MUIsC on the chosen order.
        settings: the thresholds in force.
        timings: stage -> seconds.
        notes: what else the reader should know.
    """
    order = score.sequence
    chosen = replace(
        stage_one,
        primary=order[0],
        removals=tuple(removal for removal in stage_one.removals if removal.file not in order),
        sequence=order,
        termination=None,
    )
    against = tuple(objection.reason for objection in objections(stage_one, order, settings))
    return build_result(product, chosen, score, settings, timings, (*notes, *against))


def objections(stage_one: StageOneResult, order: Sequence[str], settings: PipelineSettings) -> tuple[Objection, ...]:
    """What stage 1 has against an order: images it removed, another primary image, another K^t."""
    reasons = {removal.file: removal.reason for removal in stage_one.removals}
    found = [
        Objection(file, Reason.PUT_BACK.format(file=file, clause=reasons[file])) for file in order if file in reasons
    ]
    if order[0] != stage_one.primary and order[0] not in reasons:
        found.append(Objection(order[0], _another_primary(stage_one, order[0], settings)))
    if len(order) != settings.num_images:
        has = Reason.ORDER_OF_ONE if len(order) == 1 else Reason.ORDER_OF_OTHER_LENGTH
        found.append(Objection("", has.format(count=len(order), asked=settings.num_images)))
    return tuple(found)


def _another_primary(stage_one: StageOneResult, file: str, settings: PipelineSettings) -> str:
    p_primary = {assessment.file: assessment.p_primary for assessment in stage_one.assessments}
    own, primary = p_primary[file], stage_one.primary
    if primary is None:
        return Reason.OPENS_BELOW_LIMIT.format(file=file, p_primary=own, limit=settings.primary_threshold)
    return Reason.OPENS_WITH_OTHER.format(file=file, p_primary=own, primary=primary, largest=p_primary[primary])


def compare_orders(
    chosen: SequenceResult, automatic: SequenceResult, taxonomy: RuleTaxonomy, top: int = 3
) -> OrderComparison:
    """What the chosen order changes in p^t and in the rules.

    Args:
        chosen: result of the chosen order, scored.
        automatic: result of the automatic sequence.
        taxonomy: names the classes.
        top: how many of the likeliest rules to tell of.
    """
    broken = {rule: p for rule, p in chosen.rule_probabilities.items() if rule != taxonomy.qualified.id}
    likeliest = sorted(broken.items(), key=lambda item: -item[1])[:top]
    before = automatic.rule_probabilities
    return OrderComparison(
        _difference(chosen.p_qualified, automatic.p_qualified),
        tuple(RuleShift(rule, taxonomy[rule].title, p, _difference(p, before.get(rule))) for rule, p in likeliest),
    )


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before

"""What sets one rule file apart from another, and what that means for a MUIsC that was trained on the first."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from agpis.rules.taxonomy import Rule, RuleTaxonomy

_SIMULATED = ("predicate", "frequency")


class Effect(StrEnum):
    """The strongest consequence of a set of differences.

    Attributes:
        NONE: nothing differs.
        WORDS: the same classes in the same order; MUIsC fits, and what differs is read by people or by the simulation.
        TITLES: MUIsC fits, but goes on writing the old titles, by which feedback is read back into classes.
        ORDER: the same classes in another order; MUIsC's outputs would be taken for others.
        CLASSES: classes are new or gone; MUIsC has another number of outputs, or outputs of another meaning.
    """

    NONE = "none"
    WORDS = "words"
    TITLES = "titles"
    ORDER = "order"
    CLASSES = "classes"


@dataclass(frozen=True, slots=True)
class MovedRule:
    """A class that stands elsewhere among those that both files have.

    Attributes:
        rule: as the second file has it.
        before: class index in the first file.
        after: class index in the second.
    """

    rule: Rule
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ChangedRule:
    """A class that both files have and describe differently.

    Attributes:
        before: as the first file has it.
        after: as the second has it.
        fields: names of the fields of `Rule` that differ, at least one.
    """

    before: Rule
    after: Rule
    fields: tuple[str, ...]

    @property
    def only_simulated(self) -> bool:
        """Whether nothing but the simulated reviewer's part differs."""
        return set(self.fields) <= set(_SIMULATED)


@dataclass(frozen=True, slots=True)
class TaxonomyDifferences:
    """Differences of a second rule file from a first; classes are the same when their ids are.

    Attributes:
        classes_before: K^g of the first file.
        classes_after: K^g of the second.
        added: classes that only the second has, in its order.
        removed: classes that only the first has, in its order.
        moved: the fewest classes whose moving makes the common ones follow each other as in the second, in its order.
        changed: common classes that are described differently, in the order of the second.
    """

    classes_before: int
    classes_after: int
    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    moved: tuple[MovedRule, ...]
    changed: tuple[ChangedRule, ...]

    @property
    def effect(self) -> Effect:
        """The strongest consequence."""
        if self.added or self.removed:
            return Effect.CLASSES
        if self.moved:
            return Effect.ORDER
        if any("title" in rule.fields for rule in self.changed):
            return Effect.TITLES
        return Effect.WORDS if self.changed else Effect.NONE

    @property
    def fits_model(self) -> bool:
        """Whether a MUIsC of the first file can be used with the second."""
        return self.effect not in (Effect.CLASSES, Effect.ORDER)


def compare_taxonomies(first: RuleTaxonomy, second: RuleTaxonomy) -> TaxonomyDifferences:
    """What the second rule file changes in the first."""
    before = [rule_id for rule_id in first.ids if rule_id in second.ids]
    after = [rule_id for rule_id in second.ids if rule_id in first.ids]
    stay = {
        rule_id
        for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        for rule_id in after[block.b : block.b + block.size]
    }
    return TaxonomyDifferences(
        classes_before=len(first),
        classes_after=len(second),
        added=tuple(rule for rule in second.classes if rule.id not in first.ids),
        removed=tuple(rule for rule in first.classes if rule.id not in second.ids),
        moved=tuple(
            MovedRule(second[rule_id], first.index(rule_id), second.index(rule_id))
            for rule_id in after
            if rule_id not in stay
        ),
        changed=tuple(
            ChangedRule(first[rule_id], second[rule_id], fields)
            for rule_id in after
            if (fields := _differing_fields(first[rule_id], second[rule_id]))
        ),
    )


def _differing_fields(first: Rule, second: Rule) -> tuple[str, ...]:
    return tuple(name for name in Rule.model_fields if getattr(first, name) != getattr(second, name))

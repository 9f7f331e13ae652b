"""What one rule file changes in another, and whether a MUIsC of the first still fits."""

from __future__ import annotations

import pytest

from agpis.errors import RulesError
from agpis.rules import Rule, RuleTaxonomy, load_taxonomy, parse_taxonomy
from agpis.rules.differences import Effect, compare_taxonomies


def taxonomy(*ids: str, **changed: dict[str, object]) -> RuleTaxonomy:
    """Rules of these ids between `ok` and `rest`; `changed` gives further fields of some."""
    kinds = {"ok": "qualified", "rest": "other"}
    return RuleTaxonomy(
        version=1,
        classes=tuple(
            Rule.model_validate(
                {"id": one, "name": f"n_{one.lower()}", "category": kinds.get(one, "single"), "title": f"Title {one}"}
                | {"description": "Why."}
                | changed.get(one, {})
            )
            for one in ("ok", *ids, "rest")
        ),
    )


FIRST = taxonomy("A", "B", "C", "D")


def test_a_file_does_not_differ_from_itself() -> None:
    found = compare_taxonomies(FIRST, taxonomy("A", "B", "C", "D"))
    assert (found.effect, found.fits_model) == (Effect.NONE, True)
    assert (found.added, found.removed, found.moved, found.changed) == ((), (), (), ())


def test_a_new_and_a_missing_class_are_told_and_nothing_counts_as_moved() -> None:
    found = compare_taxonomies(FIRST, taxonomy("N", "A", "C", "D"))
    assert [rule.id for rule in found.added] == ["N"]
    assert [rule.id for rule in found.removed] == ["B"]
    assert found.moved == ()
    assert (found.classes_before, found.classes_after) == (6, 6)
    assert (found.effect, found.fits_model) == (Effect.CLASSES, False)


def test_one_class_that_moves_is_one_move_with_its_class_indices() -> None:
    found = compare_taxonomies(FIRST, taxonomy("B", "C", "D", "A"))
    assert [(move.rule.id, move.before, move.after) for move in found.moved] == [("A", 1, 4)]
    assert (found.effect, found.fits_model) == (Effect.ORDER, False)


@pytest.mark.parametrize(
    ("change", "effect", "simulated"),
    [
        ({"title": "Other words"}, Effect.TITLES, False),
        ({"description": "Because."}, Effect.WORDS, False),
        ({"frequency": 2.0, "predicate": {"kind": "x"}}, Effect.WORDS, True),
    ],
)
def test_what_a_changed_class_means(change: dict[str, object], effect: Effect, simulated: bool) -> None:
    found = compare_taxonomies(FIRST, taxonomy("A", "B", "C", "D", B=change))
    (changed,) = found.changed
    assert (changed.after.id, set(changed.fields)) == ("B", set(change))
    assert (found.effect, found.fits_model, changed.only_simulated) == (effect, True, simulated)


def test_the_strongest_effect_counts() -> None:
    words: dict[str, object] = {"title": "Other words"}
    assert compare_taxonomies(FIRST, taxonomy("B", "A", "C", "D", C=words)).effect is Effect.ORDER
    assert compare_taxonomies(FIRST, taxonomy("B", "A", "C", C=words)).effect is Effect.CLASSES


def test_a_text_is_read_as_its_file_is() -> None:
    default = load_taxonomy()
    assert parse_taxonomy(default.to_yaml(), "mine.yaml") == default


@pytest.mark.parametrize("text", ["[" * 100_000, "day: 2024-13-45", "{", "a: b: c", "- list", ""])
def test_a_text_that_is_no_rule_file_is_an_error_with_its_name(text: str) -> None:
    with pytest.raises(RulesError, match=r"rule file mine\.yaml is not valid"):
        parse_taxonomy(text, "mine.yaml")

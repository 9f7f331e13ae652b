"""What stands beside a sequence in the review queue: the order of the rules, the opening comment, the pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from agpis.rules import load_taxonomy
from agpis.store import Decision, Verdict
from analysis.reviewing.progress import review_progress, start_of_day
from analysis.reviewing.rule_order import named_rule, opening_comment, rule_choices

RULES = load_taxonomy()
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def decision(after: float, reviewer: str = "ada", *, retracted: bool = False, retracts: int | None = None) -> Decision:
    """A verdict `after` seconds after noon."""
    return Decision(
        id=1,
        item_id=1,
        product_id="p",
        reviewer=reviewer,
        decided_at=NOON + timedelta(seconds=after),
        verdict=Verdict(accepted=True),
        opinion=1,
        retracts=retracts,
        retracted=retracted,
        p_qualified=0.5,
        rule_probabilities={},
        feedback="",
        model_version="m",
        submission_threshold=0.3,
        threshold_version="t",
    )


def test_the_most_probable_rules_come_first_and_the_rest_keeps_its_order() -> None:
    probabilities = {rule_id: 0.001 for rule_id in RULES.ids} | {
        "qualified": 0.9,
        "M01": 0.05,
        "S02": 0.02,
        "P01": 0.03,
    }
    choices = rule_choices(probabilities, RULES)
    assert [choice.rule.id for choice in choices[:3]] == ["M01", "P01", "S02"]
    assert [choice.is_suggested for choice in choices[:4]] == [True, True, True, False]
    rest = [choice.rule.id for choice in choices[3:]]
    assert rest == [rule_id for rule_id in RULES.ids[1:] if rule_id not in ("M01", "P01", "S02")]
    assert choices[0].probability == 0.05


def test_rules_that_the_model_does_not_know_cannot_be_chosen() -> None:
    choices = rule_choices({"qualified": 0.6, "S03": 0.4, "S99": 0.1}, RULES)
    assert [choice.rule.id for choice in choices] == ["S03"]
    assert rule_choices({}, RULES) == ()


def test_the_comment_opens_with_the_models_words_where_they_name_the_rule() -> None:
    feedback = " Promotional banner in the 2nd image "
    assert opening_comment(feedback, RULES["S03"], RULES) == "Promotional banner in the 2nd image"
    assert opening_comment(feedback, RULES["S01"], RULES) == "Watermark"
    assert opening_comment("yes", RULES["S01"], RULES) == "Watermark"
    assert opening_comment(feedback, RULES.other, RULES) == "", "other has no title that names it"
    assert opening_comment(feedback, None, RULES) == ""


def test_the_named_rule_is_none_for_qualified_and_for_silence() -> None:
    assert named_rule("Promotional banner in the 2nd image", RULES) == RULES["S03"]
    assert named_rule("Yes", RULES) is None
    assert named_rule("  ", RULES) is None


def test_seconds_an_item_are_the_mean_gap_without_breaks() -> None:
    # Gaps of 10, 20 and 3000 seconds; the last is a break.
    lines = [decision(after) for after in (30, 0, 10, 3030)]
    progress = review_progress(lines, "ada", NOON)
    assert (progress.num_today, progress.seconds_per_item) == (4, 15.0)


def test_only_ones_own_standing_verdicts_of_today_count() -> None:
    lines = [
        decision(0),
        decision(5, "bob"),
        decision(8, retracted=True),
        decision(9, retracts=3),
        decision(-13 * 3600),
    ]
    progress = review_progress(lines, "ada", NOON)
    assert (progress.num_today, progress.seconds_per_item) == (1, None)
    assert review_progress([], "ada", NOON).num_today == 0


def test_a_day_begins_at_midnight_utc_whatever_the_time_zone() -> None:
    early = datetime(2026, 3, 5, 1, tzinfo=timezone(timedelta(hours=8)))  # 17:00 UTC of the 4th
    assert start_of_day(early) == datetime(2026, 3, 4, tzinfo=UTC)
    assert review_progress([decision(0)], "ada", early).num_today == 1

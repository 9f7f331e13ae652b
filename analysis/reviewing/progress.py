"""How far a reviewer is: items of today, and seconds an item takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from agpis.store import Decision

# A longer gap between two decisions is a break, not the time one item took.
LONGEST_ITEM = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """The work of one reviewer.

    Attributes:
        num_today: items decided today (UTC) whose verdict stands.
        seconds_per_item: mean time between two decisions of today, breaks left out; None before the second.
    """

    num_today: int
    seconds_per_item: float | None


def review_progress(decisions: Sequence[Decision], reviewer: str, now: datetime) -> ReviewProgress:
    """Count one reviewer's verdicts of today and take the time between them.

    Args:
        decisions: lines of the record, in any order; those of others, and of other days, do not count.
        reviewer: whose.
        now: the moment that tells which day is today, with a time zone.
    """
    today = now.astimezone(UTC).date()
    moments = sorted(
        decision.decided_at
        for decision in decisions
        if decision.reviewer == reviewer and decision.stands and decision.decided_at.astimezone(UTC).date() == today
    )
    gaps = [(later - earlier) for earlier, later in pairwise(moments) if later - earlier <= LONGEST_ITEM]
    seconds = sum(gap.total_seconds() for gap in gaps) / len(gaps) if gaps else None
    return ReviewProgress(len(moments), seconds)


def start_of_day(now: datetime) -> datetime:
    """Midnight (UTC) of the day of `now`, from where today's decisions are asked for."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

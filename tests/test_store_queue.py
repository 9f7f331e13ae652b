"""The queue and the record, on SQLite and on PostgreSQL: who gets which item, and what decisions leave behind."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from store_databases import a_submission

from agpis.errors import StoreError
from agpis.store import LEASE, ItemStatus, OutsideVerdict, QueueCounts, Region, Store, StoredPhoto, Verdict, open_store
from agpis.types import Box

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BROKEN = Verdict(False, "S01", "Watermark at the top", (Region(2, Box(1, 2, 30, 40)),))
FINE = Verdict(True)


def claimed(store: Store, reviewer: str, now: datetime | None = None) -> int:
    item = store.claim(reviewer, now)
    assert item is not None
    return item.id


def test_an_item_comes_back_as_it_was_submitted(store: Store) -> None:
    submission = a_submission(1, title="杯 'x'; --")
    item_id = store.submit(submission, NOW)
    item = store.item(item_id, NOW)
    assert (item.status, item.opinion, item.submitted_at) == (ItemStatus.WAITING, 1, NOW)
    assert (item.claimed_by, item.claimed_until) == ("", None)
    for name in ("product_id", "title", "category", "p_qualified", "p_nlg_qualified", "feedback", "model_version"):
        assert getattr(item, name) == getattr(submission, name)
    assert list(item.rule_probabilities) == ["qualified", "S01", "P01"]
    assert [photo.file for photo in item.photos] == ["1.jpg", "2.jpg"]
    assert [store.photo(photo.sha256) for photo in item.photos] == [b"photo of 1", b"shared 2"]
    assert item.photos[0].sha256 == hashlib.sha256(b"photo of 1").hexdigest()
    assert item.photos[0].num_bytes == 10


def test_the_same_question_is_queued_once_until_it_is_answered(store: Store) -> None:
    first = store.submit(a_submission(1))
    assert store.submit(a_submission(1)) == first
    others = [
        replace(a_submission(1), title="Blue mug"),
        replace(a_submission(1), model_version="m2"),
        replace(a_submission(1), product_id="SKU-9"),
        replace(a_submission(1), photos=tuple(reversed(a_submission(1).photos))),
    ]
    ids = [store.submit(other) for other in others]
    assert len({first, *ids}) == 5
    assert claimed(store, "ana") == first
    assert store.submit(a_submission(1)) == first
    store.decide(first, "ana", FINE)
    assert store.submit(a_submission(1)) not in {first, *ids}


def test_nobody_gets_what_another_holds(store: Store) -> None:
    first, second = (store.submit(a_submission(number)) for number in (1, 2))
    assert claimed(store, "ana", NOW) == first
    assert claimed(store, "ben", NOW) == second
    assert store.claim("cleo", NOW) is None
    again = store.claim("ana", NOW + timedelta(minutes=20))
    assert again is not None
    assert (again.id, again.status, again.claimed_by) == (first, ItemStatus.CLAIMED, "ana")
    assert again.claimed_until == NOW + timedelta(minutes=20) + LEASE
    assert claimed(store, "cleo", NOW + LEASE) == second  # ben's claim has just lapsed, ana's was renewed
    assert store.counts(NOW) == QueueCounts(waiting=0, claimed=2, decided=0)


def test_a_released_item_goes_to_the_next(store: Store) -> None:
    item_id = store.submit(a_submission())
    claimed(store, "ana")
    store.release(item_id, "ben")
    assert store.claim("ben") is None
    store.release(item_id, "ana")
    assert store.counts() == QueueCounts(1, 0, 0)
    assert claimed(store, "ben") == item_id


def test_a_decision_says_who_when_and_what_the_model_had_said(store: Store) -> None:
    item_id = store.submit(a_submission(photos=3))
    claimed(store, "ana", NOW)
    made = store.decide(item_id, "ana", BROKEN, NOW)
    assert store.decisions() == (made,)
    assert (made.reviewer, made.decided_at, made.verdict, made.opinion) == ("ana", NOW, BROKEN, 1)
    assert (made.item_id, made.product_id, made.retracts, made.stands) == (item_id, "SKU-1", None, True)
    assert (made.p_qualified, made.feedback, made.model_version) == (0.75, "yes", "m1")
    assert (made.submission_threshold, made.threshold_version) == (0.5, "t1")
    assert store.item(item_id).status is ItemStatus.DECIDED
    assert store.counts() == QueueCounts(0, 0, 1)
    assert store.claim("ben") is None


def test_deciding_needs_the_claim(store: Store) -> None:
    item_id = store.submit(a_submission())
    with pytest.raises(StoreError, match="claim it first"):
        store.decide(item_id, "ana", FINE, NOW)
    claimed(store, "ana", NOW)
    late = NOW + LEASE + timedelta(seconds=1)
    assert claimed(store, "ben", late) == item_id
    with pytest.raises(StoreError, match="the claim lapsed, and ben took the item over"):
        store.decide(item_id, "ana", FINE, late)
    store.decide(item_id, "ben", BROKEN, late)
    with pytest.raises(StoreError, match="ben has decided it"):
        store.decide(item_id, "ana", FINE, late)
    with pytest.raises(StoreError, match="ben has decided item 1 already"):
        store.decide(item_id, "ben", FINE, late)
    with pytest.raises(StoreError, match="no item 77"):
        store.decide(77, "ana", FINE)
    assert [decision.reviewer for decision in store.decisions()] == ["ben"]


def test_a_lapsed_claim_that_nobody_took_still_counts(store: Store) -> None:
    item_id = store.submit(a_submission())
    claimed(store, "ana", NOW)
    assert store.item(item_id, NOW + 2 * LEASE).status is ItemStatus.WAITING
    assert store.decide(item_id, "ana", FINE, NOW + 2 * LEASE).reviewer == "ana"


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        (Verdict(False, "S99"), "no rule 'S99' among qualified, S01, P01"),
        (Verdict(True, regions=(Region(3, Box(0, 0, 1, 1)),)), "has 2 photos; there is no photo 3"),
    ],
)
def test_a_verdict_must_fit_the_item(store: Store, verdict: Verdict, message: str) -> None:
    item_id = store.submit(a_submission())
    claimed(store, "ana")
    with pytest.raises(StoreError, match=message):
        store.decide(item_id, "ana", verdict)
    assert store.decisions() == ()
    assert store.decide(item_id, "ana", FINE).stands


def test_undo_adds_a_retraction_and_gives_the_item_back(store: Store) -> None:
    first, second = (store.submit(a_submission(number)) for number in (1, 2))
    claimed(store, "ana", NOW)
    store.decide(first, "ana", BROKEN, NOW)
    assert claimed(store, "ana", NOW) == second
    taken_back = store.undo("ana", NOW + timedelta(minutes=1))
    assert (taken_back.item_id, taken_back.verdict, taken_back.retracts) == (first, BROKEN, 1)
    assert claimed(store, "ana", NOW + timedelta(minutes=1)) == first
    assert claimed(store, "ana", NOW + timedelta(minutes=2)) == first
    store.decide(first, "ana", FINE, NOW + timedelta(minutes=2))
    assert claimed(store, "ana", NOW + timedelta(minutes=2)) == second
    record = store.decisions()
    assert [(line.verdict, line.retracts, line.retracted) for line in record] == [
        (BROKEN, None, True),
        (BROKEN, 1, False),
        (FINE, None, False),
    ]
    assert [line.stands for line in record] == [False, False, True]


def test_undo_goes_back_step_by_step_and_touches_nobody_else(store: Store) -> None:
    for number in (1, 2, 3):
        store.submit(a_submission(number))
    for reviewer in ("ana", "ben", "ana"):
        store.decide(claimed(store, reviewer), reviewer, FINE)
    assert [store.undo("ana").item_id for _ in range(2)] == [3, 1]
    with pytest.raises(StoreError, match="ana has no decision to take back"):
        store.undo("ana")
    assert [(line.reviewer, line.item_id) for line in store.decisions() if line.stands] == [("ben", 2)]


def test_items_by_status_and_page(store: Store) -> None:
    ids = [store.submit(a_submission(number)) for number in range(5)]
    store.decide(claimed(store, "ana"), "ana", FINE)
    claimed(store, "ben")
    assert [item.id for item in store.items()] == ids
    assert [item.id for item in store.items(ItemStatus.DECIDED)] == ids[:1]
    assert [item.id for item in store.items(ItemStatus.CLAIMED)] == ids[1:2]
    assert [item.id for item in store.items(ItemStatus.WAITING, limit=2, offset=1)] == ids[3:]
    assert store.counts() == QueueCounts(3, 1, 1)


def test_decisions_by_reviewer_and_time(store: Store) -> None:
    for number in (1, 2):
        store.submit(a_submission(number))
    for hours, reviewer in enumerate(("ana", "ben")):
        now = NOW + timedelta(hours=hours)
        store.decide(claimed(store, reviewer, now), reviewer, FINE, now)
    assert [line.item_id for line in store.decisions(reviewer="ben")] == [2]
    assert [line.item_id for line in store.decisions(since=NOW + timedelta(hours=1))] == [2]


def test_second_opinions_go_to_another_reviewer_and_are_measured(store: Store) -> None:
    ids = [store.submit(a_submission(number)) for number in range(4)]
    for _ in ids:
        store.decide(claimed(store, "ana"), "ana", FINE)
    assert store.ask_second_opinions(0.0, seed=1) == 0
    assert store.ask_second_opinions(1.0, seed=1) == 4
    assert store.ask_second_opinions(1.0, seed=2) == 0
    assert store.claim("ana") is None
    for item_id, verdict in zip(ids, (FINE, FINE, FINE, BROKEN), strict=True):
        item = store.claim("ben")
        assert item is not None
        assert (item.id, item.opinion) == (item_id, 2)
        store.decide(item_id, "ben", verdict)
    agreement = store.agreement()
    assert (agreement.overall.num_items, agreement.overall.num_agreed) == (4, 3)
    assert [(pair.first, pair.second) for pair in agreement.pairs] == [("ana", "ben")]
    with pytest.raises(StoreError, match=r"must be in \[0, 1\], got 1.5"):
        store.ask_second_opinions(1.5, seed=1)


def test_a_share_of_second_opinions_is_a_matter_of_the_seed(store: Store) -> None:
    for number in range(40):
        store.submit(a_submission(number))
        store.decide(claimed(store, "ana"), "ana", FINE)
    asked = store.ask_second_opinions(0.5, seed=3)
    assert 8 <= asked <= 32
    assert store.ask_second_opinions(0.5, seed=3) == 0
    assert store.counts() == QueueCounts(asked, 0, 40 - asked)


def test_an_undone_first_opinion_and_a_second_one_do_not_meet(store: Store) -> None:
    item_id = store.submit(a_submission())
    store.decide(claimed(store, "ana"), "ana", FINE)
    store.ask_second_opinions(1.0, seed=1)
    assert claimed(store, "ben") == item_id
    store.undo("ana")
    store.decide(item_id, "ben", BROKEN)
    assert claimed(store, "ana") == item_id
    store.decide(item_id, "ana", BROKEN)
    assert [(line.reviewer, line.opinion) for line in store.decisions() if line.stands] == [("ben", 2), ("ana", 1)]


def test_outside_verdicts_are_added_all_or_none(store: Store) -> None:
    first, second = (store.submit(a_submission(number)) for number in (1, 2))
    claimed(store, "ana")  # holds the first, so that the outside verdict becomes a second opinion
    given = [OutsideVerdict(item_id, "zoe@example.org", BROKEN, NOW) for item_id in (first, second)]
    with pytest.raises(StoreError, match="no item 99"):
        store.record([*given, OutsideVerdict(99, "zoe@example.org", FINE, NOW)])
    assert store.decisions() == ()
    assert [(line.item_id, line.opinion) for line in store.record(given)] == [(first, 2), (second, 1)]
    assert store.record(given) == ()
    changed = store.record([replace(given[1], verdict=FINE)])
    assert [line.verdict for line in changed] == [FINE]
    assert [line.stands for line in store.decisions()] == [True, False, False, True]
    store.decide(first, "ana", FINE)
    assert store.counts() == QueueCounts(0, 0, 2)


def test_another_process_sees_the_same(store: Store, database: str) -> None:
    item_id = store.submit(a_submission())
    other = open_store(database)
    assert claimed(other, "ben") == item_id
    assert store.claim("ana") is None
    other.close()


def test_unknown_items_photos_and_reviewers_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="no item 5 in the store"):
        store.item(5)
    with pytest.raises(StoreError, match="no photo abc in the store"):
        store.photo("abc")
    with pytest.raises(StoreError, match="reviewer is empty"):
        store.claim("  ")
    store.release(5, "ana")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"product_id": ""}, "product_id is empty"),
        ({"title": "a\0b"}, "title 'a.x00b' holds characters"),
        ({"title": "a\ud800"}, "holds characters"),
        ({"photos": ()}, "at least one photo"),
        ({"p_qualified": float("nan")}, r"p_qualified must be in \[0, 1\], got nan"),
        ({"submission_threshold": 1.5}, "got 1.5"),
        ({"rule_probabilities": {"S01": -0.5}}, "probability of S01"),
    ],
)
def test_a_submission_is_checked(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(StoreError, match=message):
        replace(a_submission(), **wrong)  # type: ignore[arg-type]  # the wrong values are the point


def test_a_verdict_is_checked() -> None:
    with pytest.raises(StoreError, match="breaks no rule, got S01"):
        Verdict(True, "S01")
    with pytest.raises(StoreError, match="rule of a rejection is empty"):
        Verdict(False)
    with pytest.raises(StoreError, match="from 1, got 0"):
        Region(0, Box(0, 0, 1, 1))
    with pytest.raises(StoreError, match=r"photo a.jpg has no bytes"):
        StoredPhoto("a.jpg", b"")

"""Runs shared by link, on SQLite and on PostgreSQL: what comes back, for how long, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agpis.errors import SettingsError, StoreError
from agpis.store import SharedRun, Store, StoredPhoto
from agpis.store.shared_runs import DAYS_VARIABLE, lifetime

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RUN = SharedRun(
    product_id="upload",
    title="杯 'x'; --",
    category="mug",
    photos=(StoredPhoto("b.jpg", b"second"), StoredPhoto("a.jpg", b"first"), StoredPhoto("copy.jpg", b"first")),
    settings={"num_images": 2, "submission_threshold": 0.25, "remove_variants": False},
    order=("a.jpg", "b.jpg"),
    locked=("a.jpg",),
)


def test_a_shared_run_comes_back_as_it_was(store: Store) -> None:
    assert store.shared(store.share(RUN, NOW), NOW) == RUN


def test_each_link_is_its_own_and_too_long_to_guess(store: Store) -> None:
    tokens = {store.share(RUN, NOW) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize("token", ["", "unknown", "x" * 1000, "a\0b", "鞋", "' OR 1=1 --"])
def test_any_other_token_opens_nothing(store: Store, token: str) -> None:
    store.share(RUN, NOW)
    with pytest.raises(StoreError, match="this link opens nothing"):
        store.shared(token, NOW)


def test_a_link_works_until_its_time_is_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAYS_VARIABLE, "2")
    token = store.share(RUN, NOW)
    assert store.shared(token, NOW + timedelta(days=2, seconds=-1)) == RUN
    with pytest.raises(StoreError, match="this link worked until 2026-03-03"):
        store.shared(token, NOW + timedelta(days=2))


def test_links_work_for_thirty_days_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DAYS_VARIABLE, raising=False)
    assert lifetime() == timedelta(days=30)


@pytest.mark.parametrize("days", ["0", "-1", "soon", "1.5", "", "99999999999"])
def test_a_time_that_is_no_number_of_days_is_refused(days: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAYS_VARIABLE, days)
    with pytest.raises(SettingsError, match="give a whole number of days"):
        lifetime()


def test_a_run_without_photos_cannot_be_shared() -> None:
    with pytest.raises(StoreError, match="at least one photo"):
        SharedRun("upload", "", "", (), {})

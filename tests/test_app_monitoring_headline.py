"""The head of the page of monitoring: better or worse, and whether to train again, in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest
from test_app_thresholds import PAGE, ROOT, places, reviews, words

__all__ = ["places"]


def opened() -> AppTest:
    page = AppTest.from_string(PAGE.format(path=str(ROOT / "app/pages/monitoring.py")), default_timeout=60).run()
    assert not page.exception
    return page


def headings(page: AppTest) -> list[str]:
    return [heading.value for heading in page.subheader]


def test_more_rejects_in_the_last_weeks_are_worse(places: Path) -> None:
    frame = reviews()
    recent = frame["date"] > "2026-06-25"
    assert 0 < recent.sum() < len(frame)
    frame.loc[recent, "label"] = np.where(np.arange(recent.sum()) % 8, "S01", "qualified")
    frame.to_parquet(places / "predictions.parquet")
    page = opened()
    assert "Worse: more rejects" in headings(page)[0]
    assert "Of what was submitted" in words(page)
    assert "Chance alone would seldom do that" in words(page)


def test_a_table_that_does_not_tell_the_training_window_asks_for_the_release() -> None:
    page = opened()
    assert "Train again? Not known" in headings(page)[1]
    page.date_input(key="release").set_value(date(2026, 4, 1)).run()
    assert not page.exception
    assert "Not known" not in headings(page)[1]
    assert "since the release on 2026-04-01" in words(page)


def test_few_products_are_no_verdict(places: Path) -> None:
    reviews().assign(product_id=[f"p{row % 2}" for row in range(400)]).to_parquet(places / "predictions.parquet")
    page = opened()
    assert "Better or worse? Not known" in headings(page)[0]
    assert "one side has 2 products" in words(page)


def test_a_table_without_decisions_counts_what_was_reviewed(places: Path) -> None:
    reviews().drop(columns="decision").to_parquet(places / "predictions.parquet")
    assert "Of what was reviewed" in words(opened())

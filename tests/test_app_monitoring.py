"""The page of monitoring: each view answers, and what cannot be is a sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app_thresholds import PAGE, ROOT, places, reviews, words

__all__ = ["places"]


def opened(view: str = "") -> AppTest:
    page = AppTest.from_string(PAGE.format(path=str(ROOT / "app/pages/monitoring.py")), default_timeout=60).run()
    if view:
        page.segmented_control(key="view").set_value(view).run()
    assert not page.exception
    return page


def test_the_reject_rate_stands_beside_the_papers() -> None:
    page = opened()
    assert [metric.label for metric in page.metric] == [
        "Of what was submitted", "Of all reviewed", "In the paper",
    ]  # fmt: skip
    assert page.metric[2].value == "13.6%"
    page.segmented_control(key="period").set_value("month").run()
    assert len(page.dataframe[0].value) == 7
    assert not page.exception


def test_a_release_compares_before_with_after() -> None:
    page = opened()
    page.date_input(key="release").set_value(date(2026, 4, 1)).run()
    assert [metric.label for metric in page.metric][:3] == ["Before", "From the release on", "Change"]
    page.toggle(key="one_per_product").set_value(True).run()
    page.toggle(key="submitted_only").set_value(True).run()
    assert "only an A/B test tells its effect" in words(page)
    assert not page.exception


def test_drift_ends_in_an_advice() -> None:
    page = opened("drift")
    page.segmented_control(key="window_split").set_value("val").run()
    advice = [*page.success, *page.warning, *page.error]
    assert len(advice) == 1
    assert "The next training window" in advice[0].value
    page.segmented_control(key="window").set_value("date").run()
    assert "Pick the last day" in page.info[0].value
    page.date_input(key="window_until").set_value(date(2026, 4, 1)).run()
    assert not page.exception
    assert "PSI" in words(page)


def test_typed_totals_are_compared_at_once_and_wrong_ones_named() -> None:
    page = opened("ab")
    assert [metric.value for metric in page.metric] == ["+3.2%", "+0.4%", "+3.6%"]
    page.number_input(key="treatment_clicks").set_value(200_000).run()
    assert "200000 clicks of 100000 impressions" in page.error[0].value.replace("\\", "")
    assert not page.exception


def test_a_table_of_days_is_compared_day_by_day() -> None:
    page = opened("ab")
    page.segmented_control(key="ab_kind").set_value("table").run()
    assert "Put in a table like this one" in page.info[0].value
    lines = ["date,arm,impressions,clicks,orders"]
    for day in range(1, 6):
        lines += [f"2026-03-0{day},control,1000,100,10", f"2026-03-0{day},treatment,1000,180,20"]
    page.file_uploader(key="ab_file").set_value(("ab.csv", "\n".join(lines).encode(), "text/csv")).run()
    assert page.metric[0].value == "+80.0%"
    assert len(page.get("plotly_chart")) == 1
    page.file_uploader(key="ab_file").set_value(("ab.csv", b"date,arm\n1,2\n", "text/csv")).run()
    assert "column impressions, clicks, orders is missing" in page.error[0].value.replace("\\", "")
    assert not page.exception


def test_a_plan_tells_the_days() -> None:
    page = opened("ab")
    page.segmented_control(key="ab_kind").set_value("plan").run()
    assert any(header.value.startswith("Run it for") for header in page.subheader)
    before = page.metric[2].value
    page.number_input(key="plan_lift").set_value(6.0).run()
    assert int(page.metric[2].value.replace(",", "")) < int(before.replace(",", ""))
    page.number_input(key="plan_lift").set_value(0.0).run()
    assert "it must change the rate" in page.error[0].value.replace("\\", "")


def test_a_table_without_dates_says_so(places: Path) -> None:
    reviews(20).assign(date="").to_parquet(places / "predictions.parquet")
    page = opened()
    assert "no reject rate over time" in page.error[0].value
    assert not page.exception


@pytest.mark.parametrize("content", [None, b"no table"])
def test_a_review_set_that_cannot_be_read_leaves_the_upload(places: Path, content: bytes | None) -> None:
    file = places / "predictions.parquet"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    page = opened()
    assert "This table cannot be used" in page.error[0].value
    assert len(page.file_uploader) == 1
    assert not page.exception

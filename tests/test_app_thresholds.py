"""The page of thresholds: the answer is there at once, moves with the slider, and goes in force with a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from prediction_tables import COLUMNS, TAXONOMY, table
from streamlit.testing.v1 import AppTest

from agpis.data.threshold_log import adoption_in_force
from agpis.threshold_in_force import settings_in_force
from agpis.types import PipelineSettings

PAGE = """
import runpy
runpy.run_path({path!r})
"""
ROOT = Path(__file__).parents[1]


def reviews(rows: int = 400) -> pd.DataFrame:
    """Val and test; p^t says how likely a sequence is good."""
    rng = np.random.default_rng(0)
    p_t = rng.random(rows)
    others = dict.fromkeys(COLUMNS[1:], (1 - p_t) / (len(COLUMNS) - 1))
    label = np.where(rng.random(rows) < p_t, "qualified", TAXONOMY.rules[0].id)
    split = np.where(np.arange(rows) % 2, "val", "test")
    days = pd.date_range("2026-01-05", periods=rows, freq="12h").strftime("%Y-%m-%d")
    return table(rows, **{COLUMNS[0]: p_t}, **others, label=label, split=split, date=days, decision="submitted")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review set and a log of its own."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pipeline.json").write_text('{"format": 1, "settings": {"submission_threshold": 0.3}}')
    reviews().to_parquet(tmp_path / "predictions.parquet")
    monkeypatch.setenv("AGPIS_REVIEWS_DIR", str(tmp_path))
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", str(tmp_path / "log.jsonl"))
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


def opened(**query: str) -> AppTest:
    page = AppTest.from_string(PAGE.format(path=str(ROOT / "app/pages/thresholds.py")), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = ("markdown", "caption", "subheader", "info", "warning", "error", "success")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in page.main.get(kind)).replace(
        "\\", ""
    )


def shown(page: AppTest) -> float:
    value = page.number_input(key="th").value
    assert value is not None
    return float(value)


def test_the_first_thing_is_the_threshold_that_keeps_rejects_under_ten_per_cent() -> None:
    page = opened()
    assert page.segmented_control(key="rule").value == "reject_rate"
    assert page.number_input(key="most_rejected").value == 10
    assert f"Submit at $p^t$ of at least {shown(page):.4g}" in words(page)
    assert "would be **rejected**" in words(page)
    labels = [metric.label for metric in page.metric]
    assert labels == ["Rejected", "Submitted", "Good ones sent", "Reviewer hours", "Profit"]
    assert all(metric.help for metric in page.metric)


def test_another_limit_brings_another_answer_and_a_moved_threshold_a_way_back() -> None:
    page = opened()
    strict = shown(page)
    page.number_input(key="most_rejected").set_value(30.0).run()
    loose = shown(page)
    assert loose < strict
    page.slider(key="th_slider").set_value(0.5).run()
    assert shown(page) == 0.5
    assert "At your own threshold of 0.5" in words(page)
    page.button(key="th_back").click().run()
    assert shown(page) == loose
    page.number_input(key="th").set_value(0.7).run()
    assert page.slider(key="th_slider").value == 0.7
    assert not page.exception


def test_the_address_holds_the_threshold() -> None:
    page = opened(th="0.625")
    assert shown(page) == 0.625
    assert shown(opened(th="7")) != 7


def test_what_no_threshold_can_do_is_said_with_its_reason() -> None:
    page = opened()
    page.segmented_control(key="rule").set_value("guarantee").run()
    page.number_input(key="most_rejected").set_value(0.1).run()
    assert "No threshold does that." in words(page)
    assert not page.exception


@pytest.mark.parametrize("goal", ["guarantee", "precision", "profit"])
def test_every_rule_answers(goal: str) -> None:
    page = opened()
    page.segmented_control(key="rule").set_value(goal).run()
    assert not page.exception
    assert not page.error


def test_the_split_of_the_choice_does_not_judge_it_unless_that_is_insisted_on() -> None:
    page = opened()
    page.segmented_control(key="judge_on").set_value("val").run()
    assert "would be too good" in words(page)
    assert not page.metric
    page.toggle(key="force").set_value(True).run()
    assert len(page.metric) == 5


def test_a_threshold_goes_in_force_with_a_name_and_can_be_undone(places: Path) -> None:
    page = opened()
    assert "In force now: **0.3**, stored with the models." in words(page)
    assert page.button(key="threshold_use").disabled
    page.text_input(key="threshold_by").set_value("Ann *A*").run()
    page.button(key="threshold_use").click().run()
    assert not page.exception
    in_force = adoption_in_force(places / "log.jsonl")
    assert in_force is not None
    assert (in_force.stored.threshold, in_force.by) == (shown(page), "Ann *A*")
    assert (in_force.stored.alpha, in_force.stored.split, in_force.stored.n) == (0.1, "val", 200)
    assert len(in_force.stored.table_sha256) == 64
    assert "is in force" in words(page)
    assert settings_in_force(PipelineSettings()).submission_threshold == shown(page)
    page.button(key="threshold_undo").click().run()
    assert "In force now: **0.3**" in words(page)
    assert settings_in_force(PipelineSettings(submission_threshold=0.25)).submission_threshold == 0.25


def test_a_damaged_log_is_a_sentence(places: Path) -> None:
    (places / "log.jsonl").write_text("{\n")
    page = opened()
    assert "line 1" in page.error[0].value.replace("\\", "")
    assert not page.exception


def test_an_own_table_is_taken_refused_or_counted(places: Path) -> None:
    page = opened()
    wrong = reviews(60).astype({"split": object})
    wrong.loc[6, "split"] = "holdout"
    data = wrong.to_csv(index=False).encode()
    page.file_uploader(key="own_table_file0").set_value(("mine.csv", data, "text/csv")).run()
    assert "row 7: column split is 'holdout'" in words(page)
    assert "Sample reviews (simulated)" in words(page)
    page.toggle(key="own_table_file0_exclude").set_value(True).run()
    assert "**mine.csv** · 59 reviewed of 59 scored sequences" in words(page)
    assert "1 row, row 7" in words(page)
    page.button(key="own_table_back").click().run()
    assert "Sample reviews (simulated)" in words(page)
    assert not page.exception


def test_a_table_without_reviews_says_so(places: Path) -> None:
    reviews(20).assign(label="").to_parquet(places / "predictions.parquet")
    page = opened()
    assert "No row of this table was reviewed" in words(page)


def test_another_model_is_compared_on_the_same_rows(places: Path) -> None:
    page = opened()
    page.file_uploader(key="other_table").set_value(
        ("same.csv", reviews().to_csv(index=False).encode(), "text/csv")
    ).run()
    assert "No difference can be tested" in words(page)
    other = reviews().iloc[::2]
    page.file_uploader(key="other_table").set_value(("less.csv", other.to_csv(index=False).encode(), "text/csv")).run()
    assert "cannot be compared" in words(page)
    assert not page.exception

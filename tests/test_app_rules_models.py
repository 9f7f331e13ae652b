"""The page of rules, models and thresholds in force."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agpis.bundled import model_folder
from agpis.data.threshold_file import StoredThreshold
from agpis.data.threshold_log import LogEntry
from agpis.rules import load_taxonomy

PAGE = str(Path(__file__).parents[1] / "app" / "pages" / "rules_models.py")
BUNDLED = model_folder()
RULES = (BUNDLED / "rules.yaml").read_text(encoding="utf-8")
SECRETS = {"auth": {"client_id": "x", "redirect_uri": "x", "cookie_secret": "x"}}


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", str(tmp_path / "log.jsonl"))
    st.cache_resource.clear()


def opened() -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = ("markdown", "caption", "subheader", "info", "warning", "error", "success", "title")
    return "\n".join(str(getattr(one, "value", "")) for kind in kinds for one in page.main.get(kind)).replace("\\", "")


def checked(text: str | bytes) -> str:
    """What the page says of an uploaded rule file."""
    page = opened()
    data = text.encode() if isinstance(text, str) else text
    page.file_uploader(key="own_rules").set_value([("mine.yaml", data, "application/yaml")]).run()
    assert not page.exception
    return words(page)


def test_all_classes_are_listed_and_a_search_leaves_those_that_hold_every_word() -> None:
    page = opened()
    assert list(page.dataframe[0].value["id"]) == list(load_taxonomy().ids)
    page.text_input(key="rule_search").set_value("DISCOUNT text").run()
    assert list(page.dataframe[0].value["id"]) == ["S03"]
    page.text_input(key="rule_search").set_value("no such rule").run()
    assert "No rule matches" in words(page)


def test_a_category_leaves_its_own_rules() -> None:
    page = opened()
    page.pills(key="rule_categories").set_value(["pair"]).run()
    assert list(page.dataframe[0].value["id"]) == [f"P0{number}" for number in range(1, 9)]


def test_models_and_thresholds_of_the_bundled_folder_are_shown() -> None:
    page = opened()
    text = words(page)
    assert "The bundled models" in text
    assert "Fingerprint `d14b02624a9c`" in text
    assert "What they learned from" in text
    by_label = {metric.label: metric.value for metric in page.metric}
    assert by_label["Submission threshold $th^t$"] == "0.3"
    assert by_label["Non-compliance threshold"] == "0.49"
    assert by_label["Remove other colours"] == "on"
    assert "at most 2% of the clean images are removed" in text


def test_a_threshold_that_was_put_in_force_is_shown_with_who_did_it(tmp_path: Path) -> None:
    stored = StoredThreshold(threshold=0.62, criterion="at most 7%", split="val", n=90, date=date(2026, 3, 1))
    entry = LogEntry(at=datetime(2026, 3, 2, tzinfo=UTC), by="Ann *Lee*", stored=stored)
    (tmp_path / "log.jsonl").write_text(entry.model_dump_json() + "\n", encoding="utf-8")
    page = opened()
    assert {metric.label: metric.value for metric in page.metric}["Submission threshold $th^t$"] == "0.62"
    assert "at most 7%; chosen on 90 sequences" in words(page)
    assert "by Ann *Lee*, 2026-03-02; it stands in for the 0.3" in words(page)


def test_own_models_are_named_by_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(tmp_path / "gone"))
    text = words(opened())
    assert "Rule file" in text
    assert "cannot be read" in text
    assert "No model folder at" in text
    shutil.copytree(BUNDLED, tmp_path / "mine")
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(tmp_path / "mine"))
    assert "because `AGPIS_MODEL_DIR` points at" in words(opened())


def test_the_same_file_says_so() -> None:
    assert "says the same as the one in force" in checked(RULES)


def test_a_new_description_fits_and_a_new_title_warns() -> None:
    first = load_taxonomy().rules[0]
    assert "The models in use fit this file.**" in checked(RULES.replace(first.description, "Other words."))
    text = checked(RULES.replace(f"title: {first.title}\n", "title: Some *mark*\n", 1))
    assert "write the old titles" in text
    assert "Some *mark*" in text


def test_a_class_less_and_another_order_need_training() -> None:
    default = load_taxonomy()
    fewer = default.model_copy(update={"classes": (*default.classes[:5], *default.classes[6:])})
    text = checked(fewer.to_yaml())
    assert "MUIsC must be trained again" in text
    assert "each of its 45 classes, and this file has 44" in text
    assert "1 class removed" in text
    a, b, c, *rest = default.classes
    text = checked(default.model_copy(update={"classes": (a, c, b, *rest)}).to_yaml())
    assert "their order is not" in text
    assert "1 class moved" in text


@pytest.mark.parametrize("text", ["classes: 3", "[" * 10_000, b"\xff\xfe", ""])
def test_a_file_that_is_none_is_a_sentence(text: str | bytes) -> None:
    said = checked(text)
    assert "This file cannot be used." in said
    assert "Traceback" not in said


def test_only_managers_see_the_page() -> None:
    for roles, inside in (({"manager": ["*"]}, True), ({"reviewer": ["*"]}, False)):
        page = AppTest.from_file(PAGE, default_timeout=60)
        page.secrets.update({**SECRETS, "roles": roles})
        page.user = {"is_logged_in": True, "email": "ann@example.com"}
        page.run()
        assert not page.exception
        assert bool(page.title) is inside
        assert ("You do not have the role manager" in words(page)) is not inside

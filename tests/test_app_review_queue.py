"""The review queue: what a reviewer sees, and what every action does to the store behind it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from fake_pipeline import FakePipeline
from review_items import HEIGHT, WIDTH, photo_bytes, submission
from streamlit.testing.v1 import AppTest

from agpis.data.threshold_file import StoredThreshold
from agpis.data.threshold_log import append_to_log
from agpis.store import Region, Store, StoredPhoto, Submission, Verdict, open_store
from agpis.store.label_studio import export_tasks
from agpis.types import Box
from app import loaders
from app.components.review_queue import samples
from app.components.review_queue.regions import MOST_REGIONS, ShownPhoto, read_regions

APP = str(Path(__file__).parents[1] / "streamlit_app.py")
BANNER = "Promotional banner in the 2nd image"
PHOTOS = (ShownPhoto("a.png", "", WIDTH, HEIGHT), ShownPhoto("b.png", "", 50, 400))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store behind the app, empty, in a SQLite file."""
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "queue.db"))
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(tmp_path / "models"))
    st.cache_data.clear()
    st.cache_resource.clear()
    return open_store()


def opened(reviewer: str = "Ada") -> AppTest:
    """The page, with the name of the reviewer typed in."""
    page = AppTest.from_file(APP, default_timeout=300)
    page.run()
    page.switch_page("app/pages/review_queue.py").run()
    if reviewer:
        page.text_input(key="reviewer_typed").set_value(reviewer).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = ("markdown", "caption", "subheader", "info", "warning", "error", "title", "toast", "success")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in page.get(kind)).replace(
        "\\", ""
    )


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label.replace("\\", "").startswith(label))


def press(page: AppTest, label: str) -> AppTest:
    button(page, label).click().run()
    assert not page.exception
    return page


def title(page: AppTest) -> str:
    return page.subheader[0].value.replace("\\", "")


def test_without_a_name_nothing_is_claimed(store: Store) -> None:
    store.submit(submission(1))
    page = opened(reviewer="")
    assert "Type your name to begin" in words(page)
    assert store.counts().claimed == 0
    assert "**1** waiting" in words(page)


def test_an_item_shows_title_model_and_most_probable_rules(store: Store) -> None:
    store.submit(submission(1, BANNER, title="Mug *blue* [x](y)"))
    page = opened()
    assert title(page) == "Mug *blue* [x](y)"
    assert "\\*blue\\*" in page.subheader[0].value, "a title is no Markdown"
    assert [metric.value for metric in page.metric] == ["0.80", "0.30", "0.75"]
    assert f"> {BANNER}" in words(page)
    labels = [found.label.replace("\\", "") for found in page.button]
    suggested = [label for label in labels if label.endswith("%")]
    assert [label[:3] for label in suggested] == ["S01", "P01", "M01"]
    assert suggested[0] == "S01 · Watermark · 10.0%"


def test_rule_and_comment_begin_with_the_models_words(store: Store) -> None:
    store.submit(submission(1, BANNER))
    page = opened()
    rule = page.main.selectbox[0]
    assert (rule.value, page.text_area[0].value) == ("S03", BANNER)
    assert rule.options[0] == "Suggested · S01 Watermark"
    assert "One image · S03 Promotional banner" in rule.options
    assert any(option.startswith("Whole sequence · ") for option in rule.options)


def test_accept_decides_and_the_next_item_comes(store: Store) -> None:
    for number in (1, 2):
        store.submit(submission(number))
    page = press(opened(), "Accept")
    assert title(page) == "Product 2"
    assert "**1** yours today" in words(page)
    (decision,) = store.decisions()
    assert (decision.item_id, decision.reviewer, decision.verdict) == (1, "Ada", Verdict(accepted=True))


def test_reject_needs_a_rule_and_takes_the_comment(store: Store) -> None:
    store.submit(submission(1))
    page = press(opened(), "Reject")
    assert "Choose the broken rule first" in words(page)
    assert not store.decisions()
    press(page, "S01")
    assert page.text_area[0].value == "Watermark"
    page.text_area[0].set_value("Watermark at the left of the 1st image").run()
    press(page, "P01")
    assert page.text_area[0].value == "Watermark at the left of the 1st image", "what was written stays"
    press(page, "Reject with this")
    (decision,) = store.decisions()
    assert decision.verdict == Verdict(False, "P01", "Watermark at the left of the 1st image")


def test_a_rule_chosen_from_the_list_opens_the_comment(store: Store) -> None:
    store.submit(submission(1, BANNER))
    page = opened()
    page.main.selectbox[0].set_value("S01").run()
    assert page.text_area[0].value == "Watermark"
    page.main.selectbox[0].set_value("S03").run()
    assert page.text_area[0].value == BANNER


def test_undo_brings_the_item_back_as_it_was(store: Store) -> None:
    for number in (1, 2):
        store.submit(submission(number))
    page = press(press(opened(), "M01"), "Reject")
    assert title(page) == "Product 2"
    press(page, "Undo")
    assert title(page) == "Product 1"
    assert page.main.selectbox[0].value == "M01"
    assert button(page, "Undo").disabled
    press(page, "Accept")
    standing = [decision for decision in store.decisions() if decision.stands]
    assert [(one.item_id, one.verdict.accepted) for one in standing] == [(1, True)]
    assert len(store.decisions()) == 3, "nothing is ever erased"


def test_what_is_skipped_comes_last_and_is_free_for_others(store: Store) -> None:
    for number in (1, 2):
        store.submit(submission(number))
    page = press(opened(), "Skip")
    assert title(page) == "Product 2"
    assert store.items()[0].claimed_by == ""
    assert title(press(page, "Accept")) == "Product 1", "nothing else waits"


def test_two_reviewers_see_two_items_and_a_third_sees_none(store: Store) -> None:
    for number in (1, 2):
        store.submit(submission(number))
    assert title(opened("Ada")) == "Product 1"
    assert title(opened("Bob")) == "Product 2"
    assert "Nothing waits for you" in words(opened("Cyd"))


def test_another_name_gives_back_what_the_first_held(store: Store) -> None:
    store.submit(submission(1))
    page = press(opened("Ada"), "Change")
    page.text_input(key="reviewer_typed").set_value("Bob").run()
    assert title(page) == "Product 1"
    assert store.items()[0].claimed_by == "Bob"


def test_a_lost_claim_is_told_and_decides_nothing(store: Store) -> None:
    store.submit(submission(1))
    page = opened("Ada")
    store.release(1, "Ada")
    assert store.claim("Bob") is not None
    press(page, "Accept")
    assert "not held by Ada" in words(page)
    assert not store.decisions()


def test_a_photo_that_cannot_be_shown_is_a_sentence(store: Store) -> None:
    broken = submission(1)
    photos = (StoredPhoto("x.jpg", photo_bytes(1)[:60]), *broken.photos[1:])
    fields = {name: getattr(broken, name) for name in Submission.__slots__}
    store.submit(Submission(**{**fields, "photos": photos}))
    page = opened()
    assert "The photos cannot be shown." in words(page)
    press(page, "S01")
    press(page, "Reject")
    assert len(store.decisions()) == 1, "it can still be rejected"


def test_a_store_that_does_not_answer_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "file" / "queue.db"))
    st.cache_resource.clear()
    page = opened(reviewer="")
    assert "The queue does not answer." in words(page)


@pytest.fixture
def samples_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample catalogue of one product, and models that give each of its sequences a p^t of 0.62."""
    folder = tmp_path / "samples"
    folder.mkdir()
    for place in range(4):
        (folder / f"{place}.png").write_bytes(photo_bytes(place))
    product = {"product_id": "mug", "title": "Mug", "images": [{"file": f"{place}.png"} for place in range(4)]}
    (folder / "products.jsonl").write_text(json.dumps(product) + "\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pipeline.json").write_text('{"format": 1, "settings": {}}')
    (tmp_path / "models" / "weights").write_text("w")
    monkeypatch.setenv("AGPIS_SAMPLES_DIR", str(folder))
    monkeypatch.setattr(loaders, "load_pipeline", lambda: FakePipeline(p_primary={"0.png": 0.9}))
    return tmp_path


@pytest.mark.usefixtures("samples_of_one")
def test_the_empty_queue_fills_with_samples(store: Store) -> None:
    page = press(opened(), "Fill the queue with samples")
    assert title(page) == "Mug"
    items = store.items()
    assert len(items) > 1
    assert len({tuple(photo.file for photo in item.photos) for item in items}) == len(items)
    assert {(item.source, item.submitted_by) for item in items} == {(samples.SOURCE, "Ada")}
    assert "by hand" not in {item.threshold_version for item in items}


@pytest.mark.parametrize(("threshold", "waiting"), [(0.61, True), (0.63, False)])
def test_samples_reach_the_threshold_in_force_or_stay_out(
    samples_of_one: Path, store: Store, monkeypatch: pytest.MonkeyPatch, threshold: float, waiting: bool
) -> None:
    chosen = {"criterion": "by hand", "split": "val", "n": 10, "date": date(2026, 1, 5)}
    stored = StoredThreshold.model_validate({"threshold": threshold, **chosen})
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", str(samples_of_one / "log.jsonl"))
    append_to_log(samples_of_one / "log.jsonl", stored, "Ann", datetime(2026, 1, 5, tzinfo=UTC))
    page = press(opened(), "Fill the queue with samples")
    assert bool(store.items()) is waiting
    assert ("No sample reaches the threshold" in words(page)) is not waiting
    assert {item.threshold_version for item in store.items()} <= {"adopted 2026-01-05 00:00:00"}


def test_agreement_and_second_opinions(store: Store) -> None:
    for number in range(2):
        store.submit(submission(number))
    page = opened("Ada")
    press(press(page, "Accept"), "Accept")
    page.session_state["review_agreement"] = True
    page.run()
    assert "Nothing to compare yet" in words(page)
    page.number_input(key="review_second_share").set_value(100).run()
    press(page, "Ask for second opinions")
    assert store.counts().waiting == 2
    assert store.claim("Ada") is None
    other = opened("Bob")
    assert "Accept" in [found.label for found in other.button]
    press(press(press(other, "Accept"), "S01"), "Reject")
    other.session_state["review_agreement"] = True
    other.run()
    values = {metric.label: metric.value for metric in other.metric}
    assert (values["Judged twice"], values["Agree"], values["Same rule"]) == ("2", "50%", "0 / 0")


def test_exports_hold_what_was_decided(store: Store) -> None:
    for number in (1, 2):
        store.submit(submission(number, BANNER))
    page = press(opened(), "Reject")
    page.session_state["review_exchange"] = True
    page.run()
    page.button(key="review_export_agpis-data_prepare").click().run()
    assert "1 review, 3 photos" in words(page)
    archive = page.session_state["review_export_agpis-data"]
    with zipfile.ZipFile(io.BytesIO(archive.data)) as content:
        (line,) = content.read("reviews.jsonl").decode().splitlines()
        assert len([name for name in content.namelist() if name.startswith("images/") and name != "images/"]) == 3
    assert json.loads(line)["feedback"] == BANNER
    page.button(key="review_export_label-studio-tasks_prepare").click().run()
    assert "1 task;" in words(page)


def test_an_export_without_decisions_is_a_sentence(store: Store) -> None:
    store.submit(submission(1))
    page = opened()
    page.session_state["review_exchange"] = True
    page.run()
    page.button(key="review_export_agpis-data_prepare").click().run()
    assert "No decision stands in the store" in words(page)


def test_annotations_of_label_studio_are_taken_in_once(store: Store, tmp_path: Path) -> None:
    store.submit(submission(1))
    export_tasks(store, tmp_path / "tasks")
    (task,) = json.loads((tmp_path / "tasks" / "tasks.json").read_text())
    verdict = {"from_name": "verdict", "to_name": "photos", "type": "choices", "value": {"choices": ["Accept"]}}
    made = {"id": 5, "completed_by": 7, "created_at": "2026-03-04T12:00:00Z", "result": [verdict]}
    page = opened()
    page.session_state["review_exchange"] = True
    page.run()
    uploaded(page, {**task, "id": 1, "annotations": [made]})
    assert "from *studio*.json: nothing was imported" in words(page)
    assert "number 7 only" in words(page)
    assert not store.decisions()
    known = {**made, "completed_by": {"id": 7, "email": "cyd@example.com"}}
    uploaded(page, {**task, "id": 1, "annotations": [known]})
    assert "from *studio*.json: 1 new decision; 0 known already" in words(page)
    assert [decision.reviewer for decision in store.decisions()] == ["cyd@example.com"]
    uploaded(page, {**task, "id": 1, "annotations": [known]})
    assert "0 new decisions; 1 known already" in words(page)
    assert len(store.decisions()) == 1


def uploaded(page: AppTest, task: dict[str, Any]) -> None:
    data = json.dumps([task]).encode()
    page.file_uploader(key="review_import_file").set_value(("from *studio*.json", data, "application/json")).run()
    press(page, "Take in the annotations")


def test_what_a_browser_sends_is_checked() -> None:
    inside = {"image": 1, "x": 10, "y": 20, "w": 190, "h": 140}
    assert read_regions([inside], PHOTOS) == (Region(1, Box(10, 20, 190, 140)),)
    assert read_regions([{**inside, "image": 2}], PHOTOS) == (), "the 2nd photo is 50 pixels wide"
    wrong = [{**inside, name: value} for name, value in (("image", 0), ("image", 3), ("x", -1), ("w", 0), ("h", 141))]
    assert read_regions([*wrong, {**inside, "x": "1"}, {"image": 1}, "text", None, inside], PHOTOS) == (
        Region(1, Box(10, 20, 190, 140)),
    )
    nonsense: tuple[Any, ...] = (None, "text", {"regions": []}, 3)
    for value in nonsense:
        assert read_regions(value, PHOTOS) == ()
    assert read_regions([{**inside, "x": float("nan")}], PHOTOS) == ()
    assert len(read_regions([inside] * 99, PHOTOS)) == MOST_REGIONS

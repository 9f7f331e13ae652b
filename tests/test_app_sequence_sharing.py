"""The first page: links that show a run to others, and the way into the review queue."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_pipeline import FakePipeline
from streamlit.testing.v1 import AppTest
from test_app_sequence import APP, FILES, TITLE, alts, opened, pipeline, png, pressed, uploaded, words

from agpis.store import SharedRun, StoredPhoto, open_store
from agpis.types import PipelineSettings
from app.components.sequence.tiles import Arrangement, arrangement_of
from app.state import OWN_ORDER

__all__ = ["pipeline"]


def at(**query: str | list[str]) -> AppTest:
    """The page at an address."""
    page = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def a_run() -> SharedRun:
    photos = tuple(StoredPhoto(name, png(number)) for number, name in enumerate(FILES))
    settings = asdict(PipelineSettings(num_images=2, submission_threshold=0.9))
    return SharedRun("upload", "A *shared* shoe", "", photos, settings, ("back.png", "front.png"), ("back.png",))


def places(page: AppTest) -> list[str]:
    return [alt.rpartition(": ")[2] for alt in alts(page) if alt.startswith("Image ")]


def test_an_address_of_a_sample_runs_it_with_its_title_and_order(pipeline: FakePipeline) -> None:
    page = at(sample="shoe", run="1", title="Red shoe", order=["back.png", "front.png"], locked="back.png")
    assert page.text_area[0].value == "Red shoe"
    assert places(page) == ["back.png", "front.png"]
    assert page.session_state["locked_places"] == {1: "back.png"}
    assert "run" not in page.query_params, "a reload does not undo what is arranged later"


def test_a_token_shows_the_run_as_it_was_shared(pipeline: FakePipeline) -> None:
    page = at(shared=open_store().share(a_run()))
    text = words(page)
    assert page.text_area[0].value == "A *shared* shoe"
    assert page.segmented_control(key="source").value == "shared"
    assert page.slider(key="num_images").value == 2
    assert "0.62 is below the threshold" in text
    assert "Your sequence: 2 images in order" in text
    assert places(page) == ["back.png", "front.png"]
    page.button(key="use_automatic").click().run()
    assert places(page)[0] == "front.png"


def test_a_token_that_opens_nothing_is_a_designed_state(pipeline: FakePipeline) -> None:
    page = at(shared="nobody-knows")
    text = words(page)
    assert "This link cannot be opened" in text
    assert "This link opens nothing" in text
    assert "go on with a sample" in text
    assert "Ready to submit" in words(pressed(page))


def test_a_link_whose_time_is_over_says_until_when_it_worked(pipeline: FakePipeline) -> None:
    token = open_store().share(a_run(), datetime.now(UTC) - timedelta(days=31))
    assert "This link worked until" in words(at(shared=token))


def test_photos_of_ones_own_are_shared_when_a_link_is_asked_for(pipeline: FakePipeline) -> None:
    page = pressed(uploaded([(name, png(number)) for number, name in enumerate(FILES)]))
    page.session_state[OWN_ORDER] = ("front.png", "back.png")
    page.run()
    assert not page.code
    page.button(key="make_link").click().run()
    assert not page.error
    token = page.code[0].value.rpartition("shared=")[2]
    shared = open_store().shared(token)
    assert [photo.file for photo in shared.photos] == list(FILES)
    assert shared.photos[0].data == png(0)
    assert (shared.title, shared.order) == (TITLE, ("front.png", "back.png"))


def test_a_link_that_cannot_be_made_is_a_sentence(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_SHARE_DAYS", "soon")
    page = pressed(uploaded([(name, png(number)) for number, name in enumerate(FILES)]))
    assert "The link could not be made" in page.error[0].value


def test_a_sequence_goes_to_review_once(pipeline: FakePipeline, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "weights.bin").write_text("w")
    (tmp_path / "models" / "pipeline.json").write_text('{"format": 1, "settings": {}}')
    page = pressed(opened())
    page.button(key="to_review").click().run()
    assert not page.error
    assert "In the queue as item 1" in words(page)
    page.button(key="to_review").click().run()
    (item,) = open_store().items()
    assert (item.product_id, item.title, item.p_qualified, item.source) == ("shoe", TITLE, 0.62, "sample")
    assert [photo.file for photo in item.photos] == ["front.png", "side.png", "back.png"]
    assert open_store().photo(item.photos[1].sha256) == png(1)
    assert (item.feedback, item.submitted_by) == (pipeline.feedback, "")


def test_below_the_threshold_nothing_goes_to_review(pipeline: FakePipeline) -> None:
    pipeline.p_qualified = 0.1
    page = pressed(opened())
    assert page.button(key="to_review").disabled


def test_a_store_that_fails_is_a_sentence(
    pipeline: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "weights.bin").write_text("w")
    (tmp_path / "models" / "pipeline.json").write_text('{"format": 1, "settings": {}}')
    monkeypatch.setenv("AGPIS_DATABASE_URL", "mysql://nowhere")
    page = pressed(opened())
    page.button(key="to_review").click().run()
    assert "The sequence could not be sent" in page.error[0].value


def test_what_the_browser_sends_is_taken_only_as_far_as_it_names_photos() -> None:
    payload = {"order": [2, 0, 2, 7, -1, "x", 1.0], "locked": [0, 3]}
    assert arrangement_of(payload, FILES) == Arrangement(("twin.png", "front.png", "side.png"), ("front.png",))

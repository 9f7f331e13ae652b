"""The first page: what is shown for each outcome, and what a change of a control computes again."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from fake_pipeline import FakePipeline
from PIL import Image as PilImage
from streamlit.testing.v1 import AppTest

from agpis.errors import ModelError
from agpis.types import Box, Finding, PairMatch, PairRelation, Pixels
from app import loaders
from app.components.drawing import ORANGE
from app.components.sequence import candidates
from app.state import HANDED_OVER, OWN_ORDER, HandedOver

APP = str(Path(__file__).parents[1] / "streamlit_app.py")
FILES = ("front.png", "side.png", "twin.png", "banner.png", "back.png")
TITLE = "Blue *canvas* shoe"


def png(seed: int) -> bytes:
    """A small picture of its own."""
    noise = np.random.default_rng(seed).integers(0, 255, (48, 40, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    PilImage.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def fake() -> FakePipeline:
    """`front.png` is the primary, `banner.png` not compliant, `twin.png` a copy of `side.png`."""
    boxes = ((Box(5, 5, 20, 20), Box(8, 8, 20, 20)),)
    return FakePipeline(
        p_primary={"front.png": 0.91, "side.png": 0.33},
        p_noncompliant={"banner.png": 0.97, "twin.png": 0.2},
        pairs=(PairMatch("side.png", "twin.png", PairRelation.DUPLICATE, 0.88, boxes),),
    )


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    """The fake behind the app, over a catalogue of three samples; two of them look alike in a list."""
    for number, name in enumerate(FILES):
        (tmp_path / name).write_bytes(png(number))
    products = [
        {"product_id": key, "title": title, "images": [{"file": name} for name in files]}
        for key, title, files in (("shoe", TITLE, FILES), ("mug-1", "Mug", FILES[:3]), ("mug-2", "Mug", FILES[2:]))
    ]
    lines = "".join(json.dumps(product) + "\n" for product in products)
    (tmp_path / "products.jsonl").write_text(lines, encoding="utf-8")
    monkeypatch.setenv("AGPIS_SAMPLES_DIR", str(tmp_path))
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "agpis.db"))
    stand_in = fake()
    monkeypatch.setattr(loaders, "load_pipeline", lambda: stand_in)
    st.cache_data.clear()
    st.cache_resource.clear()
    return stand_in


def opened() -> AppTest:
    page = AppTest.from_file(APP, default_timeout=30).run()
    assert not page.exception
    return page


def pressed(page: AppTest) -> AppTest:
    page.button(key="run").click().run()
    assert not page.exception
    return page


def uploaded(files: Sequence[tuple[str, bytes]], title: str = TITLE) -> AppTest:
    page = opened()
    page.segmented_control(key="source").set_value("upload").run()
    page.file_uploader(key="uploads").set_value([(name, data, "image/png") for name, data in files]).run()
    page.text_area(key="title_upload").set_value(title).run()
    return page


def words(page: AppTest) -> str:
    """All text of the main area, with the escapes of Markdown taken out."""
    kinds = ("markdown", "caption", "text", "subheader", "info", "warning", "error", "title")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in page.main.get(kind)).replace(
        "\\", ""
    )


def alts(page: AppTest) -> list[str]:
    """Alternative texts of all images in order."""
    return [image.alt for element in page.main.get("imgs") or page.main.get("image") for image in element.proto.imgs]


def charts(page: AppTest) -> list[Any]:
    return list(page.main.get("plotly_chart"))


def test_before_the_first_run_the_page_says_what_to_do(pipeline: FakePipeline) -> None:
    page = opened()
    assert page.title[0].value == "Image sequence"
    assert page.text_area[0].value == TITLE
    assert "Press **Run**" in words(page)
    assert not pipeline.calls, "nothing is computed before Run"


def test_a_run_shows_outcome_sequence_reasons_pairs_rules_and_feedback(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    text = words(page)
    assert "Ready to submit" in text
    assert "reaches the threshold" in text
    assert "The sequence: 3 images in order" in text
    assert "Candidates that stay (3)" in text
    assert "Removed, and why (2)" in text
    assert "could not be read" not in text
    assert "Duplicate pairs (1)" in text
    assert "similarity 0.88" in text
    assert "**0.91**" in text
    assert "**0.97**" in text
    assert f"> {pipeline.feedback}" in text
    assert [(metric.label, metric.value) for metric in page.metric] == [
        ("Classifier $p^{mcc}$", "0.62"),
        ("Writer $p^{nlg}$", "0.57"),
    ]
    assert len(charts(page)) == 2
    assert page.pills(key="attention_word").options == pipeline.feedback.split()


def test_evidence_is_told_with_its_rule_and_framed_in_orange(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[list[Box], tuple[int, int, int]]] = []

    def record(pixels: Pixels, boxes: list[Box], colour: tuple[int, int, int]) -> Pixels:
        drawn.append((boxes, colour))
        return pixels

    monkeypatch.setattr(candidates, "draw_boxes", record)
    box = Box(4, 6, 20, 9)
    message = "A promotion was laid over the photo: “SALE *30%*”."
    pipeline.findings = {"banner.png": (Finding("banner", message, 0.9, box, "S03", "SALE *30%*"),)}
    page = pressed(opened())
    assert f"{message} Rule S03." in words(page)
    assert ([box], ORANGE) in drawn
    assert len(drawn) == 5 * drawn.count(([box], ORANGE)), "the other four photos have no box"
    assert pipeline.calls["evidence"] == 1
    pressed(page)
    assert pipeline.calls["evidence"] == 1, "kept with the photos"


def test_the_sequence_opens_with_the_primary_and_leaves_removed_images_out(pipeline: FakePipeline) -> None:
    shown = alts(pressed(opened()))
    assert [alt for alt in shown if alt.startswith("Image ")] == [
        "Image 1 of the sequence: front.png",
        "Image 2 of the sequence: side.png",
        "Image 3 of the sequence: back.png",
    ]
    assert "Kept: side.png" in shown
    assert "Removed: twin.png" in shown


def test_progress_names_every_stage_and_ends_complete(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    status = page.status[0]
    assert status.state == "complete"
    assert status.label.startswith("Done in")
    lines = [caption.value for caption in status.caption]
    for line, stage in zip(
        lines, ("Reading", "Single-image", "Looking", "Pair", "Selection", "Judging", "Writing"), strict=True
    ):
        assert stage in line


def test_the_score_is_done_before_the_feedback_is_begun_and_both_share_one_encoding(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ModelError("nothing can be written")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "write_feedback", refuse)
        page = pressed(opened())
        assert "Judging" in page.status[0].caption[-1].value
        assert page.status[0].label.startswith("Writing")
        assert "Nothing can be written" in page.error[0].value
    pressed(page)
    assert (pipeline.calls["encode"], pipeline.calls["score"], pipeline.calls["feedback"]) == (1, 1, 1)


def test_a_model_that_only_classifies_is_not_asked_to_write(pipeline: FakePipeline) -> None:
    pipeline.writes_feedback = False
    page = pressed(opened())
    assert not page.error
    assert (pipeline.calls["score"], pipeline.calls["feedback"], pipeline.calls["attend"]) == (1, 0, 0)
    assert "The model wrote nothing about this sequence." in words(page)


def test_the_submission_threshold_reruns_selection_only(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    before = dict(pipeline.calls)
    page.slider(key="submission_threshold").set_value(0.7).run()
    assert "Held back" in words(page)
    assert {**before, "select": before["select"] + 1} == pipeline.calls


def test_the_noncompliance_threshold_reruns_selection_and_the_score_of_a_new_sequence(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.slider(key="num_images").set_value(4).run()
    assert "Too few photos are left" in words(page)
    assert pipeline.calls["score"] == 1
    page.slider(key="noncompliance_threshold").set_value(0.99).run()
    assert "The sequence: 4 images in order" in words(page)
    assert pipeline.calls["score"] == 2
    page.slider(key="num_images").set_value(3).run()
    assert (pipeline.calls["assess"], pipeline.calls["match"]) == (1, 1)


def test_a_new_title_asks_for_a_run_and_then_only_scores(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.text_area(key="title_shoe").set_value("Red shoe").run()
    assert "The title has changed since this run" in words(page)
    assert pipeline.calls["score"] == 1
    pressed(page)
    assert "The title has changed" not in words(page)
    assert (pipeline.calls["assess"], pipeline.calls["match"], pipeline.calls["score"]) == (1, 1, 2)


def test_running_again_computes_nothing_again(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    before = dict(pipeline.calls)
    pressed(page)
    assert {**before, "select": before["select"] + 1} == pipeline.calls


def test_another_draw_moves_the_seed_and_reset_puts_every_control_back(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.button(key="draw_again").click().run()
    assert page.number_input(key="seed").value == 1
    page.slider(key="primary_threshold").set_value(0.95).run()
    page.toggle(key="remove_variants").set_value(False).run()
    page.button(key="reset").click().run()
    assert page.number_input(key="seed").value == 0
    assert page.slider(key="primary_threshold").value == 0.5
    assert page.toggle(key="remove_variants").value is True
    assert "Ready to submit" in words(page)


def test_every_control_explains_itself(pipeline: FakePipeline) -> None:
    sidebar = opened().sidebar
    controls = [*sidebar.slider, *sidebar.toggle, *sidebar.number_input]
    assert len(controls) == 10
    assert all(control.help for control in controls)


def test_samples_of_one_title_are_told_apart(pipeline: FakePipeline) -> None:
    page = opened()
    assert page.selectbox(key="sample").options == [
        f"{TITLE} · 5 photos",
        "Mug · 3 photos · mug-1",
        "Mug · 3 photos · mug-2",
    ]
    page.selectbox(key="sample").set_value("mug-2").run()
    assert page.text_area[0].key == "title_mug-2"
    assert page.query_params["sample"] in ("mug-2", ["mug-2"])


def test_the_address_names_the_sample(pipeline: FakePipeline) -> None:
    page = AppTest.from_file(APP, default_timeout=30)
    page.query_params["sample"] = "mug-1"
    assert page.run().selectbox(key="sample").value == "mug-1"


def test_sample_and_settings_come_from_the_address(pipeline: FakePipeline) -> None:
    page = AppTest.from_file(APP, default_timeout=30)
    page.query_params["num_images"] = "2"
    page.query_params["submission_threshold"] = "0.9"
    page.query_params["sample"] = "unknown"
    page.run()
    assert "The sequence: 2 images in order" in words(pressed(page))
    assert "Held back" in words(page)


def test_no_primary_ends_without_sequence_but_with_a_remedy(pipeline: FakePipeline) -> None:
    pipeline.p_primary = {"front.png": 0.4}
    page = pressed(opened())
    text = words(page)
    assert "No photo can open the sequence" in text
    assert "lower the primary threshold" in text
    assert "Candidates (5)" in text
    assert "The sequence:" not in text
    assert not charts(page)
    assert pipeline.calls["score"] == 0


def test_one_photo_only_is_too_few(pipeline: FakePipeline) -> None:
    page = pressed(uploaded([("front.png", png(0))]))
    text = words(page)
    assert "Too few photos are left" in text
    assert "Add photos of other sides" in text
    assert "Candidates (1)" in text


def test_an_unreadable_file_is_named_and_the_rest_goes_on(pipeline: FakePipeline) -> None:
    files = [("front.png", png(0)), ("notes.png", b"just words"), ("side.png", png(1)), ("back.png", png(4))]
    text = words(pressed(uploaded(files)))
    assert "Ready to submit" in text
    assert "Files that could not be read (1)" in text
    assert "notes.png" in text
    assert "Unreadable" in text


def test_all_unreadable_says_so(pipeline: FakePipeline) -> None:
    page = pressed(uploaded([("a.png", b"nothing"), ("b.png", png(0)[:60])]))
    text = words(page)
    assert "None of the files could be read" in text
    assert "Files that could not be read (2)" in text
    assert not charts(page)


def test_no_photos_yet(pipeline: FakePipeline) -> None:
    page = uploaded([])
    assert page.button(key="run").disabled
    assert "add the photos of one product to begin" in words(page)


@pytest.mark.parametrize("title", ["", "👟 蓝色帆布鞋 :smile: <b>x</b>", "shoe " * 1000])
def test_any_title_runs(pipeline: FakePipeline, title: str) -> None:
    page = pressed(uploaded([(name, png(number)) for number, name in enumerate(FILES)], title))
    text = words(page)
    assert "Ready to submit" in text
    assert ("Without a title" in text) == (title == "")
    assert ("only the beginning is read" in text) == (len(title) > 1000)


def test_photos_of_the_same_name_are_all_kept(pipeline: FakePipeline) -> None:
    page = pressed(uploaded([("front.png", png(0)), ("front.png", png(1)), ("front.png", png(2))]))
    text = words(page)
    assert "Candidates that stay (3)" in text
    assert "front (2).png" in text


def test_other_photos_hide_the_result_of_the_earlier_ones(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.segmented_control(key="source").set_value("upload").run()
    assert "The sequence:" not in words(page)


def test_file_names_are_shown_as_they_are(pipeline: FakePipeline) -> None:
    pipeline.p_primary = {"**a**[x](y).png": 0.9}
    page = pressed(uploaded([("**a**[x](y).png", png(0)), ("b.png", png(1)), ("c.png", png(2))]))
    captions = [caption.value for caption in page.main.caption]
    assert r"\*\*a\*\*\[x\]\(y\)\.png" in captions


def test_missing_models_are_explained_without_a_trace(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("AGPIS_MODEL_DIR", "/nowhere/models")
    page = opened()
    assert len(page.error) == 1
    message = page.error[0].value.replace("\\", "")
    assert "The models could not be loaded" in message
    assert "The model folder /nowhere/models does not exist" in message
    assert "python -m agpis train" in message


def test_an_error_of_a_stage_is_a_sentence(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ModelError("the sequence is too long for this model")

    monkeypatch.setattr(pipeline, "score", refuse)
    page = pressed(opened())
    assert "The sequence is too long for this model" in page.error[0].value
    assert page.status[0].state == "error"


def test_missing_samples_leave_the_upload(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_SAMPLES_DIR", "/nowhere/samples")
    page = opened()
    assert "Upload your own photos instead" in words(page)
    page.segmented_control(key="source").set_value("upload").run()
    assert len(page.file_uploader) == 1


@pytest.mark.parametrize(
    ("card", "shown"), [("Trained on *simulated* reviews.", True), ("Trained on 9,000 reviews.", False), ("", False)]
)
def test_banner_when_the_models_learned_from_simulated_reviews(
    pipeline: FakePipeline, tmp_path: Path, card: str, shown: bool
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "README.md").write_text(card, encoding="utf-8")
    page = opened()
    assert ("learned from simulated reviews" in words(page)) == shown
    if shown:
        page.button(key="model_card").click().run()
        assert card in [element.value for element in page.markdown]


def test_another_word_moves_the_attention_without_a_model_call(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    assert pipeline.calls["attend"] == 1
    page.pills(key="attention_word").set_value(2).run()
    assert not page.exception
    assert pipeline.calls["attend"] == 1


def test_the_result_can_be_downloaded(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    assert [button.label for button in page.download_button] == [
        "Download photos and result as ZIP",
        "Download the result as JSON",
    ]
    assert not any(button.disabled for button in page.download_button)


def test_without_a_sequence_there_is_nothing_to_pack(pipeline: FakePipeline) -> None:
    pipeline.p_primary = {}
    page = pressed(opened())
    assert [button.disabled for button in page.download_button] == [True, False]


def test_an_order_of_ones_own_is_judged_compared_and_shown_with_what_speaks_against_it(pipeline: FakePipeline) -> None:
    pipeline.p_of = {("front.png", "banner.png"): 0.12}
    page = pressed(opened())
    before = dict(pipeline.calls)
    page.session_state[OWN_ORDER] = ("front.png", "banner.png")
    text = words(page.run())
    assert "Held back" in text
    assert "0.12 is below the threshold" in text
    assert "Your sequence: 2 images in order" in text
    assert "You put back banner.png, which was removed" in text
    assert "Your order has 2 images" in text
    metric = page.metric[0]
    assert (metric.label, metric.value, metric.delta) == ("$p^t$ of your order", "0.12", "-0.50")
    shown = [alt for alt in alts(page) if alt.startswith("Image ")]
    assert shown == ["Image 1 of the sequence: front.png", "Image 2 of the sequence: banner.png"]
    assert pipeline.calls["score"] == before["score"] + 1
    assert pipeline.calls["assess"] == before["assess"]
    page.button(key="use_automatic").click().run()
    assert "Ready to submit" in words(page)
    assert "The sequence: 3 images in order" in words(page)


def test_a_locked_image_keeps_its_place_and_the_own_order_gives_way_to_another_draw(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.session_state["locked_places"] = {2: "back.png"}
    page.session_state[OWN_ORDER] = ("front.png", "back.png")
    assert "Your sequence: 2 images" in words(page.run())
    page.slider(key="num_images").set_value(2).run()
    assert [alt for alt in alts(page) if alt.startswith("Image ")] == [
        "Image 1 of the sequence: front.png",
        "Image 2 of the sequence: back.png",
    ]
    page.selectbox(key="sample").set_value("mug-1").run()
    pressed(page)
    assert "back.png" not in "".join(alts(page)), "nothing stays with other photos"


def test_an_order_that_does_not_fit_the_photos_gives_way_with_a_word(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.session_state[OWN_ORDER] = ("elsewhere.png",)
    page.run()
    assert "The automatic sequence is shown. The order names elsewhere.png" in words(page)
    assert "The sequence: 3 images in order" in words(page)


def test_without_a_sequence_an_order_of_ones_own_is_judged_all_the_same(pipeline: FakePipeline) -> None:
    pipeline.p_primary = {}
    page = pressed(opened())
    assert "No photo can open the sequence" in words(page)
    page.session_state[OWN_ORDER] = ("side.png", "back.png", "front.png")
    text = words(page.run())
    assert "Ready to submit" in text
    assert "the primary threshold asks for more than 0.50" in text
    assert page.metric[0].delta == ""


def test_a_product_from_another_page_is_run_at_once(pipeline: FakePipeline) -> None:
    page = AppTest.from_file(APP, default_timeout=30)
    files = tuple((name, png(number)) for number, name in enumerate(FILES))
    page.session_state[HANDED_OVER] = HandedOver("sku-7", "Handed *shoe*", files)
    page.run()
    assert not page.exception
    assert page.text_area[0].value == "Handed *shoe*"
    assert page.segmented_control(key="source").value == "handed"
    assert "The sequence: 3 images in order" in words(page)
    assert "sku-7 · 5 photos" in words(page)
    page.session_state[HANDED_OVER] = HandedOver("sku-7", "Another title", files[:3])
    page.run()
    assert page.text_area[0].value == "Another title"
    assert "sku-7 · 3 photos" in words(page)


def test_the_time_of_each_stage_is_drawn_when_it_is_asked_for(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    assert "times" not in [chart.key for chart in charts(page)]
    page.session_state["stage_times"] = True
    page.run()
    assert "times" in [chart.key for chart in charts(page)]

"""Better sequences, why not this photo, why this p^t: what the page shows and what a click computes."""

from __future__ import annotations

from typing import Any

import pytest
from fake_pipeline import FakePipeline
from streamlit.testing.v1 import AppTest
from test_app_sequence import alts, opened, pipeline, pressed, words

from agpis.errors import ModelError

__all__ = ["pipeline"]

AUTOMATIC, SWAPPED = ("front.png", "side.png", "back.png"), ("front.png", "back.png", "side.png")


def everything(page: AppTest) -> str:
    """All text, dialogs included, with the escapes of Markdown taken out."""
    kinds: tuple[Any, ...] = (page.markdown, page.caption, page.warning, page.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def asked(page: AppTest, file: str) -> AppTest:
    page.button(key=f"why_not_{file}").click().run()
    assert not page.exception
    return page


def test_the_better_order_is_named_and_used(pipeline: FakePipeline) -> None:
    pipeline.p_of = {AUTOMATIC: 0.4, SWAPPED: 0.9}
    page = pressed(opened())
    text = words(page)
    assert "2 sequences were judged." in text
    assert "**1.** $p^t$ **0.90** · :green[+0.50]" in text
    assert "The same photos in another order." in text
    page.button(key="use_alternative_1").click().run()
    assert not page.exception
    assert [alt for alt in alts(page) if alt.startswith("Image ")][1].endswith("back.png")
    assert "The sequence shown above is the best one." in words(page)
    assert page.session_state["own_order"] == SWAPPED


def test_a_threshold_of_submission_searches_nothing_again(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.slider(key="submission_threshold").set_value(0.7).run()
    assert pipeline.calls["alternatives"] == 1


def test_other_primaries_are_searched_after_a_click(pipeline: FakePipeline) -> None:
    pipeline.p_primary = {"front.png": 0.91, "side.png": 0.6}
    page = opened()
    page.slider(key="num_images").set_value(2).run()
    pressed(page)
    page.toggle(key="other_primaries").set_value(True).run()
    assert pipeline.calls["alternatives"] == 1
    page.button(key="search_alternatives").click().run()
    assert "4 sequences were judged." in words(page)
    assert "Place 1: side.png instead of front.png." in words(page)


def test_a_product_without_a_sequence_has_no_such_sections(pipeline: FakePipeline) -> None:
    pipeline.p_primary = {"front.png": 0.4}
    text = words(pressed(opened()))
    assert "Better sequences" not in text
    assert "Why this" not in text


def test_a_removed_photo_tells_what_keeps_it_out_and_what_would_let_it_in(pipeline: FakePipeline) -> None:
    pipeline.p_of = {("front.png", "side.png", "banner.png"): 0.9}
    page = asked(pressed(opened()), "banner.png")
    text = everything(page)
    assert "Its $p^{nc}$ **0.97** is above the limit 0.50, by 0.47." in text
    assert "Non-compliance threshold: **0.97** instead of 0.50" in text
    assert "Place 3, instead of back.png: $p^t$ **0.90** (+0.28) :green-badge[best place]" in text
    assert "covered in white, the strongest lowers it by 0.97" in text
    assert (pipeline.calls["place"], pipeline.calls["explain_noncompliance"]) == (1, 1)
    page.button(key="use_settings").click().run()
    assert page.slider(key="noncompliance_threshold").value == 0.97
    assert "banner.png" in " ".join(alt for alt in alts(page) if alt.startswith("Image "))


def test_a_photo_is_put_into_a_place(pipeline: FakePipeline) -> None:
    page = asked(pressed(opened()), "twin.png")
    assert "It shows the same as side.png: similarity **0.88**, limit 0.50, so 0.38 too much." in everything(page)
    assert pipeline.calls["explain_noncompliance"] == 0
    page.button(key="place_2").click().run()
    assert page.session_state["own_order"] == ("front.png", "twin.png", "back.png")


def test_a_photo_that_was_not_drawn_names_the_seed_that_draws_it(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.slider(key="num_images").set_value(2).run()
    (left,) = _left(page)
    text = everything(asked(page, left))
    assert "drawn at random, 1 of 2, and it was not among them" in text
    page.button(key="use_settings").click().run()
    assert left in " ".join(alt for alt in alts(page) if alt.startswith("Image "))


def _left(page: AppTest) -> list[str]:
    shown = " ".join(alt for alt in alts(page) if alt.startswith("Image "))
    return [file for file in ("side.png", "back.png") if file not in shown]


def test_an_image_of_the_sequence_is_not_asked_about(pipeline: FakePipeline) -> None:
    keys = {button.key for button in pressed(opened()).button}
    assert {"why_not_twin.png", "why_not_banner.png"} <= keys
    assert not keys & {f"why_not_{file}" for file in AUTOMATIC}


def test_methods_are_computed_when_chosen_and_once(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    assert (pipeline.calls["explain cross_attention"], pipeline.calls["explain rollout"]) == (1, 1)
    assert pipeline.calls["explain occlusion"] == 0
    page.pills(key="explain_methods").set_value(["rollout", "occlusion"]).run()
    assert not page.exception
    assert pipeline.calls["explain occlusion"] == 1
    assert "0.62 with these photos, 0.05 with blank ones." in words(page)
    page.selectbox(key="explain_target").set_value("S01").run()
    assert not page.exception
    assert (pipeline.calls["explain occlusion"], pipeline.calls["explain rollout"]) == (2, 1)


def test_a_word_has_its_own_attention(pipeline: FakePipeline) -> None:
    page = pressed(opened())
    page.selectbox(key="explain_word").set_value(2).run()
    assert not page.exception
    assert (pipeline.calls["attend"], pipeline.calls["explain cross_attention"]) == (1, 1)


def test_no_method_and_an_error_are_sentences(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ModelError("this MUIsC has no cross-attention")

    monkeypatch.setattr(pipeline, "explain", refuse)
    monkeypatch.setattr(pipeline, "alternatives", refuse)
    page = pressed(opened())
    assert "This MUIsC has no cross-attention." in words(page)
    assert "The other sequences could not be judged." in words(page)
    page.pills(key="explain_methods").set_value([]).run()
    assert "Choose at least one method." in words(page)

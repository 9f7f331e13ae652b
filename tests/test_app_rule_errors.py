"""The page of rule errors: its numbers, its selections, the way to a product, and tables that lack things."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image as PilImage
from prediction_tables import TAXONOMY, table
from streamlit.testing.v1 import AppTest

from app.components.rule_errors import gallery
from app.state import HANDED_OVER, OWN_ORDER, HandedOver

PAGE = str(Path(__file__).parents[1] / "app" / "pages" / "rule_errors.py")
FIRST, SECOND = TAXONOMY.rules[0], TAXONOMY.rules[1]


def frame() -> pd.DataFrame:
    """Rows 0 to 5 with p^t 0.9 to 0.4: accepted and rejected in turn, for the first rule twice, the second once."""
    labels = ["qualified", FIRST.id, "qualified", FIRST.id, "qualified", SECOND.id]
    return table(
        6,
        label=labels,
        title=[f"Mug *{row}*" for row in range(6)],
        images=[f"images/{row}.png|images/x.png" for row in range(5)] + ["images/5.png"],
        feedback=["yes" if label == "qualified" else f"Bad: <b>{label}</b>" for label in labels],
        p_nlg=[0.9, 0.1, 0.8, 0.2, 0.1, 0.3],
    )


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review set of six rows; the photos of row 5 are missing."""
    (tmp_path / "images").mkdir()
    for name in ("0", "1", "2", "3", "4", "x"):
        buffer = io.BytesIO()
        PilImage.fromarray(np.full((40, 40, 3), 90, np.uint8)).save(buffer, "PNG")
        (tmp_path / "images" / f"{name}.png").write_bytes(buffer.getvalue())
    frame().to_parquet(tmp_path / "predictions.parquet")
    monkeypatch.setenv("AGPIS_REVIEWS_DIR", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


def opened(threshold: float = 0.7) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["rule_errors_threshold"] = threshold
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = ("markdown", "caption", "subheader", "info", "warning", "error", "success")
    return "\n".join(str(getattr(one, "value", "")) for kind in kinds for one in page.main.get(kind)).replace("\\", "")


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.usefixtures("reviews")
def test_the_headline_counts_what_is_withheld_and_what_escapes() -> None:
    page = opened(0.7)
    # p^t 0.8 of the rejected ones reaches 0.7; 0.6 and 0.4 do not; submitted are 0.9, 0.8 and 0.7.
    assert metrics(page) == {
        "Reviewed sequences": "6",
        "Withheld of the rejected": "66.7%",
        "Escaped of the rejected": "33.3%",
        "Reject rate of the submitted": "33.3%",
    }
    assert f"most escapes break **{FIRST.title}** ({FIRST.id}, 1)" in words(page)


@pytest.mark.usefixtures("reviews")
def test_the_table_has_a_row_for_each_rule_that_was_broken_most_escapes_first() -> None:
    page = opened(0.3)
    rows = page.dataframe[0].value
    assert list(rows["escapes"]) == [2, 1]
    assert list(rows["support"]) == [2, 1]
    assert list(rows["rate"]) == [1.0, 1.0]
    assert f"{len(TAXONOMY) - 3} rules are not listed" in words(page)
    page.slider(key="rule_errors_threshold").set_value(1.0).run()
    assert list(page.dataframe[0].value["escapes"]) == [0, 0]
    assert "no rejected sequence escapes" in words(page)


@pytest.mark.usefixtures("reviews")
def test_the_gallery_shows_both_kinds_of_mistakes_and_texts_as_they_are() -> None:
    page = opened(0.7)
    text = words(page)
    assert text.index("Mug *1*") < text.index("Mug *3*") < text.index("Mug *5*")
    assert "Mug *0*" not in text
    assert f"Bad: <b>{FIRST.id}</b>" in text
    assert "do not lie beside the table" in text
    ways = [button for button in page.button if button.label == "Open in Image sequence"]
    assert [way.disabled for way in ways] == [False, False, True]
    page.segmented_control(key="mistakes_kind").set_value("withheld").run()
    text = words(page)
    assert text.index("Mug *4*") < text.index("Mug *2*") < text.index("Mug *0*")


@pytest.mark.usefixtures("reviews")
def test_a_selected_rule_leaves_only_its_own_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    real = st.dataframe

    def selecting(data: pd.DataFrame, **options: Any) -> Any:
        real(data, **options)
        return {"selection": {"rows": [1]}}

    monkeypatch.setattr(st, "dataframe", selecting)
    text = words(opened(0.3))
    assert f"Worst mistakes: {SECOND.title} ({SECOND.id})" in text
    assert "Mug *5*" in text
    assert "Mug *1*" not in text


@pytest.mark.usefixtures("reviews")
def test_a_mistake_hands_its_product_over_with_the_photos_that_are_there(
    reviews: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(st, "switch_page", gone.append)
    page = opened(0.7)
    first = next(button for button in page.button if button.label == "Open in Image sequence")
    first.click().run()
    handed: HandedOver = page.session_state[HANDED_OVER]
    assert (handed.product_id, handed.title, handed.category) == ("p1", "Mug *1*", "mug")
    assert handed.files == (
        ("images/1.png", (reviews / "images/1.png").resolve()),
        ("images/x.png", (reviews / "images/x.png").resolve()),
    )
    assert page.session_state[OWN_ORDER] == ("images/1.png", "images/x.png")
    assert gone == ["app/pages/sequence.py"]


def test_no_file_outside_the_table_s_folder_is_opened(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "table").mkdir()
    assert gallery._path(tmp_path / "table", "../secret.png") is None
    assert gallery._path(tmp_path / "table", str(tmp_path / "secret.png")) is None
    assert gallery._path(tmp_path, "secret.png") == (tmp_path / "secret.png").resolve()
    assert gallery._path(None, "secret.png") is None


@pytest.mark.usefixtures("reviews")
@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("Escapes", "How much of each rule's sequences"),
        ("Confusion", "Most often taken for another"),
        ("Slices", "No slice is large enough"),
        ("Two readings", "McNemar"),
    ],
)
def test_each_view_says_what_it_shows(view: str, said: str) -> None:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["rule_errors_threshold"] = 0.7
    page.session_state["rule_errors_view"] = view
    page.run()
    assert not page.exception
    assert said in words(page)


def test_a_table_without_reviews_is_a_sentence(reviews: Path) -> None:
    frame().assign(label="").to_parquet(reviews / "predictions.parquet")
    page = opened()
    assert "so there are no errors to analyse" in words(page)
    assert not page.metric


def test_a_table_without_photos_titles_and_p_nlg_still_shows_its_errors(reviews: Path) -> None:
    bare = frame().drop(columns=["images", "title", "feedback", "p_nlg"])
    bare.to_parquet(reviews / "predictions.parquet")
    page = opened()
    assert "The table names no photos" in words(page)
    assert "No title" in words(page)
    page.session_state["rule_errors_view"] = "Two readings"
    assert "no column p_nlg" in words(page.run())


def test_a_missing_review_set_is_a_sentence(reviews: Path) -> None:
    (reviews / "predictions.parquet").unlink()
    assert "no such file" in words(opened())


def test_a_page_may_hand_over_bytes_and_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "switch_page", lambda page: None)

    def script() -> None:
        from app.components.rule_errors.opening import open_in_sequence_page

        open_in_sequence_page("p", "t", [("a.png", b"1")])

    page = AppTest.from_function(script).run()
    assert not page.exception
    assert OWN_ORDER not in page.session_state
    assert page.session_state[HANDED_OVER] == HandedOver("p", "t", (("a.png", b"1"),))

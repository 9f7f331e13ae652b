"""The app as a person meets it: Streamlit started as the README says, driven in headless Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import (
    BLUE,
    GREEN,
    OPEN,
    RED,
    ROOT,
    SECONDS,
    address,
    chromium,
    opened,
    photo,
    photos,
    run,
    run_button,
    serving,
    wait_until_healthy,
)
from playwright.sync_api import Browser, expect

# Tests of other pages may import the fixtures from here, too.
__all__ = [
    "BLUE", "GREEN", "OPEN", "RED", "ROOT", "SECONDS", "address", "chromium", "opened", "photo", "photos", "run",
    "run_button", "serving", "wait_until_healthy",
]  # fmt: skip

pytestmark = pytest.mark.browser


def test_photos_are_uploaded_and_the_result_is_read(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 1400, f"source=upload&{OPEN}")
    expect(page.get_by_text("add the photos of one product to begin")).to_be_visible(timeout=60 * SECONDS)
    page.locator("input[type=file]").set_input_files(photos())
    expect(page.locator("img")).to_have_count(len(photos()), timeout=30 * SECONDS)  # the previews
    title = page.get_by_role("textbox", name="Product title")
    title.fill("Wooden toy 木制玩具 🧸")
    title.press("Control+Enter")
    run(page)
    expect(page.get_by_text("The sequence: 3 images in order")).to_be_visible()
    expect(page.get_by_text("Files that could not be read (1)")).to_be_visible()
    for place in (1, 2, 3):
        expect(page.locator(f'img[alt^="Image {place} of the sequence"]')).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.get_by_text("Written feedback")).to_be_visible()
    assert page.get_by_text("broken.jpg").count() > 0
    assert page.get_by_test_id("stException").count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the result as JSON").click()
    assert '"outcome"' in Path(download.value.path()).read_text(encoding="utf-8")
    page.close()


def test_a_phone_shows_a_sample_without_sideways_scrolling(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 390, OPEN)
    run(page)
    expect(page.get_by_text("The sequence:")).to_be_visible()
    page.get_by_role("button", name="Download the result as JSON").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0, "the page fits the screen"
    tiles = page.locator('img[alt^="Image "]')
    boxes = [tiles.nth(index).bounding_box() for index in range(3)]
    assert all(boxes)
    tops = {round(box["y"]) for box in boxes if box}
    assert len(tops) == 1, "the sequence stands in one row"
    page.close()


def test_missing_models_are_a_sentence_and_no_trace(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(tmp_path / "models"))
    with serving(tmp_path / "log.txt") as url:
        page = opened(chromium, url, 1400)
        expect(page.get_by_text("The models could not be loaded.")).to_be_visible()
        assert "Traceback" not in page.content()
        page.close()

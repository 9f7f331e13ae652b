"""The page of thresholds in Chromium: read the answer, move the threshold by a click, put it in force."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import SECONDS, chromium, serving
from playwright.sync_api import Browser, Page, expect

from agpis.data.threshold_log import adoption_in_force

__all__ = ["chromium"]
pytestmark = pytest.mark.browser
LONG = 90 * SECONDS


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("thresholds") / "log.jsonl"


@pytest.fixture(scope="module")
def address(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running app whose thresholds in force are its own."""
    before = os.environ.get("AGPIS_THRESHOLD_LOG")
    os.environ["AGPIS_THRESHOLD_LOG"] = str(log)
    try:
        with serving(tmp_path_factory.mktemp("app") / "log.txt") as url:
            yield url
    finally:
        os.environ.pop("AGPIS_THRESHOLD_LOG")
        if before is not None:
            os.environ["AGPIS_THRESHOLD_LOG"] = before


def opened(browser: Browser, url: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(LONG)
    page.goto(url)
    return page


def test_rejects_under_ten_per_cent_by_click_to_in_force(chromium: Browser, address: str, log: Path) -> None:
    page = opened(chromium, f"{address}/thresholds", 1400)
    # The question and its answer stand on the first screen, before anything is touched.
    heading = page.get_by_role("heading", name=re.compile("of at least 0.3086"))
    expect(heading).to_be_in_viewport(timeout=LONG)
    expect(page.get_by_text("9.2% of what is submitted would be rejected")).to_be_in_viewport(timeout=LONG)
    plot = page.locator(".js-plotly-plot").first
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(2 * SECONDS)  # the plot's own layout
    layer = plot.locator(".nsewdrag").first.bounding_box()
    assert layer is not None
    # On the curve of the submitted share, at 60% of the width.
    for share in (0.28, 0.32, 0.36, 0.40):
        page.mouse.move(layer["x"] + 0.6 * layer["width"], layer["y"] + share * layer["height"], steps=4)
        page.wait_for_timeout(300)
        page.mouse.click(layer["x"] + 0.6 * layer["width"], layer["y"] + share * layer["height"])
        page.wait_for_timeout(1 * SECONDS)
        if page.get_by_text("Back to the rule's answer").count():
            break
    expect(page.get_by_role("heading", name=re.compile("At your own threshold of 0.[56]"))).to_be_visible(timeout=LONG)
    assert re.search(r"th=0\.[56]", page.url)
    page.get_by_text("Back to the rule's answer").click()
    expect(heading).to_be_visible(timeout=LONG)
    page.get_by_role("textbox", name="Your name").fill("Ann")
    page.get_by_role("textbox", name="Your name").press("Enter")
    page.get_by_role("button", name="Use 0.3086 in this app").click()
    expect(page.get_by_text("is in force. Open sessions take it")).to_be_visible(timeout=LONG)
    in_force = adoption_in_force(log)
    assert in_force is not None
    assert (round(in_force.stored.threshold, 4), in_force.by, in_force.stored.alpha) == (0.3086, "Ann", 0.1)
    page.get_by_role("button", name="Undo the last one").click()
    expect(page.get_by_text("Undone.")).to_be_visible(timeout=LONG)
    assert adoption_in_force(log) is None
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_role("heading", name="At your own threshold of 0.31")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("th=0.31").or_(page.locator(".js-plotly-plot", has_text="0.31")).first).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    page.close()


@pytest.mark.parametrize("path", ["thresholds", "monitoring", "monitoring?view=A%2FB+test"])
def test_nothing_is_wider_than_a_phone(chromium: Browser, address: str, path: str) -> None:
    page = opened(chromium, f"{address}/{path}", 390)
    page.get_by_test_id("stMetric").first.wait_for()
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    page.close()

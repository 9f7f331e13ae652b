"""Rule errors in Chromium: from the numbers to one rule, to its worst mistake, to that product's own page."""

from __future__ import annotations

import pytest
from browser import SECONDS, address, chromium
from playwright.sync_api import Browser, Page, expect

__all__ = ["address", "chromium"]

pytestmark = pytest.mark.browser


def opened(browser: Browser, address: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(240 * SECONDS)
    page.goto(f"{address}/rule-errors")
    expect(page.get_by_role("heading", name="Worst mistakes of all rules")).to_be_visible(timeout=240 * SECONDS)
    return page


def test_a_rule_is_selected_and_its_worst_mistake_opened(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 1400)
    expect(page.get_by_text("24.8%")).to_be_visible(timeout=180 * SECONDS)
    table = page.get_by_test_id("stDataFrameResizable").first
    table.wait_for()
    table.locator("canvas").first.wait_for()
    # The box before the first row, which is the rule with most escapes.
    table.click(position={"x": 18, "y": 52})
    expect(page.get_by_role("heading", name="Worst mistakes: Wrong order (M04)")).to_be_visible(timeout=180 * SECONDS)
    expect(page.locator('img[alt^="Image 1: "]').first).to_be_visible(timeout=180 * SECONDS)
    page.get_by_role("button", name="Open in Image sequence").first.click()
    expect(page.get_by_role("heading", name="Image sequence")).to_be_visible(timeout=180 * SECONDS)
    # The controls stand as soon as the models are loaded; a server that is still at it does not end when told to.
    expect(page.get_by_text("Primary threshold").first).to_be_visible(timeout=240 * SECONDS)
    assert page.get_by_test_id("stException").count() == 0
    page.close()


def test_a_phone_shows_it_without_sideways_scrolling(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 390)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0, "the page fits the screen"
    page.get_by_role("tab", name="Slices").click()
    expect(page.get_by_text("by more than chance")).to_be_visible(timeout=180 * SECONDS)
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0
    page.close()

"""The page of monitoring in Chromium: before and after a release, drift, and an A/B test with typed counts."""

from __future__ import annotations

import pytest
from browser import SECONDS, address, chromium
from playwright.sync_api import Browser, expect

__all__ = ["address", "chromium"]
pytestmark = pytest.mark.browser
LONG = 90 * SECONDS


def test_reject_rate_drift_and_ab_test_are_read_in_one_visit(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(LONG)
    page.goto(f"{address}/monitoring")
    # Better or worse, and train again or not, stand on the first screen before anything is touched.
    expect(page.get_by_role("heading", name="Worse: more rejects")).to_be_in_viewport(timeout=LONG)
    expect(page.get_by_role("heading", name="Train again")).to_be_in_viewport()
    page.goto(f"{address}/monitoring?release=2025-06-05")
    expect(page.get_by_text("12.7% was rejected since the release on 2025-06-05")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("heading", name="Neither better nor worse is shown")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=LONG)
    page.get_by_role("radio", name="Drift and retraining").click()
    expect(page.get_by_text("Train again.")).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="A/B test").click()
    clicks = page.get_by_role("spinbutton", name="Clicks").nth(1)
    clicks.fill("6000")
    clicks.press("Enter")
    expect(page.get_by_text("The arms differ, at any look").first).to_be_visible(timeout=LONG)
    expect(page.get_by_text("+20.0%").first).to_be_visible(timeout=LONG)
    assert page.get_by_test_id("stException").count() == 0
    page.close()

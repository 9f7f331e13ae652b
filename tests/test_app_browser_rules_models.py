"""Rules and models in Chromium: search a rule, take the file away, and have a changed copy of it checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import SECONDS, address, chromium
from playwright.sync_api import Browser, expect

from agpis.rules import parse_taxonomy

__all__ = ["address", "chromium"]

pytestmark = pytest.mark.browser


def test_the_rule_file_is_taken_away_changed_and_checked(chromium: Browser, address: str, tmp_path: Path) -> None:
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(240 * SECONDS)
    page.goto(f"{address}/rules-models")
    expect(page.get_by_text("45 classes, version 1")).to_be_visible(timeout=240 * SECONDS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rule file").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    taxonomy = parse_taxonomy(text, "downloaded")
    changed = taxonomy.model_copy(update={"classes": (*taxonomy.classes[:-2], taxonomy.classes[-1])})
    own = tmp_path / "own.yaml"
    own.write_text(changed.to_yaml(), encoding="utf-8")
    page.locator("input[type=file]").set_input_files(own)
    expect(page.get_by_text("MUIsC must be trained again.")).to_be_visible(timeout=180 * SECONDS)
    expect(page.get_by_text("1 class removed")).to_be_visible(timeout=180 * SECONDS)
    page.get_by_role("tab", name="Models").click()
    expect(page.get_by_text("d14b02624a9c")).to_be_visible(timeout=180 * SECONDS)
    page.get_by_role("tab", name="Thresholds").click()
    expect(page.get_by_text("Chosen by: at most 2% of the clean images are removed")).to_be_visible(
        timeout=180 * SECONDS
    )
    assert page.get_by_test_id("stException").count() == 0
    page.close()

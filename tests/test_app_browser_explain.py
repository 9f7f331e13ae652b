"""The explaining parts of the first page, driven with the bundled models: ask, look, and use what is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import SECONDS, address, chromium, opened, run
from playwright.sync_api import Browser, expect

__all__ = ["address", "chromium"]

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True, scope="module")
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        expect.set_options(timeout=180 * SECONDS)
        patch.setenv("AGPIS_DATABASE_URL", str(tmp_path_factory.mktemp("store") / "agpis.db"))
        yield
        expect.set_options(timeout=None)


def test_another_sequence_is_used_and_a_removed_photo_and_p_t_are_explained(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 1400, "sample=sample-mug")
    run(page)
    expect(page.get_by_text("sequences were judged.")).to_be_visible()
    second = page.locator('img[alt^="Image 2 of"]')
    before = second.get_attribute("alt")
    page.get_by_role("button", name="Use this one").first.click()
    expect(second).not_to_have_attribute("alt", before or "")

    page.get_by_role("button", name="Why not this one?").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("What keeps it out")).to_be_visible()
    expect(dialog.get_by_text("best place")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="Integrated gradients", exact=True).click()
    expect(page.locator('img[alt^="Integrated gradients on image"]')).to_have_count(3)
    expect(page.locator('img[alt^="Attention rollout on image"]')).to_have_count(3)
    assert page.get_by_test_id("stException").count() == 0
    page.close()


def test_the_sections_fit_a_phone(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 390, "sample=sample-mug")
    run(page)
    expect(page.locator('img[alt^="Attention rollout on image"]')).to_have_count(3)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0
    page.close()

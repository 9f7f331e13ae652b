"""The first page's main task: arrange a sequence by hand, take it away, and show it to somebody else."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

import pytest
from browser import OPEN, SECONDS, address, chromium, opened, photos, run
from playwright.sync_api import Browser, Locator, Page, expect

__all__ = ["address", "chromium"]

# A loaded machine draws a page slowly.
PATIENCE = 180 * SECONDS

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True, scope="module")
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        expect.set_options(timeout=PATIENCE)
        patch.setenv("AGPIS_DATABASE_URL", str(tmp_path_factory.mktemp("store") / "agpis.db"))
        yield
        expect.set_options(timeout=None)


def order(page: Page) -> list[str]:
    """Names of the tiles in the sequence, in order."""
    return page.locator("ol.zone .tile .name").all_inner_texts()


def drag(page: Page, tile: Locator, before: Locator) -> None:
    tile.scroll_into_view_if_needed()
    start, end = tile.bounding_box(), before.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 40, start["y"] + 60)
    page.mouse.down()
    page.mouse.move(end["x"] + 4, end["y"] + 60, steps=8)
    page.mouse.up()


def probability(page: Page) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text="of your order").get_by_test_id("stMetricValue")


def test_a_dragged_order_is_judged_taken_away_and_sent_to_review(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 1400, "sample=sample-mug")
    run(page)
    expect(page.locator("ol.zone .tile")).to_have_count(3)
    automatic = order(page)
    drag(page, page.locator("ol.zone .tile").nth(2), page.locator("ol.zone .tile").nth(0))
    expect(page.get_by_text("Your sequence: 3 images in order")).to_be_visible()
    dragged = [automatic[2], *automatic[:2]]
    assert order(page) == dragged
    expect(probability(page)).to_have_text(re.compile(r"0\.\d\d"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download photos and result as ZIP").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == [*(f"{n:02}-{name}" for n, name in enumerate(dragged, start=1)), "result.json"]
    tile = page.locator("ol.zone .tile").first
    tile.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("The sequence: 3 images in order")).to_be_visible()
    assert order(page) == automatic
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("In the queue as item 1")).to_be_visible()
    page.close()


def test_a_link_shows_uploaded_photos_in_the_same_order_to_somebody_else(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 1400, f"source=upload&{OPEN}")
    page.locator("input[type=file]").set_input_files(photos())
    expect(page.locator("img")).to_have_count(len(photos()), timeout=30 * SECONDS)
    run(page)
    expect(page.locator("ol.zone .tile")).to_have_count(3)
    before = order(page)
    page.locator("ol.zone .tile").nth(0).get_by_role("button", name="Take out").click()
    expect(page.get_by_text("Your sequence: 2 images in order")).to_be_visible()
    judged = probability(page).inner_text()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("code").filter(has_text="shared=").inner_text()
    other = chromium.new_context(viewport={"width": 390, "height": 900}).new_page()
    other.set_default_timeout(60 * SECONDS)
    other.goto(link)
    expect(other.get_by_text("Your sequence: 2 images in order")).to_be_visible(timeout=PATIENCE)
    expect(other.locator("ol.zone .tile")).to_have_count(2)
    assert order(other) == before[1:]
    expect(probability(other)).to_have_text(judged)
    other.locator("ul.zone .tile").first.get_by_role("button", name="Put into").click()
    expect(other.get_by_text("Your sequence: 3 images in order")).to_be_visible()
    main = other.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0, "the page fits a phone"
    other.context.close()
    page.close()


def test_unknown_links_are_explained(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 1400, "shared=nobody-knows")
    expect(page.get_by_text("This link cannot be opened")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    page.close()


def test_photos_title_and_settings_are_there_again_after_a_visit_to_another_page(
    chromium: Browser, address: str
) -> None:
    page = opened(chromium, address, 1400, f"source=upload&{OPEN}")
    page.locator("input[type=file]").set_input_files(photos())
    title = page.get_by_role("textbox", name="Product title")
    title.fill("A red disc")
    title.press("Control+Enter")
    run(page)
    tiles = page.locator("ol.zone .tile .name")
    expect(tiles).to_have_count(3)
    shown = order(page)
    page.get_by_role("link", name="Rules and models").click()
    page.get_by_role("heading", name="Rules and models").wait_for()
    page.get_by_role("link", name="Image sequence").click()
    page.get_by_text("Done in").wait_for(timeout=PATIENCE)
    expect(page.get_by_role("radio", name="Your last photos")).to_be_checked()
    expect(title).to_have_value("A red disc")
    expect(tiles).to_have_text(shown)
    assert "primary_threshold=0" in page.url
    page.close()

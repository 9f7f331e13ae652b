"""Ten items reviewed by two browsers at once, by keyboard: each item once, one verdict undone, one region marked."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from browser import SECONDS, chromium, serving
from playwright.sync_api import Browser, Page, expect
from review_items import HEIGHT, WIDTH, submission

from agpis.store import Store, open_store

pytestmark = pytest.mark.browser

__all__ = ["chromium"]
NUM_ITEMS = 10


def signed_in(browser: Browser, url: str, reviewer: str) -> Page:
    """A browser of its own, on the page, under a name."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.set_default_timeout(180 * SECONDS)
    page.goto(f"{url}/review")
    name = page.get_by_role("textbox", name="Your name")
    name.fill(reviewer)
    name.press("Enter")
    return page


def shown_product(page: Page) -> int | None:
    """The number of the product that waits for a verdict, once the page is drawn; None when nothing waits."""
    heading = page.get_by_role("heading", level=3)
    nothing = page.get_by_text("Nothing waits for you")
    expect(heading.or_(nothing).first).to_be_visible(timeout=180 * SECONDS)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=180 * SECONDS
    )
    return int(heading.inner_text().removeprefix("Product ")) if heading.count() else None


def after(page: Page, key: str, number: int) -> None:
    """Press a key and wait until product `number` is gone."""
    page.keyboard.press(key)
    expect_gone(page, number)


def expect_gone(page: Page, number: int) -> None:
    gone = page.get_by_role("heading", name=re.compile(rf"^Product {number}$"))
    expect(gone).to_have_count(0, timeout=180 * SECONDS)


def mark_region(page: Page) -> None:
    """Drag over the middle half of the second photo."""
    photo = page.locator(".photo").nth(1)
    photo.scroll_into_view_if_needed()
    bounds = photo.bounding_box()
    assert bounds is not None
    for share, act in ((0.25, page.mouse.down), (0.75, page.mouse.up)):
        page.mouse.move(bounds["x"] + share * bounds["width"], bounds["y"] + share * bounds["height"], steps=5)
        act()
    expect(page.get_by_text("1 region marked")).to_be_visible(timeout=180 * SECONDS)
    assert shown_product(page) is not None, "the page is drawn"


def reject_with_region(page: Page) -> int:
    """By keyboard but for the drag; undone once, and rejected again as it was."""
    number = shown_product(page)
    assert number is not None
    page.keyboard.press("x")
    expect(page.get_by_text("Choose the broken rule first")).to_be_visible(timeout=180 * SECONDS)
    mark_region(page)
    page.keyboard.press("2")
    expect(page.get_by_role("textbox", name="Comment")).not_to_be_empty(timeout=180 * SECONDS)
    after(page, "x", number)
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name=f"Product {number}")).to_be_visible(timeout=180 * SECONDS)
    expect(page.get_by_text("1 region marked")).to_be_visible(timeout=180 * SECONDS)
    assert shown_product(page) == number
    after(page, "x", number)
    return number


def test_two_reviewers_at_once_judge_ten_items_each_once(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "queue.db"))
    store = open_store()
    for number in range(1, NUM_ITEMS + 1):
        store.submit(submission(number))
    with serving(tmp_path / "log.txt") as url:
        ada, bob = signed_in(chromium, url, "Ada"), signed_in(chromium, url, "Bob")
        assert {shown_product(ada), shown_product(bob)} == {1, 2}
        rejected = reject_with_region(ada)
        while waiting := {page: shown for page in (ada, bob) if (shown := shown_product(page)) is not None}:
            for page in waiting:
                page.keyboard.press("a")  # both before either has the answer
            for page, product in waiting.items():
                expect_gone(page, product)
        for page in (ada, bob):
            expect(page.get_by_text("Nothing waits for you")).to_be_visible(timeout=180 * SECONDS)
        check_decisions(store, rejected)
        check_export(ada, tmp_path / "reviews.zip")
        assert ada.get_by_test_id("stException").count() == 0
    store.close()


def check_decisions(store: Store, rejected: int) -> None:
    standing = [decision for decision in store.decisions() if decision.stands]
    assert sorted(decision.item_id for decision in standing) == list(range(1, NUM_ITEMS + 1)), "each item once"
    assert {decision.reviewer for decision in standing} == {"Ada", "Bob"}
    (rejection,) = [decision for decision in standing if not decision.verdict.accepted]
    assert (rejection.item_id, rejection.reviewer, rejection.verdict.rule_id) == (rejected, "Ada", "P01")
    (region,) = rejection.verdict.regions
    assert region.image == 2
    box = region.box
    assert box.x == pytest.approx(WIDTH / 4, abs=3)
    assert box.y == pytest.approx(HEIGHT / 4, abs=3)
    assert box.w == pytest.approx(WIDTH / 2, abs=4)
    assert box.h == pytest.approx(HEIGHT / 2, abs=4)


def check_export(page: Page, file: Path) -> None:
    page.get_by_text("Export and import").click()
    page.get_by_role("button", name="Prepare the file").first.click()
    expect(page.get_by_text("10 reviews, 30 photos")).to_be_visible(timeout=180 * SECONDS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download agpis-data.zip").click()
    download.value.save_as(file)
    with zipfile.ZipFile(file) as content:
        assert len(content.read("reviews.jsonl").splitlines()) == NUM_ITEMS

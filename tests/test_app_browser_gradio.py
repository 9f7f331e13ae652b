"""The Gradio demo as a visitor meets it: an example, photos of one's own, a phone, a browser that asks for Chinese."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fake_pipeline import FakePipeline
from playwright.sync_api import Browser, Page, expect
from test_app_browser import ROOT, SECONDS, chromium, photos
from test_gradio_demo_server import log, put_in_force, serving

from app.demo.launch import Opening

__all__ = ["chromium", "log"]

pytestmark = pytest.mark.browser


@dataclass
class Held(FakePipeline):
    """Takes the first mug for the primary image, and compares no photos until it is let go."""

    go: threading.Event = field(default_factory=threading.Event)

    def match(self, product: Any) -> Any:
        self.go.wait(240)
        return super().match(product)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running demo with the bundled models and samples."""
    log = tmp_path_factory.mktemp("demo") / "log.txt"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "app.gradio_demo", f"--port={port}"], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_until_open(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=60)


def wait_until_open(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 600
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"the demo ended with code {server.returncode}: {log.read_text()}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    pytest.fail(f"the demo was not open after 600 s: {log.read_text()}")


def opened(browser: Browser, url: str, width: int = 1400, locale: str = "en-GB") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale=locale)
    page.set_default_timeout(120 * SECONDS)
    page.goto(url)
    page.locator("#agpis-run").wait_for()
    return page


def has_ended(page: Page) -> None:
    expect(page.locator("#agpis-verdict h2")).to_be_visible(timeout=240 * SECONDS)
    expect(page.locator("#agpis-decisions li").first).to_be_visible(timeout=60 * SECONDS)


def test_an_example_runs_with_one_click_and_explains_itself(chromium: Browser, demo: str) -> None:
    page = opened(chromium, demo)
    page.get_by_role("button", name="Coogiock Pink Ceramic Mug").click()
    has_ended(page)
    expect(page.locator("#agpis-verdict h2")).to_have_text("Ready to submit")
    expect(page.locator("#agpis-sequence img")).to_have_count(3)
    expect(page.get_by_alt_text("1 · Primary · mug-1.jpg")).to_be_visible()
    expect(page.locator("#agpis-candidates img")).to_have_count(7)
    expect(page.locator("#agpis-decisions")).to_contain_text("A promotion was laid over the photo")
    expect(page.locator("#agpis-submission .js-plotly-plot")).to_be_visible()
    expect(page.locator("#agpis-feedback blockquote")).not_to_be_empty()
    page.get_by_role("tab", name="Duplicates").click()
    expect(page.locator("#agpis-pairs img").first).to_be_visible()
    page.get_by_role("tab", name="Outcomes").click()
    expect(page.locator("#agpis-rules .js-plotly-plot")).to_be_visible()
    page.get_by_role("tab", name="JSON").click()
    expect(page.locator("#agpis-json")).to_contain_text("rule_probabilities")
    page.close()


def test_photos_are_uploaded_and_a_broken_one_is_named(chromium: Browser, demo: str) -> None:
    page = opened(chromium, demo)
    page.locator("#agpis-photos input[type=file]").set_input_files(photos())
    expect(page.locator("#agpis-photos img")).to_have_count(len(photos()), timeout=60 * SECONDS)
    page.get_by_label("Product title").fill("Wooden toy *木制* <b>玩具</b>")
    page.locator("#agpis-run").click()
    has_ended(page)
    decisions = page.locator("#agpis-decisions")
    for name in ("front.jpg", "side.png", "top.webp"):
        expect(decisions).to_contain_text(name)
    expect(decisions).to_contain_text("broken.jpg · Unreadable")
    expect(page.locator("#agpis-run")).to_be_enabled(timeout=30 * SECONDS)
    assert "Traceback" not in page.content()
    page.close()


def test_without_photos_the_page_says_what_to_do(chromium: Browser, demo: str) -> None:
    page = opened(chromium, demo)
    page.locator("#agpis-run").click()
    expect(page.locator("#agpis-verdict")).to_contain_text("No photo was given", timeout=60 * SECONDS)
    expect(page.locator("#agpis-run")).to_be_enabled(timeout=30 * SECONDS)
    page.close()


def test_a_phone_that_asks_for_chinese_gets_it_without_sideways_scrolling(chromium: Browser, demo: str) -> None:
    page = opened(chromium, demo, 390, "zh-CN")
    expect(page.locator("#agpis-run")).to_have_text("运行")
    page.get_by_role("button", name="Coogiock Pink Ceramic Mug").click()
    has_ended(page)
    expect(page.locator("#agpis-verdict h2")).to_have_text("可以提交")
    excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(excess) == 0, "the page fits the screen"
    tiles = [tile.bounding_box() for tile in page.locator("#agpis-sequence img").all()]
    assert len({round(box["y"]) for box in tiles if box}) == 1, "the sequence stands in one row"
    for gallery, count in (("#agpis-sequence", 3), ("#agpis-candidates", 7)):
        assert page.locator(f"{gallery} .caption-label").count() == count
        assert covered(page, gallery) == [], "captions stand below the pictures"
    assert cut_off(page, "#agpis-photos") == []
    page.get_by_role("tab", name="重复").click()
    page.locator("#agpis-pairs .thumbnail-lg").nth(1).click()
    page.locator("#agpis-pairs .caption").wait_for()
    caption, small = (page.locator(f"#agpis-pairs {one}").bounding_box() for one in (".caption", ".thumbnails"))
    assert caption is not None
    assert small is not None
    assert caption["y"] + caption["height"] <= small["y"] + 1, "the caption ends above the small pictures"
    assert page.evaluate(excess) == 0
    page.close()


def covered(page: Page, gallery: str) -> list[str]:
    """The captions of a gallery that reach into their picture."""
    reach = """tiles => tiles.map(tile => [tile.querySelector('img'), tile.querySelector('.caption-label')])
        .filter(([picture, caption]) =>
            caption.getBoundingClientRect().top < picture.getBoundingClientRect().bottom - 1)
        .map(([picture, caption]) => caption.innerText)"""
    said: list[str] = page.locator(f"{gallery} .thumbnail-lg").evaluate_all(reach)
    return said


def cut_off(page: Page, gallery: str) -> list[int]:
    """The places of the pictures that do not lie whole between the gallery's buttons and its lower edge."""
    outside = """gallery => {
        const edge = gallery.getBoundingClientRect();
        const bar = gallery.querySelector('.icon-button-wrapper').getBoundingClientRect();
        return [...gallery.querySelectorAll('.thumbnail-lg')].map(tile => tile.getBoundingClientRect())
            .map((tile, place) => tile.top < bar.bottom || tile.bottom > edge.bottom ? place : -1)
            .filter(place => place >= 0);
    }"""
    places: list[int] = page.locator(gallery).evaluate(outside)
    return places


def test_a_run_that_is_stopped_ends_and_another_one_works(chromium: Browser) -> None:
    pipeline = Held(p_primary={"mug-1.jpg": 0.9})
    with serving(pipeline, Opening()) as url:
        page = opened(chromium, url)
        expect(page.locator("#agpis-stop")).to_have_count(0)
        page.get_by_role("button", name="Coogiock Pink Ceramic Mug").click()
        verdict = page.locator("#agpis-verdict")
        expect(verdict).to_contain_text("Comparing the photos in pairs", timeout=60 * SECONDS)
        expect(page.locator("#agpis-run")).to_be_disabled()
        page.locator("#agpis-stop").click()
        expect(verdict).to_contain_text("Stopped.", timeout=60 * SECONDS)
        expect(page.locator("#agpis-run")).to_be_enabled()
        expect(page.locator("#agpis-stop")).to_have_count(0)
        pipeline.go.set()
        page.locator("#agpis-run").click()
        has_ended(page)
        expect(page.locator("#agpis-verdict h2")).to_have_text("Ready to submit")
        assert pipeline.calls["score"] == 1, "the run that was stopped went no further"
        page.close()


def test_the_page_opens_with_the_threshold_in_force(chromium: Browser, log: Path) -> None:
    pipeline = Held(p_primary={"mug-1.jpg": 0.9})
    pipeline.go.set()
    with serving(pipeline, Opening()) as url:
        put_in_force(log, 0.7125)
        page = opened(chromium, url)
        page.get_by_role("button", name="Settings").click()
        expect(page.get_by_label("number input for Submission threshold")).to_have_value("0.7125")
        page.get_by_role("button", name="Coogiock Pink Ceramic Mug").click()
        has_ended(page)
        expect(page.locator("#agpis-verdict")).to_contain_text("Held back")
        page.get_by_role("tab", name="JSON").click()
        expect(page.locator("#agpis-json")).to_contain_text("0.7125")
        log.write_text("{\n")
        page.reload()
        expect(page.locator("#agpis-verdict")).to_contain_text("in force cannot be read", timeout=60 * SECONDS)
        page.close()

"""The catalogue page in Chromium: upload, pause, reload, go on, look at the results, take them away."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from browser import ROOT, SECONDS, chromium, serving
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
__all__ = ["chromium"]

# One product takes seconds by itself, and more on a machine that is busy with other things.
PATIENCE = 180 * SECONDS
NUM_PRODUCTS = 6  # with the odd row they stand on one page


def archive() -> bytes:
    """Sample products with four photos each, and a row that is none."""
    samples, buffer = ROOT / "assets" / "samples", io.BytesIO()
    lines = (samples / "products.jsonl").read_text(encoding="utf-8").splitlines()[:NUM_PRODUCTS]
    products = [{**json.loads(line), "images": json.loads(line)["images"][:4]} for line in lines]
    with zipfile.ZipFile(buffer, "w") as packed:
        rows = [json.dumps(product) for product in [*products, {"product_id": "odd"}]]
        packed.writestr("shop/products.jsonl", "\n".join(rows) + "\n")
        for product in products:
            for image in product["images"]:
                packed.write(samples / image["file"], f"shop/{image['file']}")
    return buffer.getvalue()


def fits(page: Page) -> bool:
    main = page.get_by_test_id("stMain")
    return bool(main.evaluate("element => element.scrollWidth - element.clientWidth") == 0)


def test_a_catalogue_is_uploaded_paused_finished_and_downloaded(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "agpis.db"))
    with serving(tmp_path / "log.txt") as url:
        page = chromium.new_page(viewport={"width": 390, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}/catalogue")
        page.get_by_text("No catalogue was run yet").wait_for()
        upload = {"name": "shop.zip", "mimeType": "application/zip", "buffer": archive()}
        page.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
        page.get_by_role("button", name="Run the catalogue").click()
        pause, resume = page.get_by_role("button", name="Pause"), page.get_by_role("button", name="Resume")
        pause.click()
        resume.wait_for()
        page.reload()
        # The address names the run, and it still waits.
        resume.click()
        pause.wait_for()
        page.reload()
        # The server went on while nobody looked.
        page.get_by_text(f"{NUM_PRODUCTS + 1} of {NUM_PRODUCTS + 1} products").wait_for()
        pause.wait_for(state="detached")
        page.get_by_text("line 7: images must be a list of files").wait_for()
        assert fits(page), "the page fits the screen of a phone"

        with page.expect_download() as download:
            page.get_by_role("button", name="Ordered images (ZIP)").click()
        with zipfile.ZipFile(download.value.path()) as packed:
            names = packed.namelist()
            results = [json.loads(line) for line in packed.read("results.jsonl").decode().splitlines()]
        assert [result["status"] for result in results] == ["done"] * NUM_PRODUCTS + ["failed"]
        sequences = [one["result"]["sequence"] for one in results[:NUM_PRODUCTS]]
        assert sum(map(bool, sequences)) >= 2, "too few sequences to show anything"
        assert len([name for name in names if name.endswith(".jpg")]) == sum(map(len, sequences))

        ready = sum(one["result"]["outcome"] == "submit" for one in results[:NUM_PRODUCTS])
        page.get_by_role("button", name=re.compile(rf"Send {ready} sequences? to review")).click()
        page.get_by_text(re.compile(rf"{ready} sequences? went to review")).wait_for()
        page.get_by_role("button", name="Nothing to send to review").wait_for()

        page.get_by_role("button", name="All runs").click()
        page.get_by_role("button", name="Run the catalogue").wait_for()
        page.get_by_text("shop.zip").wait_for()
        assert page.get_by_test_id("stException").count() == 0
        page.close()

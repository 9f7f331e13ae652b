"""The catalogue page in Chromium: upload, run, reload, look, download; stopping is in test_app_catalogue."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from browser import ROOT, SECONDS, chromium, serving
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
__all__ = ["chromium"]

# One product takes seconds by itself, and more on a machine that is busy with other things.
PATIENCE = 300 * SECONDS
NUM_PRODUCTS = 5  # with the odd row they stand on one page


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


def test_a_catalogue_is_uploaded_run_and_downloaded_after_a_reload(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "agpis.db"))
    with serving(tmp_path / "log.txt") as url:
        page = chromium.new_page(viewport={"width": 390, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}/catalogue")
        expect(page.get_by_text("No catalogue was run yet")).to_be_visible(timeout=PATIENCE)
        upload = {"name": "shop.zip", "mimeType": "application/zip", "buffer": archive()}
        page.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
        begin = page.get_by_role("button", name="Run the catalogue")
        expect(begin).to_be_enabled(timeout=PATIENCE)
        begin.click()
        # The server goes on while nobody looks.
        page.get_by_role("button", name="Cancel").wait_for()
        page.reload()
        expect(page.get_by_text(f"{NUM_PRODUCTS + 1} of {NUM_PRODUCTS + 1} products")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stMain").get_by_text("Done").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("images must be a list of files")).to_be_visible()
        assert fits(page), "the page fits the screen of a phone"

        with page.expect_download() as download:
            page.get_by_role("button", name="Ordered images (ZIP)").click()
        with zipfile.ZipFile(download.value.path()) as packed:
            names = packed.namelist()
            results = [json.loads(line) for line in packed.read("results.jsonl").decode().splitlines()]
        assert [result["status"] for result in results] == ["done"] * NUM_PRODUCTS + ["failed"]
        scored = [result["result"] for result in results[:NUM_PRODUCTS] if result["result"]["sequence"]]
        assert len([name for name in names if name.endswith(".jpg")]) == sum(len(one["sequence"]) for one in scored)

        page.get_by_role("button", name="All runs").click()
        expect(page.get_by_text("shop.zip")).to_be_visible(timeout=PATIENCE)
        assert page.get_by_test_id("stException").count() == 0
        page.close()

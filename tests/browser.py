"""A running app and a browser to drive it with, for the tests of every page."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage
from playwright.sync_api import Browser, FilePayload, Locator, Page, sync_playwright

ROOT = Path(__file__).parents[1]
SECONDS = 1000
RED, GREEN, BLUE = (200, 60, 40), (60, 150, 70), (40, 70, 190)
# Thresholds with which any set of three different photos makes a sequence, whatever the models think of them.
OPEN = "primary_threshold=0&noncompliance_threshold=1&quality_threshold=1&duplicate_threshold=1&remove_variants=false"


def photo(file: str, colour: tuple[int, int, int], shape: str, kind: str) -> FilePayload:
    """A plain object on white, encoded as `kind`."""
    canvas = np.full((360, 300, 3), 255, dtype=np.uint8)
    if shape == "disc":
        cv2.circle(canvas, (150, 180), 100, colour, -1)
    elif shape == "box":
        cv2.rectangle(canvas, (60, 90), (240, 270), colour, -1)
    else:
        cv2.drawContours(canvas, [np.array([[150, 60], [40, 300], [260, 300]])], -1, colour, -1)
    buffer = io.BytesIO()
    PilImage.fromarray(canvas).save(buffer, kind)
    return {"name": file, "mimeType": f"image/{kind.lower()}", "buffer": buffer.getvalue()}


def photos() -> list[FilePayload]:
    """Three readable photos in three formats, and a file that is none."""
    return [
        photo("front.jpg", RED, "disc", "JPEG"),
        photo("side.png", GREEN, "box", "PNG"),
        photo("top.webp", BLUE, "cone", "WEBP"),
        {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": photo("", RED, "disc", "JPEG")["buffer"][:300]},
    ]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Headless Chromium; the tests are skipped where it is not installed, except in continuous integration."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).is_file():
        reason = f"no Chromium at {path}; install the Debian package chromium or set CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """The address of a running app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"]
    with log.open("w") as out:
        server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=90)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running app with the bundled models and samples."""
    with serving(tmp_path_factory.mktemp("app") / "log.txt") as url:
        yield url


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"streamlit ended with code {server.returncode}: {log.read_text()}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"streamlit was not ready after 60 s: {log.read_text()}")


def run_button(page: Page) -> Locator:
    return page.get_by_test_id("stBaseButton-primary").filter(has_text="Run")


def opened(browser: Browser, address: str, width: int, query: str = "") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(60 * SECONDS)
    page.goto(f"{address}/?{query}")
    run_button(page).wait_for()
    return page


def run(page: Page) -> None:
    run_button(page).click()
    page.get_by_text("Done in").wait_for(timeout=120 * SECONDS)

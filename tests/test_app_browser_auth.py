"""Signing in at a real OpenID Connect provider, in Chromium: the way in, a page that needs a role, the way out."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import ROOT, SECONDS, chromium, wait_until_healthy
from oidc_provider import CLIENT_ID, CLIENT_SECRET, providing
from playwright.sync_api import Browser, Page, expect

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

PEOPLE = {
    "Ann": {"email": "Ann@example.com", "email_verified": True},
    "Bo": {"email": "bo@example.com", "email_verified": True},
}
SECRETS = """
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"

[auth.example]
client_id = "{id}"
client_secret = "{secret}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"

[roles]
manager = ["ann@example.com"]
reviewer = ["*"]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving_with_sign_in(folder: Path, issuer: str) -> Iterator[str]:
    """The address of a running app whose secrets name the provider; the way back holds the port, so it comes first."""
    port, secrets, log = free_port(), folder / "secrets.toml", folder / "log.txt"
    url = f"http://127.0.0.1:{port}"
    secrets.write_text(SECRETS.format(app=url, id=CLIENT_ID, secret=CLIENT_SECRET, issuer=issuer), encoding="utf-8")
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--secrets.files={secrets}"]
    options = ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"]
    with log.open("w") as out:
        server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_healthy(url, server, log)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=90)


def sign_in(page: Page, person: str) -> None:
    """From a page that asks for it, over the provider's page, back into the app."""
    gate = page.get_by_test_id("stMain").get_by_role("button", name="Sign in with example")
    gate.click()
    page.get_by_role("link", name=person, exact=True).click()
    expect(page.get_by_text(person, exact=True)).to_be_visible(timeout=180 * SECONDS)


def test_a_manager_signs_in_sees_the_page_and_signs_out_and_a_reviewer_is_told_what_is_missing(
    chromium: Browser, tmp_path: Path
) -> None:
    with providing(free_port(), PEOPLE) as provider, serving_with_sign_in(tmp_path, provider.issuer) as url:
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(180 * SECONDS)
        for path, content in (("", "Product title"), ("rules-models", "Promotional banner")):
            page.goto(f"{url}/{path}")
            expect(page.get_by_text("Please sign in")).to_be_visible(timeout=180 * SECONDS)
            assert page.get_by_text(content).count() == 0
        sign_in(page, "Ann")
        page.goto(f"{url}/rules-models")
        expect(page.get_by_role("heading", name="Rules and models")).to_be_visible(timeout=180 * SECONDS)
        page.get_by_role("button", name="Sign out").click()
        # By way of the provider back to the first page, whose sidebar offers the sign-in again.
        expect(page.get_by_role("button", name="Sign in with example")).to_be_visible(timeout=180 * SECONDS)
        page.goto(f"{url}/rules-models")
        expect(page.get_by_text("Please sign in")).to_be_visible(timeout=180 * SECONDS)
        sign_in(page, "Bo")
        page.goto(f"{url}/rules-models")
        expect(page.get_by_text("You do not have the role manager")).to_be_visible(timeout=180 * SECONDS)
        expect(page.get_by_text("bo@example.com")).to_be_visible(timeout=180 * SECONDS)
        page.close()

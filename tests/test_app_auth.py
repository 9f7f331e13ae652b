"""Who may do what: roles from the secrets, the gate before a page, and the control in the sidebar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agpis.errors import SettingsError
from app.auth import Role, current_user, roles_of

AUTH = {"client_id": "x", "redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "0123456789abcdef"}
ANN = {"is_logged_in": True, "name": "Ann *Lee*", "email": "Ann@Example.com"}


@pytest.mark.parametrize(
    ("email", "section", "expected"),
    [
        ("ann@example.com", {"manager": ["Ann@Example.com"]}, {Role.MANAGER}),
        ("ann@example.com", {"manager": ["ann@example.com.evil.org"], "reviewer": []}, set()),
        ("ann@example.com", {"reviewer": ["*"], "manager": ["bo@example.com"]}, {Role.REVIEWER}),
        ("", {"reviewer": ["*"], "manager": [""]}, {Role.REVIEWER}),
        ("ann@example.com", {}, set()),
    ],
)
def test_roles_come_from_the_lists_of_the_secrets(email: str, section: dict[str, Any], expected: set[Role]) -> None:
    assert roles_of(email, section) == expected


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"manager": "ann@example.com"}, "manager in .* is not a list"),
        ({"manager": [1]}, "manager in .* is not a list"),
        ({"managers": ["*"]}, "names managers; the roles are reviewer, manager"),
        (["*"], "not a section"),
    ],
)
def test_a_malformed_section_is_an_error_and_gives_no_role(section: object, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        roles_of("ann@example.com", section)


def script() -> None:
    import streamlit as st

    from app.auth import Role, account_control, require

    account_control()
    user = require(Role.MANAGER)
    st.write(f"inside as {user.name}")


def opened(secrets: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> AppTest:
    page = AppTest.from_function(script)
    if secrets is not None:
        page.secrets.update(secrets)
        page.user = user or {"is_logged_in": False}
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = ("markdown", "subheader", "error", "warning")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in page.get(kind)).replace(
        "\\", ""
    )


def test_without_a_section_auth_everybody_is_the_local_user_and_no_sign_in_is_shown() -> None:
    for page in (opened(), opened({"other": 1})):
        assert "inside as Local user" in words(page)
        assert not page.button


def test_nobody_comes_in_without_signing_in() -> None:
    page = opened({"auth": AUTH, "roles": {"manager": ["*"]}})
    assert "inside" not in words(page)
    assert "Please sign in" in words(page)
    assert [button.label for button in page.button] == ["Sign in"]
    assert not page.sidebar.button


def test_without_a_role_one_may_look_once_signed_in() -> None:
    def script() -> None:
        import streamlit as st

        from app.auth import require_sign_in

        st.write(f"seen by {require_sign_in().email}")

    page = AppTest.from_function(script)
    page.secrets.update({"auth": AUTH})
    page.user = {"is_logged_in": False}
    page.run()
    assert "Please sign in" in words(page)
    assert "seen by" not in words(page)
    page.user = ANN
    page.run()
    assert "seen by Ann@Example.com" in words(page)


def test_each_provider_has_a_button_of_its_name() -> None:
    named = {"redirect_uri": "x", "cookie_secret": "x", "google": {"client_id": "1"}, "okta": {"client_id": "2"}}
    page = opened({"auth": named})
    assert [button.label for button in page.main.button] == ["Sign in with google", "Sign in with okta"]


def test_a_manager_comes_in_and_may_sign_out() -> None:
    page = opened({"auth": AUTH, "roles": {"manager": ["ann@example.com"]}}, ANN)
    assert "inside as Ann *Lee*" in words(page)
    assert "**Ann *Lee*** · manager" in words(page)
    page.button(key="sign_out").click().run()
    assert "Please sign in" in words(page)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, {"reviewer": ["ann@example.com"]}),
        ({}, {}),
        ({"email_verified": False}, {"manager": ["ann@example.com"]}),
    ],
)
def test_who_lacks_the_role_is_told_so_and_stays_outside(claims: dict[str, Any], roles: dict[str, Any]) -> None:
    page = opened({"auth": AUTH, "roles": roles}, {**ANN, **claims})
    assert "inside" not in words(page)
    assert "You do not have the role manager" in words(page)
    assert "Ann@Example.com" in words(page)


def test_malformed_roles_let_nobody_in() -> None:
    page = opened({"auth": AUTH, "roles": {"manager": "*"}}, ANN)
    assert "inside" not in words(page)
    assert "The sign-in is not set up rightly" in words(page)


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n", encoding="utf-8")
    monkeypatch.setattr(st.secrets, "load_if_toml_exists", lambda: False)
    options = {"secrets.files": [str(tmp_path / "none.toml"), str(broken)]}
    monkeypatch.setattr(st, "get_option", options.__getitem__)
    with pytest.raises(SettingsError, match=r"secrets\.toml cannot be read as TOML"):
        current_user()

"""Who is using the app, and what they may do: optional sign-in by OpenID Connect with two roles.

Sign-in exists where `.streamlit/secrets.toml` has a section `[auth]`; docs/sign-in.md tells how to set it up. Without
that section everybody is the local user, who has both roles, and nothing of this is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAuthError

from agpis.errors import AgpisError, SettingsError
from app.components.text import plain, problem
from app.i18n import _

EVERYONE = "*"
_GUIDE = "docs/sign-in.md"


class Role(StrEnum):
    """What a person may do beyond looking: judge sequences; change thresholds, rules and models."""

    REVIEWER = "reviewer"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class User:
    """The person of this session.

    Attributes:
        name: to address them by; the e-mail address where the provider tells no name, empty when nobody signed in.
        email: empty for the local user and when nobody signed in.
        roles: what they may do.
        signed_in: whether a provider vouched for them; the local user never signs in.
    """

    name: str
    email: str
    roles: frozenset[Role]
    signed_in: bool


def role_name(role: Role) -> str:
    """The role as the interface calls it."""
    return {Role.REVIEWER: _("reviewer"), Role.MANAGER: _("manager")}[role]


def sign_in_is_configured() -> bool:
    """Whether the secrets have a section `[auth]`.

    Raises:
        SettingsError: when there is a file of secrets that cannot be read. Going on without would let everybody in.
    """
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    unread = [file for file in st.get_option("secrets.files") if Path(file).exists()]
    if unread:
        raise SettingsError(f"{unread[0]} cannot be read as TOML, so nobody can be signed in; mend it as in {_GUIDE}")
    return False


def current_user() -> User:
    """The person of this session.

    Raises:
        SettingsError: when the secrets cannot be read, or their section `[roles]` is malformed.
    """
    if not sign_in_is_configured():
        return User(_("Local user"), "", frozenset(Role), signed_in=False)
    claims = st.user.to_dict()
    if not claims.get("is_logged_in"):
        return User("", "", frozenset(), signed_in=False)
    email = str(claims.get("email") or "")
    # Some providers leave the claim out; one that says no must not be believed in the address.
    trusted = email if claims.get("email_verified", True) else ""
    return User(str(claims.get("name") or email), email, roles_of(trusted, st.secrets.get("roles", {})), signed_in=True)


def roles_of(email: str, section: object) -> frozenset[Role]:
    """The roles of a person who signed in.

    Args:
        email: their address; capitals do not matter. Without one only roles that everyone has are given.
        section: `[roles]` of the secrets: role -> list of addresses, or of "*" for everyone who signs in.

    Raises:
        SettingsError: when the section is malformed or names an unknown role.
    """
    if not isinstance(section, Mapping):
        raise SettingsError(f"[roles] of the secrets is {section!r}, not a section of lists; see {_GUIDE}")
    unknown = sorted(set(section) - set(Role))
    if unknown:
        raise SettingsError(
            f"[roles] of the secrets names {', '.join(unknown)}; the roles are {', '.join(Role)}, see {_GUIDE}"
        )
    return frozenset(role for role in Role if role in section and _listed(email, section[role], role))


def _listed(email: str, people: object, role: Role) -> bool:
    if not isinstance(people, (list, tuple)) or not all(isinstance(person, str) for person in people):
        raise SettingsError(
            f'{role} in [roles] of the secrets is not a list of e-mail addresses such as ["ann@example.com"]; '
            f"see {_GUIDE}"
        )
    return EVERYONE in people or (bool(email) and email.casefold() in {person.casefold() for person in people})


def require_sign_in() -> User:
    """Where there is sign-in, let only people who signed in see the rest; others see the way in, and the page ends.

    Returns:
        The person: signed in, or the local user of an app without sign-in.
    """
    try:
        user, needed = current_user(), sign_in_is_configured()
    except AgpisError as error:
        st.error(_("**The sign-in is not set up rightly.**") + " " + problem(error), icon=":material/error:")
        st.stop()
    if user.signed_in or not needed:
        return user
    with _gate():
        st.subheader(_(":material/lock: Please sign in"), anchor=False)
        st.markdown(_("This app is open only to people who sign in."))
        _sign_in_buttons()
    st.stop()


def require(role: Role) -> User:
    """Let only people with `role` see the rest of the page; others see how to get it, and the page ends.

    Returns:
        The person, who has the role.
    """
    user = require_sign_in()
    if role in user.roles:
        return user
    with _gate():
        _lacks_role(user, role)
    st.stop()


def _gate() -> DeltaGenerator:
    return st.container(border=True, width=560, key="sign_in_gate")


def _lacks_role(user: User, role: Role) -> None:
    st.subheader(_(":material/lock: You do not have the role {role}").format(role=role_name(role)), anchor=False)
    st.markdown(
        _(
            "You are signed in as **{name}** ({email}). Ask whoever runs this app to add that address to **{role}** "
            "in the section **roles** of its secrets, then load the page again."
        ).format(name=plain(user.name), email=plain(user.email) or _("no e-mail address"), role=role.value)
    )
    if st.button(_("Sign in as somebody else"), icon=":material/switch_account:", key="gate_sign_out"):
        st.logout()


def account_control() -> None:
    """Who is signed in, with the way out, at the head of the sidebar; nothing where there is no sign-in."""
    try:
        user = current_user()
    except AgpisError:
        return  # `require_sign_in` says what is wrong
    if not user.signed_in:
        return
    with st.sidebar:
        roles = ", ".join(role_name(role) for role in Role if role in user.roles) or _("no role")
        st.markdown(f":material/account_circle: **{plain(user.name)}** · {roles}", help=plain(user.email) or None)
        if st.button(_("Sign out"), icon=":material/logout:", key="sign_out"):
            st.logout()


def _sign_in_buttons() -> None:
    """One button for each provider of the secrets."""
    for provider in _providers():
        label = _("Sign in with {provider}").format(provider=plain(provider)) if provider else _("Sign in")
        if st.button(label, icon=":material/login:", type="primary", key=f"sign_in_{provider}"):
            try:
                st.login(provider or None)
            except StreamlitAuthError as error:
                st.error(_("The sign-in is not set up rightly: {problem}").format(problem=plain(str(error))))


def _providers() -> tuple[str, ...]:
    """Names of the providers, each a section `[auth.name]`; an empty one where `[auth]` itself describes it."""
    section = st.secrets["auth"]
    if "client_id" in section:
        return ("",)
    named = [str(name) for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return tuple(named) or ("",)

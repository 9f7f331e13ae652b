"""The languages of the interface: English sentences in the code are the keys of gettext catalogues in `locales`.

    from app.i18n import _, ngettext
    st.button(_("Run"))
    st.caption(_("{count} of {total} photos").format(count=3, total=7))

Values are put in after the translation, never before, so that one entry serves them all.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import streamlit as st
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from streamlit.runtime.scriptrunner import get_script_run_ctx

LOCALES = Path(__file__).parent / "locales"
# Code of the interface's language -> its name in that language.
LANGUAGES = {"en": "English", "zh": "简体中文"}
LANGUAGE_KEY = "lang"
ENGLISH = "en"


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations into `language`; English translates to itself, and so does what a catalogue lacks."""
    path = LOCALES / f"{language}.po"
    if not path.is_file():
        return NullTranslations()
    buffer = BytesIO()
    with path.open("rb") as file:
        write_mo(buffer, read_po(file, locale=language))
    buffer.seek(0)
    return Translations(buffer)


def language() -> str:
    """The language of this session; English where there is no session."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    chosen = st.session_state.get(LANGUAGE_KEY)
    return chosen if chosen in LANGUAGES else preferred()


def preferred() -> str:
    """The first language of the browser, where the interface knows it; else English."""
    locale = str(st.context.locale or "en")
    code = locale.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


def _(text: str) -> str:
    """`text` in the language of this session."""
    return str(catalogue(language()).gettext(text))


def translate(text: str) -> str:
    """As `_`, for a text that the code cannot spell out: a template, a title or a label from below the app."""
    return str(catalogue(language()).gettext(text))


def is_english() -> bool:
    """Whether this session speaks the language of the code, so that nothing has to be translated."""
    return language() == ENGLISH


def ngettext(one: str, many: str, count: int) -> str:
    """`one` or `many`, by `count`, in the language of this session."""
    return str(catalogue(language()).ngettext(one, many, count))

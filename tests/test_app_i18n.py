"""The languages of the interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import i18n

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Run"
msgstr "运行"

msgid "{count} photo"
msgid_plural "{count} photos"
msgstr[0] "{count} 张照片"
"""


@pytest.fixture
def _chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "zh.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    i18n.catalogue.cache_clear()
    yield
    i18n.catalogue.cache_clear()


def script() -> None:
    import streamlit as st

    from app.i18n import _, ngettext

    st.write(_("Run"))
    st.write(ngettext("{count} photo", "{count} photos", 3).format(count=3))
    st.write(_("not in the catalogue"))


def said(language: str | None) -> list[str]:
    page = AppTest.from_function(script)
    if language:
        page.session_state[i18n.LANGUAGE_KEY] = language
    return [one.value for one in page.run().markdown]


@pytest.mark.usefixtures("_chinese")
def test_each_session_speaks_its_language_and_english_where_nothing_is_translated() -> None:
    assert said("zh") == ["运行", "3 张照片", "not in the catalogue"]
    assert said("en") == ["Run", "3 photos", "not in the catalogue"]
    assert said("xx") == said(None) == said("en")


def test_without_a_session_it_is_english() -> None:
    assert i18n.language() == "en"
    assert i18n._("Run") == "Run"

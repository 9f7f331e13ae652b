"""The languages of the interface."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from interface_messages import messages, messages_from_below
from streamlit.testing.v1 import AppTest

from app import i18n
from app.i18n import LANGUAGES, LOCALES

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
    page = AppTest.from_function(script, default_timeout=120)
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
    assert i18n._("Run") == i18n.translate("Run") == "Run"
    assert i18n.is_english()


def catalogue_entries(language: str) -> dict[tuple[str, ...], list[str]]:
    with (LOCALES / f"{language}.po").open("rb") as file:
        entries = [entry for entry in read_po(file, locale=language) if entry.id]
    return {key(entry.id): list(key(entry.string or "")) for entry in entries}


def key(identity: str | Sequence[str]) -> tuple[str, ...]:
    return (identity,) if isinstance(identity, str) else tuple(identity)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{[^{}]*\}", text))


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_is_translated_and_no_translation_is_left_over(language: str) -> None:
    said, known = messages(LOCALES.parent) | messages_from_below(), catalogue_entries(language)
    assert {sentence: place for sentence, place in said.items() if sentence not in known} == {}
    assert known.keys() - said.keys() == set()


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_translations_keep_what_is_put_in(language: str) -> None:
    for sentence, translations in catalogue_entries(language).items():
        for translation in translations:
            assert translation.strip(), sentence
            assert placeholders(translation) == placeholders(sentence[-1]), sentence
            assert translation.count("**") == sentence[-1].count("**"), sentence
            assert re.findall(r":material/\w+:", translation) == re.findall(r":material/\w+:", sentence[-1]), sentence


def test_messages_are_found_inside_f_strings_and_must_be_literal(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    page = tmp_path / "app" / "page.py"
    page.write_text('st.write(f"**{_("a")}**")\nngettext("b", "bs", 2)\nother(_)\n'.replace('_("a")', "_('a')"))
    assert set(messages(tmp_path / "app")) == {("a",), ("b", "bs")}
    page.write_text("_(name)\n")
    with pytest.raises(ValueError, match=r"page\.py:1 translates something that is no literal"):
        messages(tmp_path / "app")

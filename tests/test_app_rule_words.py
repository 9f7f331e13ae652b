"""Rules in the language of the session."""

from __future__ import annotations

import pytest

from agpis.rules import RuleTaxonomy, load_taxonomy
from app import i18n
from app.components.rule_words import rule_text, shown_rules


@pytest.fixture
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")


def with_own_title(taxonomy: RuleTaxonomy) -> RuleTaxonomy:
    first = taxonomy.rules[0].model_copy(update={"title": "No stickers"})
    return taxonomy.model_copy(update={"classes": (taxonomy.qualified, first, *taxonomy.classes[2:])})


@pytest.mark.usefixtures("_chinese")
def test_bundled_rules_are_translated_and_own_ones_stay_as_written() -> None:
    assert rule_text("Watermark") == "水印"
    assert rule_text("No stickers") == "No stickers"


@pytest.mark.usefixtures("_chinese")
def test_shown_rules_differ_in_words_alone() -> None:
    taxonomy = with_own_title(load_taxonomy())
    shown = shown_rules(taxonomy)
    assert shown.ids == taxonomy.ids
    assert [rule.category for rule in shown.classes] == [rule.category for rule in taxonomy.classes]
    assert shown["S01"].title == "No stickers"
    assert shown["S02"].title == "叠加标志"
    assert taxonomy["S02"].title == "Overlaid logo"


def test_in_english_nothing_changes() -> None:
    assert shown_rules(load_taxonomy()) == load_taxonomy()

"""Composed titles say what their facts say."""

from __future__ import annotations

import re

import numpy as np
import pytest

from agpis.simulation.facts import TitleFacts
from agpis.simulation.render.materials import MATERIALS, MATERIALS_OF
from agpis.simulation.titles import MATERIALS_ZH, compose_title, pattern_word, with_brand, with_quantity, with_variant


@pytest.mark.parametrize("seed", range(40))
def test_an_english_title_holds_exactly_the_facts_it_claims(seed: int) -> None:
    title = compose_title("mug", "blue", np.random.default_rng(seed), brand="Vupo", pattern="stripes")
    assert title.category == "mug"
    assert "mug" in title.text.lower()
    assert ("blue" in title.text.lower()) is (title.colour == "blue")
    assert title.text[0].isupper()


def test_titles_vary_but_not_for_one_seed() -> None:
    texts = {compose_title("mug", "blue", np.random.default_rng(seed), brand="Vupo").text for seed in range(40)}
    assert len(texts) > 8
    again = [compose_title("mug", "blue", np.random.default_rng(7)) for _ in range(2)]
    assert again[0] == again[1]


def test_some_titles_leave_the_colour_out() -> None:
    named = [compose_title("mug", "blue", np.random.default_rng(seed)).colour for seed in range(60)]
    assert {"", "blue"} == set(named)


def test_a_chinese_title_is_chinese_and_names_the_colour() -> None:
    titles = [compose_title("mug", "blue", np.random.default_rng(seed), "zh") for seed in range(20)]
    assert all("马克杯" in title.text for title in titles)
    assert all(("蓝色" in title.text) is (title.colour == "blue") for title in titles)


def test_a_category_without_chinese_word_gets_an_english_title() -> None:
    title = compose_title("robot vacuum", "grey", np.random.default_rng(1), "zh")
    assert re.search("robot vacuum", title.text, re.IGNORECASE)


def test_unknown_colour_and_unknown_language() -> None:
    assert compose_title("hat", "", np.random.default_rng(0)).colour == ""
    with pytest.raises(ValueError, match="language must be one of en, zh, got 'fr'"):
        compose_title("hat", "", np.random.default_rng(0), "fr")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_brand_pattern_and_quantity_are_facts_when_they_are_named(language: str) -> None:
    titles = [
        compose_title("mug", "blue", np.random.default_rng(seed), language, brand="Vupo", pattern="stripes")
        for seed in range(60)
    ]
    word = {"en": "striped", "zh": "条纹"}[language]
    assert all(("Vupo" in title.text) is (title.brand == "Vupo") for title in titles)
    assert all((word in title.text.lower()) is (title.pattern == "striped") for title in titles)
    assert {title.brand for title in titles} == {"", "Vupo"}
    assert {title.quantity for title in titles} == {0, 1}


@pytest.mark.parametrize("seed", range(10))
def test_a_set_always_names_its_units(seed: int) -> None:
    for language in ("en", "zh"):
        title = compose_title("mug", "blue", np.random.default_rng(seed), language, quantity=3)
        assert title.quantity == 3
        assert "3" in title.text


@pytest.mark.parametrize(
    ("text", "quantity", "start"),
    [
        ("Blue mug, set of 3", 3, "Blue mug, "),
        ("Blue mug, Pack Of 3", 3, "Blue mug, "),
        ("Blue mug", 0, "Blue mug, "),
        ("蓝色马克杯 3件套", 3, "蓝色马克杯 "),
        ("蓝色马克杯", 0, "蓝色马克杯 "),
        ("Blue mug, single", 1, "Blue mug, "),
    ],
)
def test_with_quantity_replaces_the_number_that_is_named(text: str, quantity: int, start: str) -> None:
    for seed in range(5):
        title = with_quantity(TitleFacts(text, quantity=quantity), 4, np.random.default_rng(seed))
        assert title.quantity == 4
        assert title.text.startswith(start)
        assert "4" in title.text.removeprefix(start)
        assert "3" not in title.text


def test_with_brand_replaces_the_brand_or_puts_it_first() -> None:
    assert with_brand(TitleFacts("Vupo mug", brand="Vupo"), "Trelm") == TitleFacts("Trelm mug", brand="Trelm")
    assert with_brand(TitleFacts("Mug"), "Trelm") == TitleFacts("Trelm Mug", brand="Trelm")


def test_a_quantity_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="quantity must be at least 1, got 0"):
        compose_title("mug", "blue", np.random.default_rng(0), quantity=0)


def test_every_material_has_a_chinese_word_of_its_own() -> None:
    assert set(MATERIALS_ZH) == set(MATERIALS) == {word for words in MATERIALS_OF.values() for word in words}
    assert len(set(MATERIALS_ZH.values())) == len(MATERIALS_ZH)


@pytest.mark.parametrize(("language", "word"), [("en", "leather jacket"), ("zh", "皮革夹克")])
def test_titles_name_the_material_now_and_then(language: str, word: str) -> None:
    titles = [
        compose_title("jacket", "brown", np.random.default_rng(seed), language, material="leather")
        for seed in range(60)
    ]
    assert all((word in title.text.lower()) is (title.material == "leather") for title in titles)
    assert {title.material for title in titles} == {"", "leather"}
    assert 10 <= sum(bool(title.material) for title in titles) <= 32


def test_plain_is_a_fact_that_no_title_names() -> None:
    titles = [compose_title("mug", "blue", np.random.default_rng(seed), pattern="plain") for seed in range(20)]
    assert {title.pattern for title in titles} == {""}
    assert not [title for title in titles if "plain" in title.text.lower()]
    assert [pattern_word(word) for word in ("plain", "dots", "")] == ["plain", "dotted", ""]


@pytest.mark.parametrize(
    ("text", "fact", "old", "new", "wanted"),
    [
        ("Blue Mug, large", "colour", "blue", "red", "Red Mug, large"),
        ("Mug in blue", "colour", "blue", "red", "Mug in red"),
        ("Mug - blue", "colour", "blue", "black", "Mug - black"),
        ("新款蓝色马克杯", "colour", "blue", "red", "新款红色马克杯"),
        ("Blueberry mug", "colour", "blue", "red", "Blueberry mug"),
        ("Mug", "colour", "", "red", "Red Mug"),
        ("Ceramic mug", "material", "ceramic", "steel", "Steel mug"),
        ("陶瓷马克杯", "material", "ceramic", "steel", "不锈钢马克杯"),
        ("新款马克杯 2件套", "material", "", "wood", "新款木质马克杯 2件套"),
        ("Striped mug", "pattern", "striped", "dotted", "Dotted mug"),
        ("Blue mug, gift idea", "pattern", "", "striped", "Blue striped mug, gift idea"),
        ("Smuggler", "pattern", "", "striped", "Smuggler"),
    ],
)
def test_with_variant(text: str, fact: str, old: str, new: str, wanted: str) -> None:
    title = with_variant(TitleFacts(text, "mug", **{fact: old}), fact, new)  # type: ignore[arg-type]
    assert title.text == wanted
    assert getattr(title, fact) == (new if wanted != text else old)

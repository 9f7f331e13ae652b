"""Composed titles say what their facts say."""

from __future__ import annotations

import re

import numpy as np
import pytest

from agpis.simulation.titles import compose_title


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

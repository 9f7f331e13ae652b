"""User text inside Markdown, and words for every value of the result enums."""

from __future__ import annotations

import pytest

from agpis.errors import ModelError
from agpis.types import ImageStatus, Outcome, PairRelation
from app.components.text import (
    name_of,
    outcome_words,
    plain,
    problem,
    relation_words,
    sentence,
    shorten,
    status_words,
)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("shoe.jpg", r"shoe\.jpg"),
        ("**bold** _it_", r"\*\*bold\*\* \_it\_"),
        ("[link](http://x)", r"\[link\]\(http\:\/\/x\)".replace(r"\/", "/")),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("$5 & $6", r"\$5 \& \$6"),
        ("# one\n\n# two", r"\# one \# two"),
        (":red[x]", r"\:red\[x\]"),
        ("鞋 👟", "鞋 👟"),
    ],
)
def test_plain_escapes_markdown(text: str, escaped: str) -> None:
    assert plain(text) == escaped


def test_plain_breaks_short_codes_which_no_backslash_stops() -> None:
    assert ":smile:" not in plain("a :smile: b").replace("\\", "")
    assert ":material/home:" not in plain(":material/home:").replace("\\", "")


def test_sentence_sets_notions_as_formulas_and_escapes_the_rest() -> None:
    assert sentence("p^t 0.62 reaches th^t *") == r"$p^{\mathsf{t}}$ 0\.62 reaches $th^{\mathsf{t}}$ \*"
    assert sentence("p^primary 1, stop^t") == r"$p^{\mathsf{primary}}$ 1, stop\^t"


def test_problem_is_a_sentence() -> None:
    assert problem(ModelError("the *file* is missing")) == r"The \*file\* is missing\."


def test_shorten_keeps_both_ends_and_the_limit() -> None:
    assert shorten("short.jpg", 20) == "short.jpg"
    cut = shorten("a" * 50 + ".jpeg", 20)
    assert len(cut) == 20
    assert cut.startswith("aaa")
    assert cut.endswith("a.jpeg")


def test_name_of_drops_folders() -> None:
    assert name_of("images/a b.jpg") == "a b.jpg"


def test_every_value_has_words() -> None:
    assert all(status_words(status).label for status in ImageStatus)
    assert len({relation_words(relation) for relation in PairRelation}) == len(PairRelation)
    for outcome in Outcome:
        scored = outcome in (Outcome.SUBMIT, Outcome.BELOW_THRESHOLD)
        words = outcome_words(outcome)
        assert words.sentence
        assert bool(words.remedy) != scored, f"{outcome} says what to do exactly when there is no sequence"

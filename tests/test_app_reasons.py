"""The library's sentences in the language of the session: each template is found again, with the values in it."""

from __future__ import annotations

from datetime import date
from string import Formatter
from typing import Any

import pytest

from agpis.errors import NotAnImageError
from agpis.reasons import CLAUSE, Reason
from analysis.errors import PredictionsError
from analysis.online.advice import advise
from analysis.online.rate_change import compare_rates
from analysis.rates import wilson_rate
from analysis.rule_errors.slices import Contrast
from app import i18n
from app.components import reasons
from app.components.reasons import recognise, said
from app.components.text import problem, sentence

NUMBERS: dict[str, object] = {"d": 12, ".2f": 0.87, ".0%": 0.07, ".1%": 0.123, "g": 2.5}
# Fields that hold no text of a person's.
WORDS = {
    "value": "0.51",
    "limit": "0.50",
    "split": "val",
    "alpha": "10%",
    "confidence": "95%",
    "precision": "80%",
    "model": "MUIsC (2) v0.3",
}
NAMES = (
    "shoe.jpg",
    "IMG 0.51, 2 of 3 (2).final.jpg",
    "[a] {b} of 3 images; (score 0.90)",
    "红色 运动鞋，第1张（新）。jpg",
    "a.b;c:d.jpg",
    "50%_*x*$y$.png",
)


@pytest.fixture
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")


def values_for(reason: Reason, text: str) -> dict[str, Any]:
    """A value for each field; distinct texts where there are several."""
    given = {**WORDS, CLAUSE: str(Reason.DARK)}
    fields = [(name, spec) for _, name, spec, _ in Formatter().parse(reason) if name]
    return {
        name: NUMBERS[spec] if spec else given.get(name, f"{text}{place * 'x'}")
        for place, (name, spec) in enumerate(fields)
    }


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.name)
def test_every_template_is_told_from_the_others_and_gives_its_values_back(reason: Reason, text: str) -> None:
    values = values_for(reason, text)
    known = recognise(reason.format(**values))
    assert known is not None
    assert known[0] is reason
    assert known[1] == pytest.approx(values)


def test_no_two_templates_are_the_same() -> None:
    assert len(Reason.__members__) == len(list(Reason))


def test_fields_of_a_template_never_touch() -> None:
    for reason in Reason:
        parts = list(Formatter().parse(reason))
        assert all(before for before, name, _, _ in parts[1:] if name), reason


def test_a_field_of_a_new_kind_would_need_a_value_here() -> None:
    assert {spec for reason in Reason for _, name, spec, _ in Formatter().parse(reason) if name and spec} == set(
        NUMBERS
    )


def test_clauses_are_found_inside_clauses() -> None:
    first = Reason.COMES_FIRST.format(file="a, b.jpg", p_primary=0.9)
    stands_in = Reason.STANDS_IN.format(clause=first, replaced="c; d.jpg")
    whole = Reason.SEQUENCE.format(clause=stands_in, count=2, total=4)
    assert recognise(whole) == (Reason.SEQUENCE, {"clause": stands_in, "count": 2, "total": 4})
    assert recognise(stands_in) == (Reason.STANDS_IN, {"clause": first, "replaced": "c; d.jpg"})


@pytest.mark.parametrize(
    "text",
    ["", "Somebody wrote this.", "Something unheard of (score 0.90, limit 0.50).", "a.jpg: who knows", "{clause}."],
)
@pytest.mark.usefixtures("_chinese")
def test_what_no_template_wrote_stays_as_it_is(text: str) -> None:
    assert recognise(text) is None
    assert said(text) == text


def test_english_is_never_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "recognise", lambda text: pytest.fail(f"{text} was looked up"))
    assert said("The photo is too dark.") == "The photo is too dark."


@pytest.mark.usefixtures("_chinese")
def test_sentences_are_said_with_their_values() -> None:
    dark = Reason.FLAWED.format(clause=Reason.DARK, value="0.91", limit="0.50")
    assert said(dark) == "照片过暗（得分 0.91，上限 0.50）。"
    assert said(Reason.PUT_BACK.format(file="a b.jpg", clause=dark)).endswith(f"a b.jpg，移除原因：{said(dark)}")
    assert said("A watermark was laid over the photo: “© 50% 店铺”.") == "照片上叠加了水印：“© 50% 店铺”。"
    chosen = Reason.CHOSEN_ON.format(clause=Reason.BY_HAND, n=40, split="val", date=date(2026, 3, 1))
    assert said(chosen) == "人工设定；基于 40 个序列选定，val 数据集，2026-03-01"


@pytest.mark.usefixtures("_chinese")
def test_what_the_analysis_finds_is_said_too() -> None:
    change = compare_rates(wilson_rate(2, 40), wilson_rate(12, 40))
    advice = advise(None, change, date(2026, 1, 1), date(2026, 3, 3))
    assert [said(sign.text) for sign in advice.reasons] == [
        "比率上升。之前 5.0%（n=40），之后 30.0%（n=40）：+25.0 个百分点，95% 区间 +8.4 至 +40.8，p=0.0033；"
        "偶然因素很少造成这种结果。",
        "训练窗口已结束 61 天；满 92 天即应重新训练。",
        "未测量漂移。",
    ]
    unknown = compare_rates(wilson_rate(0, 0, reason=Reason.NONE_REVIEWED), wilson_rate(1, 2))
    assert said(unknown.verdict) == "未知：第一个比率无定义：没有已审核的序列。"
    aside = Contrast(wilson_rate(0, 0), wilson_rate(0, 0, reason=Reason.NO_SEQUENCE), None)
    assert said(aside.reason) == "切片内：没有可统计的内容；切片外：没有序列"
    assert said("there is no sequence; something else") == "there is no sequence; something else"


@pytest.mark.usefixtures("_chinese")
def test_a_wrong_table_is_told_row_and_column() -> None:
    cell = Reason.CELL_CHOICE.format(column="split", value="'dev'", choices="train, val, test")
    error = PredictionsError(f"t.csv: {Reason.TABLE_ROW.format(row=3, clause=cell, wrong=1, total=4)}")
    told = problem(error).replace("\\", "")
    assert told.startswith(
        "T.csv: 第 3 行：列 split 的值为 'dev'，不是 train, val, test 之一（4 行中有 1 行有误）；请修正"
    )


@pytest.mark.usefixtures("_chinese")
def test_pages_say_reasons_and_errors_with_formulas_and_escaped() -> None:
    assert sentence("p^nc 0.71 is above the limit 0.50.") == r"$p^{\mathsf{nc}}$ 为 0\.71，超过上限 0\.50。"
    assert problem(NotAnImageError("x.jpg", Reason.FILE_EMPTY.format())) == r"X\.jpg\: 文件为空。"


@pytest.mark.parametrize(
    "text",
    [
        Reason.NO_PRIMARY.format(value="0.41", file="x, is not above the limit 0.2.jpg", limit="0.50"),
        Reason.OF_FILE.format(file="a: b.jpg", clause=Reason.FILE_EMPTY),
    ],
)
def test_a_name_that_holds_the_words_of_a_template_is_put_back_whole(text: str) -> None:
    known = recognise(text)
    assert known is not None
    assert known[0].format(**known[1]) == text


def test_a_name_full_of_the_marks_of_templates_is_given_up_soon() -> None:
    assert recognise("a: " * 80 + "." * 80) is None
    deep = Reason.FILE_EMPTY.format()
    for _ in range(7):
        deep = Reason.OF_FILE.format(file="a", clause=deep)
    assert recognise(deep) is None

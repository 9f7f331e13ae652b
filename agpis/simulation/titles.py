"""Titles of simulated products, composed from what is known to be true of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from agpis.simulation.facts import TitleFacts

_CATEGORIES_ZH: Mapping[str, str] = {
    "mug": "马克杯",
    "bottle": "水瓶",
    "vase": "花瓶",
    "bowl": "碗",
    "teapot": "茶壶",
    "candle": "香薰蜡烛",
    "lamp": "台灯",
    "chair": "椅子",
    "table": "桌子",
    "sofa": "沙发",
    "cushion": "抱枕",
    "clock": "挂钟",
    "book": "精装书",
    "speaker": "音箱",
    "watch": "手表",
    "dumbbell": "哑铃",
    "kettlebell": "壶铃",
    "backpack": "双肩背包",
    "tote bag": "手提袋",
    "suitcase": "行李箱",
    "carton": "盒装饮料",
    "cereal box": "盒装麦片",
    "tub": "杯装酸奶",
    "can": "罐头",
    "jar": "瓶装果酱",
    "dress": "连衣裙",
    "longsleeve": "长袖上衣",
    "outwear": "外套",
    "pants": "长裤",
    "shirt": "衬衫",
    "shoes": "鞋",
    "shorts": "短裤",
    "t-shirt": "T恤",
    "tank top": "背心",
    "hoodie": "连帽衫",
    "jacket": "夹克",
    "leggings": "打底裤",
    "hat": "帽子",
    "skirt": "半身裙",
}
COLOURS_ZH: Mapping[str, str] = {
    "black": "黑色",
    "white": "白色",
    "grey": "灰色",
    "red": "红色",
    "orange": "橙色",
    "yellow": "黄色",
    "green": "绿色",
    "teal": "青色",
    "blue": "蓝色",
    "purple": "紫色",
    "pink": "粉色",
    "brown": "棕色",
    "beige": "米色",
}
PATTERNS_ZH: Mapping[str, str] = {"striped": "条纹", "dotted": "波点", "checked": "格子"}
MATERIALS_ZH: Mapping[str, str] = {
    "ceramic": "陶瓷",
    "steel": "不锈钢",
    "iron": "铸铁",
    "plastic": "塑料",
    "rubber": "橡胶",
    "wood": "木质",
    "concrete": "水泥",
    "rattan": "藤编",
    "paper": "纸质",
    "leather": "皮革",
    "canvas": "帆布",
    "linen": "亚麻",
    "velvet": "天鹅绒",
    "nylon": "尼龙",
    "cotton": "纯棉",
    "denim": "牛仔布",
    "knit": "针织",
    "corduroy": "灯芯绒",
    "fleece": "抓绒",
    "glass": "玻璃",
}
_PATTERN_WORDS: Mapping[str, str] = {"stripes": "striped", "dots": "dotted", "checks": "checked", "plain": "plain"}

# The facts of which a product may come in several variants, and their words in English and Chinese.
VARIANT_WORDS: Mapping[str, Mapping[str, str]] = {
    "colour": COLOURS_ZH,
    "pattern": PATTERNS_ZH,
    "material": MATERIALS_ZH,
}

# How titles promise a number of units.
_ONE_EN, _ONE_ZH = ("1 piece", "1 pc", "single"), ("单件", "1件装")
_SETS_EN = ("set of {}", "pack of {}", "{}-pack", "{} pcs", "{} pieces")
_SETS_ZH = ("{}件套", "{}件装", "{}只装")
_ONE_NAMED = 0.06
_MATERIAL_NAMED = 0.35

# Words that say nothing the pictures could contradict.
_EXTRAS_EN = ("for everyday use", "new arrival", "gift idea", "classic design", "for home and office", "modern style")
_EXTRAS_ZH = ("简约", "新款", "日常", "经典款", "送礼")
_LANGUAGES = ("en", "zh")


def compose_title(
    category: str,
    colour: str,
    rng: np.random.Generator,
    language: str = "en",
    *,
    brand: str = "",
    pattern: str = "",
    material: str = "",
    quantity: int = 1,
) -> TitleFacts:
    """Compose a title that names the category and, mostly, the colour; brand, pattern and material now and then.

    A set always has its number of units named, a single unit seldom.

    Args:
        category: item type in English, e.g. "mug".
        colour: colour word in English; empty when it is not known.
        rng: draws the wording.
        language: "en" or "zh"; a category without a Chinese word gets an English title.
        brand: invented brand, or empty.
        pattern: "plain", which no title names, "stripes", "dots" or "checks", or empty.
        material: one of MATERIALS_ZH, or empty.
        quantity: units sold together, at least 1.

    Raises:
        ValueError: for another language or quantity.
    """
    if quantity < 1:
        raise ValueError(f"quantity must be at least 1, got {quantity}")
    if language not in _LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(_LANGUAGES)}, got {language!r}")
    named = colour if rng.random() < 0.85 else ""
    shown_brand = brand if rng.random() < 0.5 else ""
    word = pattern_word(pattern)
    shown_pattern = word if word in PATTERNS_ZH and rng.random() < 0.6 else ""
    shown_material = material if material and rng.random() < _MATERIAL_NAMED else ""
    title = TitleFacts("", category, named, shown_brand, shown_pattern, shown_material)
    chinese = language == "zh" and category in _CATEGORIES_ZH and colour in {"", *COLOURS_ZH}
    title = replace(title, text=_chinese(title, rng) if chinese else _english(title, rng))
    return with_quantity(title, quantity, rng) if quantity > 1 or rng.random() < _ONE_NAMED else title


def pattern_word(pattern: str) -> str:
    """A pattern as facts name it: "striped" for "stripes"; empty for an unknown one."""
    return _PATTERN_WORDS.get(pattern, "")


def with_quantity(title: TitleFacts, quantity: int, rng: np.random.Generator) -> TitleFacts:
    """The title with another number of units: in place of the one it names, otherwise at its end.

    Args:
        title: what to change; English unless it has Chinese signs.
        quantity: at least 1.
        rng: draws the words.
    """
    chinese = re.search(r"[\u4e00-\u9fff]", title.text) is not None
    for words in _quantity_words(title.quantity, chinese=chinese):
        text, count = re.subn(rf"(?:, | )?(?<!\w){re.escape(words)}(?!\w)", "", title.text, flags=re.IGNORECASE)
        if count:
            title = replace(title, text=text)
            break
    choices = _quantity_words(quantity, chinese=chinese)
    words = choices[int(rng.integers(len(choices)))]
    joint = " " if chinese else ", "
    return replace(title, text=f"{title.text}{joint}{words}", quantity=quantity)


def with_variant(title: TitleFacts, fact: str, word: str) -> TitleFacts:
    """The title with another colour, pattern or material.

    The word takes the place of the one that is named, or stands before the kind of item where none is.

    Args:
        title: what to change; English unless it has Chinese signs.
        fact: one of VARIANT_WORDS.
        word: one of VARIANT_WORDS[fact].

    Returns:
        The title as it is when its text holds neither.
    """
    old = getattr(title, fact)
    chinese = VARIANT_WORDS[fact].get(old, "") if old else _CATEGORIES_ZH.get(title.category, "")
    place = title.text.find(chinese) if chinese else -1
    if place >= 0:
        new, end = VARIANT_WORDS[fact][word], place + len(chinese) * bool(old)
    else:
        sought = re.escape(old or title.category)
        match = re.search(rf"(?<!\w){sought}(?!\w)", title.text, re.IGNORECASE) if sought else None
        if match is None:
            return title
        place, end = match.start(), match.end() if old else match.start()
        new = (word.capitalize() if match.group()[0].isupper() else word) + ("" if old else " ")
    said: dict[str, Any] = {fact: word}
    return replace(title, text=title.text[:place] + new + title.text[end:], **said)


def with_brand(title: TitleFacts, brand: str) -> TitleFacts:
    """The title with another brand: in place of the one it names, otherwise at its beginning."""
    text = title.text.replace(title.brand, brand, 1) if title.brand else f"{brand} {title.text}"
    return replace(title, text=text, brand=brand)


def _quantity_words(quantity: int, *, chinese: bool) -> tuple[str, ...]:
    if quantity == 0:
        return ()
    if quantity == 1:
        return _ONE_ZH if chinese else _ONE_EN
    return tuple(words.format(quantity) for words in (_SETS_ZH if chinese else _SETS_EN))


def _english(title: TitleFacts, rng: np.random.Generator) -> str:
    words: list[str]
    if title.colour and rng.random() < 0.3:
        words = [title.brand, title.pattern, title.material, title.category]
        ending = str(rng.choice((", {}", " in {}", " - {}"))).format(title.colour)
    else:
        words, ending = [title.brand, title.colour, title.pattern, title.material, title.category], ""
    text = " ".join(word for word in words if word) + ending
    if rng.random() < 0.25:
        text += f", {rng.choice(_EXTRAS_EN)}"
    style = rng.random()
    if style < 0.3:
        return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))
    return text[:1].upper() + text[1:]


def _chinese(title: TitleFacts, rng: np.random.Generator) -> str:
    words = (
        str(rng.choice(_EXTRAS_ZH)) if rng.random() < 0.4 else "",
        COLOURS_ZH.get(title.colour, ""),
        PATTERNS_ZH.get(title.pattern, ""),
        MATERIALS_ZH.get(title.material, ""),
        _CATEGORIES_ZH[title.category],
    )
    return (f"{title.brand} " if title.brand else "") + "".join(words)

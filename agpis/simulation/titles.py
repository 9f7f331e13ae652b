"""Titles of simulated products, composed from what is known to be true of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

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
_PATTERNS_ZH: Mapping[str, str] = {"stripes": "条纹", "dots": "波点", "checks": "格子"}
_PATTERNS_EN: Mapping[str, str] = {"stripes": "striped", "dots": "dotted", "checks": "checked"}

# How titles promise a number of units.
_ONE_EN, _ONE_ZH = ("1 piece", "1 pc", "single"), ("单件", "1件装")
_SETS_EN = ("set of {}", "pack of {}", "{}-pack", "{} pcs", "{} pieces")
_SETS_ZH = ("{}件套", "{}件装", "{}只装")
_ONE_NAMED = 0.06

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
    quantity: int = 1,
) -> TitleFacts:
    """Compose a title that names the category and, mostly, the colour; brand and pattern now and then.

    A set always has its number of units named, a single unit seldom.

    Args:
        category: item type in English, e.g. "mug".
        colour: colour word in English; empty when it is not known.
        rng: draws the wording.
        language: "en" or "zh"; a category without a Chinese word gets an English title.
        brand: invented brand, or empty.
        pattern: "plain", "stripes", "dots" or "checks", or empty.
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
    shown_pattern = pattern if pattern in _PATTERNS_EN and rng.random() < 0.6 else ""
    if language == "zh" and category in _CATEGORIES_ZH and colour in {"", *COLOURS_ZH}:
        text = _chinese(category, named, rng, shown_brand, shown_pattern)
    else:
        text = _english(category, named, rng, shown_brand, shown_pattern)
    title = TitleFacts(text, category, named, shown_brand, pattern_word(shown_pattern))
    return with_quantity(title, quantity, rng) if quantity > 1 or rng.random() < _ONE_NAMED else title


def pattern_word(pattern: str) -> str:
    """A pattern as titles and facts name it: "striped" for "stripes"; empty for a plain or unknown one."""
    return _PATTERNS_EN.get(pattern, "")


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


def _english(category: str, colour: str, rng: np.random.Generator, brand: str, pattern: str) -> str:
    shown_pattern = pattern_word(pattern)
    words: list[str]
    if colour and rng.random() < 0.3:
        words = [brand, shown_pattern, category]
        ending = str(rng.choice((", {}", " in {}", " - {}"))).format(colour)
    else:
        words, ending = [brand, colour, shown_pattern, category], ""
    text = " ".join(word for word in words if word) + ending
    if rng.random() < 0.25:
        text += f", {rng.choice(_EXTRAS_EN)}"
    style = rng.random()
    if style < 0.3:
        return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))
    return text[:1].upper() + text[1:]


def _chinese(category: str, colour: str, rng: np.random.Generator, brand: str, pattern: str) -> str:
    words = (
        str(rng.choice(_EXTRAS_ZH)) if rng.random() < 0.4 else "",
        COLOURS_ZH[colour] if colour else "",
        _PATTERNS_ZH.get(pattern, ""),
        _CATEGORIES_ZH[category],
    )
    return (f"{brand} " if brand else "") + "".join(words)

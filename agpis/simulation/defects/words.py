"""What is written on flawed images: phrases in several languages, invented brands, numbers; train and test disjoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agpis.simulation.defects.lettering import available_scripts

# script -> phrases. `{n}` is a percentage, `{p}` a price, `{b}` a brand, `{y}` a year.
_Phrases = Mapping[str, tuple[str, ...]]

_PROMO: dict[str, _Phrases] = {
    "train": {
        "latin": (
            "SALE -{n}%", "SALE", "-{n}%", "{n}% OFF", "UP TO {n}% OFF", "NEW", "NEW IN", "HOT DEAL", "BEST PRICE",
            "FREE SHIPPING", "LIMITED OFFER", "BUY NOW", "ONLY ${p}", "BUY 1 GET 1", "Sale ends today", "Top deal",
            "Just {p} EUR", "Super price", "NEU", "Rabatt {n}%", "SOLDES -{n}%", "Livraison gratuite", "OFERTA",
            "Envio gratis", "SALDI {n}%", "Promocja", "REA {n}%",
        ),
        "cyrillic": ("СКИДКА {n}%", "Новинка", "АКЦИЯ"),
        "greek": ("ΠΡΟΣΦΟΡΑ", "Έκπτωση {n}%"),
        "han": ("限时特惠", "新品上市", "包邮", "满减{n}元"),
        "kana": ("セール {n}%", "送料無料"),
        "hangul": ("특가 {n}%", "무료배송"),
    },
    "test": {
        "latin": (
            "{n}% DISCOUNT", "SAVE {n}%", "CLEARANCE", "FLASH DEAL", "BLACK FRIDAY", "Now ${p}", "2 FOR 1",
            "Free delivery", "JUST ARRIVED", "Price drop", "Weekend special", "NUR {p} EUR", "Aktion", "Nouveau",
            "REBAJAS", "NOVO", "Offerta {n}%", "WYPRZEDAZ",
        ),
        "cyrillic": ("РАСПРОДАЖА", "Хит продаж"),
        "greek": ("ΝΕΟ",),
        "han": ("秒杀价", "全场{n}折"),
        "kana": ("特価 {p}円", "ポイント{n}倍"),
        "hangul": ("할인 {n}%", "신상품"),
    },
}  # fmt: skip

_CAPTIONS: dict[str, _Phrases] = {
    "train": {
        "latin": (
            "100% cotton", "Easy to clean", "Soft and light", "Water resistant", "Height 32 cm", "18 x 24 cm",
            "Size M", "Made to last", "Real leather", "Double layer", "Fits all sizes", "Front pocket", "Anti-slip",
            "Dishwasher safe", "Extra thick", "Weight 350 g", "Premium quality", "Reine Baumwolle", "Doux et chaud",
            "Material suave", "Comfort fit", "See here", "Strong handle",
        ),
        "cyrillic": ("Хлопок 100%", "Высота 32 см"),
        "greek": ("Ανθεκτικό",),
        "han": ("纯棉面料", "加厚设计", "高32厘米"),
        "kana": ("やわらかい", "サイズ M"),
        "hangul": ("부드러운 소재",),
    },
    "test": {
        "latin": (
            "Pure wool", "Wipe clean", "Breathable", "Width 45 cm", "27 x 40 cm", "Size L", "Stainless steel",
            "Reinforced seam", "Microwave safe", "Side zip", "Volume 500 ml", "Hand made", "Look inside",
            "Stoff aus Leinen", "Facile a laver", "Cierre lateral",
        ),
        "cyrillic": ("Натуральная кожа",),
        "greek": ("Μαλακό",),
        "han": ("防滑底", "宽45厘米"),
        "kana": ("防水加工",),
        "hangul": ("방수 기능",),
    },
}  # fmt: skip

_MARKS: dict[str, _Phrases] = {
    "train": {
        "latin": ("© {b}", "{b}", "{b} photo", "SAMPLE", "PREVIEW", "© {y} {b}", "{b} studio", "Do not copy"),
        "cyrillic": ("ОБРАЗЕЦ",),
        "han": ("样图勿用",),
    },
    "test": {
        "latin": ("(c) {b} {y}", "{b} images", "PROOF", "DRAFT", "by {b}", "All rights reserved"),
        "cyrillic": ("ЧЕРНОВИК",),
        "han": ("版权所有",),
    },
}

_CLAIMS: dict[str, _Phrases] = {
    "train": {
        "latin": (
            "BEST SELLER", "#1 Best Seller", "TOP RATED", "Editor's pick", "5 star rated", "AWARD WINNER",
            "Trusted by {n}000 customers", "No. 1 choice", "Money back guarantee", "Bestseller Nr. 1",
            "Meilleure vente", "Mas vendido", "APPROVED", "Premium seller",
        ),
        "cyrillic": ("Выбор года",),
        "han": ("销量第一", "热销爆款"),
        "kana": ("人気No.1",),
        "hangul": ("베스트셀러",),
    },
    "test": {
        "latin": (
            "BESTSELLER {y}", "#1 in its class", "Customer favourite", "TOP PICK", "Shop's choice",
            "Certified quality", "100% satisfaction", "RATED A+", "Winner {y}", "Testsieger", "Le plus vendu",
            "Premio {y}", "VERIFIED",
        ),
        "cyrillic": ("Лучший товар",),
        "han": ("口碑之选",),
        "kana": ("売れ筋",),
        "hangul": ("추천 상품",),
    },
}  # fmt: skip

_QUOTES: dict[str, _Phrases] = {
    "train": {
        "latin": (
            "Love it!", "Great quality", "Exactly as described", "Would buy again", "Perfect fit",
            "Better than expected", "Sehr zufrieden", "Tres bon produit", "My family adores it",
        ),
        "han": ("质量很好",),
    },
    "test": {
        "latin": (
            "Amazing, five stars", "Worth every penny", "Just perfect", "So happy with this", "Highly recommended",
            "Works great", "Top Ware", "Je recommande",
        ),
        "han": ("非常满意",),
    },
}  # fmt: skip

_ABSENCES: dict[str, _Phrases] = {
    "train": {
        "latin": (
            "No image available", "Image coming soon", "NO PHOTO", "Photo not available", "No picture", "Kein Bild",
            "Image non disponible", "Sin imagen", "No image",
        ),
        "cyrillic": ("Нет фото",),
        "han": ("暂无图片",),
        "kana": ("画像なし",),
        "hangul": ("이미지 없음",),
    },
    "test": {
        "latin": (
            "Picture coming soon", "IMAGE NOT FOUND", "Photo to follow", "Awaiting image", "Bild folgt", "No preview",
            "Imagen no disponible",
        ),
        "cyrillic": ("Фото скоро",),
        "han": ("图片准备中",),
        "kana": ("準備中",),
        "hangul": ("사진 준비중",),
    },
}  # fmt: skip

_WARNINGS: dict[str, _Phrases] = {
    "train": {"latin": ("CENSORED", "18+", "ADULT CONTENT", "Sensitive content")},
    "test": {"latin": ("NSFW", "21+", "EXPLICIT", "Mature content")},
}

_BUTTONS: dict[str, _Phrases] = {
    "train": {"latin": ("Add to cart", "Checkout", "Share", "Details", "Follow")},
    "test": {"latin": ("Add to basket", "Order now", "Save item", "More", "Like")},
}

_HANDLING: dict[str, _Phrases] = {
    "train": {"latin": ("FRAGILE", "THIS SIDE UP", "HANDLE WITH CARE", "QTY 1")},
    "test": {"latin": ("KEEP DRY", "DO NOT BEND", "OPEN HERE", "1 PIECE")},
}

_CALLS = {
    "train": ("Scan me", "Add us", "Scan for price", "QR", "Follow us"),
    "test": ("Scan to order", "Chat with us", "Join now", "Find us"),
}

_SYLLABLES = {
    "train": (
        ("lu", "no", "va", "mi", "tor", "ke", "bri", "zan", "pel", "ari", "dox", "fen"),
        ("mora", "ric", "lia", "nex", "dot", "vo", "sen", "ta", "bel", "kor", "lux", "wy"),
    ),
    "test": (
        ("qua", "hel", "sy", "gro", "ost", "ula", "cim", "ye", "jun", "wex"),
        ("ping", "thar", "goo", "ster", "mund", "ova", "fly", "zo", "rim", "cade"),
    ),
}
_SCRIPT_WEIGHTS = {"latin": 14.0, "cyrillic": 1.0, "greek": 0.5, "han": 2.0, "kana": 0.7, "hangul": 0.7}


@dataclass(frozen=True, slots=True)
class Wording:
    """A phrase and the script it needs a font for."""

    text: str
    script: str


def promotion(rng: np.random.Generator, split: str) -> Wording:
    """Words of a banner: price, discount, novelty."""
    return _phrase(rng, _PROMO[_half(split)], split)


def caption(rng: np.random.Generator, split: str) -> Wording:
    """Words that explain the product without advertising it."""
    return _phrase(rng, _CAPTIONS[_half(split)], split)


def ownership(rng: np.random.Generator, split: str) -> Wording:
    """Words of a watermark."""
    return _phrase(rng, _MARKS[_half(split)], split)


def claim(rng: np.random.Generator, split: str) -> Wording:
    """Words of a badge: praise that no customer can check."""
    return _phrase(rng, _CLAIMS[_half(split)], split)


def review_quote(rng: np.random.Generator, split: str) -> Wording:
    """What a customer is said to have written."""
    return _phrase(rng, _QUOTES[_half(split)], split)


def rating(rng: np.random.Generator, split: str) -> tuple[str, str]:
    """A mean number of stars and a number of reviews, as they are written; odd numbers belong to the test split."""
    odd = _half(split) == "test"
    stars = _pick(rng, ("4.9", "4.7", "4.5", "4.3") if odd else ("5.0", "4.8", "4.6", "4.4"))
    return stars, f"{2 * int(rng.integers(6, 9000)) + odd:,}"


def absence(rng: np.random.Generator, split: str) -> Wording:
    """Words of a card that stands in for a picture."""
    return _phrase(rng, _ABSENCES[_half(split)], split)


def warning(rng: np.random.Generator, split: str) -> Wording:
    """Words over content that was hidden."""
    return _phrase(rng, _WARNINGS[_half(split)], split)


def button(rng: np.random.Generator, split: str) -> Wording:
    """Words on a button of a shop's app."""
    return _phrase(rng, _BUTTONS[_half(split)], split)


def handling(rng: np.random.Generator, split: str) -> Wording:
    """Words on a parcel."""
    return _phrase(rng, _HANDLING[_half(split)], split)


def call(rng: np.random.Generator, split: str) -> str:
    """Words beside a QR code, in Latin letters."""
    return _pick(rng, _CALLS[_half(split)])


def brand(rng: np.random.Generator, split: str) -> str:
    """An invented brand, in Latin letters."""
    first, second = _SYLLABLES[_half(split)]
    word = _pick(rng, first) + _pick(rng, second)
    style = rng.integers(3)
    return word.upper() if style == 0 else word.capitalize() if style == 1 else word


def contact(rng: np.random.Generator, split: str) -> tuple[str, str]:
    """A seller's contact: what it is in words, and what is written."""
    name = brand(rng, split).lower()
    if rng.random() < 0.6:
        return "web address", f"{_pick(rng, ('www.', ''))}{name}.{_pick(rng, ('com', 'shop', 'net', 'store'))}"
    groups = " ".join(str(rng.integers(100, 999)) for _ in range(3))
    return "phone number", f"{_pick(rng, ('+', 'Tel ', '0'))}{groups}"


def _half(split: str) -> str:
    return "test" if split == "test" else "train"


def _phrase(rng: np.random.Generator, phrases: _Phrases, split: str) -> Wording:
    scripts = [script for script in phrases if script in available_scripts()]
    weights = np.array([_SCRIPT_WEIGHTS[script] for script in scripts])
    script = scripts[rng.choice(len(scripts), p=weights / weights.sum())]
    # Numbers differ between the halves too: multiples of ten in one, the others in the other.
    percent = int(rng.integers(1, 9)) * 10 + (0 if _half(split) == "train" else 5)
    price = f"{int(rng.integers(3, 90))}.{_pick(rng, ('99', '50') if _half(split) == 'train' else ('49', '95'))}"
    template = _pick(rng, phrases[script])
    text = template.format(n=percent, p=price, b=brand(rng, split), y=int(rng.integers(2015, 2027)))
    return Wording(text, script)


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[rng.integers(len(choices))]

"""What words say about the kind of an overlay: a promotion, a claim, a contact, an owner's mark, a brand or a caption.

The lists are general vocabulary of shops in several languages, no list of what the simulation writes.
"""

from __future__ import annotations

import re

from agpis.stage1.evidence.kinds import EvidenceKind


def _any_of(words: str) -> str:
    return r"(?<!\w)(?:" + "|".join(words.split()) + r")(?!\w)"


_CONTACT = re.compile(
    r"https?:|www\.|(?<!\w)[\w-]{2,}\.(?:com|net|org|shop|store|info|biz|eu|de|fr|es|it|uk|cn|ru)(?!\w)|@\w{3,}"
    r"|(?<![\d.,])\+?\d[\d ()/-]{7,}\d(?![\d.,])|(?<!\w)(?:tel|phone|whatsapp|wechat|call us|scan)(?!\w)",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"©|\(c\)|®|copyright|all rights|do not copy|"
    + _any_of("sample preview proof draft specimen watermark images photo photography studio stock"),
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r"\d\s*%|%\s*\d|[$€£¥₽₩]\s*\d|\d\s*(?:[$€£¥₽₩円元折]|eur\b|usd\b)|free (?:shipping|delivery|gift)|(?:buy|get) \d"
    r"|\d for \d|buy now|order now|just arrived|"
    + _any_of(
        "sale sales deal deals offer offers promo promotion discount discounts off save savings clearance special "
        "bargain cheap new now price prices only limited today rebate coupon flash friday "
        "rabatt aktion neu angebot nur gratis gratuit gratuite soldes promotion nouveau nouveauté oferta ofertas "
        "rebajas descuento envio envío nuevo saldi sconto offerta novità promoção desconto novo promocja wyprzedaż "
        "wyprzedaz nowość rea erbjudande скидка скидки акция новинка распродажа хит προσφορά προσφορα έκπτωση νεο"
    )
    + "|特惠|新品|包邮|满减|秒杀|折|优惠|促销|セール|送料|特価|ポイント|특가|무료|할인|신상품",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"#\s*1|no\.?\s*1|nr\.?\s*1|best\s?-?seller|top\s?-?rated|top pick|customer|money back|"
    r"\d(?:[.,]\d)?\s*(?:stars?|★|/\s*5)|★|\(\d[\d,. ]*\)|"
    + _any_of(
        "award winner approved certified verified guarantee guaranteed warranty trusted choice pick favourite favorite "
        "satisfaction rated recommended premium original testsieger meilleure vendu vendido premio bestseller quality"
    )
    + "|销量|热销|人气|口碑|売れ筋|베스트|추천",
    re.IGNORECASE,
)


def kind_of_words(text: str, *, faint: bool) -> EvidenceKind:
    """The kind of an overlay by what is written on it.

    Args:
        text: all words of it.
        faint: whether what is below shows through, as with watermarks.
    """
    for pattern, kind in (
        (_CONTACT, EvidenceKind.QR_CODE),
        (_OWNER, EvidenceKind.WATERMARK),
        (_PROMOTION, EvidenceKind.BANNER),
        (_CLAIM, EvidenceKind.BADGE),
    ):
        if pattern.search(text):
            return kind
    if faint:
        return EvidenceKind.WATERMARK
    is_a_name = len(text.split()) == 1 and text.isalpha() and text.isascii()
    return EvidenceKind.LOGO if is_a_name else EvidenceKind.TEXT

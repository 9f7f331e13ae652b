"""What the simulated reviewer may know: images and titles carry facts, rules are predicates over them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agpis.types import Box


class View(StrEnum):
    """Which side of the product an image shows; the words of the catalogue format."""

    FRONT = "front"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    SIDE = "side"
    TOP = "top"
    ANGLE = "angle"
    DETAIL = "detail"
    PACKAGE = "package"
    WORN = "worn"
    UNKNOWN = "unknown"


class DefectKind(StrEnum):
    """What can be wrong with a single image."""

    BANNER = "banner"
    LOGO = "logo"
    WATERMARK = "watermark"
    TEXT = "text"
    QR_CODE = "qr_code"
    COLLAGE = "collage"
    BORDER = "border"
    BLUR = "blur"
    EXPOSURE = "exposure"
    BADGE = "badge"
    PLACEHOLDER = "placeholder"
    NOT_A_PHOTO = "not_a_photo"
    DISTORTION = "distortion"
    CUTOUT = "cutout"
    PROPS = "props"
    OFFENSIVE = "offensive"


class Background(StrEnum):
    """What lies behind the product."""

    PLAIN = "plain"
    BUSY = "busy"


class People(StrEnum):
    """Whose body is to be seen."""

    NONE = "none"
    HAND = "hand"
    MODEL = "model"


class Presentation(StrEnum):
    """How the product is presented."""

    PRODUCT = "product"
    MANNEQUIN = "mannequin"
    HANGER = "hanger"
    CREASED = "creased"
    PACKAGING = "packaging"


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect drawn on an image.

    Attributes:
        kind: what it is.
        content: what can be read or named, e.g. "SALE -30%" or "motion blur"; may be empty.
        place: where in words, e.g. "at the bottom" or "in the upper left corner"; empty for the whole image.
        box: where in pixels of the image, or None for the whole image.
    """

    kind: DefectKind
    content: str = ""
    place: str = ""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """The facts of one image.

    Two images with one `capture` come from the same photograph: one is a copy of the other, changed by
    `crop`, `mirrored`, `rotation` or `resaved`. Rules compare words without regard to case.

    Attributes:
        file: name of the image, unique in its data set.
        design: identity of the product's shape and print; variants in colour and pattern share it.
        category: item type in one English word or two, e.g. "mug"; empty when not known.
        colour: main colour in one English word; empty when not known.
        view: side shown.
        capture: identity of the photograph (or render) this image was made from; empty when not known, and then no
            copy of it can be told.
        crop: part of the capture that is shown, as x0, y0, x1, y1 in [0, 1].
        mirrored: flipped left to right against the capture.
        rotation: degrees turned against the capture.
        resaved: re-encoded, resized or relit against the capture.
        fill: share of the frame that the product's bounding box covers, in [0, 1].
        cut_off: the product is cut by the frame although the view is meant to show it whole.
        background: what lies behind the product.
        defects: what is wrong with it.
        brand: word printed on the product that can be read; empty when there is none or it is not known.
        pattern: what covers the product, e.g. "striped", or "plain"; empty when not known.
        material: what it is made of in one English word or two, e.g. "ceramic"; empty when not known.
        items: units of the product in the picture, at least 1.
        people: whose body is to be seen.
        presentation: how the product is presented.
        style: identity of the shooting style (backdrop, light, model); empty when not known, which proves nothing.
        longest_side: pixels of the picture as the seller delivered it; 0 when not known.
    """

    file: str
    design: str
    category: str
    colour: str
    view: View
    capture: str
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    mirrored: bool = False
    rotation: int = 0
    resaved: bool = False
    fill: float = 1.0
    cut_off: bool = False
    background: Background = Background.PLAIN
    defects: tuple[Defect, ...] = ()
    brand: str = ""
    pattern: str = ""
    material: str = ""
    items: int = 1
    people: People = People.NONE
    presentation: Presentation = Presentation.PRODUCT
    style: str = ""
    longest_side: int = 0

    @property
    def crop_area(self) -> float:
        """Share of the capture that is shown, in (0, 1]."""
        x0, y0, x1, y1 = self.crop
        return (x1 - x0) * (y1 - y0)

    @property
    def whole(self) -> bool:
        """Whether the view is meant to show the product as a whole."""
        return self.view not in (View.DETAIL, View.PACKAGE, View.UNKNOWN)


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """What a title says.

    Attributes:
        text: the title W^t.
        category: item type it names; empty when it names none.
        colour: colour it names; empty when it names none.
        brand: brand it names; empty when it names none.
        pattern: pattern it names; empty when it names none.
        material: material it names; empty when it names none.
        quantity: units it promises; 0 when it names no number, which means one.
    """

    text: str
    category: str = ""
    colour: str = ""
    brand: str = ""
    pattern: str = ""
    material: str = ""
    quantity: int = 0

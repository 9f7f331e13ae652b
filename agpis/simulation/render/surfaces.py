"""What is painted on rendered products: patterns, the print on the front, the small marks on the back."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from agpis.errors import MissingExtraError
from agpis.simulation.colours import Rgb
from agpis.simulation.render.emblems import draw_emblem
from agpis.simulation.render.materials import textured
from agpis.types import Pixels

FONTS = (
    "DejaVuSans-Bold.ttf",
    "DejaVuSerif-Bold.ttf",
    "DejaVuSans-BoldOblique.ttf",
    "DejaVuSansMono-Bold.ttf",
    "DejaVuSerif-BoldItalic.ttf",
    "STIXGeneralBol.ttf",
    "STIXGeneralBolIta.ttf",
    "cmss10.ttf",
    "cmtt10.ttf",
)
LAYOUTS = ("stacked", "word", "label", "band", "emblem", "badge")


class Pattern(StrEnum):
    """What covers the main surface."""

    PLAIN = "plain"
    STRIPES = "stripes"
    DOTS = "dots"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class Surface:
    """How the surfaces of one product are painted.

    Attributes:
        main: main colour.
        accent: colour of small parts such as lids.
        ink: colour of print and pattern on the main colour.
        pattern: what covers the main surface.
        period: distance between stripes, dots or checks as share of the texture's height, about 0.06 to 0.2.
        upright: stripes run upwards.
        brand: word of the print.
        emblem: one of EMBLEMS, or "letter" for the first letter of the brand.
        layout: one of LAYOUTS.
        font: one of FONTS.
        material: one of MATERIALS; its relief lies under the print.
        grain: which piece of the relief, not negative.
    """

    main: Rgb
    accent: Rgb
    ink: Rgb
    pattern: Pattern
    period: float
    upright: bool
    brand: str
    emblem: str
    layout: str
    font: str
    material: str
    grain: int

    def plain(self, aspect: float = 1.0, height: int = 192) -> Pixels:
        """The main colour with the pattern and the material's relief, (height, height * aspect, 3)."""
        return np.asarray(self._ground(aspect, height))

    def front(
        self,
        aspect: float = 1.0,
        scale: float = 0.6,
        centre: tuple[float, float] = (0.5, 0.5),
        height: int = 224,
        turned: int = 0,
    ) -> Pixels:
        """The main surface with the print on it.

        Args:
            aspect: width of the surface over its height.
            scale: width of the print as share of the surface's shorter side.
            centre: place of the print from the upper left corner, in [0, 1].
            height: rows of the texture.
            turned: quarter turns of the print, counter-clockwise.
        """
        canvas = self._ground(aspect, height)
        side = round(scale * min(canvas.size))
        mark = self._print(side).rotate(90 * turned, expand=True)
        _paste(canvas, mark, centre)
        return np.asarray(canvas)

    def back(self, aspect: float = 1.0, scale: float = 0.3, height: int = 192) -> Pixels:
        """The main surface with a small block of lines, as care and maker's marks are."""
        canvas = self._ground(aspect, height)
        _paste(canvas, self._small_mark(round(scale * min(canvas.size))), (0.5, 0.72))
        return np.asarray(canvas)

    def wrap(self, aspect: float, scale: float = 0.7, centre: float = 0.5, height: int = 224) -> Pixels:
        """The surface of a body of revolution: print in the middle (front), small mark at the seam (back).

        Args:
            aspect: way around over height of the wall.
            scale: width of the print as share of the visible width (a third of the way around) or of the height.
            centre: place of the print from the top, in [0, 1].
            height: rows of the texture.
        """
        canvas = self._canvas(aspect, height)
        visible = min(canvas.width * 0.36, canvas.height * 1.3)
        mark = self._small_mark(round(visible * 0.4))
        _paste(canvas, mark, (0.5, min(centre + 0.15, 0.8)))
        canvas = PilImage.fromarray(np.roll(np.asarray(canvas), canvas.width // 2, axis=1))
        if self.pattern is not Pattern.PLAIN:
            # Rolling moves the pattern too; paint the front half anew, so that the print lies on a whole pattern.
            fresh = self._canvas(aspect, height)
            quarter = canvas.width // 4
            canvas.paste(fresh.crop((quarter, 0, 3 * quarter, canvas.height)), (quarter, 0))
        canvas = self._in_relief(canvas)
        _paste(canvas, self._print(round(scale * visible)), (0.5, centre))
        return np.asarray(canvas)

    def mark(self, side: int, layout: str | None = None) -> Pixels:
        """The print alone, (side, side, 4) uint8 RGBA, in its own layout or in another one of LAYOUTS."""
        return np.asarray((self if layout is None else replace(self, layout=layout))._print(side))

    def _canvas(self, aspect: float, height: int) -> PilImage.Image:
        # Very long textures would cost time and show nothing more.
        width = max(8, min(round(height * aspect), 4 * height))
        pixels = np.full((height, width, 3), self.main, dtype=np.uint8)
        if self.pattern is not Pattern.PLAIN:
            pixels[self._inked(height, width)] = self.ink
        return PilImage.fromarray(pixels)

    def _ground(self, aspect: float, height: int) -> PilImage.Image:
        return self._in_relief(self._canvas(aspect, height))

    def _in_relief(self, canvas: PilImage.Image) -> PilImage.Image:
        return PilImage.fromarray(textured(np.asarray(canvas), self.material, self.grain))

    def _inked(self, height: int, width: int) -> npt.NDArray[np.bool_]:
        rows, columns = np.mgrid[0:height, 0:width] / (self.period * height)
        if self.pattern is Pattern.STRIPES:
            return np.asarray((columns if self.upright else rows) % 1.0 < 0.28)
        if self.pattern is Pattern.DOTS:
            shifted = columns + 0.5 * (np.floor(rows) % 2)
            return np.asarray((shifted % 1.0 - 0.5) ** 2 + (rows % 1.0 - 0.5) ** 2 < 0.075)
        return np.asarray((rows % 1.0 < 0.2) ^ (columns % 1.0 < 0.2))

    def _print(self, side: int) -> PilImage.Image:
        side = max(side, 16)
        mark = PilImage.new("RGBA", (side, side), (0, 0, 0, 0))
        draw = ImageDraw.Draw(mark)
        on_label = self.layout in ("label", "band", "badge") or self.pattern is not Pattern.PLAIN
        colour = self.main if on_label else self.ink
        if on_label:
            box = (0, side * 0.22, side - 1, side * 0.80)
            if self.layout == "badge":
                draw.ellipse((side * 0.04, side * 0.04, side * 0.96, side * 0.96), fill=self.ink)
            elif self.layout == "band":
                draw.rectangle((0, side * 0.34, side - 1, side * 0.72), fill=self.ink)
            else:
                draw.rounded_rectangle(box, radius=side * 0.06, fill=self.ink)
                inset = side * 0.025
                draw.rounded_rectangle(
                    (box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset),
                    radius=side * 0.05,
                    outline=colour,
                    width=max(1, side // 70),
                )
        if self.layout in ("word", "band"):
            self._word(draw, (side * 0.05, side * 0.36, side * 0.95, side * 0.70), colour)
        elif self.layout == "emblem" and not on_label:
            self._emblem(draw, (side * 0.12, side * 0.05, side * 0.88, side * 0.81), colour)
            self._word(draw, (side * 0.2, side * 0.85, side * 0.8, side * 0.99), colour)
        else:
            self._emblem(draw, (side * 0.34, side * 0.25, side * 0.66, side * 0.53), colour)
            self._word(draw, (side * 0.14, side * 0.56, side * 0.86, side * 0.76), colour)
        return mark

    def _word(self, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], colour: Rgb) -> None:
        width, height = box[2] - box[0], box[3] - box[1]
        trial = font(self.font, 40)
        left, top, right, bottom = trial.getbbox(self.brand)
        size = max(5, int(40 * min(width / max(right - left, 1), height / max(bottom - top, 1))))
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        draw.text(centre, self.brand, font=font(self.font, size), fill=colour, anchor="mm")

    def _emblem(self, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], colour: Rgb) -> None:
        if self.emblem == "letter":
            size = max(6, int((box[3] - box[1]) * 0.95))
            centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            draw.text(centre, self.brand[0].upper(), font=font(self.font, size), fill=colour, anchor="mm")
            return
        draw_emblem(draw, self.emblem, box, colour)

    def _small_mark(self, side: int) -> PilImage.Image:
        side = max(side, 16)
        mark = PilImage.new("RGBA", (side, side), (0, 0, 0, 0))
        draw = ImageDraw.Draw(mark)
        colour = self.ink
        if self.pattern is not Pattern.PLAIN:
            draw.rectangle((0, 0, side - 1, side - 1), fill=self.ink)
            colour = self.main
        thickness = max(1, side // 22)
        for row, length in enumerate((0.8, 0.62, 0.74, 0.5)):
            y = side * (0.12 + 0.11 * row)
            draw.rectangle((side * 0.1, y, side * (0.1 + length), y + thickness), fill=colour)
        # Bars of uneven width, as of an article number; drawn from the brand so that colours share them.
        x = side * 0.1
        for index in range(14):
            step = side * (0.022 + 0.014 * (ord(self.brand[index % len(self.brand)]) % 3))
            if index % 2 == 0:
                draw.rectangle((x, side * 0.62, x + step, side * 0.9), fill=colour)
            x += step
        return mark


def _paste(canvas: PilImage.Image, mark: PilImage.Image, centre: tuple[float, float]) -> None:
    place = (round(centre[0] * canvas.width - mark.width / 2), round(centre[1] * canvas.height - mark.height / 2))
    canvas.paste(mark, place, mark)


@lru_cache(maxsize=1)
def _font_folder() -> Path:
    # matplotlib comes with pyvista and carries free fonts, so that labels look the same on every machine.
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise MissingExtraError("matplotlib", "render")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=512)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """One of FONTS at a size in pixels."""
    return ImageFont.truetype(str(_font_folder() / name), size)

"""Drawn props: each a small picture with a mask, shaded as things are that lie on a table under soft light."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agpis.simulation.defects.canvas import Colour, hue_colour, paint
from agpis.simulation.defects.lettering import choose_letters, text_mask
from agpis.simulation.defects.shapes import Points, ellipse, fill, line, rounded
from agpis.simulation.defects.sprites import Sprite, add_body, blank, shade, turn_sprite


def _flower(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A blossom with two rows of petals, a stem and two leaves."""
    sprite = blank(round(1.5 * size), size)
    green: Colour = _leaf_green(rng, split)
    head = np.array([0.5 * size, 0.36 * size])
    bend = float(rng.uniform(-0.15, 0.15)) * size
    stem = np.array([head, head + np.array([bend / 2, 0.6 * size]), head + np.array([bend, 1.1 * size])])
    width = max(1.5, 0.022 * size)
    add_body(sprite, np.concatenate([stem + np.array([-width, 0]), stem[::-1] + np.array([width, 0])]), green)
    for side in (-1, 1):
        start = head + np.array([bend / 2, 0.55 * size])
        add_body(
            sprite, _leaf_outline(start, 0.4 * size, math.radians(90 + side * float(rng.uniform(100, 140)))), green
        )
    petals, colour = int(rng.integers(5, 10)), hue_colour(rng, split, (0.3, 0.9), (0.75, 1.0))
    turn = float(rng.uniform(0, 360))
    for row, reach in ((0, 0.23), (1, 0.14)):
        for number in range(petals):
            angle = turn + 360 * (number + 0.5 * row) / petals
            centre = head + reach * size * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
            radii = (0.17 * size * (1 - 0.3 * row), 0.55 * size / petals)
            add_body(sprite, ellipse((centre[0], centre[1]), radii, angle, 24), shade(colour, 1.0 - 0.12 * row), 0.45)
    add_body(sprite, ellipse((head[0], head[1]), (0.08 * size, 0.08 * size)), (225, 180, 60), 0.6)
    return turn_sprite(sprite, float(rng.uniform(-70, 70)))


def _leaf_green(rng: np.random.Generator, split: str) -> Colour:
    """A green of leaves; darker ones belong to the test split."""
    low, high = (0.45, 0.7) if split == "test" else (0.7, 1.1)
    return shade((96, 138, 74), float(rng.uniform(low, high)))


def _leaf_outline(start: npt.NDArray[np.floating], length: float, angle: float, slim: float = 0.2) -> Points:
    along = np.linspace(0, 1, 14)
    half = slim * length * np.sin(np.pi * along**0.8)
    way, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    spine = start + along[:, None] * length * way
    return np.concatenate([spine + half[:, None] * across, (spine - half[:, None] * across)[::-1]])


def _branch(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A twig with pairs of leaves."""
    sprite = blank(round(1.5 * size), size)
    green, slim = _leaf_green(rng, split), float(rng.uniform(0.16, 0.36))
    count = int(rng.integers(4, 8))
    heights = np.linspace(1.4 * size, 0.3 * size, count)
    sway = 0.06 * size * np.sin(np.linspace(0, float(rng.uniform(1, 4)), count))
    spine = np.stack([0.5 * size + sway, heights], axis=1)
    width = max(1.0, 0.014 * size)
    add_body(sprite, np.concatenate([spine + np.array([-width, 0]), spine[::-1] + np.array([width, 0])]), (110, 92, 66))
    for number, point in enumerate(spine):
        length = size * float(rng.uniform(0.26, 0.36)) * (1 - 0.4 * number / count)
        for side in (-1, 1):
            angle = math.radians(-90 + side * float(rng.uniform(35, 70)))
            add_body(
                sprite, _leaf_outline(point, length, angle, slim), shade(green, float(rng.uniform(0.85, 1.2))), 0.4
            )
    add_body(sprite, _leaf_outline(spine[-1], 0.25 * size, -math.pi / 2, slim), green, 0.4)
    return turn_sprite(sprite, float(rng.uniform(-180, 180)))


def _coins(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """Three to six coins, some over others."""
    sprite = blank(size, size)
    metals: tuple[Colour, ...] = ((212, 175, 95), (190, 192, 196), (188, 120, 80))
    for _ in range(int(rng.integers(3, 7))):
        metal = shade(metals[int(rng.integers(3))], float(rng.uniform(0.85, 1.1)))
        radius = size * float(rng.uniform(0.13, 0.2))
        x, y = (float(value) for value in rng.uniform(radius + 1, size - radius - 1, size=2))
        add_body(sprite, ellipse((x, y + 0.1 * radius), (radius, radius)), shade(metal, 0.55), 0.0)
        add_body(sprite, ellipse((x, y), (radius, radius)), metal, 0.12)
        add_body(sprite, ellipse((x, y), (0.84 * radius, 0.84 * radius)), shade(metal, 0.9), 0.1)
        odd = int(split == "test")
        number = text_mask(
            str(2 * int(rng.integers(0, 5)) + odd), max(7, round(radius)), choose_letters(rng, "latin", split)
        )
        place = round(x - number.shape[1] / 2), round(y - number.shape[0] / 2)
        paint(sprite.pixels, number, shade(metal, 1.2), place[0] - 1, place[1] - 1)
        paint(sprite.pixels, number, shade(metal, 0.6), *place)
    return sprite


def _ruler(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A wooden, steel or coloured ruler with ticks and numbers."""
    length, width = round(2.2 * size), max(14, round(0.26 * size))
    kind = rng.random()
    tone: Colour = (222, 184, 128) if kind < 0.5 else (205, 208, 212)
    if kind > 0.75:
        tone = hue_colour(rng, split, (0.4, 0.8), (0.8, 1.0))
    sprite = Sprite(np.full((width, length, 3), tone, dtype=np.uint8), rounded(length, width, 2))
    grain = rng.normal(0, 5 if kind < 0.5 else 1.5, size=(width, 1, 1))
    sprite.pixels[:] = (sprite.pixels + grain).clip(0, 255).astype(np.uint8)
    step = max(3.0, width / 7)
    ink: Colour = (50, 44, 40)
    for number in range(1, int(length / step)):
        tall = (0.5 if number % 10 == 0 else 0.36 if number % 5 == 0 else 0.24) * width
        line(sprite.pixels, np.array([(number * step, 0), (number * step, tall)]), 1, ink)
        if number % 10 == 0:
            digits = text_mask(str(number // 10), max(7, round(0.36 * width)), choose_letters(rng, "latin", split))
            paint(sprite.pixels, digits, ink, round(number * step - digits.shape[1] / 2), round(0.6 * width))
    return turn_sprite(sprite, float(rng.choice([90, 0, rng.uniform(-60, 60)])))


def _cup(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A cup of coffee or tea seen from above at a slant, on a saucer at times."""
    sprite = blank(size, round(1.3 * size))
    china = hue_colour(rng, split, (0.0, 0.5), (0.7, 1.0)) if rng.random() < 0.5 else (244, 242, 238)
    x, top, radius = 0.55 * size, 0.24 * size, 0.36 * size
    if rng.random() < 0.5:
        add_body(sprite, ellipse((x, 0.84 * size), (0.5 * size, 0.13 * size)), shade(china, 0.92), 0.2)
    handle = ellipse((x + 0.38 * size, 0.46 * size), (0.17 * size, 0.18 * size))
    cv2.polylines(sprite.mask, [handle.astype(np.int32)], True, 255, max(3, size // 15), cv2.LINE_AA)
    cv2.polylines(sprite.pixels, [handle.astype(np.int32)], True, shade(china, 0.85), max(3, size // 15), cv2.LINE_AA)
    rim, foot = ellipse((x, top), (radius, 0.12 * size)), ellipse((x, 0.82 * size), (0.2 * size, 0.07 * size))
    body = cv2.convexHull(np.concatenate([rim, foot]).astype(np.float32))[:, 0].astype(np.float64)
    add_body(sprite, body, china, 0.3)
    add_body(sprite, rim, shade(china, 1.04), 0.0)
    drink: Colour = (92, 58, 36) if rng.random() < 0.6 else (176, 108, 48)
    add_body(sprite, ellipse((x, top + 0.012 * size), (0.9 * radius, 0.1 * size)), drink, 0.2)
    return sprite


def _cloth(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A napkin with soft folds and perhaps stripes."""
    height, width = round(1.1 * size), round(1.4 * size)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / size
    angle = float(rng.uniform(0, math.pi))
    along = columns * math.cos(angle) + rows * math.sin(angle)
    across = rows * math.cos(angle) - columns * math.sin(angle)
    bent = across + 0.08 * np.sin(4 * along + float(rng.uniform(0, 6)))
    folds = np.sin(float(rng.uniform(9, 16)) * bent) + 0.5 * np.sin(23 * bent + 3 * along)
    colour = np.asarray(hue_colour(rng, split, (0.05, 0.6), (0.6, 0.97)), dtype=np.float32)
    tone = np.broadcast_to(colour, (height, width, 3)).copy()
    if rng.random() < 0.5:
        tone[np.sin(30 * along) > float(rng.uniform(0, 0.8))] *= float(rng.uniform(0.6, 0.85))
    tone *= (1 + 0.11 * folds)[..., None]
    corner = np.array([(0.1, 0.14), (0.9, 0.06), (0.96, 0.86), (0.06, 0.94)]) + rng.uniform(-0.06, 0.06, size=(4, 2))
    points = []
    for first, second in zip(corner, np.roll(corner, -1, axis=0), strict=True):
        share = np.linspace(0, 1, 12, endpoint=False)[:, None]
        wave = 0.012 * np.sin(np.linspace(0, 9, 12))[:, None]
        points.append(first + share * (second - first) + wave)
    mask = np.zeros((height, width), dtype=np.uint8)
    fill(mask, np.concatenate(points) * (width - 1, height - 1))
    return Sprite(tone.clip(0, 255).astype(np.uint8), mask)


def _pencils(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """Two or three pencils side by side, each turned a little."""
    sprite = blank(round(1.5 * size), round(1.5 * size))
    for number in range(int(rng.integers(2, 4))):
        w, length = 0.1 * size, size * float(rng.uniform(0.95, 1.2))
        tilt = math.radians(float(rng.uniform(-12, 12)))
        turn = np.array([[math.cos(tilt), math.sin(tilt)], [-math.sin(tilt), math.cos(tilt)]])
        base = np.array([(0.45 + 0.17 * number) * size, 0.25 * size])
        colour = hue_colour(rng, split, (0.6, 1.0), (0.6, 1.0))

        def placed(points: Sequence[tuple[float, float]], base: Points = base, turn: Points = turn) -> Points:
            return base + np.array(points) @ turn

        add_body(sprite, placed([(0, w), (w / 2, -0.5 * w), (w, w)]), (226, 192, 146), 0.3)
        add_body(sprite, placed([(0.38 * w, 0.0), (w / 2, -0.6 * w), (0.62 * w, 0.0)]), shade(colour, 0.5), 0.0)
        add_body(sprite, placed([(0, w), (w, w), (w, length), (0, length)]), colour, 0.5)
        add_body(sprite, placed([(0, length), (w, length), (w, length + w), (0, length + w)]), (226, 140, 140), 0.5)
    return turn_sprite(sprite, float(rng.uniform(-180, 180)))


def _gift(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A wrapped box with a ribbon and a bow."""
    sprite = blank(size, size)
    paper, ribbon = (hue_colour(rng, split, (0.3, 0.9), (0.5, 0.95)) for _ in range(2))
    left, right, top, low = 0.1 * size, 0.9 * size, 0.34 * size, 0.96 * size
    box = np.array([(left, top), (right, top), (right, low), (left, low)])
    add_body(sprite, box, paper, 0.12)
    lid = np.array([(0.06, 0.28), (0.94, 0.28), (0.94, 0.46), (0.06, 0.46)]) * size
    add_body(sprite, lid, shade(paper, 1.12), 0.12)
    band = np.array([(0.44 * size, 0.28 * size), (0.56 * size, 0.28 * size), (0.56 * size, low), (0.44 * size, low)])
    add_body(sprite, band, ribbon, 0.2)
    for side in (-1, 1):
        loop = ellipse((0.5 * size + side * 0.15 * size, 0.2 * size), (0.15 * size, 0.08 * size), -side * 25)
        add_body(sprite, loop, ribbon, 0.6)
    add_body(sprite, ellipse((0.5 * size, 0.26 * size), (0.06 * size, 0.05 * size)), shade(ribbon, 0.8), 0.5)
    return sprite


def _pebbles(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A few round stones."""
    sprite = blank(size, round(1.2 * size))
    for _ in range(int(rng.integers(4, 8))):
        tone = int(rng.integers(60, 205))
        colour: Colour = (tone, int(tone * float(rng.uniform(0.92, 1.0))), int(tone * float(rng.uniform(0.84, 1.0))))
        radii = size * float(rng.uniform(0.1, 0.22)), size * float(rng.uniform(0.08, 0.15))
        centre = float(rng.uniform(0.25, 0.95)) * size, float(rng.uniform(0.25, 0.75)) * size
        add_body(sprite, ellipse(centre, radii, float(rng.uniform(0, 180))), colour, 0.7)
    return sprite


def _plant(size: int, rng: np.random.Generator, split: str) -> Sprite:
    """A pot with long leaves."""
    sprite = blank(round(1.4 * size), round(1.2 * size))
    root = np.array([0.6 * size, 0.85 * size])
    green, slim = _leaf_green(rng, split), float(rng.uniform(0.08, 0.18))
    for _ in range(int(rng.integers(8, 15))):
        angle = math.radians(float(rng.uniform(-160, -20)))
        outline = _leaf_outline(root, size * float(rng.uniform(0.5, 0.8)), angle, slim)
        add_body(sprite, outline, shade(green, float(rng.uniform(0.75, 1.25))), 0.5)
    clay = hue_colour(rng, split, (0.1, 0.6), (0.5, 0.95))
    pot = np.array([(0.36, 0.86), (0.84, 0.86), (0.77, 1.34), (0.43, 1.34)]) * size
    add_body(sprite, pot, clay, 0.4)
    add_body(sprite, np.array([(0.33, 0.8), (0.87, 0.8), (0.87, 0.92), (0.33, 0.92)]) * size, shade(clay, 1.08), 0.3)
    return sprite


PROPS: Mapping[str, Callable[[int, np.random.Generator, str], Sprite]] = {
    "a flower": _flower,
    "a twig with leaves": _branch,
    "a few coins": _coins,
    "a ruler": _ruler,
    "a cup": _cup,
    "a cloth": _cloth,
    "some pencils": _pencils,
    "a gift box": _gift,
    "some pebbles": _pebbles,
    "a potted plant": _plant,
}

"""Measure image-pair recognition: `python -m benchmarks.duplicates --catalogs FOLDER`.

Made pairs: crops of 30 to 70% of a photo, resized, made brighter or darker, compressed again, half of them pasted on
white, a quarter mirrored, against other photos of the category or product and recoloured copies of the same photo.
Real pairs: all pairs within the products of a catalogue, against its labels.json.

The constants of `agpis.stage1.duplicates` were chosen on clothing and saleor with magento's and solidus' pairs in view,
so figures on those four are optimistic. No pair of grocery or spree was looked at,
and no constant was chosen by their figures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import precision_recall_curve, roc_auc_score

from agpis.images import read_image
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.duplicates import find_pairs
from agpis.types import Image, PairRelation, Pixels

_console = Console(width=120)
_THRESHOLD = 0.5
_CATALOGS = ("clothing", "saleor", "magento", "grocery", "spree")


@dataclass(frozen=True, slots=True)
class Photo:
    """One catalogue photo."""

    path: Path
    product: str
    category: str
    view: str

    def read(self) -> Pixels:
        """Decode the photo."""
        return read_image(self.path).pixels


@dataclass(frozen=True, slots=True)
class MadePair:
    """Two pictures and what they are to one another: "copy", "other" or "recoloured"."""

    kind: str
    first: Pixels
    second: Pixels


def read_catalog(folder: Path) -> list[Photo]:
    """List every photo of a catalogue, sorted."""
    photos = []
    for line in (folder / "products.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for image in row["images"]:
            photos.append(Photo(folder / image["file"], row["product_id"], row.get("category") or "", image["view"]))
    return sorted(photos, key=lambda photo: photo.path)


def copy_of(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Crop 30 to 70% of the area, resize, change brightness, paste half on white, mirror a quarter, compress."""
    height, width = pixels.shape[:2]
    share = np.sqrt(rng.uniform(0.3, 0.7))
    h, w = int(height * share), int(width * share)
    y, x = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    scale = rng.uniform(0.6, 1.3)
    crop = cv2.resize(pixels[y : y + h, x : x + w], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    copy: Pixels = np.clip(crop.astype(np.float32) * rng.uniform(0.8, 1.2), 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        ch, cw = copy.shape[:2]
        canvas = np.full((int(ch * rng.uniform(1.1, 1.7)), int(cw * rng.uniform(1.1, 1.7)), 3), 255, np.uint8)
        top, left = rng.integers(0, canvas.shape[0] - ch + 1), rng.integers(0, canvas.shape[1] - cw + 1)
        canvas[top : top + ch, left : left + cw] = copy
        copy = canvas
    if rng.random() < 0.25:
        copy = np.ascontiguousarray(copy[:, ::-1])
    return compress(copy, int(rng.integers(50, 91)))


def recoloured(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Give everything that differs from the border's colour another hue and another brightness."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab).astype(np.float32)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    distance = np.linalg.norm(lab - np.median(border, axis=0), axis=2)
    mask = cv2.GaussianBlur((distance > 20).astype(np.float32), (0, 0), 2)[..., None]
    angle = rng.uniform(0, 2 * np.pi)
    shift = rng.uniform(25, 50) * np.array([np.cos(angle), np.sin(angle)], np.float32)
    changed = lab.copy()
    changed[..., 0] *= rng.uniform(0.7, 1.3)
    changed[..., 1:] += shift
    mixed = np.clip(lab * (1 - mask) + changed * mask, 0, 255).astype(np.uint8)
    return compress(np.asarray(cv2.cvtColor(mixed, cv2.COLOR_Lab2RGB), np.uint8), int(rng.integers(50, 91)))


def compress(pixels: Pixels, quality: int) -> Pixels:
    """Save as JPEG and read again."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def make_pairs(photos: Sequence[Photo], count: int, seed: int) -> list[MadePair]:
    """Make `count` copies, 3/4 `count` pairs of other photos and 1/4 `count` recolourings."""
    rng = np.random.default_rng(seed)
    pairs = []
    for photo in rng.choice(np.array(photos, object), count):
        pixels = photo.read()
        pairs.append(MadePair("copy", pixels, copy_of(pixels, rng)))
    related: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        related[photo.category].append(photo)
        related[photo.product].append(photo)
    keys = [key for key in sorted(related) if len(related[key]) > 1]
    others = count - count // 4
    while len(pairs) < count + others:
        group = related[keys[rng.integers(len(keys))]]
        first, second = (group[index] for index in rng.choice(len(group), 2, replace=False))
        if first.product != second.product or first.view != second.view:  # else possibly one photo in two colours
            pairs.append(MadePair("other", first.read(), compress(second.read(), int(rng.integers(50, 91)))))
    for photo in rng.choice(np.array(photos, object), count // 4):
        pixels = photo.read()
        pairs.append(MadePair("recoloured", pixels, recoloured(pixels, rng)))
    return pairs


def measure_made_pairs(name: str, pairs: Sequence[MadePair], network: ImageClassifier | None, table: Table) -> None:
    """Score made pairs and add one row to the table."""
    scores, truth, variants = [], [], []
    started = time.perf_counter()
    for pair in pairs:
        found = find_pairs([Image("a", pair.first), Image("b", pair.second)], network)
        similarity = {match.relation: match.similarity for match in found}
        scores.append(similarity.get(PairRelation.DUPLICATE, 0.0))
        truth.append(pair.kind == "copy")
        if pair.kind == "recoloured":
            variants.append(similarity.get(PairRelation.VARIANT, 0.0) >= _THRESHOLD)
    seconds = time.perf_counter() - started
    precision, recall, _ = precision_recall_curve(truth, scores)
    flagged = np.array(scores) >= _THRESHOLD
    kinds = np.array([pair.kind for pair in pairs])
    table.add_row(
        name,
        f"{roc_auc_score(truth, scores):.3f}",
        f"{recall[precision >= 0.95].max():.3f}",
        f"{flagged[kinds == 'copy'].mean():.3f}",
        f"{flagged[kinds == 'other'].sum()} of {(kinds == 'other').sum()}",
        f"{flagged[kinds == 'recoloured'].sum()} of {(kinds == 'recoloured').sum()}",
        f"{np.mean(variants):.2f}",
        f"{1000 * seconds / len(pairs):.0f}",
    )


def measure_real_pairs(folder: Path, network: ImageClassifier | None, table: Table, show: bool) -> None:
    """Run all pairs within each product of a catalogue and add one row to the table."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["products"]
    near = {frozenset(pair) for row in labels.values() for pair in row["near_duplicates"]}
    borderline = {frozenset(pair) for row in labels.values() for pair in row["near_duplicates_borderline"]}
    groups: dict[str, list[Photo]] = defaultdict(list)
    for photo in read_catalog(folder):
        groups[photo.product].append(photo)
    counts: dict[str, int] = defaultdict(int)
    for photos in groups.values():
        images = [Image(f"images/{photo.path.name}", photo.read()) for photo in photos]
        started = time.perf_counter()
        matches = {frozenset((m.first, m.second)): m for m in find_pairs(images, network)}
        counts["ms"] += round(1000 * (time.perf_counter() - started))
        counts["images"] += len(images)
        for a, b in itertools.combinations([image.file for image in images], 2):
            pair = frozenset((a, b))
            match = matches.get(pair)
            violates = match is not None and match.similarity >= _THRESHOLD
            duplicate = violates and match is not None and match.relation is PairRelation.DUPLICATE
            variant = violates and match is not None and match.relation is PairRelation.VARIANT
            kind = "near" if pair in near else "borderline" if pair in borderline else "pair"
            mains = "_main" in a and "_main" in b
            counts[kind] += 1
            counts[f"{kind} duplicate"] += duplicate
            counts["mains"] += mains
            counts["mains variant"] += mains and variant
            counts["other variant"] += variant and not mains
            if show and violates and match is not None and not (mains and variant):
                _console.print(f"{match.relation.value} {match.similarity:.2f} {a} {b} {kind}")
    table.add_row(
        folder.name,
        f"{counts['near duplicate']} of {counts['near']}",
        f"{counts['borderline duplicate']} of {counts['borderline']}",
        f"{counts['pair duplicate']} of {counts['pair']}",
        f"{counts['mains variant']} of {counts['mains']}",
        str(counts["other variant"]),
        f"{counts['ms'] / max(counts['images'], 1):.0f}",
    )


def measure_speed(photos: Sequence[Photo], network: ImageClassifier | None, table: Table) -> None:
    """Time products of 7 and of 20 photos, each the median of three."""
    for count in (7, 20):
        times = []
        for seed in range(3):
            chosen = np.random.default_rng(seed).choice(len(photos), count, replace=False)
            images = [Image(str(index), photos[index].read()) for index in chosen]
            started = time.perf_counter()
            find_pairs(images, network)
            times.append(time.perf_counter() - started)
        table.add_row(str(count), str(count * (count - 1) // 2), f"{sorted(times)[1]:.2f}")


def main() -> None:
    """Run all measurements and print three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalogs", type=Path, required=True, help="folder of catalogue folders")
    parser.add_argument("--network", type=Path, help="folder of an image classifier whose backbone describes patches")
    parser.add_argument("--pairs", type=int, default=150, help="positive pairs, and as many negative ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="list what was flagged among the real pairs")
    arguments = parser.parse_args()
    network = ImageClassifier.from_pretrained(arguments.network) if arguments.network else None
    catalog = {name: read_catalog(arguments.catalogs / name) for name in _CATALOGS}
    tuned = sorted(catalog["clothing"][::3] + catalog["saleor"] * 10, key=lambda photo: photo.path)

    made = Table("pairs", "AUC", "recall at P .95", "copies", "others", "recoloured", "as variant", "ms a pair")
    made.title = f"Made pairs; flagged as duplicate at {_THRESHOLD}"
    unseen = catalog["grocery"] + catalog["spree"]
    sets = {"clothing + saleor (tuned on)": tuned, "magento (looked at)": catalog["magento"]}
    for name, photos in (sets | {"grocery + spree (unseen)": unseen}).items():
        measure_made_pairs(name, make_pairs(photos, arguments.pairs, arguments.seed), network, made)
    _console.print(made)
    real = Table(
        "catalogue", "near-dup.", "borderline", "false dup.", "mains as variant", "other variants", "ms an image"
    )
    for name in ("saleor", "solidus", "magento"):
        measure_real_pairs(arguments.catalogs / name, network, real, arguments.show)
    _console.print(real)
    speed = Table("images", "pairs", "seconds")
    measure_speed(catalog["magento"], network, speed)
    _console.print(speed)


if __name__ == "__main__":
    main()

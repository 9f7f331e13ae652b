"""Puts a scored table, and thumbnails of some of its rows, into the folder that ships."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image as PilImage

from agpis.images import read_image
from analysis.predictions import Predictions, read_predictions
from analysis.review_set import IMAGES_FOLDER, TABLE
from benchmarks.reviews.drawing import RENDERED

_SIDE, _QUALITY = 96, 80


@dataclass(frozen=True, slots=True)
class PackingPlan:
    """Whose images become thumbnails: rows of the val and test splits with rendered images.

    Photos of a catalogue are not passed on, whatever its licence.

    Attributes:
        worst: rows, accepted and as many rejected ones, whose p^t is farthest from the review.
        worst_of_class: rows a class whose p^mcc of that class is smallest.
        random: rows of any kind.
    """

    worst: int = 80
    worst_of_class: int = 6
    random: int = 150


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written.

    Attributes:
        num_rows: rows of the table.
        num_pictured: rows all of whose images have a thumbnail.
        num_images: thumbnails.
        num_bytes: size of the whole folder.
    """

    num_rows: int
    num_pictured: int
    num_images: int
    num_bytes: int


def pack(scored: Path, out: Path, seed: int, plan: PackingPlan | None = None) -> Packed:
    """Write the table, by date, and the thumbnails; what stood there before is replaced.

    Args:
        scored: table of `agpis predict`; its images are relative to its folder.
        out: folder to write to.
        seed: of the random rows.
        plan: how many rows get thumbnails.
    """
    table = read_predictions(scored)
    chosen = pictured_rows(table, plan or PackingPlan(), np.random.default_rng(seed))
    files = sorted({file for row in chosen for file in table.frame["images"].iloc[row]})
    shutil.rmtree(out / IMAGES_FOLDER, ignore_errors=True)
    (out / IMAGES_FOLDER).mkdir(parents=True)
    for file in files:
        _write_thumbnail(scored.parent / file, out / _packed_name(file))
    frame = pd.read_parquet(scored)
    frame["images"] = [[_packed_name(file) for file in images] for images in frame["images"]]
    frame = frame.sort_values(["date", "product_id"], kind="stable").reset_index(drop=True)
    frame.to_parquet(out / TABLE, compression="zstd", compression_level=19, index=False)
    there = {_packed_name(file) for file in files}
    return Packed(
        num_rows=len(frame),
        num_pictured=sum(there.issuperset(images) for images in frame["images"]),
        num_images=len(files),
        num_bytes=sum(file.stat().st_size for file in out.rglob("*") if file.is_file()),
    )


def pictured_rows(table: Predictions, plan: PackingPlan, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Rows whose images become thumbnails, in the order of the table, without repeats."""
    rows = np.flatnonzero((table.frame["source"] == RENDERED) & table.frame["split"].isin(["val", "test"]))
    p_t, labels = table.p_t[rows], table.labels[rows]
    p_label = table.probabilities[rows, labels]
    chosen = [rng.permutation(rows)[: plan.random]]
    for is_qualified, badness in ((True, -p_t), (False, p_t)):
        those = np.flatnonzero(table.is_qualified[rows] == is_qualified)
        chosen.append(rows[those[np.argsort(-badness[those], kind="stable")][: plan.worst]])
    for label in np.unique(labels):
        those = np.flatnonzero(labels == label)
        chosen.append(rows[those[np.argsort(p_label[those], kind="stable")][: plan.worst_of_class]])
    return np.unique(np.concatenate(chosen))


def _packed_name(file: str) -> str:
    """The file in the folder that ships; the names of a simulation's images are unique without their folders."""
    return f"{IMAGES_FOLDER}/{PurePosixPath(file).name}"


def _write_thumbnail(source: Path, path: Path) -> None:
    picture = PilImage.fromarray(read_image(source, source.name).pixels)
    picture.thumbnail((_SIDE, _SIDE), PilImage.Resampling.LANCZOS)
    picture.save(path, "JPEG", quality=_QUALITY, optimize=True)

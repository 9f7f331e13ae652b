"""Fit the scores of the quality checks, one logistic function a check, and write them into the package.

    python -m benchmarks.quality_calibration --catalogs PATH --data runs/market

Photos with and without a damage come equally often. They are those of the clothing, saleor and solidus catalogues under
`--catalogs` and the clean images of AGPIS-data, training split; photos of other catalogues are left for judging. For
each check the AUC on every source is printed when fitted on the others: by that the measures were chosen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from agpis.data.catalog import read_catalog
from agpis.data.reviews import IMAGES_FILE, read_image_labels, sku_split
from agpis.images import read_image
from agpis.stage1.quality.features import measure_features
from agpis.stage1.quality.kinds import QualityKind
from agpis.stage1.quality.scores import CALIBRATION_FILE, MEASURES
from agpis.types import Image
from benchmarks.stage1.damages import DAMAGES, damaged

CATALOGS = ("clothing", "saleor", "solidus")
OUT = Path(__file__).parents[1] / "agpis" / "stage1" / "quality" / CALIBRATION_FILE
_DIGITS = 5

Sample = tuple[tuple[float, ...], bool, str]
"""Measures of a photo, whether it was damaged, and where it comes from."""


def main(
    catalogs: Annotated[Path, typer.Option(help="Folder of catalogues.")],
    data: Annotated[list[Path] | None, typer.Option(help="Folder of AGPIS-data; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=10, help="At most this many photos of each source.")] = 250,
    seed: int = 0,
    out: Annotated[Path, typer.Option(help="File to write.")] = OUT,
) -> None:
    """Measure photos and damaged copies, fit, and write the file."""
    files = list(chain(_catalog_photos(catalogs, limit, seed), _clean_images(data or [], limit, seed)))
    samples: dict[QualityKind, list[Sample]] = {kind: [] for kind in MEASURES}
    for number, file in enumerate(track(files, "measuring", console=Console(stderr=True))):
        photo, rng = read_image(file), np.random.default_rng([seed, number])
        source = next((name for name in CATALOGS if file.is_relative_to(catalogs / name)), "AGPIS-data")
        clean = measure_features(photo)
        for kind in DAMAGES:
            spoilt = measure_features(Image(photo.file, damaged(kind, photo.pixels, rng)))
            for features, is_spoilt in ((clean, False), (spoilt, True)):
                measures: tuple[float, ...] = getattr(features, MEASURES[kind])
                if measures:
                    samples[kind].append((measures, is_spoilt, source))
    checks = {kind.value: _fit(kind, found) for kind, found in samples.items()}
    stored = {"photos": len(files), "seed": seed, "checks": checks}
    out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _fit(kind: QualityKind, samples: list[Sample]) -> dict[str, object]:
    measures, labels, sources = (np.array(column) for column in zip(*samples, strict=True))
    # The penalty keeps weights finite where a damage is told without a mistake.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000))
    unseen = cross_val_predict(
        model, measures, labels, groups=sources, cv=LeaveOneGroupOut(), method="decision_function"
    )
    # Scores of different fits cannot be compared, so that each source has an AUC of its own.
    aucs = {str(name): roc_auc_score(labels[sources == name], unseen[sources == name]) for name in np.unique(sources)}
    listed = ", ".join(f"{name} {auc:.3f}" for name, auc in aucs.items())
    Console(width=160).print(f"{kind.value}: {len(labels)} photos; AUC where fitted on the other sources: {listed}")
    scaler, fitted = (step for _, step in model.fit(measures, labels).steps)
    return {
        "mean": [round(float(value), _DIGITS) for value in scaler.mean_],
        "scale": [round(float(value), _DIGITS) for value in scaler.scale_],
        "weights": [round(float(value), _DIGITS) for value in fitted.coef_[0]],
        "bias": round(float(fitted.intercept_[0]), _DIGITS),
    }


def _catalog_photos(catalogs: Path, limit: int, seed: int) -> Iterator[Path]:
    for name in CATALOGS:
        files = [
            product.path_of(image)
            for product in read_catalog(catalogs / name)
            if sku_split(product.product_id) == "train"
            for image in product.images
        ]
        yield from _some(files, limit, seed)


def _clean_images(data: list[Path], limit: int, seed: int) -> Iterator[Path]:
    for folder in data:
        labels = [label for label in read_image_labels(folder / IMAGES_FILE) if label.split == "train"]
        yield from _some([folder / label.file for label in labels if not label.noncompliant], limit, seed)


def _some(files: list[Path], limit: int, seed: int) -> list[Path]:
    chosen = np.random.default_rng(seed).choice(len(files), min(limit, len(files)), replace=False)
    return [files[index] for index in sorted(chosen)]


if __name__ == "__main__":
    typer.run(main)

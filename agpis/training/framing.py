"""Fit how much the border of a photo counts beside the network's p^primary (`stage1.framing`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from agpis.data.reviews import IMAGES_FILE, ImageLabel, read_image_labels
from agpis.errors import SettingsError
from agpis.images import read_image
from agpis.model_folder import load_model_folder
from agpis.stage1.classifier import ImageClassifier
from agpis.stage1.framing import Framing, FramingWeights, measure_framing
from agpis.training.datasets import Located, sample

SPLIT = "val"
_CHUNK = 64  # images in memory at a time
_SURE = 1e-9  # keeps the logit of a certain answer finite


@dataclass(frozen=True, slots=True)
class FramingFit:
    """The weights and what they change on the images they were fitted on.

    Attributes:
        weights: what was fitted.
        num_images: labelled images.
        num_primary: primary ones among them.
        auc_network: AUC of the network alone.
        auc: AUC with the border.
    """

    weights: FramingWeights
    num_images: int
    num_primary: int
    auc_network: float
    auc: float


def fit_framing(
    models: Path,
    data: Sequence[Path],
    *,
    held_within: float = 3.0,
    limit: int = 4000,
    seed: int = 0,
    save: bool = False,
) -> FramingFit:
    """Fit on the validation split, which the network did not learn from.

    Args:
        models: pipeline folder.
        data: folders of AGPIS-data.
        held_within: `FramingWeights.limit`; the smaller, the more the border can outweigh a sure network.
        limit: at most this many images.
        seed: draws the images when there are more.
        save: store the weights in `models`.

    Raises:
        CatalogError: when a folder holds no `images.jsonl`, or a malformed one.
        SettingsError: when the validation split has not both primary images and others.
        ModelError: when `models` is not a pipeline folder, or `held_within` is not above 0.
    """
    classifier = load_model_folder(models).primary
    classifier.config.framing = None
    labels = [
        Located(folder, label)
        for folder in data
        for label in read_image_labels(folder / IMAGES_FILE)
        if label.split == SPLIT and label.primary is not None
    ]
    chosen = sample(labels, limit, seed)
    primary = np.array([bool(item.row.primary) for item in chosen])
    if primary.all() or not primary.any():
        raise SettingsError(
            f"the {SPLIT} split needs primary images and others, got {int(primary.sum())} primary of {len(primary)}"
        )
    logits, framings = _measured(classifier, chosen)
    weights = fit_weights(logits, framings, primary, held_within)
    if save:
        classifier.config.framing = asdict(weights)
        classifier.config.save_pretrained(models / "primary")
    return FramingFit(
        weights=weights,
        num_images=len(primary),
        num_primary=int(primary.sum()),
        auc_network=float(roc_auc_score(primary, logits)),
        auc=float(roc_auc_score(primary, weights.apply(logits, framings))),
    )


def fit_weights(
    logits: npt.NDArray[np.float64], framings: Sequence[Framing], primary: npt.NDArray[np.bool_], held_within: float
) -> FramingWeights:
    """Logistic regression of the labels on the held logit and the border.

    Args:
        logits: (N,) of the network, calibrated.
        framings: of the same N images.
        primary: (N,) labels of eq. 1.
        held_within: as in `fit_framing`.
    """
    border = np.array([(framing.plain_border, framing.even_border) for framing in framings])
    values = np.column_stack([np.clip(logits, -held_within, held_within), border])
    found = LogisticRegression(max_iter=1000).fit(values, primary)
    of_logit, plain_border, even_border = (float(weight) for weight in found.coef_[0])
    return FramingWeights(held_within, of_logit, plain_border, even_border, float(found.intercept_[0]))


def _measured(
    classifier: ImageClassifier, items: Sequence[Located[ImageLabel]]
) -> tuple[npt.NDArray[np.float64], list[Framing]]:
    probabilities: list[float] = []
    framings: list[Framing] = []
    for start in range(0, len(items), _CHUNK):
        images = [read_image(item.folder / item.row.file, item.row.file) for item in items[start : start + _CHUNK]]
        probabilities += classifier.predict(images).tolist()
        framings += [measure_framing(image.pixels) for image in images]
    return logit(np.clip(probabilities, _SURE, 1 - _SURE)), framings

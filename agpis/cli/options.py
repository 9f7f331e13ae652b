"""Options that several commands share."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from agpis.data.threshold_file import read_threshold_file
from agpis.errors import SettingsError
from agpis.types import PipelineSettings

Models = Annotated[
    Path | None, typer.Option("--models", help="Model folder; default $AGPIS_MODEL_DIR or the bundled one.")
]
Data = Annotated[list[Path], typer.Option(help="Folder of AGPIS-data, as `agpis simulate` writes it; may be repeated.")]
Seed = Annotated[int, typer.Option(help="Same seed, same run.")]

# Pipeline settings; what is not given stays as stored with the models.
NumImages = Annotated[int | None, typer.Option(help="K^t, images in the sequence.")]
Threshold = Annotated[float | None, typer.Option(help="th^t, submission threshold.")]
ThresholdFile = Annotated[
    Path | None, typer.Option(help="th^t from a file that `python -m analysis threshold --save` wrote.")
]
PrimaryThreshold = Annotated[float | None, typer.Option(help="Smallest p^primary of a primary image.")]
TieThreshold = Annotated[
    float | None, typer.Option(help="Difference in p^primary within which the product's own order decides.")
]
NoncomplianceThreshold = Annotated[float | None, typer.Option(help="Largest p^nc that stays.")]
QualityThreshold = Annotated[float | None, typer.Option(help="Largest score of a quality check that stays.")]
DuplicateThreshold = Annotated[float | None, typer.Option(help="Similarity that counts as a duplicate.")]
ColourThreshold = Annotated[
    float | None, typer.Option(help="Agreement with the primary image's colours that an image needs.")
]
KeepVariants = Annotated[bool, typer.Option(help="Do not take out images in other colours.")]


@dataclass(frozen=True, slots=True)
class StageOneOptions:
    """What a command line changes of stage 1, as options of a `grouped` command; None leaves what is stored."""

    primary_threshold: PrimaryThreshold = None
    tie_threshold: TieThreshold = None
    noncompliance_threshold: NoncomplianceThreshold = None
    quality_threshold: QualityThreshold = None
    duplicate_threshold: DuplicateThreshold = None
    colour_threshold: ColourThreshold = None
    keep_variants: KeepVariants = False

    def wanted(self) -> dict[str, Any]:
        """The pipeline settings that these options name, for `changed_settings`."""
        given = asdict(self)
        given["remove_variants"] = False if given.pop("keep_variants") else None
        return given


def changed_settings(stored: PipelineSettings, **wanted: Any) -> PipelineSettings:
    """The stored settings with those changed that are not None.

    Raises:
        SettingsError: when a value lies outside its range.
    """
    return replace(stored, **{name: value for name, value in wanted.items() if value is not None})


def wanted_threshold(threshold: float | None, file: Path | None) -> float | None:
    """th^t as given, or out of a threshold file; None when neither was given.

    Raises:
        SettingsError: when both were given, or the file is malformed.
    """
    if file is None:
        return threshold
    if threshold is not None:
        raise SettingsError("--threshold does not go with --threshold-file: give one of them")
    return read_threshold_file(file).threshold

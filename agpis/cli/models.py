"""`agpis average`, `assemble`, `framing`, `thresholds`, `adopt-threshold`: from trained models to a pipeline folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agpis.cli.options import Data, Seed
from agpis.cli.output import print_json
from agpis.errors import SettingsError
from agpis.types import PipelineSettings

Limit = Annotated[int, typer.Option(min=1, help="At most this many validation images.")]


def average(
    first: Annotated[Path, typer.Argument(help="`model` folder of an image classifier.")],
    second: Annotated[Path, typer.Argument(help="That of one that was trained on from it, or from the same start.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of the second one.")] = 0.5,
) -> None:
    """Average the weights of two image classifiers of one lineage: steadier on photos that neither learned from."""
    from agpis.training.soup import average_classifiers

    average_classifiers(first, second, out, share)


def assemble(
    primary: Annotated[Path, typer.Option(help="`model` folder of a primary run.")],
    noncompliance: Annotated[Path, typer.Option(help="`model` folder of a noncompliance run.")],
    muisc: Annotated[Path, typer.Option(help="`model` folder of a muisc run.")],
    out: Annotated[Path, typer.Option(help="Folder of the pipeline.")],
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    settings: Annotated[Path | None, typer.Option(help="JSON file with pipeline settings to store.")] = None,
) -> None:
    """Put three trained models, the rules and the settings into one folder that `--models` takes."""
    from agpis.model_files import read_settings
    from agpis.model_folder import assemble_model_folder
    from agpis.rules import load_taxonomy

    stored = PipelineSettings()
    if settings:
        try:
            stored = read_settings(json.loads(settings.read_text(encoding="utf-8")), str(settings))
        except (OSError, ValueError) as error:
            raise SettingsError(f"--settings {settings} cannot be read as JSON: {error}") from error
    assemble_model_folder(primary, noncompliance, muisc, out, load_taxonomy(rules), stored)


def framing(
    models: Annotated[Path, typer.Option(help="Pipeline folder to measure and, with --save, to change.")],
    data: Data,
    held_within: Annotated[
        float,
        typer.Option(min=0.1, help="The network's logit is held within this of 0; the border outweighs the rest."),
    ] = 3.0,
    limit: Limit = 4000,
    save: Annotated[bool, typer.Option(help="Store the weights in the pipeline folder.")] = False,
    seed: Seed = 0,
) -> None:
    """Fit how much a plain border counts for p^primary, which helps on goods that the network never saw."""
    from agpis.training.framing import fit_framing

    print_json(fit_framing(models, data, held_within=held_within, limit=limit, seed=seed, save=save))


def thresholds(
    models: Annotated[Path, typer.Option(help="Pipeline folder to measure and, with --save, to change.")],
    data: Data,
    clean_removed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of clean images that p^nc may remove.")
    ] = 0.05,
    quality_removed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of clean images that the quality checks may remove.")
    ] = 0.02,
    primary_lost: Annotated[
        float, typer.Option(min=0, max=1, help="Share of products whose right primary image may fall below p^primary.")
    ] = 0.05,
    colour_removed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of images of the primary's own colour that may be removed.")
    ] = 0.05,
    tie_lost: Annotated[
        float, typer.Option(min=0, max=1, help="Share of products that ties may cost their right primary image.")
    ] = 0.01,
    limit: Limit = 4000,
    save: Annotated[bool, typer.Option(help="Store the thresholds in the pipeline folder.")] = False,
    seed: Seed = 0,
) -> None:
    """Choose the stage-1 thresholds on the validation split by what they may cost."""
    from agpis.training.thresholds import ThresholdCriteria, choose_thresholds

    criteria = ThresholdCriteria(clean_removed, quality_removed, primary_lost, colour_removed, tie_lost, limit, seed)
    print_json(choose_thresholds(models, data, criteria, save=save))


def adopt_threshold(
    file: Annotated[Path, typer.Argument(help="What `python -m analysis threshold --save` wrote.")],
    models: Annotated[Path, typer.Option(help="Pipeline folder to change.")],
) -> None:
    """Make a chosen th^t the default of a pipeline folder, so that every run and the app use it."""
    from agpis.data.threshold_file import read_threshold_file
    from agpis.model_files import store_threshold

    stored = read_threshold_file(file)
    settings = store_threshold(models, stored)
    print_json({"submission_threshold": settings.submission_threshold, "criterion": stored.in_words()})

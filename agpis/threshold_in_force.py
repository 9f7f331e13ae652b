"""Which th^t is in force: what a person adopted on the page Thresholds, else the one stored with the models."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

from agpis.bundled import threshold_log_file
from agpis.data.threshold_log import adoption_in_force
from agpis.model_files import stored_settings
from agpis.model_version import settings_version
from agpis.types import PipelineSettings

BY_HAND = "by hand"
"""The version of a threshold that was only typed for one run."""


def settings_in_force(stored: PipelineSettings) -> PipelineSettings:
    """The settings stored with the models, with the adopted th^t in place of theirs, if there is one.

    Raises:
        SettingsError: when the log of thresholds is malformed.
    """
    adoption = adoption_in_force(threshold_log_file())
    return stored if adoption is None else replace(stored, submission_threshold=adoption.stored.threshold)


def threshold_version(folder: Path, threshold: float) -> str:
    """Which choice of th^t a result was made with, in words that stay true when another one is made.

    Args:
        folder: of the pipeline.
        threshold: that the result was made with.

    Returns:
        "adopted" and when (UTC) for the threshold in force, the short name of the stored settings for theirs, `BY_HAND`
        for any other.

    Raises:
        ModelError: when the stored settings cannot be read.
        SettingsError: when the log of thresholds is malformed.
    """
    adoption = adoption_in_force(threshold_log_file())
    if adoption is not None and threshold == adoption.stored.threshold:
        return f"adopted {adoption.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    stored = stored_settings(folder).submission_threshold
    return settings_version(folder) if threshold == stored else BY_HAND

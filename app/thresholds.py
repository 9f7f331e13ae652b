"""The threshold that this app was given, in place of the one stored with the models."""

from __future__ import annotations

from dataclasses import replace

from agpis.bundled import threshold_log_file
from agpis.data.threshold_log import adoption_in_force
from agpis.types import PipelineSettings


def settings_in_force(stored: PipelineSettings) -> PipelineSettings:
    """The settings stored with the models, with the th^t that the page Thresholds put in force, if it did.

    Raises:
        SettingsError: when the log of thresholds is malformed.
    """
    adoption = adoption_in_force(threshold_log_file())
    return stored if adoption is None else replace(stored, submission_threshold=adoption.stored.threshold)

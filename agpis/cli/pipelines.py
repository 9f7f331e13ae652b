"""How commands load the models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agpis.bundled import model_folder

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline


def load_pipeline(models: Path | None) -> AgpisPipeline:
    """The pipeline of a folder, by default the one the environment names or the bundled one."""
    # Imported here: `agpis --help` and bad arguments answer without waiting for torch.
    from transformers.utils.logging import disable_progress_bar

    from agpis.pipeline import AgpisPipeline

    disable_progress_bar()  # a bar for each of three small files tells nobody anything
    return AgpisPipeline.from_pretrained(models or model_folder())

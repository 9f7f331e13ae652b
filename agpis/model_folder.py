"""The folder that holds everything a pipeline needs: three models, the rules, the settings.

pipeline.json           format version, PipelineSettings, and by which criterion each threshold was chosen
rules.yaml              the taxonomy the models were trained on
primary/                image classifier of p^primary
noncompliance/          image classifier of p^nc
muisc/                  MUIsC with its processor
README.md               model card, when there is one
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from agpis.errors import ModelError
from agpis.model_files import RULES_FILE, store_settings, stored_settings
from agpis.muisc.modeling_muisc import MuiscModel
from agpis.muisc.processing_muisc import MuiscProcessor
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.stage1.classifier import ImageClassifier
from agpis.types import PipelineSettings


@dataclass(frozen=True, slots=True, eq=False)
class ModelFolder:
    """The parts of a pipeline, loaded.

    Attributes:
        primary: classifier of p^primary.
        noncompliance: classifier of p^nc.
        muisc: MUIsC.
        processor: its image and text preparation.
        taxonomy: its classes.
        settings: default thresholds and K^t.
    """

    primary: ImageClassifier
    noncompliance: ImageClassifier
    muisc: MuiscModel
    processor: MuiscProcessor
    taxonomy: RuleTaxonomy
    settings: PipelineSettings

    def __post_init__(self) -> None:
        if self.muisc.config.class_ids != self.taxonomy.ids:
            raise ModelError(
                f"MUIsC was trained on {len(self.muisc.config.class_ids)} classes "
                f"({', '.join(self.muisc.config.class_ids[:4])}, ...), but the rule file lists {len(self.taxonomy)} "
                f"({', '.join(self.taxonomy.ids[:4])}, ...); use the rule file it was trained with, or train it again"
            )


def load_model_folder(folder: Path) -> ModelFolder:
    """Load every part.

    Raises:
        ModelError: when the folder or a part is missing or malformed, or the parts do not fit one another.
        RulesError: when the rule file is not valid.
        SettingsError: when a stored setting lies outside its range.
    """
    if not folder.is_dir():
        raise ModelError(f"no model folder at {folder}; give one that `agpis assemble` wrote")
    return ModelFolder(
        primary=ImageClassifier.from_pretrained(folder / "primary"),
        noncompliance=ImageClassifier.from_pretrained(folder / "noncompliance"),
        muisc=MuiscModel.from_pretrained(folder / "muisc"),
        processor=MuiscProcessor.from_pretrained(folder / "muisc"),
        taxonomy=load_taxonomy(folder / RULES_FILE),
        settings=stored_settings(folder),
    )


def assemble_model_folder(
    primary: Path, noncompliance: Path, muisc: Path, out: Path, taxonomy: RuleTaxonomy, settings: PipelineSettings
) -> ModelFolder:
    """Copy three trained models into `out`, write the rules and settings, and load the result to prove that it works.

    Raises:
        ModelError: when `out` exists already and is not empty, or a part is missing or does not fit.
    """
    if out.exists() and any(out.iterdir()):
        raise ModelError(f"{out} is not empty; remove it or choose another folder")
    for source, name in ((primary, "primary"), (noncompliance, "noncompliance"), (muisc, "muisc")):
        if not (source / "config.json").is_file():
            raise ModelError(f"{source} holds no config.json; give the `model` folder of a training run")
        shutil.copytree(source, out / name)
    (out / RULES_FILE).write_text(taxonomy.to_yaml(), encoding="utf-8")
    store_settings(out, settings)
    return load_model_folder(out)

"""The settings in force, and by which criterion each was chosen."""

from __future__ import annotations

import streamlit as st

from agpis.bundled import threshold_log_file
from agpis.data.threshold_log import Adoption, adoption_in_force
from agpis.model_facts import PipelineFacts, SettingFacts
from app.components.text import plain, sentence
from app.i18n import _

_CARD_WIDTH = 320
_FIRST = "submission_threshold"


def thresholds(facts: PipelineFacts) -> None:
    """One card a setting, the submission threshold first."""
    st.caption(
        _(
            "What every run begins with, stored with the models. The sliders of the page Image sequence change them "
            "for one session only; the page Thresholds puts another submission threshold in force."
        )
    )
    adopted = adoption_in_force(threshold_log_file())
    grid = st.grid("auto", min_column_width=_CARD_WIDTH, gap="medium")
    for setting in sorted(facts.settings, key=lambda one: one.name != _FIRST):
        with grid.cell(), st.container(border=True, height="stretch", gap="xsmall"):
            if setting.name == _FIRST and adopted is not None:
                _adopted(adopted, setting)
            else:
                _setting(setting)


def _setting(setting: SettingFacts) -> None:
    label, meaning = _words(setting.name)
    st.metric(label, _value(setting.value), help=meaning)
    if setting.criterion:
        st.markdown(_("Chosen by: {criterion}").format(criterion=sentence(setting.criterion)))
    else:
        st.markdown(_("Nobody chose it by a criterion."))
    if setting.stored:
        st.caption(_(":material/save: stored with the models, in pipeline.json"))
    else:
        st.caption(_(":material/code: not in pipeline.json, so the default of the code"))


def _adopted(adopted: Adoption, setting: SettingFacts) -> None:
    label, meaning = _words(setting.name)
    st.metric(label, _value(adopted.stored.threshold), help=meaning)
    st.markdown(_("Chosen by: {criterion}").format(criterion=sentence(adopted.stored.in_words())))
    st.caption(
        _(
            ":material/tune: put in force on the page Thresholds by {person}, {date}; it stands in for the {stored} "
            "stored with the models"
        ).format(person=plain(adopted.by), date=f"{adopted.at:%Y-%m-%d}", stored=_value(setting.value))
    )


def _value(value: bool | int | float) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return f"{value:.4g}" if isinstance(value, float) else plain(str(value))


def _words(name: str) -> tuple[str, str]:
    """Name and meaning of a setting."""
    return {
        "num_images": (_("Images in the sequence $K^t$"), _("How many images a sequence has, the primary included.")),
        "primary_threshold": (
            _("Primary threshold"),
            _("The first image needs a larger $p^{primary}$ than this."),
        ),
        "tie_threshold": (
            _("Tie threshold"),
            _("Images whose $p^{primary}$ are this close are tied; the first in the product's order leads."),
        ),
        "noncompliance_threshold": (
            _("Non-compliance threshold"),
            _("Images with a larger $p^{nc}$ than this are removed."),
        ),
        "quality_threshold": (
            _("Quality threshold"),
            _("Photos with a quality check above this are removed; 1 leaves all of them."),
        ),
        "duplicate_threshold": (
            _("Duplicate threshold"),
            _("Of two images at least this similar one is removed."),
        ),
        "submission_threshold": (
            _("Submission threshold $th^t$"),
            _("A sequence goes to review when its $p^t$ is at least this."),
        ),
        "remove_variants": (
            _("Remove other colours"),
            _("Whether images in other colours than the primary image's are removed."),
        ),
        "colour_threshold": (
            _("Colour threshold"),
            _("How much of the primary image's colours an image needs to count as the same colour of the product."),
        ),
        "seed": (_("Seed"), _("Chooses the images that follow the primary one; the same seed, the same draw.")),
    }[name]

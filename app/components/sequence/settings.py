"""The controls of the sidebar; each carries the name of the setting it changes, also in the page's address."""

from __future__ import annotations

import streamlit as st

from agpis.types import PipelineSettings
from app.i18n import _
from app.state import draw_again, reset_settings


def threshold_controls() -> tuple[tuple[str, str, str], ...]:
    """Name of the setting, label and help of every threshold's slider."""
    return (
        (
            "primary_threshold",
            _("Primary threshold"),
            _("The first image needs a larger $p^{primary}$ than this. Without such an image there is no sequence."),
        ),
        (
            "tie_threshold",
            _("Tie threshold"),
            _(
                "Images whose $p^{primary}$ differ by no more than this are tied: the first one in the "
                "product's order leads."
            ),
        ),
        (
            "noncompliance_threshold",
            _("Non-compliance threshold"),
            _(
                "Images with a larger $p^{nc}$ than this are removed: banners, watermarks, logos, collages "
                "and the like."
            ),
        ),
        (
            "quality_threshold",
            _("Quality threshold"),
            _(
                "Photos with a quality check above this are removed: blurred, too dark, framed and the "
                "like. 1 leaves all."
            ),
        ),
        (
            "duplicate_threshold",
            _("Duplicate threshold"),
            _("Two images at least this similar count as showing the same thing; one of them is removed."),
        ),
        (
            "colour_threshold",
            _("Colour threshold"),
            _(
                "An image needs at least this much of the primary image's colours to count as the same "
                "colour of the product."
            ),
        ),
        (
            "submission_threshold",
            _("Submission threshold $th^t$"),
            _("A sequence is submitted to review when $p^t$, its probability of being qualified, is at least this."),
        ),
    )


def settings_controls(defaults: PipelineSettings, max_images: int) -> PipelineSettings:
    """Draw the controls and return what they say.

    Args:
        defaults: the settings stored with the models.
        max_images: largest K^t that MUIsC takes, at least 2.
    """
    st.subheader(_("Settings"), anchor=False)
    num_images = st.slider(
        _("Images in the sequence $K^t$"),
        1,
        max_images,
        defaults.num_images,
        key="num_images",
        bind="query-params",
        help=_("How many images the sequence has, the primary image included."),
    )
    values = {
        name: st.slider(label, 0.0, 1.0, getattr(defaults, name), 0.01, key=name, bind="query-params", help=explanation)
        for name, label, explanation in threshold_controls()
    }
    variants = st.toggle(
        _("Remove other colours"),
        defaults.remove_variants,
        key="remove_variants",
        bind="query-params",
        help=_("Also remove images in other colours than the primary image, so that the sequence shows one colour."),
    )
    seed = st.number_input(
        _("Seed"),
        0,
        2**31 - 1,
        defaults.seed,
        1,
        key="seed",
        bind="query-params",
        help=_(
            "The images after the primary are drawn at random from those that remain; the same seed, the same draw."
        ),
    )
    with st.container(horizontal=True):
        st.button(
            _("Another draw"), icon=":material/shuffle:", on_click=draw_again, key="draw_again",
            help=_("Draw other images to follow the primary one."),
        )  # fmt: skip
        st.button(_("Reset"), icon=":material/restart_alt:", on_click=reset_settings, args=(defaults,), key="reset")
    return PipelineSettings(num_images=num_images, remove_variants=variants, seed=int(seed), **values)

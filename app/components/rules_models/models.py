"""The three networks of the pipeline in use, and their model card."""

from __future__ import annotations

import os

import pandas as pd
import streamlit as st

from agpis.model_facts import NetworkFacts, PipelineFacts
from app.components.text import plain
from app.i18n import _

_CARD_WIDTH = 300


def models(facts: PipelineFacts) -> None:
    """Where the models lie, one card a network, and the model card."""
    if os.environ.get("AGPIS_MODEL_DIR"):
        st.markdown(
            _(":material/folder: **Your models**, because `AGPIS_MODEL_DIR` points at {folder}").format(
                folder=plain(str(facts.folder))
            )
        )
    else:
        st.markdown(
            _(
                ":material/inventory_2: **The bundled models** ({folder}). Set `AGPIS_MODEL_DIR` to use your own."
            ).format(folder=plain(facts.folder.name))
        )
    grid = st.grid("auto", min_column_width=_CARD_WIDTH, gap="medium")
    for network in facts.networks:
        with grid.cell(), st.container(border=True, height="stretch"):
            _network(network)
    st.subheader(_("Model card"), anchor=False)
    if not facts.card:
        st.info(
            _("These models carry no card. Put a README.md into their folder that tells what they learned from."),
            icon=":material/info:",
        )
        return
    with st.expander(_("What the models learned from, what they reach, and their limits"), key="model_card"):
        st.markdown(facts.card)


def _network(network: NetworkFacts) -> None:
    title, purpose = _words(network.name)
    st.markdown(f"**{title}**")
    st.caption(purpose)
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            _("Parameters"),
            network.parameters,
            format="compact",
            help=_("How many numbers the network consists of."),
            width="content",
        )
        st.metric(
            _("On disk"),
            network.size,
            format="bytes",
            help=_("Size of the weights, stored as {formats}.").format(formats=", ".join(network.dtypes)),
            width="content",
        )
    st.markdown(
        _("Fingerprint `{sha256}`").format(sha256=network.sha256),
        help=_("The beginning of the SHA-256 of the weights. Tables of predictions and decisions name MUIsC's by it."),
    )
    with st.expander(_("Configuration and parts")):
        _listed(_("Setting"), _("Value"), [(name, value) for name, value in network.facts])
        _listed(_("Part"), _("Parameters"), [(name, f"{count:,}") for name, count in network.parts])


def _listed(first: str, second: str, rows: list[tuple[str, str]]) -> None:
    st.dataframe(pd.DataFrame(rows, columns=[first, second]), hide_index=True, height="content")


def _words(name: str) -> tuple[str, str]:
    return {
        "primary": (_("Primary image classifier"), _("$p^{primary}$: may this photo open the sequence?")),
        "noncompliance": (_("Non-compliance classifier"), _("$p^{nc}$: does this photo break a rule by itself?")),
        "muisc": (_("MUIsC"), _("$p^t$, the probability of every rule, and the written feedback of a whole sequence.")),
    }[name]

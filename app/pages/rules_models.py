"""Rules and models: the rule file, the models with their cards, and the thresholds in force."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from app.auth import Role, require
from app.components.rules_models.loading import facts_of, rule_file_in_force
from app.components.rules_models.models import models
from app.components.rules_models.own_rules import own_rules
from app.components.rules_models.rule_list import rule_list
from app.components.rules_models.thresholds import thresholds
from app.components.text import problem
from app.i18n import _


def page() -> None:
    """The whole page, top to bottom."""
    require(Role.MANAGER)
    st.title(_("Rules and models"), anchor=False)
    st.caption(_("What sequences are judged by, which models do it, and the thresholds in force."))
    rules, networks, settings = st.tabs([_("Rules"), _("Models"), _("Thresholds")], key="rules_models_tab")
    with rules:
        _guarded(_rules)
    with networks:
        _guarded(lambda: models(facts_of(model_folder())))
    with settings:
        _guarded(lambda: thresholds(facts_of(model_folder())))


def _rules() -> None:
    file = rule_file_in_force(model_folder())
    rule_list(file)
    own_rules(file.taxonomy)


def _guarded(part: Callable[[], None]) -> None:
    try:
        part()
    except AgpisError as error:
        st.error(_("**This cannot be shown.**") + " " + problem(error), icon=":material/error:")


page()

"""The rule file in force: searched, filtered, read one by one, taken away as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st
import yaml

from agpis.rules import Rule, RuleCategory, RuleTaxonomy
from app.components.categories import category_name
from app.components.rule_words import rule_text
from app.components.rules_models.loading import RuleFile
from app.components.text import plain
from app.i18n import _, ngettext

_MOST_ROWS = 12
_ROW_PIXELS = 35


def rule_list(file: RuleFile) -> None:
    """The list with its search, and the chosen rule in full below it."""
    taxonomy = file.taxonomy
    st.caption(
        ngettext(
            "{count} class, version {version} of the rule file.",
            "{count} classes, version {version} of the rule file.",
            len(taxonomy),
        ).format(count=len(taxonomy), version=taxonomy.version)
        + " "
        + _("Rules stand from the most to the least severe; a reviewer names the first one that a sequence breaks.")
    )
    shown = _found(taxonomy)
    if not shown:
        st.info(_("No rule matches. Try another word, or take the filter away."), icon=":material/search_off:")
    else:
        _table(shown, taxonomy)
    st.download_button(
        _("Download the rule file"),
        file.text,
        file_name=file.path.name,
        mime="application/yaml",
        icon=":material/download:",
        key="download_rules",
        help=_("YAML. Change a copy of it and let it be checked below."),
    )


def _found(taxonomy: RuleTaxonomy) -> list[Rule]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search = st.text_input(
            _("Search"),
            key="rule_search",
            bind="query-params",
            width=320,
            icon=":material/search:",
            placeholder=_("e.g. watermark, background, S03"),
            help=_("Looks in the id, the name, the title, the description and the source of every rule."),
        )
        categories = st.pills(
            _("Category"),
            list(RuleCategory),
            selection_mode="multi",
            format_func=category_name,
            key="rule_categories",
            help=_("What a reviewer has to look at: one image, two images, or the whole sequence. None chosen: all."),
        )
    wanted = search.casefold().split()
    return [
        rule
        for rule in taxonomy.classes
        if (not categories or rule.category in categories) and all(word in _searched(rule) for word in wanted)
    ]


def _searched(rule: Rule) -> str:
    shown = (rule_text(rule.title), rule_text(rule.description), category_name(rule.category))
    words = (rule.id, rule.name, rule.title, rule.description, rule.source, *shown)
    return " ".join(words).casefold()


def _table(shown: list[Rule], taxonomy: RuleTaxonomy) -> None:
    frame = pd.DataFrame(
        {
            "place": [taxonomy.index(rule.id) for rule in shown],
            "id": [rule.id for rule in shown],
            "title": [rule_text(rule.title) for rule in shown],
            "category": [category_name(rule.category) for rule in shown],
            "description": [rule_text(rule.description) for rule in shown],
            "source": [rule.source for rule in shown],
            "frequency": [rule.frequency if rule in taxonomy.rules else None for rule in shown],
            "simulated": [bool(rule.predicate) for rule in shown],
        }
    )
    columns = st.column_config
    config = {
        "place": columns.NumberColumn(
            _("Class"), width=60, help=_("Its place in the file: the output of MUIsC, and among rules the severity.")
        ),
        "id": columns.TextColumn(_("Id"), width=70, help=_("The key by which results and tables name it.")),
        "title": columns.TextColumn(
            _("Title"), width=200, help=_("How a reviewer writes the rule at the beginning of the feedback.")
        ),
        "category": columns.TextColumn(_("Category"), width=120, help=_("What a reviewer has to look at.")),
        "description": columns.TextColumn(_("What it asks"), width=440, help=_("One sentence for the seller.")),
        "source": columns.TextColumn(_("Source"), width=110, help=_("The guidelines it was distilled from.")),
        "frequency": columns.NumberColumn(
            _("Frequency"),
            width=90,
            format="%.1f",
            help=_("How often simulated sellers break it, relative to the other rules of its category."),
        ),
        "simulated": columns.CheckboxColumn(
            _("Simulated"), width=90, help=_("Whether the simulated reviewer judges by it.")
        ),
    }
    event = st.dataframe(
        frame,
        key="rule_table",
        hide_index=True,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        height=min(len(shown) + 1, _MOST_ROWS) * _ROW_PIXELS + 3,
        alt=_("The rules, one a row"),
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(shown):
        _details(shown[rows[0]])
    else:
        st.caption(_("Select a row to read the rule in full."))


def _details(rule: Rule) -> None:
    with st.container(border=True, key="rule_details"):
        st.markdown(f"**{plain(rule_text(rule.title))}** · {plain(rule.id)} · {category_name(rule.category)}")
        st.markdown(plain(rule_text(rule.description)))
        if rule.source:
            st.caption(_("Source: {source}").format(source=plain(rule.source)))
        if rule.predicate:
            st.caption(_("How the simulated reviewer decides it:"))
            st.code(yaml.safe_dump(rule.predicate, sort_keys=False, allow_unicode=True).rstrip(), language="yaml")

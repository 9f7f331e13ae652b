"""An own rule file: checked, set beside the one in force, and what the differences mean for the models in use."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agpis.errors import AgpisError, RulesError
from agpis.rules import Rule, RuleTaxonomy, parse_taxonomy
from agpis.rules.differences import ChangedRule, Effect, TaxonomyDifferences, compare_taxonomies
from app.components.rule_words import rule_text
from app.components.text import plain, problem
from app.i18n import _, ngettext

_MOST_MEGABYTES = 1


def own_rules(in_force: RuleTaxonomy) -> None:
    """The upload, and below it what is wrong with the file, or what it changes."""
    st.subheader(_("Check your own rule file"), anchor=False)
    st.caption(
        _(
            "Upload a changed copy to see what it changes and whether the models in use still fit. Nothing is "
            "installed: the models keep the rules they were trained on."
        )
    )
    file = st.file_uploader(
        _("Rule file"),
        type=["yaml", "yml"],
        key="own_rules",
        max_upload_size=_MOST_MEGABYTES,
        help=_("YAML in the form of the file above: a version and a list of classes."),
    )
    if file is None:
        return
    try:
        own = _read(file.name, file.getvalue())
    except AgpisError as error:
        st.error(_("**This file cannot be used.**") + " " + problem(error), icon=":material/error:")
        return
    found = compare_taxonomies(in_force, own)
    _verdict(found)
    _lists(found)


def _read(name: str, data: bytes) -> RuleTaxonomy:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RulesError(f"rule file {name} is not UTF-8 text: {error}; save it as UTF-8") from error
    return parse_taxonomy(text, name)


def _verdict(found: TaxonomyDifferences) -> None:
    if found.effect is Effect.NONE:
        st.success(_("The file is valid and says the same as the one in force."), icon=":material/check_circle:")
    elif found.effect is Effect.WORDS:
        st.success(
            _(
                "**The models in use fit this file.** Only words for people, categories or the simulation differ; no "
                "output of MUIsC changes its meaning."
            ),
            icon=":material/check_circle:",
        )
    elif found.effect is Effect.TITLES:
        st.warning(
            _(
                "**The models in use fit this file, but write the old titles.** MUIsC begins its feedback with the "
                "titles it learned, and reviews written with them would be read as class other. Train MUIsC again "
                "before you use the new titles."
            ),
            icon=":material/warning:",
        )
    else:
        st.error(_refusal(found), icon=":material/model_training:")
        st.markdown(_("Simulated reviews, MUIsC and the pipeline folder are made anew with the file as `--rules`:"))
        st.code(
            "python -m agpis simulate --rules rules.yaml --out data/market\n"
            "python -m agpis train muisc --rules rules.yaml --data data/market --out runs/muisc\n"
            "python -m agpis assemble --rules rules.yaml --primary PRIMARY --noncompliance NONCOMPLIANCE "
            "--muisc runs/muisc/model --out runs/agpis",
            language="bash",
        )


def _refusal(found: TaxonomyDifferences) -> str:
    if found.effect is Effect.ORDER:
        return _(
            "**MUIsC must be trained again.** The classes are the same, but their order is not: outputs would be taken "
            "for other rules, and of several broken rules a reviewer now names another first."
        )
    return _(
        "**MUIsC must be trained again.** It has one output for each of its {before} classes, and this file has "
        "{after}. Until then a pipeline with this file refuses to load."
    ).format(before=found.classes_before, after=found.classes_after)


def _lists(found: TaxonomyDifferences) -> None:
    _rules(ngettext("{n} class added", "{n} classes added", len(found.added)), found.added)
    _rules(ngettext("{n} class removed", "{n} classes removed", len(found.removed)), found.removed)
    if found.moved:
        _heading(ngettext("{n} class moved", "{n} classes moved", len(found.moved)), len(found.moved))
        moves = _("{rule}: class {before} is now class {after}")
        st.markdown(
            "\n".join(
                f"- {moves.format(rule=_named(move.rule), before=move.before, after=move.after)}"
                for move in found.moved
            )
        )
    if found.changed:
        _heading(ngettext("{n} class described otherwise", "{n} classes described otherwise", len(found.changed)),
                 len(found.changed))  # fmt: skip
        for change in found.changed:
            _change(change)


def _heading(told: str, n: int) -> None:
    st.markdown(f"**{told.format(n=n)}**")


def _rules(told: str, rules: Sequence[Rule]) -> None:
    if rules:
        _heading(told, len(rules))
        st.markdown("\n".join(f"- {_named(rule)}: {plain(rule_text(rule.description))}" for rule in rules))


def _named(rule: Rule) -> str:
    return f"**{plain(rule_text(rule.title))}** ({plain(rule.id)})"


def _change(change: ChangedRule) -> None:
    lines = [f"- {_named(change.after)}"]
    for name in change.fields:
        before, after = (plain(str(getattr(rule, name))) or "–" for rule in (change.before, change.after))
        lines.append(f"    - {_field_name(name)}: {before} :material/arrow_forward: {after}")
    st.markdown("\n".join(lines))


def _field_name(name: str) -> str:
    return {
        "name": _("name"),
        "category": _("category"),
        "title": _("title"),
        "description": _("description"),
        "source": _("source"),
        "predicate": _("simulated reviewer"),
        "frequency": _("frequency"),
    }[name]

"""The rule file and the facts of the pipeline folder in use, read again only when a file has changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from agpis.errors import RulesError
from agpis.model_facts import PipelineFacts, pipeline_facts
from agpis.model_files import RULES_FILE
from agpis.rules import RuleTaxonomy, parse_taxonomy


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule file.

    Attributes:
        path: where it lies.
        text: its text.
        taxonomy: the classes.
    """

    path: Path
    text: str
    taxonomy: RuleTaxonomy


def rule_file_in_force(folder: Path) -> RuleFile:
    """The rule file of a pipeline folder.

    Raises:
        RulesError: when it is missing or not valid.
    """
    return _rule_file(folder / RULES_FILE, _changed(folder / RULES_FILE))


def facts_of(folder: Path) -> PipelineFacts:
    """The facts of a pipeline folder.

    Raises:
        ModelError: when a file is missing or malformed.
        SettingsError: when a stored setting is unknown or outside its range.
    """
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    return _facts(folder, tuple((file.name, _changed(file)) for file in files))


def _changed(file: Path) -> int:
    return file.stat().st_mtime_ns if file.is_file() else 0


@st.cache_resource(show_spinner=False, max_entries=4)
def _rule_file(path: Path, changed: int) -> RuleFile:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"rule file {path} cannot be read: {error}") from error
    return RuleFile(path, text, parse_taxonomy(text, str(path)))


@st.cache_resource(show_spinner=False, max_entries=4)
def _facts(folder: Path, changed: tuple[tuple[str, int], ...]) -> PipelineFacts:
    return pipeline_facts(folder)

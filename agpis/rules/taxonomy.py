"""The classes g_1 ... g_{K^g} of MUIsC (section 3.4.3), read from a YAML file and validated.

Rules change over time, so no other module knows a rule by name: they ask the taxonomy.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agpis.errors import RulesError


class RuleCategory(StrEnum):
    """The paper's categories (section 1), plus the two classes that are no rule."""

    QUALIFIED = "qualified"
    SINGLE = "single"
    PAIR = "pair"
    MULTI = "multi"
    OTHER = "other"


class Rule(BaseModel):
    """One class.

    Attributes:
        id: short unique identifier, e.g. "S03"; key of `rule_probabilities`.
        name: unique snake_case name, e.g. "promo_banner".
        category: which images the rule needs to look at.
        title: how a reviewer writes the rule at the start of the feedback; unique.
        description: one sentence for the seller.
        source: the guidelines it was distilled from.
        predicate: for the simulated reviewer: `kind` and its parameters; empty when not simulated.
        frequency: how often simulated sellers break the rule, relative to the other rules of its category.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^\w+$")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    category: RuleCategory
    title: str = Field(min_length=1)
    description: str = Field(min_length=1)
    source: str = ""
    predicate: dict[str, Any] = Field(default_factory=dict)
    frequency: float = Field(1.0, gt=0)


class RuleTaxonomy(BaseModel):
    """All classes in order: qualified first, then the rules by severity, other last.

    Attributes:
        version: of the rule file.
        classes: K^g classes; 45 in the default file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    classes: tuple[Rule, ...]

    @model_validator(mode="after")
    def _check(self) -> RuleTaxonomy:
        categories = [rule.category for rule in self.classes]
        if len(categories) < 3:
            raise ValueError("needs at least qualified, one rule and other")
        for category, place in ((RuleCategory.QUALIFIED, 0), (RuleCategory.OTHER, -1)):
            if categories.count(category) != 1 or categories[place] is not category:
                where = "first" if place == 0 else "last"
                raise ValueError(f"exactly one class of category {category} must exist and come {where}")
        for key in ("id", "name", "title"):
            values = [getattr(rule, key).casefold() for rule in self.classes]
            repeated = sorted({value for value in values if values.count(value) > 1})
            if repeated:
                raise ValueError(f"{key} must be unique, these occur more than once: {', '.join(repeated)}")
        return self

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def qualified(self) -> Rule:
        """Class g_1."""
        return self.classes[0]

    @property
    def other(self) -> Rule:
        """The class of rejections by rules that are not listed."""
        return self.classes[-1]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules alone, without qualified and other, most severe first."""
        return self.classes[1:-1]

    @property
    def ids(self) -> tuple[str, ...]:
        """Class ids in class order."""
        return tuple(rule.id for rule in self.classes)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {rule.id: index for index, rule in enumerate(self.classes)}

    def index(self, rule_id: str) -> int:
        """Class index of a rule id.

        Raises:
            RulesError: when no class has this id.
        """
        if rule_id not in self._index:
            raise RulesError(f"no rule {rule_id!r} among {', '.join(self.ids)}")
        return self._index[rule_id]

    def __getitem__(self, rule_id: str) -> Rule:
        return self.classes[self.index(rule_id)]

    @cached_property
    def _title_pattern(self) -> re.Pattern[str]:
        # Longest first, so that a title that begins with another title wins.
        titles = sorted((rule.title for rule in self.rules), key=len, reverse=True)
        return re.compile("|".join(rf"(?<!\w){re.escape(title)}(?!\w)" for title in titles), re.IGNORECASE)

    def classify_feedback(self, feedback: str) -> Rule:
        """The class of a review: the rule named first in its feedback (section 4.1).

        The constant word of a qualified sequence gives `qualified`; feedback that names no rule gives `other`.

        Raises:
            RulesError: when the feedback is empty, which says nothing about the verdict.
        """
        text = feedback.strip()
        if not text:
            raise RulesError(f"feedback is empty; write {self.qualified.title!r} for a qualified sequence")
        if text.casefold() == self.qualified.title.casefold():
            return self.qualified
        match = self._title_pattern.search(text)
        if match is None:
            return self.other
        return next(rule for rule in self.rules if rule.title.casefold() == match.group().casefold())

    def to_yaml(self) -> str:
        """The file form, which `load_taxonomy` reads back."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def load_taxonomy(path: Path | str | None = None) -> RuleTaxonomy:
    """Read a rule file, or the 45 classes that ship with AGPIS when no path is given.

    Raises:
        RulesError: when the file is missing, is not YAML, or breaks a constraint; the message says which.
    """
    source = files("agpis.rules") / "default.yaml" if path is None else Path(path)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"rule file {source} cannot be read: {error}") from error
    return parse_taxonomy(text, str(source))


def parse_taxonomy(text: str, name: str) -> RuleTaxonomy:
    """The classes of a rule file's text; `name` is what messages call the file.

    Raises:
        RulesError: when the text is not YAML, or breaks a constraint; the message says which.
    """
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # An impossible date, for one, or lists in lists without end are no YAMLError.
        raise RulesError(f"rule file {name} is not valid YAML: {error}") from error
    try:
        return RuleTaxonomy.model_validate(loaded)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}" for item in error.errors()
        )
        raise RulesError(f"rule file {name} is not valid: {problems}") from error

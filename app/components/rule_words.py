"""Rules in the language of the session; what is stored, compared and written into feedback keeps the rule file's words.

The catalogue holds the titles and descriptions of the bundled rules; those of an own rule file stay as written.
"""

from __future__ import annotations

from agpis.rules import RuleTaxonomy
from app.i18n import translate


def rule_text(text: str) -> str:
    """A title or description of a rule, in the language of this session."""
    return translate(text)


def shown_rules(taxonomy: RuleTaxonomy) -> RuleTaxonomy:
    """The taxonomy to draw figures with: the same classes and ids, with titles and descriptions as they are shown."""
    classes = tuple(
        rule.model_copy(update={"title": rule_text(rule.title), "description": rule_text(rule.description)})
        for rule in taxonomy.classes
    )
    # A copy is not validated again: two titles of an own rule file may be shown by the same words.
    return taxonomy.model_copy(update={"classes": classes})

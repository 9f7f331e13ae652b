"""The form that Label Studio shows for a task, and the names by which its answers come back."""

from __future__ import annotations

from xml.etree import ElementTree

from agpis.rules import RuleTaxonomy

PHOTOS, VERDICT, RULE, COMMENT, REGION = "photos", "verdict", "rule", "comment", "region"
ACCEPT, REJECT, MARK = "Accept", "Reject", "Problem"


def rule_choice(rule_id: str, title: str) -> str:
    """How a rule stands in the form; `rule_of` reads the class id back."""
    return f"{rule_id} {title}"


def rule_of(choice: str) -> str:
    """The class id that a choice begins with."""
    return choice.split(maxsplit=1)[0] if choice.strip() else ""


def labeling_config(taxonomy: RuleTaxonomy) -> str:
    """The form as XML: title, photos with boxes to draw, verdict, rule of a rejection, comment."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$title")
    boxes = ElementTree.SubElement(view, "RectangleLabels", name=REGION, toName=PHOTOS, canRotate="false")
    ElementTree.SubElement(boxes, "Label", value=MARK, background="#D55E00")
    ElementTree.SubElement(view, "Image", name=PHOTOS, valueList="$photos", zoom="true")
    verdict = ElementTree.SubElement(
        view, "Choices", name=VERDICT, toName=PHOTOS, choice="single-radio", required="true", showInline="true"
    )
    for value, key in ((ACCEPT, "a"), (REJECT, "r")):
        ElementTree.SubElement(verdict, "Choice", value=value, hotkey=key)
    rejected = ElementTree.SubElement(
        view, "View", visibleWhen="choice-selected", whenTagName=VERDICT, whenChoiceValue=REJECT
    )
    rules = ElementTree.SubElement(
        rejected, "Choices", name=RULE, toName=PHOTOS, choice="single", layout="select", required="true"
    )
    for rule in taxonomy.classes[1:]:
        ElementTree.SubElement(rules, "Choice", value=rule_choice(rule.id, rule.title), hint=rule.description)
    ElementTree.SubElement(
        view,
        "TextArea",
        name=COMMENT,
        toName=PHOTOS,
        rows="3",
        maxSubmissions="1",
        editable="true",
        placeholder="Comment",
    )
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"

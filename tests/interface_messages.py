"""The sentences that the interface shows: those of its code, read from its syntax trees, and those from below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from agpis.reasons import Reason
from agpis.rules import load_taxonomy
from app.components.figures import LABELS

ARGUMENTS = {"_": 1, "ngettext": 2}


def messages(root: Path) -> dict[tuple[str, ...], str]:
    """(sentence,) or (singular, plural) -> a file that says it; also from inside f-strings.

    Raises:
        ValueError: where what is translated is no literal, so that no catalogue can hold it.
    """
    found: dict[tuple[str, ...], str] = {}
    for path in sorted(root.rglob("*.py")):
        for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            count = ARGUMENTS[ast.unparse(call.func)]
            texts = [one.value for one in call.args[:count] if isinstance(one, ast.Constant)]
            if len(texts) != count or not all(isinstance(text, str) for text in texts):
                raise ValueError(f"{path}:{call.lineno} translates something that is no literal: {ast.unparse(call)}")
            found[tuple(map(str, texts))] = f"{path.relative_to(root.parent)}:{call.lineno}"
    return found


def messages_from_below() -> dict[tuple[str, ...], str]:
    """As `messages`, for what the library and the toolkit write and the app only passes on."""
    found: dict[tuple[str, ...], str] = {(reason.value,): f"agpis/reasons.py, {reason.name}" for reason in Reason}
    for rule in load_taxonomy().classes:
        found |= {(text,): f"agpis/rules/default.yaml, {rule.id}" for text in (rule.title, rule.description)}
    found |= {(label,): "app/components/figures.py" for label in LABELS}
    return found


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call of `_` and `ngettext`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ARGUMENTS:
            yield node

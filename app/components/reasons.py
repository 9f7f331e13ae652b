"""The reasons of the library in the language of the session: a sentence's template is found, and its values put back.

The library writes English, and so do its files and the store. `parse` undoes `str.format`, so the templates that wrote
the sentences find the values again.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import parse

from agpis.reasons import CLAUSE, Reason
from app.i18n import _, is_english, translate

# The library puts up to five clauses inside one another; names made to look like many more must not keep a page busy.
_DEEPEST = 6
_BETWEEN = "; "


def said(text: str) -> str:
    """A sentence of the library in the language of this session; one that no template knows stays as it is."""
    return text if is_english() else _each_translated(text) or _translated(text) or text


def recognise(text: str, deepest: int = _DEEPEST) -> tuple[Reason, dict[str, Any]] | None:
    """The template that wrote a sentence, and the values in it; None when no template did.

    Args:
        text: a sentence or clause.
        deepest: how many clauses may stand inside one another, at least 0; a template counts only where its clause is
            known too.
    """
    for reason, parser in _parsers():
        found = parser.parse(text)
        if found is not None and (CLAUSE not in found.named or _is_known(found.named[CLAUSE], deepest)):
            return reason, found.named
    return None


def _is_known(clause: str, deepest: int) -> bool:
    return deepest > 0 and recognise(clause, deepest - 1) is not None


def _translated(text: str) -> str:
    known = recognise(text)
    if known is None:
        return ""
    reason, values = known
    if CLAUSE in values:
        values[CLAUSE] = _translated(values[CLAUSE])
    return translate(reason).format(**values)


def _each_translated(text: str) -> str:
    """Several reasons in a row, when a template knows each of them."""
    if _BETWEEN not in text:
        return ""
    parts = [_translated(part) for part in text.split(_BETWEEN)]
    return _("; ").join(parts) if all(parts) else ""


@cache
def _parsers() -> tuple[tuple[Reason, parse.Parser], ...]:
    # Case does not count, since pages begin some of the sentences with a capital letter.
    return tuple((reason, parse.compile(reason)) for reason in Reason)

"""The reasons of the library in the language of the session: a sentence's template is found, and its values put back.

The library writes English, and so do its files and the store. `parse` undoes `str.format`, so the templates that wrote
the sentences find the values again.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import parse

from agpis.reasons import CLAUSE, Reason
from app.i18n import is_english, translate


def said(text: str) -> str:
    """A sentence of the library in the language of this session; one that no template knows stays as it is."""
    return text if is_english() else _translated(text) or text


def recognise(text: str) -> tuple[Reason, dict[str, Any]] | None:
    """The template that wrote a sentence, and the values in it; None when no template did.

    A template counts only where its clause is known too.
    """
    for reason, parser in _parsers():
        found = parser.parse(text)
        if found is not None and (CLAUSE not in found.named or recognise(found.named[CLAUSE])):
            return reason, found.named
    return None


def _translated(text: str) -> str:
    known = recognise(text)
    if known is None:
        return ""
    reason, values = known
    if CLAUSE in values:
        values[CLAUSE] = _translated(values[CLAUSE])
    return translate(reason).format(**values)


@cache
def _parsers() -> tuple[tuple[Reason, parse.Parser], ...]:
    # Case does not count, since pages begin some of the sentences with a capital letter.
    return tuple((reason, parse.compile(reason)) for reason in Reason)

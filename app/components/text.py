"""Words for people: outcomes, statuses, and user text made safe to stand inside Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from agpis.errors import AgpisError
from agpis.types import ImageStatus, Outcome, PairRelation
from app.components.reasons import said
from app.i18n import _

Colour = Literal["red", "orange", "blue", "green", "gray"]

_SHORTCODE = re.compile(r":(?=[\w+\-/]+:)")


@dataclass(frozen=True, slots=True)
class Words:
    """How one status is shown.

    Attributes:
        label: a few words.
        colour: of the badge.
        icon: a Material symbol.
    """

    label: str
    colour: Colour
    icon: str


@dataclass(frozen=True, slots=True)
class OutcomeWords(Words):
    """How one outcome is shown.

    Attributes:
        sentence: what it means for the person.
        remedy: what the person can do about it.
    """

    sentence: str
    remedy: str = ""


def outcome_words(outcome: Outcome) -> OutcomeWords:
    """How an outcome is shown, in the language of this session."""
    words = {
        Outcome.SUBMIT: OutcomeWords(
            _("Ready to submit"), "green", ":material/check_circle:", _("This sequence can go to review")
        ),
        Outcome.BELOW_THRESHOLD: OutcomeWords(
            _("Held back"), "orange", ":material/pause_circle:", _("This sequence would probably be rejected")
        ),
        Outcome.NO_PRIMARY: OutcomeWords(
            _("No sequence"),
            "red",
            ":material/cancel:",
            _("No photo can open the sequence"),
            _(
                "Add a photo that shows the whole product by itself on a plain background, or lower the primary "
                "threshold."
            ),
        ),
        Outcome.TOO_FEW_IMAGES: OutcomeWords(
            _("No sequence"),
            "red",
            ":material/cancel:",
            _("Too few photos are left"),
            _("Add photos of other sides of the product, ask for a shorter sequence, or relax the thresholds."),
        ),
        Outcome.NO_READABLE_IMAGE: OutcomeWords(
            _("No sequence"),
            "red",
            ":material/broken_image:",
            _("None of the files could be read"),
            _("Save the photos as JPEG, PNG or WebP and try again; the reason for each file is below."),
        ),
    }
    return words[outcome]


def status_words(status: ImageStatus) -> Words:
    """How the status of a candidate is shown, in the language of this session."""
    words = {
        ImageStatus.SELECTED: Words(_("Selected"), "green", ":material/check:"),
        ImageStatus.REMAINING: Words(_("Remaining"), "blue", ":material/more_horiz:"),
        ImageStatus.REMOVED: Words(_("Removed"), "orange", ":material/close:"),
        ImageStatus.UNREADABLE: Words(_("Unreadable"), "gray", ":material/broken_image:"),
    }
    return words[status]


def relation_words(relation: PairRelation) -> str:
    """How two images of a pair relate, in the language of this session."""
    words = {
        PairRelation.DUPLICATE: _("Shows the same thing twice"),
        PairRelation.VARIANT: _("Same picture in another colour"),
    }
    return words[relation]


def plain(text: str) -> str:
    """Escape a file name or title so that Markdown shows exactly these characters, on one line."""
    line = " ".join(text.split())
    # A backslash does not stop emoji and icon short codes such as :smile:, an invisible joiner does.
    return _SHORTCODE.sub(":\u2060", line).translate(_ESCAPES)


_NOTION = re.compile(r"(?<!\w)(p|th|K)\\\^(primary|nc|mcc|nlg|t|c)(?!\w)")
_ESCAPES = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()<>#+-.!|~$:^=&\"'"})


def sentence(text: str) -> str:
    """A reason written by the library, in the language of this session and escaped; p^t, th^t, ... become formulas."""
    return _NOTION.sub(lambda found: f"${found[1]}^{{\\mathsf{{{found[2]}}}}}$", plain(said(text)))


def problem(error: AgpisError) -> str:
    """What an error says, in the language of this session and escaped, as a sentence of its own."""
    text = str(error)
    return plain(said(f"{text[:1].upper()}{text[1:].rstrip('.')}."))


def name_of(file: str) -> str:
    """The last part of a file's path, which is what a person knows it by."""
    return PurePath(file).name


def shorten(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters; the middle goes, so that a file's ending stays."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = (limit - 1) * 2 // 3
    return f"{line[:head]}…{line[len(line) - (limit - 1 - head) :]}"

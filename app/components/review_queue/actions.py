"""What a reviewer does: accept, reject, skip, undo. Callbacks of buttons, so that the next run shows the next item.

They read the fields and regions as they are when a key is pressed, not as they were when the button was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

from agpis.store import Store, Verdict
from app.components.review_queue.desk import Desk, attempt, bring_back, put_aside, tell
from app.components.review_queue.draft import current_draft
from app.components.review_queue.regions import ShownPhoto, drawn_regions
from app.i18n import _


def accept(desk: Desk) -> None:
    """The sequence meets every rule."""
    if desk.is_shown:
        verdict = Verdict(accepted=True)
        attempt(lambda: desk.store.decide(desk.item.id, desk.reviewer, verdict), _("Accepted."))


def reject(desk: Desk, photos: Sequence[ShownPhoto]) -> None:
    """The sequence breaks the rule of the draft, in the regions that are drawn on `photos`."""
    if not desk.is_shown:
        return
    draft = current_draft(desk)
    if draft.rule_id is None:
        tell(_("Choose the broken rule first: press **1**, **2** or **3**, or search the list."), is_problem=True)
        return
    regions = drawn_regions(desk.key("regions"), photos)
    verdict = Verdict(accepted=False, rule_id=draft.rule_id, comment=draft.comment.strip(), regions=regions)
    attempt(lambda: desk.store.decide(desk.item.id, desk.reviewer, verdict), _("Rejected."))


def skip(desk: Desk) -> None:
    """Leave the item to others and take another one."""
    if desk.is_shown:
        put_aside(desk.item.id)
        attempt(lambda: desk.store.release(desk.item.id, desk.reviewer), _("Skipped. Someone else may take it."))


def undo(store: Store, reviewer: str) -> None:
    """Take the reviewer's last decision back; its item lies there again as it did."""

    def work() -> None:
        taken_back = store.undo(reviewer)
        bring_back(taken_back.item_id, taken_back.verdict)

    attempt(work, _("Your last decision is taken back."))

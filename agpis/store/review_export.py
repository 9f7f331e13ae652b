"""Decisions as AGPIS-data, for the next training run (section 4.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from agpis.data.reviews import REVIEWS_FILE, SPLITS, ReviewRecord, sku_split, write_reviews
from agpis.errors import StoreError
from agpis.reasons import Reason
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.store.store import Store
from agpis.store.values import Decision, QueueItem, Verdict

_PAGE = 500
_SUFFIXES = {".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True, slots=True)
class ReviewExport:
    """What was written.

    Attributes:
        table: the table of reviews.
        num_reviews: its rows, one an item.
        num_photos: different photos beside it.
        splits: train, val and test -> reviews; a product is in one of them only.
        shortened: rejected items whose comment was left out, because it would be read as another rule.
    """

    table: Path
    num_reviews: int
    num_photos: int
    splits: Mapping[str, int]
    shortened: tuple[int, ...]


def export_reviews(store: Store, folder: Path | str, taxonomy: RuleTaxonomy | None = None) -> ReviewExport:
    """Write the last standing verdict of every item as AGPIS-data: `reviews.jsonl` and the photos.

    The table is written last: a folder without it is of an export that was cut short.

    Args:
        store: the store.
        folder: a new or empty folder.
        taxonomy: the classes that the model to be trained shall have; by default those that ship with AGPIS.

    Raises:
        StoreError: when the folder is not empty or cannot be written to, no verdict stands, or a verdict names a rule
            that `taxonomy` does not have.
    """
    folder, taxonomy = Path(folder), taxonomy or load_taxonomy()
    verdicts = {decision.item_id: decision for decision in store.decisions() if decision.stands}
    if not verdicts:
        raise StoreError(Reason.NOTHING_TO_EXPORT.format())
    _check_rules(verdicts, taxonomy)
    records, shortened = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(f"{folder} is not empty; remove it or choose another folder")
        for item in all_items(store):
            if item.id in verdicts:
                record = _record(item, verdicts[item.id], save_photos(store, item, folder), taxonomy)
                records.append(record)
                if _lost_comment(verdicts[item.id].verdict, record.feedback):
                    shortened.append(item.id)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written to: {error}") from error
    table = folder / REVIEWS_FILE
    write_reviews(table, records)
    splits = Counter(record.split for record in records)
    photos = {file for record in records for file in record.images}
    return ReviewExport(table, len(records), len(photos), {name: splits[name] for name in SPLITS}, tuple(shortened))


def all_items(store: Store) -> Iterator[QueueItem]:
    """Every item, oldest first, a page at a time."""
    offset = 0
    while page := store.items(limit=_PAGE, offset=offset):
        yield from page
        offset += len(page)


def save_photos(store: Store, item: QueueItem, folder: Path) -> tuple[str, ...]:
    """Write the photos of an item as `images/<sha256>.<suffix>`, each once, and return their names in order.

    Raises:
        OSError: when a file cannot be written.
    """
    names = []
    for photo in item.photos:
        suffix = PurePath(photo.file).suffix.lower()
        name = f"images/{photo.sha256}{suffix if suffix in _SUFFIXES else ''}"
        if not (folder / name).exists():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(store.photo(photo.sha256))
        names.append(name)
    return tuple(names)


def feedback_of(verdict: Verdict, taxonomy: RuleTaxonomy) -> str:
    """The verdict in words that the taxonomy reads back: the title of its rule, and the comment where it fits.

    Raises:
        RulesError: when the taxonomy does not have the rule.
    """
    if verdict.accepted:
        return taxonomy.qualified.title
    rule, comment = taxonomy[verdict.rule_id], " ".join(verdict.comment.split())
    if not comment:
        return rule.title
    for text in (comment, f"{rule.title}: {comment}"):
        # A comment that begins with the title, as the model's own words do, needs it no second time.
        begins = text.casefold().startswith(rule.title.casefold())
        if begins and taxonomy.classify_feedback(text).id == rule.id:
            return text
    return rule.title


def _record(item: QueueItem, decision: Decision, images: tuple[str, ...], taxonomy: RuleTaxonomy) -> ReviewRecord:
    return ReviewRecord(
        product_id=item.product_id,
        title=item.title,
        category=item.category,
        images=images,
        feedback=feedback_of(decision.verdict, taxonomy),
        rule_id=decision.verdict.rule_id or taxonomy.qualified.id,
        date=decision.decided_at.isoformat(),
        source=item.source,
        split=sku_split(item.product_id),
    )


def _lost_comment(verdict: Verdict, feedback: str) -> bool:
    return not verdict.accepted and " ".join(verdict.comment.split()).casefold() not in feedback.casefold()


def _check_rules(verdicts: Mapping[int, Decision], taxonomy: RuleTaxonomy) -> None:
    rejections = set(taxonomy.ids[1:])
    named = {decision.verdict.rule_id for decision in verdicts.values() if not decision.verdict.accepted}
    if unknown := sorted(named - rejections):
        raise StoreError(
            f"verdicts name rules that are not in the rule file: {', '.join(unknown)}; give the rule file of the model"
        )

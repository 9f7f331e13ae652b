"""Label Studio's annotations as decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from agpis.errors import StoreError
from agpis.store.label_studio.form import ACCEPT, COMMENT, REGION, REJECT, RULE, VERDICT, rule_of
from agpis.store.store import Store
from agpis.store.turns import check_fits
from agpis.store.values import Decision, OutsideVerdict, Region, Verdict
from agpis.types import Box

_SHOWN = 10


class _User(BaseModel):
    id: int
    email: str = ""


class _Value(BaseModel):
    choices: tuple[str, ...] = ()
    text: tuple[str, ...] | str = ()
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    rotation: float = 0


class _Answer(BaseModel):
    from_name: str
    value: _Value
    original_width: int = Field(0, ge=0)
    original_height: int = Field(0, ge=0)
    item_index: int = Field(0, ge=0)


class _Annotation(BaseModel):
    id: int | str
    completed_by: int | _User
    created_at: datetime
    updated_at: datetime | None = None
    was_cancelled: bool = False
    result: tuple[_Answer, ...] = ()


class _Task(BaseModel):
    id: int | str = "?"
    data: dict[str, Any]
    annotations: tuple[_Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnotationImport:
    """What became of an export of Label Studio.

    Attributes:
        added: the decisions that are new in the record.
        num_known: annotations that the record held already.
        num_skipped: annotations that were skipped in Label Studio.
        num_open: tasks without an annotation.
    """

    added: tuple[Decision, ...]
    num_known: int
    num_skipped: int
    num_open: int


def import_annotations(store: Store, file: Path | str, annotators: Mapping[int, str] | None = None) -> AnnotationImport:
    """Add the annotations of an export in the format JSON to the record: all of them, or none.

    Importing the same file again adds nothing.

    Args:
        store: the store that the tasks were exported from.
        file: Label Studio's export.
        annotators: number of a Label Studio user -> e-mail or name, where the export gives numbers only.

    Raises:
        StoreError: when the file cannot be read or is no such export, or when a task, rule, annotator or answer is not
            known; the message names the first ten.
    """
    reader = _Reader(store, annotators or {})
    tasks = _read(Path(file))
    for task in tasks:
        reader.take(task)
    if reader.problems:
        more = f"; and {len(reader.problems) - _SHOWN} more" if len(reader.problems) > _SHOWN else ""
        raise StoreError(f"{file}: nothing was imported: {'; '.join(reader.problems[:_SHOWN])}{more}")
    added = store.record(reader.verdicts)
    return AnnotationImport(
        added=added,
        num_known=len(reader.verdicts) - len(added),
        num_skipped=sum(annotation.was_cancelled for task in tasks for annotation in task.annotations),
        num_open=sum(not task.annotations for task in tasks),
    )


def _read(file: Path) -> list[_Task]:
    try:
        return TypeAdapter(list[_Task]).validate_python(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
        raise StoreError(f"{file} is no export of Label Studio in the format JSON: {reason}") from error


class _Reader:
    """Verdicts of an export, and what is wrong with it."""

    def __init__(self, store: Store, annotators: Mapping[int, str]) -> None:
        self._store = store
        self._annotators = annotators
        self.verdicts: list[OutsideVerdict] = []
        self.problems: list[str] = []

    def take(self, task: _Task) -> None:
        """Read one task; a problem is noted and the rest goes on."""
        given = [annotation for annotation in task.annotations if not annotation.was_cancelled]
        try:
            item_id = self._item_id(task)
        except StoreError as error:
            self.problems.append(f"task {task.id}: {error}")
            return
        for annotation in sorted(given, key=_moment):
            try:
                verdict = _verdict(annotation)
                check_fits(self._store.item(item_id), verdict)
                who = self._annotator(annotation)
                self.verdicts.append(OutsideVerdict(item_id, who, verdict, _moment(annotation)))
            except StoreError as error:
                self.problems.append(f"task {task.id}, annotation {annotation.id}: {error}")

    def _item_id(self, task: _Task) -> int:
        item_id = task.data.get("agpis_item")
        if not isinstance(item_id, int):
            raise StoreError("it is no task that AGPIS exported, agpis_item is missing")
        item = self._store.item(item_id)
        exported = task.data.get("product_id"), task.data.get("sha256")
        if exported != (item.product_id, [photo.sha256 for photo in item.photos]):
            raise StoreError(f"it was exported from another store: item {item_id} of this one has other photos")
        return item_id

    def _annotator(self, annotation: _Annotation) -> str:
        user = annotation.completed_by
        number, email = (user, "") if isinstance(user, int) else (user.id, user.email)
        who = self._annotators.get(number, email)
        if not who:
            raise StoreError(f"it gives its annotator as number {number} only; say who that is")
        return who


def _moment(annotation: _Annotation) -> datetime:
    return annotation.updated_at or annotation.created_at


def _verdict(annotation: _Annotation) -> Verdict:
    answers: dict[str, list[str]] = {VERDICT: [], RULE: [], COMMENT: []}
    regions = []
    for answer in annotation.result:
        if answer.from_name == REGION:
            regions.append(_region(answer))
        elif answer.from_name in answers:
            text = (answer.value.text,) if isinstance(answer.value.text, str) else answer.value.text
            answers[answer.from_name] += [*answer.value.choices, *text]
        else:
            raise StoreError(f"it answers {answer.from_name!r}, which the exported form does not ask")
    said = answers[VERDICT]
    if said not in ([ACCEPT], [REJECT]):
        raise StoreError(f"its verdict must be {ACCEPT} or {REJECT}, got {', '.join(said) or 'none'}")
    # The choice of a rule stays in the answers when the verdict is changed to accepted.
    rule_id = rule_of(" ".join(answers[RULE])) if said == [REJECT] else ""
    return Verdict(said == [ACCEPT], rule_id, "\n".join(answers[COMMENT]), tuple(regions))


def _region(answer: _Answer) -> Region:
    """A box in pixels; Label Studio gives percents of the photo."""
    value, width, height = answer.value, answer.original_width, answer.original_height
    if not (width and height):
        raise StoreError("a region does not say how large its photo is (original_width, original_height)")
    if value.rotation:
        raise StoreError(f"a region is turned by {value.rotation} degrees; draw it upright")
    left, top = max(round(value.x * width / 100), 0), max(round(value.y * height / 100), 0)
    right, bottom = round((value.x + value.width) * width / 100), round((value.y + value.height) * height / 100)
    box = Box(left, top, max(min(right, width) - left, 1), max(min(bottom, height) - top, 1))
    return Region(answer.item_index + 1, box)

"""Items of the queue as tasks of Label Studio."""

from __future__ import annotations

import base64
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agpis.errors import StoreError
from agpis.reasons import Reason
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.store.label_studio.form import COMMENT, PHOTOS, RULE, labeling_config, rule_choice
from agpis.store.review_export import all_items, save_photos
from agpis.store.store import Store
from agpis.store.values import ItemStatus, QueueItem

TASKS_FILE, CONFIG_FILE = "tasks.json", "labeling-config.xml"


@dataclass(frozen=True, slots=True)
class TaskExport:
    """What was written.

    Attributes:
        tasks: the file to import into a project.
        config: the project's labelling configuration.
        num_tasks: one an item.
    """

    tasks: Path
    config: Path
    num_tasks: int


def export_tasks(
    store: Store, folder: Path | str, taxonomy: RuleTaxonomy | None = None, image_prefix: str | None = None
) -> TaskExport:
    """Write every item that still wants an opinion as a task, with the model's words as a prediction.

    Items stay in the queue. An answer to one that was decided meanwhile counts as one more opinion.

    Args:
        store: the store.
        folder: a new or empty folder.
        taxonomy: the rules to choose from; by default those that ship with AGPIS.
        image_prefix: what Label Studio has to put before `images/<file>` to reach the photos that are then written into
            the folder, e.g. `/data/local-files/?d=agpis/`; None puts the photos into the tasks themselves, which needs
            no server but makes a large file.

    Raises:
        StoreError: when the folder is not empty or cannot be written to, or no item wants an opinion.
    """
    folder, taxonomy = Path(folder), taxonomy or load_taxonomy()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(f"{folder} is not empty; remove it or choose another folder")
        tasks = []
        for item in all_items(store):
            if item.status is not ItemStatus.DECIDED:
                tasks.append(_task(item, _photos(store, item, folder, image_prefix), taxonomy))
        if not tasks:
            raise StoreError(Reason.NO_OPINION_WANTED.format())
        (folder / CONFIG_FILE).write_text(labeling_config(taxonomy), encoding="utf-8")
        (folder / TASKS_FILE).write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written to: {error}") from error
    return TaskExport(folder / TASKS_FILE, folder / CONFIG_FILE, len(tasks))


def _photos(store: Store, item: QueueItem, folder: Path, prefix: str | None) -> list[str]:
    if prefix is not None:
        return [prefix + name for name in save_photos(store, item, folder)]
    return [_data_url(photo.file, store.photo(photo.sha256)) for photo in item.photos]


def _data_url(file: str, data: bytes) -> str:
    kind = mimetypes.guess_type(file)[0] or "image/jpeg"
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _task(item: QueueItem, photos: list[str], taxonomy: RuleTaxonomy) -> dict[str, Any]:
    data = {
        "agpis_item": item.id,
        "product_id": item.product_id,
        "sha256": [photo.sha256 for photo in item.photos],
        "title": item.title or item.product_id,
        "category": item.category,
        PHOTOS: photos,
    }
    result = _prefilled(item, taxonomy)
    prediction = {"model_version": item.model_version, "score": item.p_qualified, "result": result}
    return {"data": data, "predictions": [prediction] if result else []}


def _prefilled(item: QueueItem, taxonomy: RuleTaxonomy) -> list[dict[str, Any]]:
    """The model's objection, for the reviewer to agree with or to correct; none where it has none."""
    if not item.feedback.strip():
        return []
    rule = taxonomy.classify_feedback(item.feedback)
    if rule == taxonomy.qualified:
        return []
    answers = ((RULE, "choices", [rule_choice(rule.id, rule.title)]), (COMMENT, "textarea", [item.feedback]))
    return [
        {
            "from_name": name,
            "to_name": PHOTOS,
            "type": kind,
            "value": {"text" if kind == "textarea" else kind: value},
        }
        for name, kind, value in answers
    ]

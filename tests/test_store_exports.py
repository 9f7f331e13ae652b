"""Decisions as AGPIS-data and through Label Studio, on both databases, and the commands around them."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from store_databases import a_submission
from typer.testing import CliRunner, Result

from agpis.cli import app
from agpis.data.review_table import load_reviews
from agpis.data.reviews import sku_split
from agpis.errors import AgpisError, CatalogError, SettingsError, StoreError
from agpis.rules import load_taxonomy
from agpis.store import Region, Store, StoredPhoto, Submission, Verdict, export_reviews, open_store, submission_of
from agpis.store.label_studio import export_tasks, import_annotations
from agpis.store.review_export import feedback_of
from agpis.types import Box, Outcome, SequenceResult

TAXONOMY = load_taxonomy()
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_photo(shade: int, size: tuple[int, int] = (200, 100)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (shade, 99, 99)).save(data, "PNG")
    return data.getvalue()


def queued(store: Store, number: int, feedback: str = "yes") -> int:
    submission = a_submission(number, feedback=feedback)
    photos = (StoredPhoto("a/front.PNG", a_photo(number)), StoredPhoto("back", a_photo(200)))
    values = {name: getattr(submission, name) for name in Submission.__dataclass_fields__}
    return store.submit(Submission(**values | {"photos": photos}))


def judge(store: Store, reviewer: str, verdict: Verdict, now: datetime = NOW) -> int:
    item = store.claim(reviewer, now)
    assert item is not None
    return store.decide(item.id, reviewer, verdict, now).item_id


def review(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["review", *map(str, arguments)])


# -- AGPIS-data ---------------------------------------------------------------------------------------------------


def test_the_export_is_agpis_data(store: Store, tmp_path: Path) -> None:
    for number in range(4):
        queued(store, number)
    judge(store, "ana", Verdict(True, comment="nice"))
    judge(store, "ana", Verdict(False, "S01", "in the corner"))
    judge(store, "ana", Verdict(False, "P01"))
    store.undo("ana")  # of the third item nothing stands, and the fourth was never looked at
    out = tmp_path / "out"
    done = export_reviews(store, out)
    table = load_reviews(out, TAXONOMY, check_images=True, named_rules=True)
    assert table.rejected == ()
    assert [(r.product_id, r.feedback, r.rule_id) for r in table.records] == [
        ("SKU-0", "yes", "qualified"),
        ("SKU-1", "Watermark: in the corner", "S01"),
    ]
    first = table.records[0]
    assert (first.title, first.category, first.source, first.date) == ("White mug", "mug", "shop", NOW.isoformat())
    assert first.split == sku_split("SKU-0")
    assert [(out / file).read_bytes() for file in first.images] == [a_photo(0), a_photo(200)]
    assert [Path(file).suffix for file in first.images] == [".png", ""]
    assert (done.table, done.num_reviews, done.num_photos, done.shortened) == (out / "reviews.jsonl", 2, 3, ())
    assert sum(done.splits.values()) == 2
    assert CliRunner().invoke(app, ["data", "check", str(out), "--images", "--named-rules"]).exit_code == 0


def test_the_last_standing_verdict_of_an_item_counts(store: Store, tmp_path: Path) -> None:
    queued(store, 1)
    judge(store, "ana", Verdict(True))
    store.ask_second_opinions(1.0, seed=0)
    judge(store, "ben", Verdict(False, "P01"))
    export_reviews(store, tmp_path / "both")
    store.undo("ben")
    export_reviews(store, tmp_path / "one")
    both, one = (load_reviews(tmp_path / name, TAXONOMY).records for name in ("both", "one"))
    assert [record.rule_id for record in both] == ["P01"]
    assert [record.rule_id for record in one] == ["qualified"]


@pytest.mark.parametrize(
    ("rule_id", "comment", "feedback"),
    [
        ("S01", "", "Watermark"),
        ("S01", "top\n left", "Watermark: top left"),
        ("S01", "Watermark: the 2nd image carries one", "Watermark: the 2nd image carries one"),
        ("P01", "Watermark", "Exact duplicate: Watermark"),
        ("S01", "yes", "Watermark: yes"),
        ("other", "ugly", f"{TAXONOMY.other.title}: ugly"),
        ("other", "no Watermark but ugly", TAXONOMY.other.title),  # would be read as S01
    ],
)
def test_feedback_is_read_back_as_the_rule_of_the_verdict(rule_id: str, comment: str, feedback: str) -> None:
    assert feedback_of(Verdict(False, rule_id, comment), TAXONOMY) == feedback
    assert TAXONOMY.classify_feedback(feedback).id == rule_id


def test_what_cannot_be_exported_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no decision stands"):
        export_reviews(store, tmp_path / "out")
    queued(store, 1)
    judge(store, "ana", Verdict(False, "P01"))
    rules = [rule for rule in TAXONOMY.classes if rule.id != "P01"]
    with pytest.raises(StoreError, match="not in the rule file: P01"):
        export_reviews(store, tmp_path / "out", TAXONOMY.model_copy(update={"classes": tuple(rules)}))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(StoreError, match="full is not empty"):
        export_reviews(store, tmp_path / "full")


# -- Label Studio -------------------------------------------------------------------------------------------------


def answer(name: str, kind: str, **value: Any) -> dict[str, Any]:
    return {"id": "x1", "from_name": name, "to_name": "photos", "type": kind, "value": value}


def annotated(task: dict[str, Any], *result: dict[str, Any], by: Any = None, **more: Any) -> dict[str, Any]:
    annotation = {
        "id": 1001,
        "completed_by": by or {"id": 7, "email": "zoe@example.org"},
        "created_at": "2026-03-09T21:52:49.513742Z",
        "updated_at": "2026-03-09T22:16:08.746926Z",
        "was_cancelled": False,
        "result": list(result),
        "lead_time": 4.2,
    }
    return {"id": 31, "data": task["data"], "annotations": [annotation | more], "predictions": [], "project": 3}


ACCEPTED = answer("verdict", "choices", choices=["Accept"])
REJECTED = answer("verdict", "choices", choices=["Reject"])
WATERMARK = answer("rule", "choices", choices=["S01 Watermark"])
COMMENT = answer("comment", "textarea", text=["in the corner"])
# A quarter of a photo of 200 x 100 pixels, on the second photo.
MARKED = answer("region", "rectanglelabels", x=50.0, y=50.0, width=50.0, height=50.0, rotation=0) | {
    "original_width": 200,
    "original_height": 100,
    "item_index": 1,
}


def exported(store: Store, folder: Path) -> list[dict[str, Any]]:
    return list(json.loads(export_tasks(store, folder).tasks.read_text(encoding="utf-8")))


def written(folder: Path, *tasks: dict[str, Any]) -> Path:
    path = folder / "annotations.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


def test_through_label_studio_and_back(store: Store, tmp_path: Path) -> None:
    items = [queued(store, number) for number in range(3)]
    tasks = exported(store, tmp_path / "tasks")
    assert [task["data"]["agpis_item"] for task in tasks] == items
    skipped = annotated(tasks[2], was_cancelled=True)
    file = written(
        tmp_path,
        annotated(tasks[0], ACCEPTED, WATERMARK),  # the rule was chosen before the verdict was changed
        annotated(tasks[1], REJECTED, WATERMARK, COMMENT, MARKED),
        skipped,
    )
    done = import_annotations(store, file)
    assert (len(done.added), done.num_known, done.num_skipped, done.num_open) == (2, 0, 1, 0)
    first, second = store.decisions()
    assert first.verdict == Verdict(True)
    assert second.verdict == Verdict(False, "S01", "in the corner", (Region(2, Box(100, 50, 100, 50)),))
    assert (second.item_id, second.reviewer) == (items[1], "zoe@example.org")
    assert second.decided_at == datetime(2026, 3, 9, 22, 16, 8, 746926, UTC)
    again = import_annotations(store, file)
    assert (again.added, again.num_known) == ((), 2)
    assert [task["data"]["agpis_item"] for task in exported(store, tmp_path / "rest")] == items[2:]


def test_a_changed_annotation_takes_the_earlier_one_back(store: Store, tmp_path: Path) -> None:
    queued(store, 1)
    (task,) = exported(store, tmp_path / "tasks")
    import_annotations(store, written(tmp_path, annotated(task, ACCEPTED)))
    import_annotations(store, written(tmp_path, annotated(task, REJECTED, WATERMARK)))
    assert [line.stands for line in store.decisions()] == [False, False, True]


def test_the_form_asks_for_every_rule_and_tasks_carry_the_models_objection(store: Store, tmp_path: Path) -> None:
    queued(store, 1, feedback="Watermark: the 1st image carries one")
    queued(store, 2, feedback="yes")
    done = export_tasks(store, tmp_path / "tasks")
    form = ElementTree.parse(done.config).getroot()
    choices = [choice.get("value", "") for choice in form.iter("Choice")]
    assert [choice.split()[0] for choice in choices] == ["Accept", "Reject", *TAXONOMY.ids[1:]]
    names = {element.get("name") for element in form.iter() if element.get("name")}
    assert names == {"photos", "verdict", "rule", "comment", "region"}
    assert {element.get("toName") for element in form.iter() if element.get("toName")} == {"photos"}
    objects, nothing = json.loads(done.tasks.read_text(encoding="utf-8"))
    (prediction,) = objects["predictions"]
    assert [(part["from_name"], part["value"]) for part in prediction["result"]] == [
        ("rule", {"choices": ["S01 Watermark"]}),
        ("comment", {"text": ["Watermark: the 1st image carries one"]}),
    ]
    assert nothing["predictions"] == []
    kind, data = objects["data"]["photos"][0].split(",")
    assert (kind, base64.b64decode(data)) == ("data:image/png;base64", a_photo(1))


def test_photos_may_lie_beside_the_tasks(store: Store, tmp_path: Path) -> None:
    queued(store, 1)
    done = export_tasks(store, tmp_path / "t", image_prefix="/data/local-files/?d=agpis/")
    (task,) = json.loads(done.tasks.read_text(encoding="utf-8"))
    for place, name in enumerate(task["data"]["photos"]):
        prefix, file = name.split("agpis/")
        assert prefix == "/data/local-files/?d="
        assert (tmp_path / "t" / file).read_bytes() == [a_photo(1), a_photo(200)][place]


@pytest.mark.parametrize(
    ("results", "changes", "message"),
    [
        ([], {}, "annotation 1001: its verdict must be Accept or Reject, got none"),
        ([REJECTED], {}, "rule of a rejection is empty"),
        ([REJECTED, answer("rule", "choices", choices=["X9 Ugly"])], {}, "no rule 'X9' among"),
        ([ACCEPTED, answer("mood", "choices", choices=["good"])], {}, "answers 'mood', which the exported form"),
        ([ACCEPTED, MARKED | {"item_index": 2}], {}, "has 2 photos; there is no photo 3"),
        ([ACCEPTED, MARKED | {"original_width": 0}], {}, "does not say how large its photo is"),
        ([ACCEPTED, MARKED | {"value": MARKED["value"] | {"rotation": 30}}], {}, "turned by 30.0 degrees"),
        ([ACCEPTED], {"completed_by": 7}, "gives its annotator as number 7 only"),
        ([ACCEPTED], {"created_at": "soon"}, "is no export of Label Studio"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    tmp_path: Path, results: list[dict[str, Any]], changes: dict[str, Any], message: str
) -> None:
    store = open_store(str(tmp_path / "a.db"))
    queued(store, 1)
    queued(store, 2)
    good, task = exported(store, tmp_path / "tasks")
    file = written(tmp_path, annotated(good, ACCEPTED), annotated(task, *results, **changes))
    with pytest.raises(StoreError, match=message):
        import_annotations(store, file)
    assert store.decisions() == ()


def test_tasks_of_elsewhere_are_refused(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "a.db"))
    queued(store, 1)
    (task,) = exported(store, tmp_path / "tasks")
    strangers = [{"text": "x"}, task["data"] | {"agpis_item": 5}, task["data"] | {"product_id": "SKU-3"}]
    tasks = [annotated({"data": data}, ACCEPTED) | {"id": place} for place, data in enumerate(strangers)]
    with pytest.raises(StoreError) as caught:
        import_annotations(store, written(tmp_path, *tasks))
    for words in ("task 0: it is no task that AGPIS exported", "task 1: there is no item 5", "task 2: it was exported"):
        assert words in str(caught.value)
    (tmp_path / "x.json").write_text("{}")
    for wrong in ("x.json", "nowhere.json"):
        with pytest.raises(StoreError, match="no export of Label Studio"):
            import_annotations(store, tmp_path / wrong)
    assert store.decisions() == ()


def test_nothing_to_export_to_label_studio_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no item in the store wants an opinion"):
        export_tasks(open_store(str(tmp_path / "a.db")), tmp_path / "out")


# -- results and commands -----------------------------------------------------------------------------------------


def a_result(**changes: Any) -> SequenceResult:
    values: dict[str, Any] = {
        "product_id": "SKU-1",
        "outcome": Outcome.SUBMIT,
        "reason": "Submit.",
        "sequence": ("b.jpg", "a.jpg"),
        "p_qualified": 0.75,
        "threshold": 0.5,
        "rule_probabilities": {"qualified": 0.75, "S01": 0.25},
        "feedback": None,
        "p_nlg_qualified": None,
        "images": (),
        "duplicates": (),
    }
    return SequenceResult(**values | changes)


def test_a_result_becomes_a_submission_in_the_order_of_the_sequence() -> None:
    photos = {"a.jpg": b"a", "b.jpg": b"b", "c.jpg": b"c"}
    made = submission_of(a_result(), photos, title="Mug", model_version="m1", threshold_version="t1")
    assert made.photos == (StoredPhoto("b.jpg", b"b"), StoredPhoto("a.jpg", b"a"))
    assert (made.p_qualified, made.submission_threshold, made.feedback, made.title) == (0.75, 0.5, "", "Mug")
    with pytest.raises(StoreError, match="no bytes were given for b.jpg"):
        submission_of(a_result(), {"a.jpg": b"a"}, title="", model_version="m1", threshold_version="t1")
    empty = a_result(sequence=(), p_qualified=None, outcome=Outcome.NO_PRIMARY, reason="No primary image.")
    with pytest.raises(StoreError, match=r"SKU-1 has no sequence to review: No primary image\."):
        submission_of(empty, photos, title="", model_version="m1", threshold_version="t1")


def test_the_commands_from_the_queue_to_the_data(database: str, tmp_path: Path) -> None:
    with_database = ("--database", database)
    store = open_store(database)
    queued(store, 1)
    queued(store, 2)
    judge(store, "ana", Verdict(False, "S01"))
    listed = review("list", *with_database)
    assert "1 waiting, 0 claimed, 1 decided" in listed.stdout
    assert "SKU-2" not in review("list", "--status", "decided", *with_database).stdout
    assert [json.loads(line)["id"] for line in review("list", "--json", *with_database).stdout.splitlines()] == [1, 2]
    shown = json.loads(review("show", 1, *with_database).stdout)
    assert shown["item"]["status"] == "decided"
    assert shown["decisions"][0]["verdict"]["rule_id"] == "S01"
    assert shown["decisions"][0]["decided_at"] == NOW.isoformat()
    assert "1 items wait for a second opinion" in review("second-opinions", 1.0, *with_database).stdout
    assert store.claim("cleo", NOW)  # holds the second item, so that ben gets the first
    judge(store, "ben", Verdict(False, "S01"))
    store.release(2, "cleo")
    assert "1 reviews (" in review("export", tmp_path / "data", *with_database).stdout
    tasks = review("label-studio-export", tmp_path / "ls", *with_database)
    assert tasks.stdout.startswith("1 tasks written to ")
    (task,) = json.loads((tmp_path / "ls" / "tasks.json").read_text(encoding="utf-8"))
    file = written(tmp_path, annotated(task, ACCEPTED, by=7))
    refused = review("label-studio-import", file, *with_database)
    assert isinstance(refused.exception, StoreError)
    done = review("label-studio-import", file, "--annotator", "7=zoe@example.org", *with_database)
    assert done.stdout == "1 decisions added; 0 were known, 0 annotations were skipped, 0 tasks have none\n"
    assert store.decisions()[-1].reviewer == "zoe@example.org"
    measured = review("agreement", *with_database).stdout
    assert "ana and ben: 1 of 1 verdicts agree (100.0%); kappa is undefined: both reviewers rejected" in measured
    assert json.loads(review("agreement", "--json", *with_database).stdout)["overall"]["num_items"] == 1
    store.close()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (["show", "9"], StoreError, "no item 9"),
        (["list", "--status", "lost"], SettingsError, "waiting, claimed, decided, got 'lost'"),
        (["label-studio-import", "x.json", "--annotator", "zoe"], SettingsError, "NUMBER=E-MAIL"),
        (["add"], CatalogError, "give either a FOLDER of photos, or --catalog and --product"),
        (["second-opinions", "2"], StoreError, "got 2.0"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, arguments: list[str], kind: type[AgpisError], message: str) -> None:
    done = review(*arguments, "--database", tmp_path / "a.db")
    assert isinstance(done.exception, kind)
    assert message in str(done.exception)


def test_a_product_goes_through_the_pipeline_into_the_queue(tmp_path: Path) -> None:
    sample = ("add", "--catalog", "assets/samples", "--product", "sample-mug", "--submitted-by", "olga")
    done = review(*sample, "--database", tmp_path / "a.db")
    assert "item 1 waits for review" in done.stdout, done.exception
    (item,) = open_store(str(tmp_path / "a.db")).items()
    assert (item.product_id, item.submitted_by, len(item.photos)) == ("sample-mug", "olga", 3)
    assert len(item.rule_probabilities) == 45
    photo = Path("assets/samples", item.photos[0].file).read_bytes()
    assert open_store(str(tmp_path / "a.db")).photo(item.photos[0].sha256) == photo

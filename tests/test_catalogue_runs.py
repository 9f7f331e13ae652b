"""Runs over whole catalogues: products one by one, pause, cancel, failures, the line, and what is kept."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from catalogue_shop import ShopPipeline, shop, zipped

from agpis.catalogue.engine import Models, take_step
from agpis.catalogue.intake import Source, Upload, server_source, uploaded_source
from agpis.catalogue.submitting import send_to_review
from agpis.catalogue.worker import CatalogueWorker
from agpis.errors import CatalogError, ModelError, StoreError
from agpis.store import open_store
from agpis.store.catalogue_runs import FAILED, CatalogueRuns
from agpis.store.catalogue_values import NewProduct, NewRun, ProductStatus, RunStatus
from agpis.types import Outcome, PipelineSettings

SETTINGS = PipelineSettings(remove_variants=False, submission_threshold=0.5)


@pytest.fixture
def runs(database: str) -> Iterator[CatalogueRuns]:
    """Runs in SQLite, and in PostgreSQL where there is a server."""
    runs = CatalogueRuns.open(database)
    yield runs
    runs.engine.dispose()


@pytest.fixture
def pipeline() -> ShopPipeline:
    return ShopPipeline(p_by_product={"lamp": 0.2})


@pytest.fixture
def worker(runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path) -> Iterator[CatalogueWorker]:
    worker = CatalogueWorker(runs, tmp_path / "catalogues", lambda: Models(pipeline, "models 1"))
    yield worker
    worker.close()


def source(tmp_path: Path, *ids: str) -> Source:
    folder = shop(tmp_path / "shop", ids or ("mug", "lamp", "chair"))
    return server_source(str(folder), tmp_path / "catalogues")


def created(runs: CatalogueRuns, source: Source) -> int:
    new = NewRun(source.name, source.folder, source.kept, SETTINGS, "models 1", "typed")
    return runs.create(new, source.products())


def started(worker: CatalogueWorker, source: Source) -> int:
    return worker.start(source, SETTINGS, "models 1", "typed", "ann")


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not met():
        assert time.monotonic() < end, "not met after 30 s"
        time.sleep(0.01)


def ended(worker: CatalogueWorker, run_id: int) -> RunStatus:
    until(lambda: worker.place_in_line(run_id) is None)
    return worker.runs.run(run_id).status


# -- one run, step by step ------------------------------------------------------------------------------------------


def test_every_step_runs_one_product_and_keeps_its_result(
    runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path
) -> None:
    run_id = created(runs, source(tmp_path))
    assert runs.queue(run_id, "here")
    assert runs.run(run_id).counts.waiting == 3
    assert runs.run(run_id).seconds is None
    assert take_step(runs, run_id, lambda: Models(pipeline, "models 1"))
    assert pipeline.seen == ["mug"]
    assert (runs.run(run_id).counts.waiting, runs.run(run_id).counts.outcomes) == (2, {Outcome.SUBMIT: 1})
    while take_step(runs, run_id, lambda: Models(pipeline, "models 1")):
        pass
    run = runs.run(run_id)
    assert (run.status, run.counts.share, run.remaining_seconds) == (RunStatus.DONE, 1.0, 0.0)
    assert run.counts.outcomes == {Outcome.SUBMIT: 2, Outcome.BELOW_THRESHOLD: 1}
    mug, lamp, _ = runs.products(run_id)
    assert (mug.product_id, mug.title, mug.position, mug.p_qualified) == ("mug", "A mug", 1, 0.62)
    assert mug.sequence[0] == "mug/front.png"
    assert mug.result["outcome"] == "submit"
    assert lamp.reason == lamp.result["reason"]
    assert pipeline.seen == ["mug", "lamp", "chair"]


def test_failures_are_kept_with_their_reasons_and_the_run_goes_on(
    runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path
) -> None:
    catalogue = source(tmp_path)
    with (tmp_path / "shop" / "products.jsonl").open("a") as table:
        table.write('{"product_id": "mug", "images": []}\n{oops\n{"product_id": "nul\\u0000", "images": ["a.png"]}\n')
    (tmp_path / "shop" / "chair" / "front.png").write_bytes(b"no picture")
    pipeline.broken = {"lamp"}
    run_id = created(runs, catalogue)
    runs.queue(run_id, "here")
    while take_step(runs, run_id, lambda: Models(pipeline, "models 1")):
        pass
    assert runs.run(run_id).status is RunStatus.DONE
    failed = {product.position: product.reason for product in runs.products(run_id, FAILED)}
    assert failed[2] == "lamp is too much for this model"
    assert "line 4: product_id 'mug' was already given in line 1" in failed[4]
    assert "line 5: not JSON" in failed[5]
    assert "no database can store" in failed[6]
    assert sorted(failed) == [2, 4, 5, 6]
    chair = runs.products(run_id, Outcome.NO_PRIMARY)[0]
    assert chair.result["images"][-1]["status"] == "unreadable"


def test_a_run_keeps_to_the_models_it_began_with(runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path) -> None:
    run_id = created(runs, source(tmp_path))
    runs.queue(run_id, "here")
    with pytest.raises(ModelError, match="began with the models models 1, but the server now has models 2"):
        take_step(runs, run_id, lambda: Models(pipeline, "models 2"))
    assert pipeline.seen == []


def test_a_catalogue_of_nothing_is_no_run(runs: CatalogueRuns, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_id,images\n")
    with pytest.raises(StoreError, match="holds no product"):
        created(runs, server_source(str(tmp_path / "products.csv"), tmp_path))
    assert runs.runs() == ()
    with pytest.raises(StoreError, match="there is no catalogue run 7"):
        runs.run(7)


def test_products_are_found_by_outcome_and_words(runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path) -> None:
    run_id = created(runs, source(tmp_path, "mug", "lamp", "100%_mug", "chair"))
    runs.queue(run_id, "here")
    while take_step(runs, run_id, lambda: Models(pipeline, "models 1")):
        pass

    def found(**wanted: object) -> list[str]:
        return [product.product_id for product in runs.products(run_id, **wanted)]  # type: ignore[arg-type]

    assert found(group=Outcome.BELOW_THRESHOLD) == ["lamp"]
    assert found(words="A MUG") == ["mug"]
    assert found(words="%_") == ["100%_mug"], "wildcards of SQL are letters here"
    assert found(limit=2, offset=1) == ["lamp", "100%_mug"]
    assert runs.count(run_id, Outcome.SUBMIT) == 3
    assert runs.count(run_id, words="mug") == 2


# -- the worker -----------------------------------------------------------------------------------------------------


def test_a_run_pauses_between_products_and_goes_on(
    worker: CatalogueWorker, runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path
) -> None:
    reached, on = threading.Event(), threading.Event()

    def hold(product_id: str) -> None:
        if product_id == "lamp":
            reached.set()
            assert on.wait(30)

    pipeline.before = hold
    run_id = started(worker, source(tmp_path))
    assert reached.wait(30)
    runs.ask(run_id, RunStatus.PAUSED)
    run = runs.run(run_id)
    assert (run.status, run.asked) == (RunStatus.RUNNING, RunStatus.PAUSED)
    with pytest.raises(StoreError, match="is running; cancel it before"):
        worker.delete(run_id)
    on.set()
    assert ended(worker, run_id) is RunStatus.PAUSED
    assert pipeline.seen == ["mug", "lamp"], "the product in work was finished"
    worker.resume(run_id)
    assert ended(worker, run_id) is RunStatus.DONE
    assert pipeline.seen == ["mug", "lamp", "chair"]
    worker.resume(run_id)
    assert ended(worker, run_id) is RunStatus.DONE


def test_a_run_that_is_resumed_the_moment_it_stops_goes_on(
    runs: CatalogueRuns,
    worker: CatalogueWorker,
    pipeline: ShopPipeline,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def pause(product_id: str) -> None:
        if not asked:
            asked.append(product_id)
            runs.ask(1, RunStatus.PAUSED)

    def begin(run_id: int) -> RunStatus:
        status = begun(run_id)
        if status is RunStatus.PAUSED:
            worker.resume(run_id)  # by another session, before the worker has left the run
        return status

    begun, pipeline.before = runs.begin, pause
    monkeypatch.setattr(runs, "begin", begin)
    assert ended(worker, started(worker, source(tmp_path))) is RunStatus.DONE
    assert pipeline.seen == ["mug", "lamp", "chair"]


def test_runs_wait_in_line_and_one_that_is_cancelled_there_never_begins(
    worker: CatalogueWorker, runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path
) -> None:
    reached, on = threading.Event(), threading.Event()

    def hold(product_id: str) -> None:
        reached.set()
        assert on.wait(30)

    pipeline.before = hold
    catalogue = source(tmp_path)
    first, second, third = (started(worker, catalogue) for _ in range(3))
    assert reached.wait(30)
    assert [worker.place_in_line(run_id) for run_id in (first, second, third)] == [0, 1, 2]
    assert [runs.run(run_id).status for run_id in (first, third)] == [RunStatus.RUNNING, RunStatus.QUEUED]
    runs.ask(second, RunStatus.CANCELLED)
    assert runs.run(second).status is RunStatus.CANCELLED, "at once"
    on.set()
    assert ended(worker, third) is RunStatus.DONE
    assert runs.run(first).status is RunStatus.DONE
    assert runs.run(second).counts.waiting == 3
    assert len(pipeline.seen) == 6
    worker.resume(second)
    assert ended(worker, second) is RunStatus.DONE


def test_models_that_do_not_load_end_the_run_with_the_reason(runs: CatalogueRuns, tmp_path: Path) -> None:
    def refuse() -> Models:
        raise ModelError("the model folder is gone")

    worker = CatalogueWorker(runs, tmp_path / "catalogues", refuse)
    catalogue = source(tmp_path)
    run_id = started(worker, catalogue)
    assert ended(worker, run_id) is RunStatus.FAILED
    assert runs.run(run_id).reason == "the model folder is gone"
    assert runs.run(run_id).counts.waiting == 3
    worker.close()


def test_a_fault_of_the_program_ends_the_run_and_not_the_worker(
    worker: CatalogueWorker, runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path
) -> None:
    def fail(product_id: str) -> None:
        raise ZeroDivisionError("a fault")

    pipeline.before = fail
    catalogue = source(tmp_path)
    first = started(worker, catalogue)
    assert ended(worker, first) is RunStatus.FAILED
    assert "ZeroDivisionError" in runs.run(first).reason
    pipeline.before = lambda product_id: None
    assert ended(worker, started(worker, catalogue)) is RunStatus.DONE


def test_a_worker_that_ends_leaves_an_interrupted_run_that_another_resumes(
    runs: CatalogueRuns, pipeline: ShopPipeline, tmp_path: Path
) -> None:
    reached, on = threading.Event(), threading.Event()

    def hold(product_id: str) -> None:
        reached.set()
        assert on.wait(30)

    pipeline.before = hold
    first, second = (
        CatalogueWorker(runs, tmp_path / "catalogues", lambda: Models(pipeline, "models 1")) for _ in range(2)
    )
    run_id = started(first, source(tmp_path))
    assert reached.wait(30)
    second.look_after()
    assert runs.run(run_id).status is RunStatus.RUNNING, "its server lives"
    closing = threading.Thread(target=first.close)
    closing.start()
    on.set()
    closing.join(30)
    second.look_after()
    assert runs.run(run_id).status is RunStatus.INTERRUPTED
    assert runs.run(run_id).counts.waiting == 2
    second.resume(run_id)
    assert ended(second, run_id) is RunStatus.DONE
    assert pipeline.seen == ["mug", "lamp", "chair"]
    second.close()


# -- what is kept ---------------------------------------------------------------------------------------------------


def test_an_uploaded_catalogue_is_kept_for_the_run_and_deleted_with_it(
    worker: CatalogueWorker, runs: CatalogueRuns, tmp_path: Path
) -> None:
    shop(tmp_path / "shop")
    upload = Upload("spring.zip", io.BytesIO(zipped(tmp_path / "shop")))
    run_id = started(worker, uploaded_source([upload], worker.folder))
    assert ended(worker, run_id) is RunStatus.DONE
    run = runs.run(run_id)
    assert run.kept is not None
    assert (run.folder / "mug/front.png").is_file()
    assert run.kept.parent == worker.folder
    worker.sweep()
    assert run.kept.is_dir()
    worker.delete(run_id)
    assert not run.kept.exists()
    assert runs.runs() == ()
    with pytest.raises(StoreError, match="there is no catalogue run"):
        worker.delete(run_id)


def test_deleting_a_run_leaves_photos_of_others_alone(worker: CatalogueWorker, tmp_path: Path) -> None:
    run_id = started(worker, source(tmp_path))
    ended(worker, run_id)
    worker.delete(run_id)
    assert (tmp_path / "shop" / "mug" / "front.png").is_file()


def test_what_a_dead_server_left_is_swept_away(worker: CatalogueWorker, tmp_path: Path) -> None:
    old, new = worker.folder / "old", worker.folder / "new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    (worker.folder / "servers" / "dead.lock").touch()
    worker.sweep()
    assert {entry.name for entry in worker.folder.iterdir()} == {"new", "servers"}
    assert [entry.stem for entry in (worker.folder / "servers").iterdir()] == [worker.token]


def test_what_cannot_begin_is_not_kept(worker: CatalogueWorker, tmp_path: Path) -> None:
    table = Upload("p.csv", io.BytesIO(b"product_id,images\n"))
    with pytest.raises(StoreError, match="holds no product"):
        started(worker, uploaded_source([table], worker.folder))
    table = Upload("p.csv", io.BytesIO(b"sku\n1\n"))
    with pytest.raises(CatalogError, match="no column product_id"):
        started(worker, uploaded_source([table], worker.folder))
    assert [entry.name for entry in worker.folder.iterdir()] == ["servers"]


# -- the review queue -----------------------------------------------------------------------------------------------


def test_what_reaches_the_threshold_goes_to_review_once(
    worker: CatalogueWorker, runs: CatalogueRuns, database: str, tmp_path: Path
) -> None:
    store = open_store(database)
    run_id = started(worker, source(tmp_path))
    ended(worker, run_id)
    assert runs.run(run_id).counts.to_submit == 2
    (tmp_path / "shop" / "chair" / "front.png").unlink()
    told: list[float] = []
    summary = send_to_review(runs, store, run_id, "ann", told.append)
    assert (summary.num_sent, [unsent.product_id for unsent in summary.unsent]) == (1, ["chair"])
    assert "cannot be opened any more" in summary.unsent[0].reason
    assert told == [0.5, 1.0]
    (item,) = store.items()
    mug = runs.products(run_id)[0]
    assert item.id == mug.item_id
    assert (item.product_id, item.title, item.p_qualified, item.submitted_by) == ("mug", "A mug", 0.62, "ann")
    assert [photo.file for photo in item.photos] == [Path(file).name for file in mug.sequence]
    assert store.photo(item.photos[0].sha256) == (tmp_path / "shop" / mug.sequence[0]).read_bytes()
    assert (item.model_version, item.threshold_version, item.submission_threshold) == ("models 1", "typed", 0.5)
    assert item.source == f"catalogue run {run_id}: shop"
    assert send_to_review(runs, store, run_id).num_sent == 0
    assert runs.run(run_id).counts.submitted == 1
    worker.delete(run_id)
    assert len(store.items()) == 1, "what went to review stays there"


def test_half_a_run_is_a_failure_that_was_recorded(runs: CatalogueRuns, tmp_path: Path) -> None:
    new = NewRun("x", tmp_path, None, SETTINGS, "m", "t")
    run_id = runs.create(new, [NewProduct("a", refusal="line 1: no"), NewProduct("b", "B", "", ("b.png",))])
    run = runs.run(run_id)
    assert (run.status, run.counts.share, run.counts.finished, run.counts.total) == (RunStatus.PAUSED, 0.5, 1, 2)
    (refused,) = runs.products(run_id)
    assert (refused.status, refused.reason, refused.outcome) == (ProductStatus.FAILED, "line 1: no", None)

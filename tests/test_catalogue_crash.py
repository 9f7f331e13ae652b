"""A server that is killed in the middle of a run: what was done stays, and the resumed run ends as an unbroken one."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from catalogue_shop import ShopPipeline, shop

from agpis.catalogue.engine import Models, take_step
from agpis.catalogue.intake import server_source
from agpis.catalogue.worker import CatalogueWorker
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import RunStatus
from agpis.types import PipelineSettings

IDS = tuple(f"p{number:02d}" for number in range(40))
SETTINGS = PipelineSettings(remove_variants=False, submission_threshold=0.5, num_images=2, seed=3)
LOW = {name: 0.1 for name in IDS[::3]}
BROKEN = {"p07", "p31"}
# Serves one run until its end, or until it is killed.
SERVER = """
import sys
from pathlib import Path
from test_catalogue_crash import server
server(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
"""


def pipeline() -> ShopPipeline:
    return ShopPipeline(p_by_product=LOW, broken=BROKEN)


def server(database: Path, catalogue: Path, run_id: str) -> None:
    """Begin the run, or resume it, and compute until the end."""
    slow = pipeline()
    slow.before = lambda product_id: time.sleep(0.05)  # so that the killer also strikes inside of a product
    worker = CatalogueWorker(
        CatalogueRuns.open(str(database)), database.parent / "catalogues", lambda: Models(slow, "models 1")
    )
    worker.look_after()
    if run_id:
        number = int(run_id)
        worker.resume(number)
    else:
        number = worker.start(server_source(str(catalogue), worker.folder), SETTINGS, "models 1", "typed")
    while worker.place_in_line(number) is not None:
        time.sleep(0.01)


def outcome(runs: CatalogueRuns, run_id: int) -> list[tuple[Any, ...]]:
    """Everything about every product but the time it took."""
    return [
        (p.position, p.product_id, p.status, p.reason, p.p_qualified, p.sequence, p.result)
        for p in runs.every_product(run_id)
    ]


def test_a_killed_run_is_interrupted_and_resumes_to_the_same_results(tmp_path: Path) -> None:
    catalogue = shop(tmp_path / "shop", IDS)
    unbroken = CatalogueRuns.open(str(tmp_path / "unbroken.db"))
    whole = CatalogueWorker(unbroken, tmp_path / "other", lambda: Models(pipeline(), "models 1"))
    expected = whole.start(server_source(str(catalogue), whole.folder), SETTINGS, "models 1", "typed")
    while whole.place_in_line(expected) is not None:
        time.sleep(0.05)
    whole.close()

    database = tmp_path / "agpis.db"
    runs = CatalogueRuns.open(str(database))
    _serve_until(runs, database, catalogue, "", finished=5)
    run_id = str(runs.runs()[0].id)
    for finished in (12, 20):
        assert runs.run(int(run_id)).status is RunStatus.RUNNING
        _serve_until(runs, database, catalogue, run_id, finished)
    _serve_until(runs, database, catalogue, run_id, finished=len(IDS) + 1)

    run = runs.run(int(run_id))
    assert (run.status, run.counts.failed, run.counts.total) == (RunStatus.DONE, 2, 40)
    assert outcome(runs, int(run_id)) == outcome(unbroken, expected)


def _serve_until(runs: CatalogueRuns, database: Path, catalogue: Path, run_id: str, finished: int) -> None:
    """Start a server and kill it once so many products are finished, which it may never reach."""
    command = [sys.executable, "-c", SERVER, str(database), str(catalogue), run_id]
    process = subprocess.Popen(command, cwd=Path(__file__).parent, env=_environment())
    end = time.monotonic() + 120
    while process.poll() is None:
        assert time.monotonic() < end, "the server came to no end in 120 s"
        if (known := runs.runs()) and known[0].counts.finished >= finished:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
            assert finished <= runs.runs()[0].counts.finished < len(IDS), "killed in the middle"
            return
        time.sleep(0.01)
    assert process.returncode == 0


def test_after_a_kill_the_run_shows_as_interrupted(tmp_path: Path) -> None:
    catalogue, database = shop(tmp_path / "shop", IDS), tmp_path / "agpis.db"
    runs = CatalogueRuns.open(str(database))
    command = [sys.executable, "-c", SERVER, str(database), str(catalogue), ""]
    process = subprocess.Popen(command, cwd=Path(__file__).parent, env=_environment())
    while not runs.runs() or runs.runs()[0].counts.finished < 2:
        assert process.poll() is None
        time.sleep(0.01)
    worker = CatalogueWorker(runs, tmp_path / "catalogues", lambda: Models(pipeline(), "models 1"))
    worker.look_after()
    assert runs.runs()[0].status is RunStatus.RUNNING, "its server lives"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert runs.runs()[0].status is RunStatus.RUNNING, "nobody has looked yet"
    worker.look_after()
    run = runs.runs()[0]
    assert (run.status, run.status.may_resume) == (RunStatus.INTERRUPTED, True)
    assert 2 <= run.counts.finished < len(IDS)
    worker.close()


def leave(database: Path, catalogue: Path) -> None:
    """Begin a run and let the process end while a product is in work that then wants a thread, as the models do."""
    slow, began = pipeline(), threading.Event()

    def work(product_id: str) -> None:
        began.set()
        time.sleep(1)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(int).result()

    slow.before = work
    worker = CatalogueWorker(
        CatalogueRuns.open(str(database)), database.parent / "catalogues", lambda: Models(slow, "models 1")
    )
    worker.start(server_source(str(catalogue), worker.folder), SETTINGS, "models 1", "typed")
    began.wait(60)


def test_a_server_that_is_told_to_end_leaves_an_interrupted_run_and_no_failure(tmp_path: Path) -> None:
    catalogue, database = shop(tmp_path / "shop", IDS), tmp_path / "agpis.db"
    script = SERVER.replace("import server", "import leave").replace("server(", "leave(").replace(", sys.argv[3]", "")
    command = [sys.executable, "-c", script, str(database), str(catalogue)]
    subprocess.run(command, cwd=Path(__file__).parent, env=_environment(), check=True, timeout=120)
    runs = CatalogueRuns.open(str(database))
    worker = CatalogueWorker(runs, tmp_path / "catalogues", lambda: Models(pipeline(), "models 1"))
    worker.look_after()
    run = runs.runs()[0]
    assert (run.status, run.reason, run.counts.failed) == (RunStatus.INTERRUPTED, "", 0)
    assert run.counts.waiting >= len(IDS) - 1
    worker.close()


def test_an_interrupted_run_computes_nothing_before_it_is_resumed(tmp_path: Path) -> None:
    runs = CatalogueRuns.open(str(tmp_path / "agpis.db"))
    worker = CatalogueWorker(runs, tmp_path / "catalogues", lambda: Models(pipeline(), "models 1"))
    run_id = worker.start(server_source(str(shop(tmp_path / "shop")), worker.folder), SETTINGS, "models 1", "typed")
    while worker.place_in_line(run_id) is not None:
        time.sleep(0.01)
    runs.stop(run_id, RunStatus.INTERRUPTED)
    assert not take_step(runs, run_id, lambda: Models(pipeline(), "models 1"))
    assert runs.run(run_id).status is RunStatus.INTERRUPTED
    worker.close()


def _environment() -> dict[str, str]:
    root = Path(__file__).parents[1]
    return {"PYTHONPATH": f"{root}:{root / 'tests'}", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}

"""The one worker of a server: runs wait in line, and one computes at a time, product by product."""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout

from agpis.catalogue.engine import Models, take_step
from agpis.catalogue.intake import Source
from agpis.errors import AgpisError, StoreError
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import NewRun, RunStatus
from agpis.types import PipelineSettings

_logger = logging.getLogger(__name__)
_SERVERS = "servers"
# An unpacked catalogue that belongs to no run after so long was left by a server that died while taking it in.
_ORPHAN_SECONDS = 24 * 3600


class CatalogueWorker:
    """Computes runs in the background of a server, until the process ends.

    While it lives it holds a locked file; the lock goes with the process, however that ends, and so others see which
    runs are interrupted.

    Attributes:
        runs: the store.
        folder: where the files of catalogues are kept.
        token: names this server.
    """

    def __init__(self, runs: CatalogueRuns, folder: Path, load: Callable[[], Models]) -> None:
        """Begin to serve; nothing is computed before a run is started.

        Args:
            runs: the store.
            folder: where the files of catalogues are kept; made when it does not exist.
            load: gives the models; called by the worker's thread.

        Raises:
            StoreError: when the folder cannot be written to.
        """
        self.runs = runs
        self.folder = folder
        self.token = uuid.uuid4().hex
        self._load = load
        self._line: deque[int] = deque()
        self._guard = RLock()  # a task that ends at once calls back from within `_submit`
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="catalogue")
        try:
            (folder / _SERVERS).mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._lock_file(self.token), thread_local=False)
            self._lock.acquire(timeout=0)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written to: {error}; catalogues are kept there") from error

    def start(self, source: Source, settings: PipelineSettings, models: str, threshold: str, who: str = "") -> int:
        """Begin a run over a catalogue and return its number; it waits in line while another one computes.

        Args:
            source: the catalogue; what was kept for it is deleted when the run cannot begin.
            settings: for every product.
            models: version of the models.
            threshold: which choice of th^t is in force.
            who: name or e-mail of whoever began it.

        Raises:
            CatalogError: when the catalogue as a whole cannot be read.
            StoreError: when it holds no product, or the store fails.
        """
        new = NewRun(source.name, source.folder, source.kept, settings, models, threshold, who)
        try:
            run_id = self.runs.create(new, source.products())
        except AgpisError:
            source.discard()
            raise
        self.resume(run_id)
        return run_id

    def resume(self, run_id: int) -> None:
        """Put a stopped run into the line again; one that computes or is done stays as it is.

        Raises:
            StoreError: when there is no such run, or the store fails.
        """
        with self._guard:
            # One that was stopped and resumed before its turn is in the line already. The first of the line may be just
            # about to leave it, so it gets a further turn, which ends at once when there is nothing left to do.
            waiting = list(self._line)[1:]
            if self.runs.queue(run_id, self.token) and run_id not in waiting:
                self._line.append(run_id)
                if len(self._line) == 1:
                    self._submit()

    def delete(self, run_id: int) -> None:
        """Take a run out, with everything that was kept for it.

        Raises:
            StoreError: when it computes or waits in line, there is no such run, or the store fails.
        """
        kept = self.runs.run(run_id).kept
        self.runs.delete(run_id)
        if kept is not None and kept.parent == self.folder:
            shutil.rmtree(kept, ignore_errors=True)

    def look_after(self) -> None:
        """Mark the runs whose server is gone as interrupted.

        Raises:
            StoreError: when the store fails.
        """
        self.runs.mark_interrupted(self._is_alive)

    def sweep(self) -> None:
        """Delete what belongs to no run and no server any more.

        Raises:
            StoreError: when the store fails.
        """
        known = {run.kept for run in self.runs.runs()}
        for entry in self.folder.iterdir():
            old = time.time() - entry.stat().st_mtime > _ORPHAN_SECONDS
            if entry.is_dir() and entry.name != _SERVERS and entry not in known and old:
                shutil.rmtree(entry, ignore_errors=True)
        for lock in (self.folder / _SERVERS).iterdir():
            if not _is_held(lock):
                lock.unlink(missing_ok=True)

    def place_in_line(self, run_id: int) -> int | None:
        """How many runs are before this one: 0 for the one that computes; None when this server does not hold it."""
        with self._guard:
            return self._line.index(run_id) if run_id in self._line else None

    def close(self) -> None:
        """Stop after the product in work; what is left counts as interrupted."""
        with self._guard:
            self._line.clear()
        self._executor.shutdown()
        self._lock.release()

    def _submit(self) -> None:
        # One product is one task, so that a server that is told to end waits for no more than that.
        run_id = self._line[0]
        self._executor.submit(self._step, run_id).add_done_callback(partial(self._go_on, run_id))

    def _step(self, run_id: int) -> bool:
        try:
            return take_step(self.runs, run_id, self._load)
        except AgpisError as error:
            _logger.warning("catalogue run %d stopped: %s", run_id, error)
            self.runs.stop(run_id, RunStatus.FAILED, str(error))
            return False

    def _go_on(self, run_id: int, step: Future[bool]) -> None:
        error = step.exception()
        if error is not None and self._is_ending():
            _logger.info("the server ends; catalogue run %d can be resumed", run_id)
            return
        if error is not None:
            self._give_up(run_id, error)
        with self._guard:
            if self._line and (error is not None or not step.result()):
                self._line.popleft()
            if self._line:
                try:
                    self._submit()
                except RuntimeError:
                    _logger.info("the server ends; %d catalogue runs can be resumed", len(self._line))

    def _is_ending(self) -> bool:
        """Whether the interpreter shuts down, when nothing in it can begin a thread: then errors say nothing."""
        try:
            self._executor.submit(int)
        except RuntimeError:
            return True
        return False

    def _give_up(self, run_id: int, error: BaseException) -> None:
        _logger.error("catalogue run %d stopped", run_id, exc_info=error)
        try:
            self.runs.stop(run_id, RunStatus.FAILED, f"an unexpected error, {type(error).__name__}: {error}")
        except StoreError as failure:
            # Out of the line and still marked as running: the next look finds it interrupted.
            _logger.error("and the store could not be told: %s", failure)

    def _is_alive(self, run_id: int, token: str) -> bool:
        if token == self.token:
            return self.place_in_line(run_id) is not None
        return _is_held(self._lock_file(token))

    def _lock_file(self, token: str) -> Path:
        return self.folder / _SERVERS / f"{token}.lock"


def _is_held(lock: Path) -> bool:
    if not lock.is_file():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True

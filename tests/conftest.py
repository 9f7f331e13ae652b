"""Settings of the whole test run, and the databases that tests of the store run on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# The models under test are tiny: threads cost them more than they gain, most of all on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Which threshold is in force on the machine of the person who runs the tests is no part of them.
os.environ["AGPIS_THRESHOLD_LOG"] = os.path.join(tempfile.mkdtemp(prefix="agpis-tests-"), "thresholds.jsonl")

from store_databases import postgresql_database

from agpis.store import Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, of each kind in turn; PostgreSQL where `AGPIS_TEST_POSTGRES` leads to a server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store' / 'agpis.db'}"
        return
    with postgresql_database() as url:
        yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store on each kind of database."""
    opened = open_store(database)
    yield opened
    opened.close()

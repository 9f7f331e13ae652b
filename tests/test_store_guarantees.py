"""What the store promises: nothing is changed afterwards, nothing is lost when killed, nobody shares an item."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError
from store_databases import a_submission

from agpis.errors import StoreError
from agpis.store import ItemStatus, Store, Verdict, open_store
from agpis.store.database import connect, database_url, migrate, migration_config
from agpis.store.tables import Base

ROOT = Path(__file__).parents[1]
TABLES = {"photos", "items", "item_photos", "turns", "decisions"}
# Claims, and decides what it got; tells each decision after the store has accepted it.
DECIDE_ALL = """
import sys
from agpis.store import Verdict, open_store
store, reviewer = open_store(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
while (item := store.claim(reviewer)) is not None:
    print(store.decide(item.id, reviewer, Verdict(True)).item_id, flush=True)
"""


# Both hold an item before either decides, so that a fast one cannot empty the queue alone.
DECIDE_ALL_AT_ONCE = """
import sys
from agpis.store import Verdict, open_store
store, reviewer = open_store(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
item = store.claim(reviewer)
print("ready", flush=True)
sys.stdin.readline()
while item is not None:
    print(store.decide(item.id, reviewer, Verdict(True)).item_id, flush=True)
    item = store.claim(reviewer)
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def go(*processes: subprocess.Popen[str]) -> None:
    """Wait until every process is ready, then let all of them begin."""
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()


def fill(store: Store, count: int) -> None:
    for number in range(count):
        store.submit(a_submission(number))


def execute(database: str, statement: str) -> None:
    engine = connect(database_url(database))
    try:
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def test_two_processes_never_share_an_item(store: Store, database: str) -> None:
    fill(store, 200)
    names = ("ana", "ben")
    processes = [started(DECIDE_ALL_AT_ONCE, database, name) for name in names]
    go(*processes)
    go(*processes)
    told = [process.communicate(timeout=300)[0].split() for process in processes]
    assert sorted(int(item_id) for ids in told for item_id in ids) == [item.id for item in store.items(limit=300)]
    decisions = store.decisions()
    assert len(decisions) == 200
    for name, ids in zip(names, told, strict=True):
        assert ids
        assert [str(line.item_id) for line in decisions if line.reviewer == name] == ids


def test_killing_a_writer_loses_nothing_and_leaves_nothing_half_written(store: Store, database: str) -> None:
    fill(store, 400)
    told: list[int] = []
    for attempt in range(8):
        process = started(DECIDE_ALL, database, "ana")
        go(process)
        time.sleep(0.05 + 0.037 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        lines, _ = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, "the queue was empty before the kill"
        told += [int(line) for line in lines.splitlines()]
    decided = [line.item_id for line in store.decisions()]
    assert told
    assert set(told) <= set(decided)
    assert len(decided) - len(told) <= 8  # accepted just before the kill, before it could be told
    assert len(set(decided)) == len(decided)
    assert sorted(decided) == [item.id for item in store.items(ItemStatus.DECIDED, limit=500)]
    counts = store.counts()
    assert counts.waiting + counts.claimed + counts.decided == 400
    assert counts.claimed <= 1
    if database.startswith("sqlite"):
        engine = connect(database_url(database))
        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET accepted = NOT accepted",
        "UPDATE decisions SET comment = 'better'",
        "DELETE FROM decisions",
        "UPDATE items SET p_qualified = 1",
        "DELETE FROM items",
        "UPDATE item_photos SET place = place + 1",
        "DELETE FROM photos",
        "UPDATE photos SET data = ''",
    ],
)
def test_the_database_itself_refuses_changes(store: Store, database: str, statement: str) -> None:
    item_id = store.submit(a_submission())
    store.claim("ana")
    made = store.decide(item_id, "ana", Verdict(False, "S01"))
    with pytest.raises(DatabaseError, match="append-only"):
        execute(database, statement)
    assert store.decisions() == (made,)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace_a_decision(store: Store, database: str) -> None:
    store.submit(a_submission())
    store.claim("ana")
    store.decide(1, "ana", Verdict(True))
    columns = "id, turn_id, reviewer, decided_at, accepted, rule_id, comment, regions"
    replacement = f"INSERT OR REPLACE INTO decisions ({columns}) SELECT id, 1, 'eve', decided_at, 0, 'S01', '', '[]'"
    with pytest.raises(DatabaseError, match="append-only"):
        execute(database, f"{replacement} FROM decisions")
    assert store.decisions()[0].reviewer == "ana"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_empty_the_record(store: Store, database: str) -> None:
    store.submit(a_submission())
    with pytest.raises(DatabaseError, match="append-only"):
        execute(database, "TRUNCATE decisions, turns, items CASCADE")
    assert store.counts().waiting == 1


def test_migrations_make_exactly_the_tables_of_the_models(store: Store, database: str) -> None:
    engine = connect(database_url(database))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()
    assert store.counts().waiting == 0


def test_down_and_up_again(database: str) -> None:
    engine = connect(database_url(database))
    migrate(engine)
    assert set(inspect(engine).get_table_names()) >= TABLES
    with engine.execution_options(writes=True).begin() as connection:
        command.downgrade(migration_config(connection), "base")
    assert not TABLES & set(inspect(engine).get_table_names())
    migrate(engine)
    assert Store(engine).submit(a_submission()) == 1
    engine.dispose()


def test_a_database_of_a_newer_agpis_is_left_alone(database: str) -> None:
    open_store(database).close()
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="a newer AGPIS may have made it"):
        open_store(database)


def test_many_processes_may_open_a_new_store_at_once(database: str) -> None:
    script = "import sys; from agpis.store import open_store; print('ready', flush=True); sys.stdin.readline(); "
    processes = [started(f"{script}print(open_store(sys.argv[1]).counts().waiting)", database) for _ in range(4)]
    go(*processes)
    assert [process.communicate(timeout=120)[0] for process in processes] == ["0\n"] * 4


def test_sqlite_writes_ahead_waits_and_keeps_references(tmp_path: Path) -> None:
    engine = connect(database_url(str(tmp_path / "a.db")))
    with engine.connect() as connection:
        settings = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        assert [connection.scalar(text(f"PRAGMA {name}")) for name in settings] == ["wal", 2, 1, 30_000]
    engine.dispose()


def test_the_place_of_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("AGPIS_DATABASE_URL", raising=False)
    assert database_url().database == str(tmp_path / "agpis" / "agpis.db")
    monkeypatch.setenv("AGPIS_DATABASE_URL", "postgres://u:p@host/agpis")
    assert database_url().render_as_string(hide_password=False) == "postgresql+psycopg://u:p@host/agpis"
    assert database_url("postgresql://host/x").drivername == "postgresql+psycopg"
    assert database_url("reviews.db").database == "reviews.db"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:secret@host/x", r"mysql://u:\*\*\*@host/x is no database for the store"),
        ("sqlite://", "is no database for the store"),
        ("postgresql://u:secret@host:port/x", "malformed"),
        ("postgresql !://u:secret@host/x", "malformed"),
        ("postgresql://u:secret@127.0.0.1:1/x?connect_timeout=2", r"u:\*\*\*@127.0.0.1:1/x.* failed"),
        ("/proc/nowhere/agpis.db", "cannot be made"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("no database at all, only words, many more than a header has " * 20)
    with pytest.raises(StoreError, match=r"notes.db failed: file is not a database"):
        open_store(str(tmp_path / "notes.db"))

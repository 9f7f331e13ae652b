"""Databases for tests of the store, and sequences to put into them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from agpis.store import StoredPhoto, Submission
from agpis.store.database import database_url

SERVER = "AGPIS_TEST_POSTGRES"


@contextmanager
def postgresql_database() -> Iterator[str]:
    """URL of a new, empty database of the server that the environment names; dropped afterwards."""
    server = os.environ.get(SERVER)
    if not server:
        if os.environ.get("CI"):
            pytest.fail(f"{SERVER} is not set; .ci/run starts a server and sets it")
        pytest.skip(f"{SERVER} names no PostgreSQL server")
    name = f"agpis_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield database_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def a_submission(number: int = 1, *, title: str = "White mug", feedback: str = "yes", photos: int = 2) -> Submission:
    """A sequence whose first photo is its own and whose other photos all products share."""
    shared = (StoredPhoto(f"{place}.jpg", f"shared {place}".encode()) for place in range(2, photos + 1))
    return Submission(
        product_id=f"SKU-{number}",
        title=title,
        category="mug",
        photos=(StoredPhoto("1.jpg", f"photo of {number}".encode()), *shared),
        p_qualified=0.75,
        p_nlg_qualified=0.5,
        rule_probabilities={"qualified": 0.75, "S01": 0.125, "P01": 0.125},
        feedback=feedback,
        model_version="m1",
        submission_threshold=0.5,
        threshold_version="t1",
        source="shop",
        submitted_by="olga",
    )

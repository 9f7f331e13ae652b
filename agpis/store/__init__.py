"""Reviews and decisions, kept in a database: SQLite by default, PostgreSQL by URL."""

from agpis.store.agreement import Agreement, Kappa, PairAgreement
from agpis.store.store import LEASE, Store, open_store
from agpis.store.values import (
    Decision,
    ItemStatus,
    PhotoRef,
    QueueCounts,
    QueueItem,
    Region,
    StoredPhoto,
    Submission,
    Verdict,
)

__all__ = [
    "LEASE",
    "Agreement",
    "Decision",
    "ItemStatus",
    "Kappa",
    "PairAgreement",
    "PhotoRef",
    "QueueCounts",
    "QueueItem",
    "Region",
    "Store",
    "StoredPhoto",
    "Submission",
    "Verdict",
    "open_store",
]

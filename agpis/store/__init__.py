"""Reviews and decisions, kept in a database: SQLite by default, PostgreSQL by URL."""

from agpis.store.agreement import Agreement, Kappa, PairAgreement
from agpis.store.review_export import ReviewExport, export_reviews
from agpis.store.shared_runs import SharedRun
from agpis.store.store import LEASE, Store, open_store
from agpis.store.submissions import submission_of
from agpis.store.values import (
    Decision,
    ItemStatus,
    OutsideVerdict,
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
    "OutsideVerdict",
    "PairAgreement",
    "PhotoRef",
    "QueueCounts",
    "QueueItem",
    "Region",
    "ReviewExport",
    "SharedRun",
    "Store",
    "StoredPhoto",
    "Submission",
    "Verdict",
    "export_reviews",
    "open_store",
    "submission_of",
]

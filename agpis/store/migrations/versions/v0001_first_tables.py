"""The first tables, and the triggers that make four of them append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = ("photos", "items", "item_photos", "decisions")
_REFUSAL = "the table {table} is append-only: rows are neither changed nor deleted"
_INDICES = (
    ("items", "content"),
    ("item_photos", "sha256"),
    ("decisions", "decided_at"),
    ("decisions", "reviewer"),
    ("decisions", "turn_id"),
)


def upgrade() -> None:
    """Make tables, indices and triggers."""
    _create_items()
    _create_reviews()
    for table, column in _INDICES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    open_turns = sa.text("decided_by IS NULL")
    op.create_index("ix_turns_open", "turns", ["id"], sqlite_where=open_turns, postgresql_where=open_turns)
    if op.get_bind().dialect.name == "sqlite":
        _protect_sqlite()
    else:
        _protect_postgresql()


def downgrade() -> None:
    """Drop everything; triggers go with their tables."""
    for table in ("decisions", "turns", "item_photos", "items", "photos"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION agpis_refuse_change()")


def _create_items() -> None:
    op.create_table(
        "photos",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("num_bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_photos"),
    )
    texts = ("product_id", "title", "category", "feedback", "model_version", "threshold_version", "source")
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("p_qualified", sa.Double(), nullable=False),
        sa.Column("p_nlg_qualified", sa.Double(), nullable=True),
        sa.Column("rule_probabilities", sa.JSON(), nullable=False),
        sa.Column("submission_threshold", sa.Double(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
    )
    op.create_table(
        "item_photos",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_item_photos_item_id"),
        sa.ForeignKeyConstraint(["sha256"], ["photos.sha256"], name="fk_item_photos_sha256"),
        sa.PrimaryKeyConstraint("item_id", "place", name="pk_item_photos"),
    )


def _create_reviews() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_turns_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("item_id", "opinion", name="uq_turns_item_id_opinion"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("retracts", sa.Integer(), nullable=True),
        sa.CheckConstraint("accepted = (rule_id = '')", name="ck_decisions_rule_of_a_rejection"),
        sa.ForeignKeyConstraint(["retracts"], ["decisions.id"], name="fk_decisions_retracts"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_decisions_turn_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("retracts", name="uq_decisions_retracts"),
    )


def _protect_sqlite() -> None:
    for table in _APPEND_ONLY:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL.format(table=table)}'); END"
        for change in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {refuse}")
    # INSERT OR REPLACE deletes the old row without firing its trigger.
    taken = "EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id OR retracts = NEW.retracts)"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL.format(table='decisions')}'); END"
    op.execute(f"CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions WHEN {taken} {refuse}")


def _protect_postgresql() -> None:
    message = _REFUSAL.format(table="%")
    op.execute(
        "CREATE FUNCTION agpis_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}', TG_TABLE_NAME; END $$"
    )
    for table in _APPEND_ONLY:
        for change, level in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.split()[0].lower()} BEFORE {change} ON {table} "
                f"FOR EACH {level} EXECUTE FUNCTION agpis_refuse_change()"
            )

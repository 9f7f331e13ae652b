"""Runs over whole catalogues and their products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make both tables."""
    texts = ("name", "folder", "model_version", "threshold_version", "created_by", "status", "reason", "server")
    op.create_table(
        "catalogue_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("kept", sa.Text(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_runs"),
    )
    product_texts = ("product_id", "title", "category", "status", "reason")
    op.create_table(
        "catalogue_products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in product_texts),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("p_qualified", sa.Double(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("files", "sequence", "result")),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_products"),
        sa.UniqueConstraint("run_id", "position", name="uq_catalogue_products_run_id_position"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["catalogue_runs.id"], name="fk_catalogue_products_run_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_catalogue_products_item_id"),
    )
    op.create_index(
        "ix_catalogue_products_run_id_status_outcome", "catalogue_products", ["run_id", "status", "outcome"]
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("catalogue_products")
    op.drop_table("catalogue_runs")

"""Runs shared by link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "shared_runs",
        sa.Column("token", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("product_id", "title", "category")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("settings", "chosen", "locked")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "expires_at")),
        sa.PrimaryKeyConstraint("token", name="pk_shared_runs"),
    )
    op.create_table(
        "shared_run_photos",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("token", "place", name="pk_shared_run_photos"),
        sa.ForeignKeyConstraint(["token"], ["shared_runs.token"], name="fk_shared_run_photos_token"),
        sa.ForeignKeyConstraint(["sha256"], ["photos.sha256"], name="fk_shared_run_photos_sha256"),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("shared_run_photos")
    op.drop_table("shared_runs")

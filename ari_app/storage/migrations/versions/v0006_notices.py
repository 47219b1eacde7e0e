"""What supervisors tell operators outlives a restart; the audit log is found by what was acted on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add `notices` and an index to `audit`."""
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", "operator", name="pk_notices"),
    )
    op.create_index("ix_notices_operator_at", "notices", ["operator", "at"])
    op.create_index("ix_notices_at", "notices", ["at"])
    op.create_index("ix_audit_target_seq", "audit", ["target", "seq"])

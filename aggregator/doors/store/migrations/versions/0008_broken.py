"""What cannot be read is not read twice."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("sources", sa.Column("broken", sa.Text(), nullable=True))

"""When a source's guids were new."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("sources", sa.Column("renamed_at", sa.DateTime(timezone=True)))

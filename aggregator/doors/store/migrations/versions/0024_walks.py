"""Why a page of a feed's past could not be had."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("sources", sa.Column("history_failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("history_error", sa.Text()))

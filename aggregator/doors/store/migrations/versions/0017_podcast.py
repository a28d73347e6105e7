"""What podcasts say of an episode."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("entries", sa.Column("podcast", sa.Text(), nullable=False, server_default=""))

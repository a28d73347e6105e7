"""What podcasts say of an episode."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("entries", sa.Column("podcast", sa.Text(), nullable=False, server_default=""))

"""By what the entries of the last document are known again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("marks", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))

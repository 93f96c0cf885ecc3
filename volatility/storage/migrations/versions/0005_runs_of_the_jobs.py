"""How the last run of each job goes or went.

Each step must be safe to run again: MariaDB commits at every DDL statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"

_SERVER = ("mysql", "mariadb")


def _name(length):
    ascii_name = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(ascii_name, *_SERVER)


def _symbol():
    in_any_script = mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(20).with_variant(in_any_script, *_SERVER)


def _moment():
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=3), *_SERVER)


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("symbol", _symbol(), primary_key=True),
        sa.Column("job", _name(20), primary_key=True),
        sa.Column(
            "run", _name(32), nullable=False, comment="which run: what another one has to say is not written"
        ),
        sa.Column("began_at", _moment(), nullable=False, comment="UTC"),
        sa.Column("heard_at", _moment(), nullable=False, comment="UTC, when the run was last heard of"),
        sa.Column("ended_at", _moment(), nullable=True, comment="UTC; null while it runs, or where it was lost"),
        sa.Column("result", _name(20), nullable=False, comment="running, done or failed"),
        sa.Column("message", sa.Text(), nullable=True, comment="why it failed"),
        sa.Column("done", sa.BigInteger(), nullable=True, comment="hours fetched, or sessions aggregated"),
        sa.Column("total", sa.BigInteger(), nullable=True, comment="of so many"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        if_not_exists=True,
    )

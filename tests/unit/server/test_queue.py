"""Jobs are part of the transaction that makes them necessary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from stillmotion.server.queue import PostgresQueue, make_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

COUNT = text("select count(*) from procrastinate_jobs where args->>'prediction_id' = :id")


def jobs(connection: Connection, prediction_id: str) -> int:
    """How many jobs there are for a prediction."""
    return int(connection.scalar(COUNT, {"id": prediction_id}) or 0)


def test_a_job_comes_with_its_transaction(database: Engine, database_url: str) -> None:
    """Rolled back, there is no job; committed, there is one."""
    queue = PostgresQueue(database_url)
    with database.connect() as connection:
        with connection.begin() as transaction:
            queue.run(connection, "rolled-back")
            assert jobs(connection, "rolled-back") == 1
            transaction.rollback()
        with connection.begin():
            queue.run(connection, "committed")
            queue.deliver(connection, "d1", in_s=30)
        assert (jobs(connection, "rolled-back"), jobs(connection, "committed")) == (0, 1)
        late = text(
            "select scheduled_at > now() + interval '20 seconds' from procrastinate_jobs"
            " where task_name = 'deliver' and args->>'delivery_id' = 'd1'"
        )
        assert connection.scalar(late)


def test_tables_are_made_once(connection: Connection) -> None:
    """Making them again changes nothing: they are the very same, and so is the index that is ours."""
    made = text("select relname, oid from pg_class where relname like '%procrastinate%' or relname like 'ix_jobs%'")
    make_tables(connection)
    before = {row.relname: row.oid for row in connection.execute(made)}
    make_tables(connection)
    assert {row.relname: row.oid for row in connection.execute(made)} == before
    assert {"procrastinate_jobs", "ix_jobs_prediction"} <= before.keys()

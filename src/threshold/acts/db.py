"""The one way to the database: SQL in, named rows out. Nothing outside the rooms' verbs and queries uses it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row
from psycopg.types.json import JsonbLoader


def _raw() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    # The generated queries are long: planned once a connection, they cost a tenth.
    raw.prepare_threshold = 3
    return raw


def _json_read(cursor: psycopg.Cursor[Any]) -> None:
    """Django's connections hand JSON over as text; here it comes as values."""
    cursor.adapters.register_loader("jsonb", JsonbLoader)


def query(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[Any]:
    """Rows as named tuples. Parameters are bound by the server, never pasted into the text."""
    with psycopg.Cursor(_raw(), row_factory=namedtuple_row) as cursor:
        _json_read(cursor)
        cursor.execute(sql.encode(), params)
        return cursor.fetchall()


def one(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> Any | None:
    """The first row, or None."""
    rows = query(sql, params)
    return rows[0] if rows else None


def execute(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Run a statement; the number of rows it touched."""
    with psycopg.Cursor(_raw()) as cursor:
        cursor.execute(sql.encode(), params)
        return cursor.rowcount


def copy_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write many rows at once. Table and column names are ours, never a user's."""
    if not rows:
        return
    with (
        psycopg.Cursor(_raw()) as cursor,
        cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin".encode()) as copy,
    ):
        for row in rows:
            copy.write_row(row)


@contextmanager
def stream(sql: str) -> Iterator[Iterator[Any]]:
    """Rows of a long answer, a few thousand at a time, so that memory stays flat."""
    with (
        connection_block(),
        psycopg.ServerCursor(_raw(), "stream", row_factory=namedtuple_row) as cursor,
    ):
        _json_read(cursor)
        cursor.itersize = 5_000
        cursor.execute(sql.encode())
        yield iter(cursor)


@contextmanager
def connection_block() -> Iterator[None]:
    """One transaction: a snapshot for reading, or all or nothing for writing."""
    from django.db import transaction

    with transaction.atomic():
        yield


def refresh_statistics() -> None:
    """Tell the planner how the tables have grown; plans made while they were small are made anew.

    The server's own housekeeping does this too, but a minute late, and an import grows by a thousand a second.
    A small sample shows how large they are, and takes a tenth of the time.
    """
    with connection_block():
        execute("set local default_statistics_target = 10")
        execute("analyze")

"""What the database itself refuses to the role ``app``, whatever the code above it does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.rows import namedtuple_row
from tests.force import Force

from threshold.acts.chain import GENESIS
from threshold.acts.models import Claim
from threshold.acts.record import claim_tables, verify

CLAIMS = claim_tables()
CHAINS = ["act", "look"]
READ_ONLY = {"stone", "django_migrations", "django_content_type"}
NOT_THEIRS = {"auth_group", "auth_group_permissions", "auth_permission"}

Connection = psycopg.Connection[Any]


@pytest.fixture
def app(standing_force: Force) -> Iterator[Connection]:
    """The application's own connection; nothing of it is kept."""
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=namedtuple_row) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def owner(standing_force: Force) -> Iterator[Connection]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], row_factory=namedtuple_row) as connection:
        yield connection
        connection.rollback()


@contextmanager
def refused(connection: Connection, error: type[psycopg.Error], words: str | None = None) -> Iterator[None]:
    with pytest.raises(error, match=words), connection.transaction():
        yield


def last_act(connection: Connection) -> int:
    row = connection.execute("select max(id) as id from act").fetchone()
    assert row is not None
    return int(row.id)


def open_act(connection: Connection, number: int) -> None:
    connection.execute("select set_config('threshold.act', %s, true)", [str(number)])


def test_every_claim_table_is_guarded_and_named_in_its_acts(app: Connection) -> None:
    assert len(CLAIMS) == len(Claim.__subclasses__())
    guards = {"act_comes_next", "commit_row", "retract_once"}
    for table in CLAIMS:
        rows = app.execute("select tgname from pg_trigger where tgrelid = %s::regclass", [table])
        assert guards <= {row.tgname for row in rows}, table
    row = app.execute("select prosrc from pg_proc where proname = 'act_rows'").fetchone()
    assert row is not None
    named = set(re.findall(r"from (\w+) where (?:asserted|retracted)_by", row.prosrc))
    assert named == set(CLAIMS)


def test_no_row_can_be_changed_removed_or_emptied(app: Connection) -> None:
    for table in (*CLAIMS, *CHAINS):
        columns = [
            c.name
            for c in app.execute(
                """select column_name as name from information_schema.columns
                   where table_name = %s and column_name <> 'retracted_by'""",
                [table],
            )
        ]
        assert columns, table
        statements = [f"delete from {table}", f"truncate {table}"]
        statements += [f'update {table} set "{column}" = "{column}"' for column in columns]
        for statement in statements:
            with refused(app, psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())


def test_no_rule_can_be_switched_off_or_changed(app: Connection) -> None:
    for statement in (
        "alter table report disable trigger all",
        "drop trigger commit_row on report",
        "alter table report drop column salt",
        "create or replace function visible(a bigint, s bigint) returns boolean language sql as 'select true'",
        "drop function act_rows(bigint)",
        "create table mine (id int)",
        "create function mine() returns int language sql as 'select 1'",
        "set session_replication_role = replica",
        "set role owner",
    ):
        with refused(app, psycopg.errors.InsufficientPrivilege):
            app.execute(statement.encode())


def test_every_claim_table_has_its_rules_and_refuses_a_second_retraction(owner: Connection) -> None:
    for table in CLAIMS:
        names = {
            row.tgname
            for row in owner.execute(
                "select tgname from pg_trigger where tgrelid = %s::regclass and tgenabled = 'O'", [table]
            )
        }
        assert {"act_comes_next", "commit_row", "retract_once"} <= names, table
    for table in CHAINS:
        row = owner.execute(
            "select tgname from pg_trigger where tgrelid = %s::regclass and tgenabled = 'O'", [table]
        ).fetchone()
        assert row is not None and row.tgname == "next_in_chain"


def test_a_row_is_retracted_once_and_by_the_open_act_only(app: Connection) -> None:
    following = last_act(app) + 1
    row = app.execute("select id from report where retracted_by is null limit 1").fetchone()
    assert row is not None
    with refused(app, psycopg.errors.RaiseException, "no act is open"):
        app.execute("update report set retracted_by = %s where id = %s", [following, row.id])
    open_act(app, following)
    with refused(app, psycopg.errors.RaiseException, "by the act that is open"):
        app.execute("update report set retracted_by = %s where id = %s", [following + 1, row.id])
    app.execute("update report set retracted_by = %s where id = %s", [following, row.id])
    for again in (following, None, 1):
        with refused(app, psycopg.errors.RaiseException, "already retracted"):
            app.execute("update report set retracted_by = %s where id = %s", [again, row.id])


@pytest.mark.parametrize("said", [-1, 0, 1, 3])
def test_a_row_is_asserted_under_the_act_that_comes_next_and_no_other(app: Connection, said: int) -> None:
    """Neither under one that is written, nor under one that is not its turn."""
    following = last_act(app) + 1
    for number in {following - 1 - said, following + 1 + said} - {following}:
        with refused(app, psycopg.errors.RaiseException, "no act is open, or not the one"):
            open_act(app, number)
            app.execute(
                "insert into taken (asserted_by, mention, officer, team) values (%s, 9, 1, '')", [number]
            )


def test_a_row_says_the_open_act_and_no_other(app: Connection) -> None:
    following = last_act(app) + 1
    insert = "insert into taken (asserted_by, retracted_by, mention, officer, team) values (%s, %s, 9, 1, '')"
    with refused(app, psycopg.errors.RaiseException, "no act is open"):
        app.execute(insert, [following, None])
    open_act(app, following)
    with refused(app, psycopg.errors.RaiseException, "by the act that is open"):
        app.execute(insert, [1, None])
    with refused(app, psycopg.errors.RaiseException, "cannot come in retracted"):
        app.execute(insert, [following, following])
    app.execute(insert, [following, None])


def test_the_database_makes_salt_and_digest_itself(app: Connection) -> None:
    following = last_act(app) + 1
    open_act(app, following)
    row = app.execute(
        """insert into taken (asserted_by, mention, officer, team, salt, digest)
           values (%s, 9, 1, '', '\\x00', '\\x00') returning salt, digest""",
        [following],
    ).fetchone()
    assert row is not None
    assert (len(row.salt), len(row.digest)) == (16, 32)


def link(connection: Connection, table: str, at: str = "clock_timestamp()", **values: Any) -> None:
    """Write the next act or look, but for what ``values`` and ``at`` say."""
    last = connection.execute(f"select id, hash from {table} order by id desc limit 1".encode()).fetchone()
    given = {"id": last.id + 1, "prev": last.hash} if last else {"id": 1, "prev": GENESIS}
    given |= values
    columns = "verb, body, rows" if table == "act" else "route, body, shown"
    connection.execute(
        f"""insert into {table} (id, at, actor, {columns}, prev, hash)
            values (%s, {at}, 1, '', '{{}}', '{{}}', %s, '\\x00')""".encode(),
        [given["id"], given["prev"]],
    )


@pytest.mark.parametrize("table", CHAINS)
def test_a_number_is_neither_skipped_nor_used_twice(app: Connection, table: str) -> None:
    last = app.execute(f"select max(id) as id from {table}".encode()).fetchone()
    assert last is not None
    for number in (last.id + 2, last.id, last.id - 1, 0, -1):
        with refused(app, psycopg.errors.RaiseException, "does not follow"):
            link(app, table, id=number)
    link(app, table)


@pytest.mark.parametrize("table", CHAINS)
def test_a_chain_is_never_forked(app: Connection, table: str) -> None:
    for prev in (GENESIS, b"\x00", b"\x01" * 32):
        with refused(app, psycopg.errors.RaiseException, "does not follow"):
            link(app, table, prev=prev)


@pytest.mark.parametrize("table", CHAINS)
@pytest.mark.parametrize(
    "at",
    [
        "transaction_timestamp() - interval '1 second'",
        "(select max(at) from {table})",
        "clock_timestamp() + interval '1 second'",
        "'infinity'",
        "'2020-01-01'",
    ],
)
def test_nothing_is_dated_back_or_forward(app: Connection, table: str, at: str) -> None:
    with refused(app, psycopg.errors.RaiseException, "does not happen now"):
        link(app, table, at=at.format(table=table))


def test_time_goes_on_where_the_clock_was_set_back(owner: Connection) -> None:
    owner.execute("alter table look disable trigger user")
    link(owner, "look", at="clock_timestamp() + interval '1 hour'")
    owner.execute("alter table look enable trigger user")
    with refused(owner, psycopg.errors.RaiseException, "does not happen now"):
        link(owner, "look")
    link(owner, "look", at="(select max(at) from look)")


def test_what_the_application_may_do_is_this_and_nothing_else(app: Connection, owner: Connection) -> None:
    tables = {
        row.tablename for row in owner.execute("select tablename from pg_tables where schemaname = 'public'")
    }
    assert {*CLAIMS, *CHAINS} <= tables
    granted: dict[str, set[str]] = {table: set() for table in tables}
    for row in owner.execute(
        """select t.tablename, p.privilege from pg_tables t,
                  unnest(string_to_array('select insert update delete truncate references trigger', ' '))
                  p(privilege)
           where t.schemaname = 'public' and has_table_privilege('app', format('%I', t.tablename), p.privilege)"""
    ):
        granted[row.tablename].add(row.privilege)
    expected: dict[str, set[str]] = {
        table: {"select", "insert"} for table in (*CLAIMS, *CHAINS, "asked", "officer")
    }
    expected |= {table: {"select"} for table in READ_ONLY}
    expected |= {table: set() for table in NOT_THEIRS & tables}
    expected["django_session"] = {"select", "insert", "update", "delete"}
    others = tables - set(expected)
    assert not {table for table in others if granted[table]}, "a table without a rule"
    assert {table: granted[table] for table in expected} == expected


def test_an_account_keeps_its_number_and_name(app: Connection) -> None:
    for column in ("id", "username", "full_name", "team"):
        with refused(app, psycopg.errors.InsufficientPrivilege):
            app.execute(f"update officer set {column} = {column}".encode())
    with refused(app, psycopg.errors.InsufficientPrivilege):
        app.execute("delete from officer")


def test_nobody_can_block_the_rest(app: Connection) -> None:
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        row = app.execute(f"show {name}".encode()).fetchone()
        assert row is not None and row[0] not in ("0", ""), name


def test_what_was_refused_left_nothing_behind(app: Connection) -> None:
    assert verify().whole

"""Who reaches the database: the application by password, the owner as the home's user, nobody else at all."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.embedded.conftest import as_nobody

from threshold.embedded import ensure_running
from threshold.embedded.cluster import APP_LIMITS
from threshold.home import Home

ROLES = ("postgres", "owner", "app", "nobody", "root", "threshold-db")
DATABASES = ("threshold", "postgres", "template1")


def refusals(dsn: str, **others: str) -> dict[tuple[str, str], str]:
    """What each role is told at each database; "" where it came in."""
    found = {}
    for role in ROLES:
        for database in DATABASES:
            try:
                psycopg.connect(make_conninfo(dsn, user=role, dbname=database, **others)).close()
                found[role, database] = ""
            except psycopg.OperationalError as problem:
                found[role, database] = str(problem)
    return found


def without_password(dsn: str) -> str:
    parts = conninfo_to_dict(dsn)
    parts.pop("password")
    return make_conninfo("", **parts)


def test_another_user_of_the_machine_reaches_no_role(standing: Home) -> None:
    dsn = without_password(ensure_running(standing).app_dsn)
    answers = as_nobody(lambda: refusals(dsn) | refusals(dsn, password="guess"))
    assert all("Permission denied" in each for each in answers.values())


def test_another_user_reaches_no_role_even_at_an_open_socket(running: Home) -> None:
    """The second lock: what stands when the first, the private folder, is taken away."""
    dsn = without_password(ensure_running(running).app_dsn)
    for each in (running.path, running.run.resolve(), running.run.resolve() / ".s.PGSQL.5432"):
        each.chmod(0o777)
    answers = as_nobody(lambda: refusals(dsn) | refusals(dsn, password="guess"))
    assert "" not in answers.values()
    assert "Permission denied" not in "".join(answers.values())
    assert "Peer authentication failed" in answers["owner", "threshold"]
    assert "password authentication failed" in answers["app", "threshold"]
    assert "rejects connection" in answers["postgres", "threshold"]


def test_another_user_reads_nothing_of_the_home(standing: Home) -> None:
    ensure_running(standing)
    everything = [standing.path, *standing.path.rglob("*")]

    def readable() -> list[Path]:
        return [path for path in everything if os.access(path, os.R_OK)]

    assert as_nobody(readable) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's server runs as that user")
def test_the_servers_own_account_reads_nothing_but_the_database(standing: Home) -> None:
    """Whoever breaks into PostgreSQL still has not the key that signs the heads."""
    ensure_running(standing)
    owners = {
        path: path.lstat().st_uid
        for path in standing.path.rglob("*")
        if standing.postgres not in path.parents
    }
    theirs = {path for path, uid in owners.items() if uid != 0 and standing.run not in path.parents}
    assert theirs <= {standing.postgres, standing.run}
    assert all(path.stat().st_mode & 0o077 == 0 for path in owners if not path.is_symlink())


def test_the_homes_user_comes_in_as_owner_and_with_the_password_as_app(standing: Home) -> None:
    server = ensure_running(standing)
    answers = refusals(server.app_dsn)
    came_in = {where for where, told in answers.items() if not told}
    assert came_in == {("owner", "threshold"), ("owner", "postgres"), ("app", "threshold")}
    assert refusals(without_password(server.app_dsn))["app", "threshold"]
    assert refusals(server.app_dsn, password="guess")["app", "threshold"]


def test_nothing_listens_on_the_network(standing: Home) -> None:
    server = ensure_running(standing)
    with psycopg.connect(server.owner_dsn) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    with socket.socket() as trial:
        trial.settimeout(1)
        taken = trial.connect_ex(("127.0.0.1", 5432)) == 0
    assert not taken or ".s.PGSQL" not in str(list(standing.run.iterdir())), "another server may use the port"


def test_neither_role_is_more_than_it_must_be(standing: Home) -> None:
    server = ensure_running(standing)
    with psycopg.connect(server.owner_dsn) as connection:
        rows = connection.execute(
            """select rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
               from pg_roles where rolname in ('app', 'owner') order by rolname"""
        ).fetchall()
    assert rows == [("app", *[False] * 5), ("owner", False, True, False, False, False)]
    with psycopg.connect(server.app_dsn, autocommit=True) as connection:
        for refused in ("create table t (n int)", "create database d", "create role r", "set role owner"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused.encode())
        connection.execute("create temporary table t (n int)")


def test_the_application_is_held_to_its_limits(standing: Home) -> None:
    with psycopg.connect(ensure_running(standing).app_dsn) as connection:
        found: dict[str, Any] = dict(
            connection.execute("select name, setting || unit from pg_settings where unit = 'ms'").fetchall()
        )
        zone = connection.execute("show timezone").fetchone()
    seconds = {name: f"{int(value.removesuffix('s')) * 1000}ms" for name, value in APP_LIMITS.items()}
    assert {name: found[name] for name in APP_LIMITS} == seconds
    assert zone == ("UTC",)


def test_text_is_unicode_and_pages_are_checked(standing: Home) -> None:
    with psycopg.connect(ensure_running(standing).owner_dsn) as connection:
        row = connection.execute(
            """select pg_encoding_to_char(encoding), datlocprovider::text, datlocale,
                      current_setting('data_checksums'), lower('ÄŴ')
               from pg_database where datname = 'threshold'"""
        ).fetchone()
    assert row == ("UTF8", "b", "C.UTF-8", "on", "äŵ")


def test_no_value_of_a_failing_statement_reaches_the_log(running: Home) -> None:
    """The log cannot be erased from, so nobody's name may come into it."""
    with psycopg.connect(ensure_running(running).owner_dsn, autocommit=True) as connection:
        connection.execute("create table person (name text unique)")
        for _ in range(2):
            try:
                connection.execute("insert into person values ('Nesta Quillfeather')")
            except psycopg.errors.UniqueViolation as problem:
                told = str(problem)
    log = (running.logs / "postgres.log").read_text()
    assert "person_name_key" in log
    assert "Quillfeather" not in log and "Quillfeather" in told

"""One real PostgreSQL for the whole run, and a fresh, migrated database for each test that asks for ``db``.

The server is started once in a home of its own (never the developer's), without the care for power cuts.
The migrations run once, into a template; a test's database is a copy of it, which takes some 20 ms. The
addresses are exported too, so that a test may start commands as processes of their own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "autovacuum": "off",
}

_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that say so run first: a child forked after typst has made its threads waits for them for ever."""
    items.sort(key=lambda item: not getattr(getattr(item, "module", None), "RUNS_FIRST", False))


def pytest_configure(config: pytest.Config) -> None:
    """Cuts the run off from the developer's own home and database before Django reads its settings."""
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "XDG_DATA_HOME"):
        os.environ.pop(variable, None)
    os.environ["THRESHOLD_HOME"] = "/nonexistent/threshold-tests"
    os.environ["DJANGO_SETTINGS_MODULE"] = "threshold.settings"
    import django

    django.setup()


@dataclass(frozen=True)
class Database:
    """One test's database and its two addresses."""

    name: str
    app_dsn: str = field(repr=False)
    owner_dsn: str = field(repr=False)


def _roomy_memory() -> str | None:
    """Memory to put the run's databases in, where the system has plenty: a disk would be most of the run's time."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 6_000_000_000
    return str(memory) if roomy else None


@pytest.fixture(scope="session")
def reachable_tmp() -> Iterator[Path]:
    """A temporary folder that the database's account may pass through (pytest's own are shut to it)."""
    folder = Path(tempfile.mkdtemp(prefix="threshold-tests-", dir=_roomy_memory())).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(reachable_tmp: Path) -> Iterator[Any]:
    """The run's server: ``owner_dsn`` and ``app_dsn``."""
    from threshold.embedded import ensure_running, stop
    from threshold.embedded.places import remove
    from threshold.home import Home

    home = Home.create(reachable_tmp / "server", "demo", "Tests")
    try:
        yield ensure_running(home, FAST)
    finally:
        stop(home)
        remove(home)


@pytest.fixture(scope="session")
def keeper(server: Any) -> Iterator[psycopg.Connection[Any]]:
    """The owner, in no test's database: makes and drops them."""
    dsn = psycopg.conninfo.make_conninfo(server.owner_dsn, dbname="postgres")
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template_db(server: Any, keeper: psycopg.Connection[Any]) -> str:
    """The name of a migrated database that holds nothing yet."""
    from django.core.management import call_command

    name = "template_of_tests"
    keeper.execute(f"create database {name}")
    _point_django_at(_database(server, name))
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    _disconnect()
    return name


@pytest.fixture
def home(reachable_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A fresh demo home, exported as THRESHOLD_HOME. It has no server of its own."""
    from threshold.home import Home

    made = Home.create(reachable_tmp / f"home-{next(_numbers)}", "demo", "Tests")
    monkeypatch.setenv("THRESHOLD_HOME", str(made.path))
    yield made
    shutil.rmtree(made.path, ignore_errors=True)


@pytest.fixture
def db(
    server: Any,
    keeper: psycopg.Connection[Any],
    template_db: str,
    home: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Database]:
    """A fresh migrated database: Django's ``default`` (role app) and ``owner`` are pointed at it.

    DATABASE_URL, DATABASE_OWNER_URL and THRESHOLD_HOME are exported for processes that the test starts.
    """
    database = _database(server, f"test_{next(_numbers)}")
    keeper.execute(f"create database {database.name} template {template_db} strategy file_copy")
    monkeypatch.setenv("DATABASE_URL", database.app_dsn)
    monkeypatch.setenv("DATABASE_OWNER_URL", database.owner_dsn)
    _point_django_at(database)
    yield database
    _disconnect()
    keeper.execute(f"drop database {database.name} with (force)")


@pytest.fixture
def bare_db(server: Any, keeper: psycopg.Connection[Any], home: Any) -> Iterator[Database]:
    """A database without a table, for tests of the migrations themselves. Django is pointed at it."""
    database = _database(server, f"bare_{next(_numbers)}")
    keeper.execute(f"create database {database.name}")
    _point_django_at(database)
    yield database
    _disconnect()
    keeper.execute(f"drop database {database.name} with (force)")


def _database(server: Any, name: str) -> Database:
    app, owner = (dsn.replace("/threshold?", f"/{name}?") for dsn in (server.app_dsn, server.owner_dsn))
    return Database(name, app, owner)


def _point_django_at(database: Database) -> None:
    """The settings are changed in place, so that threads which connect later go to the same database."""
    from django.db import connections

    _disconnect()
    for alias, dsn in (("default", database.app_dsn), ("owner", database.owner_dsn)):
        parts = conninfo_to_dict(dsn)
        connections.settings[alias].update(
            NAME=parts["dbname"],
            USER=parts["user"],
            PASSWORD=parts.get("password", ""),
            HOST=parts["host"],
            PORT=parts["port"],
        )


def _pointed() -> dict[str, dict[str, Any]]:
    from django.db import connections

    return {alias: dict(connections.settings[alias]) for alias in ("default", "owner")}


def _point_back(before: dict[str, dict[str, Any]]) -> None:
    """A test in a file may have a database of its own while the others of the file share one."""
    from django.db import connections

    for alias, pointed in before.items():
        connections.settings[alias].update(pointed)


def _disconnect() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()


@pytest.fixture(scope="session")
def filled_force(
    server: Any, keeper: psycopg.Connection[Any], template_db: str, reachable_tmp: Path
) -> tuple[str, Any]:
    """The name of a database that holds a small fictional force, and what was made in it."""
    from tests.force import fill

    from threshold.home import Home

    name = "template_of_force"
    keeper.execute(f"create database {name} template {template_db} strategy file_copy")
    database = _database(server, name)
    _point_django_at(database)
    home = Home.create(reachable_tmp / "force-home", "demo", "Tests")
    folder = reachable_tmp / "force-files"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THRESHOLD_HOME", str(home.path))
        patch.setenv("DATABASE_URL", database.app_dsn)
        patch.setenv("DATABASE_OWNER_URL", database.owner_dsn)
        made = fill(home, folder)
    _disconnect()
    return name, made


@contextmanager
def _copied(
    server: Any, keeper: psycopg.Connection[Any], filled: tuple[str, Any], folder: Path
) -> Iterator[Any]:
    """A copy of the fictional force (``tests.force.Force``): its database, its home, its keys and heads."""
    from dataclasses import replace

    from tests.force import copy_home

    template, made = filled
    database = _database(server, f"force_{next(_numbers)}")
    keeper.execute(f"create database {database.name} template {template} strategy file_copy")
    home = copy_home(made, folder / f"force-{next(_numbers)}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THRESHOLD_HOME", str(home.path))
        patch.setenv("DATABASE_URL", database.app_dsn)
        patch.setenv("DATABASE_OWNER_URL", database.owner_dsn)
        before = _pointed()
        _point_django_at(database)
        yield replace(made, home=home)
        _disconnect()
        _point_back(before)
    keeper.execute(f"drop database {database.name} with (force)")
    shutil.rmtree(home.path)


@pytest.fixture
def force(
    server: Any, keeper: psycopg.Connection[Any], filled_force: tuple[str, Any], reachable_tmp: Path
) -> Iterator[Any]:
    """A fictional force of one's own."""
    with _copied(server, keeper, filled_force, reachable_tmp) as made:
        yield made


@pytest.fixture(scope="module")
def standing_force(
    server: Any, keeper: psycopg.Connection[Any], filled_force: tuple[str, Any], reachable_tmp: Path
) -> Iterator[Any]:
    """A fictional force for all the tests of a file that leave nothing behind in it."""
    with _copied(server, keeper, filled_force, reachable_tmp) as made:
        yield made


@pytest.fixture(scope="session")
def team_template(server: Any, keeper: psycopg.Connection[Any], template_db: str, reachable_tmp: Path) -> str:
    """The name of a database with a few officers and the policy that ships, and nothing taken in yet."""
    from tests.stories import begin

    from threshold.home import Home

    name = "template_of_team"
    keeper.execute(f"create database {name} template {template_db} strategy file_copy")
    _point_django_at(_database(server, name))
    home = Home.create(reachable_tmp / "team-home", "demo", "Tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THRESHOLD_HOME", str(home.path))
        begin()
    _disconnect()
    return name


@pytest.fixture
def team(
    server: Any,
    keeper: psycopg.Connection[Any],
    team_template: str,
    home: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """A fresh database with a small team in it (``tests.stories.Team``)."""
    from tests.stories import Team

    database = _database(server, f"team_{next(_numbers)}")
    keeper.execute(f"create database {database.name} template {team_template} strategy file_copy")
    monkeypatch.setenv("DATABASE_URL", database.app_dsn)
    _point_django_at(database)
    yield Team.here()
    _disconnect()
    keeper.execute(f"drop database {database.name} with (force)")

"""A filled site, made once and copied for every test: ``site``, and ``signed_in`` for a browserless client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.test import Client
from tests.conftest import _database, _disconnect, _point_django_at

from threshold.home import Home

if TYPE_CHECKING:
    from tests.pages.fictional import Site

_numbers = count(1)


@pytest.fixture(scope="session")
def filled(
    server: Any, keeper: psycopg.Connection[Any], template_db: str, reachable_tmp: Path
) -> tuple[str, Site]:
    """The name of a database that holds the fictional force, and what was made in it."""
    from tests.pages.fictional import fill

    name = "template_of_pages"
    keeper.execute(f"create database {name} template {template_db} strategy file_copy")
    _point_django_at(_database(server, name))
    folder = reachable_tmp / "pages"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THRESHOLD_HOME", str(Home.create(reachable_tmp / "pages-home", "demo", "Tests").path))
        site = fill(folder)
    _disconnect()
    return name, site


@pytest.fixture
def site(
    server: Any,
    keeper: psycopg.Connection[Any],
    filled: tuple[str, Site],
    home: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """A fresh copy of the fictional force."""
    template, made = filled
    database = _database(server, f"pages_{next(_numbers)}")
    keeper.execute(f"create database {database.name} template {template} strategy file_copy")
    monkeypatch.setenv("DATABASE_URL", database.app_dsn)
    _point_django_at(database)
    yield made
    _disconnect()
    keeper.execute(f"drop database {database.name} with (force)")


@pytest.fixture(scope="session")
def copy_to_read(
    server: Any, keeper: psycopg.Connection[Any], filled: tuple[str, Site], reachable_tmp: Path
) -> Any:
    name = "pages_to_read"
    keeper.execute(f"create database {name} template {filled[0]} strategy file_copy")
    return _database(server, name)


@pytest.fixture
def site_to_read(
    copy_to_read: Any, filled: tuple[str, Site], reachable_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """The fictional force in one copy for all tests that only look. A module says so by calling it ``site``."""
    monkeypatch.setenv("THRESHOLD_HOME", str(reachable_tmp / "pages-home"))
    _point_django_at(copy_to_read)
    yield filled[1]
    _disconnect()


def client_of_a_browser(**options: Any) -> Client:
    """A client that names the host which the site answers to."""
    return Client(SERVER_NAME="127.0.0.1", **options)


SignedIn = Callable[[str], Client]


@pytest.fixture
def signed_in(site: Site) -> SignedIn:
    """A client on which an account of the site has signed in, through the page itself."""

    def sign_in(name: str) -> Client:
        client = client_of_a_browser()
        answer = client.post("/sign-in", {"username": name, "password": site.passwords[name]})
        assert answer.status_code == 303, answer.content.decode()
        return client

    return sign_in

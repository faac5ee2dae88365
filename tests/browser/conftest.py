"""The site as it is served (gunicorn, a real database) and the browser that visits it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.conftest import _database, _disconnect, _point_django_at

from threshold.home import Home

if TYPE_CHECKING:
    from tests.pages.fictional import Site

CHROMIUM = os.environ.get("THRESHOLD_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Website:
    """Where the site is served, and what is in it."""

    address: str
    site: Site


@pytest.fixture(scope="session")
def website(
    server: Any, keeper: psycopg.Connection[Any], template_db: str, reachable_tmp: Path
) -> Iterator[Website]:
    """The fictional force, served by gunicorn on a free port of this machine."""
    from tests.pages.fictional import fill

    keeper.execute(f"create database browsed template {template_db} strategy file_copy")
    database = _database(server, "browsed")
    _point_django_at(database)
    folder = reachable_tmp / "browsed"
    folder.mkdir()
    home = Home.create(reachable_tmp / "browsed-home", "demo", "Fictional Constabulary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THRESHOLD_HOME", str(home.path))
        site = fill(folder)
    _disconnect()
    port = _free_port()
    environment = os.environ | {"THRESHOLD_HOME": str(home.path), "DATABASE_URL": database.app_dsn}
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "4"]
    with (reachable_tmp / "browsed.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "threshold.pages.wsgi"], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process)
            yield Website(f"http://127.0.0.1:{port}", site)
        finally:
            process.terminate()
            process.wait(20)
    keeper.execute("drop database browsed with (force)")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(address) as answer:
                assert answer.status == 200
                return
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def chromium(website: Website) -> Iterator[Browser]:
    """The machine's own Chromium. Without one these tests fail; they are never left out.

    For a module and no longer: while Playwright runs, Django refuses this thread its database.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(website: Website, chromium: Browser) -> Iterator[Visit]:
    """Opens a page of its own on which an account has signed in by the form."""
    contexts: list[BrowserContext] = []

    def signed_in(name: str, width: int = 1280, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=website.address, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(website.site.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return page

    yield signed_in
    for context in contexts:
        context.close()

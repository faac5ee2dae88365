"""A page that the database kept waiting too long says so, inside the site's frame, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connections, transaction
from django.http import HttpResponse
from django.test import Client
from tests.pages.fictional import Site
from tests.pages.test_subject import seen_act

from threshold.acts.db import execute, one

SignedIn = Callable[[str], Client]


@pytest.fixture(params=["lock_timeout", "statement_timeout"])
def impatient(request: pytest.FixtureRequest, site: Site) -> Iterator[None]:
    """The application's connection waits for a fifth of a second; while somebody else has the statements."""
    execute(f"set {request.param} = '200ms'")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
        other.execute("lock table statement in access exclusive mode")
        yield


def acts() -> int:
    row = one("select max(id) as id from act")
    assert row is not None
    return int(row.id)


def check_told(answer: HttpResponse) -> None:
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "kept this waiting too long" in page and "Nothing was changed: try again." in page
    assert "OFFICIAL-SENSITIVE" in page and 'aria-label="Main"' in page


def test_a_read_that_waited_too_long_says_so(site: Site, signed_in: SignedIn, impatient: None) -> None:
    client = signed_in("analyst")
    check_told(client.get(f"/subjects/{site.subjects['own']}/said"))
    row = one("select body from look order by id desc limit 1")
    assert row is not None and row.body["failed"] in ("LockNotAvailable", "QueryCanceled")


def test_a_write_that_waited_too_long_changes_nothing(
    site: Site, signed_in: SignedIn, impatient: None
) -> None:
    client = signed_in("analyst")
    number, before = site.subjects["own"], acts()
    form = {"fact": "contact", "value": "yes", "source": "x", "mark": "fact", "seen-act": before}
    check_told(client.post(f"/subjects/{number}/say", form))
    assert acts() == before


def test_what_was_kept_waiting_is_done_when_tried_again(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number, before = site.subjects["own"], acts()
    page = client.get(f"/subjects/{number}/said").content.decode()
    form = {"fact": "contact", "value": "yes", "source": "x", "mark": "fact", "seen-act": seen_act(page)}
    execute("set lock_timeout = '200ms'")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
        other.execute("lock table statement in access exclusive mode")
        assert client.post(f"/subjects/{number}/say", form).status_code == 503
    assert client.post(f"/subjects/{number}/say", form).status_code == 303
    assert acts() == before + 1

"""Each role may write what the access matrix says, on every kind of record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.pages.conftest import client_of_a_browser
from tests.pages.fictional import Site
from tests.pages.test_routes import ROLES, address, expected, standings

from threshold.acts.access import actor_by_name
from threshold.acts.db import one, query
from threshold.pages.frame import Route
from threshold.pages.routes import ROUTES


def newest_look() -> int:
    row = one("select coalesce(max(id), 0) as id from look")
    assert row is not None
    return int(row.id)


def leaves_its_trace(route: Route, before: int, name: str) -> None:
    """What was refused stands once among the looks, in the officer's name."""
    traces = query("select actor, body from look where id > %s and route = 'refused write'", [before])
    assert len(traces) == 1, route.name
    actor = actor_by_name(name)
    assert actor is not None
    assert (traces[0].actor, bool(traces[0].body["failed"])) == (actor.id, True), route.name
    assert ("subject" in traces[0].body) >= route.path.startswith("subjects/"), route.name


def test_a_form_from_elsewhere_changes_nothing_and_leaves_its_trace(site: Site) -> None:
    """A session's cookie without the form's own token: another site made the browser send it."""
    client = client_of_a_browser(enforce_csrf_checks=True)
    form = client.get("/sign-in").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[0]
    signed = {"username": "analyst", "password": site.passwords["analyst"], "csrfmiddlewaretoken": token}
    assert client.post("/sign-in", signed).status_code == 303
    acts, before = one("select count(*) as n from act"), newest_look()
    answer = client.post(f"/subjects/{site.subjects['free']}/take")
    assert answer.status_code == 403 and "form is too old" in answer.content.decode()
    assert one("select count(*) as n from act") == acts
    (trace,) = query("select * from look where id > %s", [before])
    assert (trace.route, trace.actor) == ("refused write", site.actor("analyst").id)
    assert (trace.body["verb"], trace.body["failed"]) == ("take", "ForgedOrOld")
    assert trace.body["subject"] == site.subjects["free"]


@pytest.mark.parametrize("name", [*ROLES])
def test_each_role_writes_what_the_matrix_says(
    name: str, site: Site, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in(name)
    for route in ROUTES:
        if route.kind != "write" or route.name == "sign-out":
            continue
        for standing in standings(route):
            before = newest_look()
            answer = client.post(address(route, site, standing))
            if answer.status_code != 303:
                leaves_its_trace(route, before, name)
            hoped = expected(name, route, standing)
            if hoped == 200:
                # An empty form is refused on the page itself, and taking on or letting go says who has it.
                assert answer.status_code in (303, 409, 422), (route.name, standing, answer.status_code)
            else:
                assert answer.status_code == hoped, (route.name, standing, answer.status_code)

"""Every address is in the table, and each role gets what the access matrix says, on every kind of record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from tests.pages.conftest import client_of_a_browser
from tests.pages.fictional import PEOPLE, Site

from threshold.acts.access import MATRIX
from threshold.pages.frame import Route
from threshold.pages.routes import ROUTES

OF_DELIVERIES = {route.name for route in ROUTES if route.path.startswith("deliveries/<whole:number>")}
SUBJECT_ROUTES = [route for route in ROUTES if route.path.startswith("subjects/")]
ENQUIRY_ROUTES = [route for route in ROUTES if route.path.startswith("enquiries/<whole:number>")]
PREMISES_ROUTES = [route for route in ROUTES if route.path.startswith("premises/")]
CASE_ROUTES = [route for route in ROUTES if route.path.startswith("cases/<whole:number>")]
# Nothing here is visited yet, nor any letter made: these are looked at in tests/pages/test_cases.py.
NOT_THERE_YET = {"visit", "visit-record", "letter"}
HELD_ROUTES = [route for route in ROUTES if route.path.startswith("held/")]
ROLES = {name: roles for name, _, roles in PEOPLE}

# What each account that may see subjects at all gets for a record of each standing.
SEES = {
    "analyst": {"own": 200, "other": 200, "free": 200, "child": 200, "harmed": 200, "closed": 404, "none": 404},
    "investigator": {
        "own": 200, "other": 404, "free": 200, "child": 200, "harmed": 200, "closed": 404, "none": 404,
    },
    "elsewhere": {
        "own": 404, "other": 200, "free": 200, "child": 200, "harmed": 200, "closed": 404, "none": 404,
    },
    "supervisor": {
        "own": 200, "other": 200, "free": 200, "child": 200, "harmed": 200, "closed": 404, "none": 404,
    },
    "safeguarding": {
        "own": 404, "other": 404, "free": 200, "child": 200, "harmed": 200, "closed": 404, "none": 404,
    },
}  # fmt: skip
# Whoever may see deliveries sees every report but a hidden person's; the others go by its people.
SEES_REPORTS = {
    "intake": {"own": 200, "other": 200, "free": 200, "child": 200, "closed": 404, "none": 404},
    **{
        name: {standing: status for standing, status in row.items() if standing != "harmed"}
        for name, row in SEES.items()
    },
}

# A chief officer is given numbers only, and intake the numbers of what it took in.
COUNTS_LEAD_TO_ROWS = {
    "subjects": dict.fromkeys(SEES, True),
    "deliveries": {"analyst": True, "supervisor": True, "intake": True},
}


@pytest.fixture
def site(site_to_read: Site) -> Site:
    return site_to_read


def may(name: str, route: Route) -> bool:
    return any(power in MATRIX[role] for role in ROLES[name] for power in route.powers)


def number(site: Site, standing: str) -> int:
    return site.subjects.get(standing, 987_654)


def patterns(resolver: object) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:  # type: ignore[attr-defined]
        if isinstance(each, URLPattern):
            yield each
        else:
            yield from patterns(each)


def test_every_address_is_in_the_table() -> None:
    known = {(route.path, route.name) for route in ROUTES}
    found = {(str(each.pattern), each.name) for each in patterns(get_resolver())}
    assert found == known
    assert all(each.callback.route in ROUTES for each in patterns(get_resolver()))


def test_only_sign_in_and_health_are_open() -> None:
    assert {route.name for route in ROUTES if route.kind == "open"} == {"sign-in", "health"}
    assert all(route.powers for route in ROUTES if route.kind != "open")


def test_every_write_belongs_to_a_read() -> None:
    reads = {route.name for route in ROUTES if route.kind == "read"}
    assert all(route.page in reads for route in ROUTES if route.kind == "write")


def test_nobody_comes_in_unsigned(site: Site) -> None:
    for route in ROUTES:
        if route.kind == "open":
            continue
        answer = client_of_a_browser().get(address(route, site, "own"))
        assert answer.status_code == 303, route.name
        assert answer["Location"].startswith("/sign-in"), route.name
        answer = client_of_a_browser().post(address(route, site, "own"))
        assert answer.status_code == 303, route.name


def address(route: Route, site: Site, standing: str) -> str:
    if "listname" in route.path:
        return reverse(route.name, kwargs={"name": "act"})
    if "countkey" in route.path:
        return reverse(route.name, kwargs={"key": "deliveries" if standing == "deliveries" else "subjects"})
    if route.name == "answer":
        return reverse(route.name, kwargs={"number": site.answer if standing == "own" else 987_654})
    if route.name == "audit":
        return reverse(route.name, kwargs={"number": site.audit if standing == "own" else 987_654})
    if route.name == "report":
        return reverse(route.name, kwargs={"number": site.reports.get(standing, 987_654)})
    if route.name in OF_DELIVERIES:
        return reverse(route.name, kwargs={"number": site.deliveries.get(standing, 987_654)})
    if route in ENQUIRY_ROUTES:
        return reverse(route.name, kwargs={"number": site.enquiries.get(standing, 987_654)})
    if route in PREMISES_ROUTES:
        return reverse(route.name, kwargs={"number": site.premises.get(standing, 987_654)})
    if route in HELD_ROUTES:
        return reverse(route.name, kwargs={"number": site.held.get(standing, 987_654)})
    if route in CASE_ROUTES:
        return reverse(route.name, kwargs={"number": site.cases.get(standing, 987_654)})
    if route.name in NOT_THERE_YET:
        return reverse(route.name, kwargs={"number": 987_654})
    if "whole" in route.path:
        return reverse(route.name, kwargs={"number": number(site, standing)})
    return reverse(route.name)


def expected(name: str, route: Route, standing: str) -> int:
    if not may(name, route):
        return 403
    if route.name == "answer-document":
        # None of the enquiries here is answered.
        return 404
    if route in (*SUBJECT_ROUTES, *ENQUIRY_ROUTES, *PREMISES_ROUTES, *CASE_ROUTES):
        return SEES[name][standing]
    if route.name in NOT_THERE_YET:
        return 404
    if route.name == "report":
        return SEES_REPORTS[name][standing]
    if route.name == "counted":
        return 200 if COUNTS_LEAD_TO_ROWS[standing].get(name) else 403
    if route.name == "answer":
        return 200 if standing == "own" and name == "analyst" else 404
    if route.name == "audit":
        return 200 if standing == "own" else 404
    if route in HELD_ROUTES:
        # What came with a closed record is, to whoever it is closed to, not there.
        return 404 if standing in ("none", "closed") else 200
    if route.name in OF_DELIVERIES:
        # None of the deliveries here is a table that waits for a map.
        return 404 if standing == "none" or route.name.startswith("map-") else 200
    return 200


def standings(route: Route) -> list[str]:
    if route in HELD_ROUTES:
        return ["nasty", "closed", "none"]
    if route.name == "report" or route.name in OF_DELIVERIES:
        return ["own", "other", "free", "child", "closed", "none"]
    if route.name in ("answer", "audit"):
        return ["own", "none"]
    if route.name == "counted":
        return [*COUNTS_LEAD_TO_ROWS]
    if route in CASE_ROUTES:
        return ["own", "other", "closed", "none"]
    about_subjects = (*SUBJECT_ROUTES, *ENQUIRY_ROUTES, *PREMISES_ROUTES)
    return [*SEES["analyst"]] if route in about_subjects else ["own"]


@pytest.mark.parametrize("name", [*ROLES])
def test_each_role_reads_what_the_matrix_says(
    name: str, site: Site, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in(name)
    for route in ROUTES:
        if route.kind != "read":
            continue
        for standing in standings(route):
            answer = client.get(address(route, site, standing))
            assert answer.status_code == expected(name, route, standing), (route.name, standing)
            if standing == "closed":
                assert b"Closedaway" not in answer.content, route.name


def test_a_get_on_a_write_goes_to_its_page(site: Site, signed_in: Callable[[str], Client]) -> None:
    answer = signed_in("analyst").get(f"/subjects/{site.subjects['own']}/state")
    assert (answer.status_code, answer["Location"]) == (302, f"/subjects/{site.subjects['own']}")


def test_the_other_team_is_named_and_the_closed_record_is_not(
    site: Site, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("investigator")
    other = client.get(f"/subjects/{site.subjects['other']}")
    assert "is held by team South" in other.content.decode()
    number = site.subjects["closed"]
    closed, none = (
        re.sub(r'value="\w{64}"', "", client.get(f"/subjects/{n}").content.decode()).replace(
            f"subject {n}.", "subject N."
        )
        for n in (number, 987_654)
    )
    assert closed == none


def test_a_write_without_its_own_token_changes_nothing(site: Site) -> None:
    client = client_of_a_browser(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"username": "analyst", "password": site.passwords["analyst"]})
    assert answer.status_code == 403
    assert "form is too old" in answer.content.decode()

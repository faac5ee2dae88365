"""The lists and the first page as a reader meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.pages.fictional import Site

SignedIn = Callable[[str], Client]


@pytest.fixture
def site(site_to_read: Site) -> Site:
    return site_to_read


def test_the_act_list_says_who_why_and_by_when(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get("/lists/act").content.decode()
    assert f"/subjects/{site.subjects['free']}" in page
    assert "Another child in the home may need to be kept safe" in page
    assert "GMT" in page and "Why here: Very high" in page


def test_the_find_out_list_names_the_checks(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get("/lists/find-out").content.decode()
    assert "checks outstanding" in page and "It is not known whether a child was met or touched" in page


def test_children_stand_in_their_own_list_only(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    link = f'href="/subjects/{site.subjects["child"]}"'
    assert link in client.get("/lists/children").content.decode()
    for name in ("act", "find-out"):
        assert link not in client.get(f"/lists/{name}").content.decode()


def test_filters_and_an_earlier_date_are_kept(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    page = client.get("/lists/find-out?taken=mine&band=very_high").content.decode()
    assert "Nobody fits what you asked for" in page
    assert '<option value="mine" selected>' in page
    past = client.get("/lists/act?as-at=1/11/2026").content.decode()
    assert "As known at 1 November 2026, 23:59 GMT" in past and "Nobody stands in this list" in past


@pytest.mark.parametrize(
    "typed", ["rubbish", "32/1/2026", "1/11/2026 25:00", "29/3/2026 01:30", "25/10/2026 01:30"]
)
def test_a_date_that_cannot_be_read_is_said_beside_it(typed: str, site: Site, signed_in: SignedIn) -> None:
    answer = signed_in("analyst").get("/lists/act", {"as-at": typed})
    assert answer.status_code == 422
    assert 'id="as-at-error"' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    ["band=purple", "route=elsewhere", "taken=me", "breached=no", "band=<b>&taken=mine"],
)
def test_a_filter_that_is_not_there_is_never_passed_over(query: str, site: Site, signed_in: SignedIn) -> None:
    answer = signed_in("analyst").get(f"/lists/act?{query}")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "There is no such part of the list" in page and "choose again" in page
    assert "/subjects/" not in page and "<b>" not in page


def test_a_state_that_is_not_there_is_never_passed_over(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    number = site.deliveries["own"]
    assert client.get(f"/deliveries/{number}?state=lost").status_code == 400
    assert client.get(f"/deliveries/{number}?state=held").status_code == 200
    assert client.get(f"/deliveries/{number}?state=").status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "2"])
def test_no_page_number_makes_a_list_fall_over(page: str, site: Site, signed_in: SignedIn) -> None:
    assert signed_in("analyst").get("/lists/act", {"page": page}).status_code == 200


def test_the_first_page_counts_what_waits(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get("/").content.decode()
    assert "Work the Act list" in page and "1 entry held" in page
    nobody = signed_in("chief").get("/").content.decode()
    assert "Work the Act list" not in nobody and "held" not in nobody


def test_a_closed_record_is_in_no_list_count_or_search(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("supervisor")
    for name in ("act", "find-out", "children"):
        assert b"Closedaway" not in client.get(f"/lists/{name}").content
    assert b"Nobody you may see has this" in client.post("/search", {"q": "closed-1"}).content

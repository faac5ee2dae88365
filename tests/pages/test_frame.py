"""What stands around every page: headers, marking, one heading, its own title, and no wrong words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from tests.pages.conftest import client_of_a_browser
from tests.pages.fictional import SCRIPT, Site
from tests.pages.test_routes import ROLES, address, expected, standings

from threshold.acts import queries as record
from threshold.acts.access import Power
from threshold.acts.verbs import look
from threshold.pages.gate import HEADERS
from threshold.pages.routes import ROUTES

SignedIn = Callable[[str], Client]


@pytest.fixture
def site(site_to_read: Site) -> Site:
    return site_to_read


def pages(site: Site, name: str) -> Iterator[str]:
    """Every page that an account may read, about people of every kind."""
    for route in ROUTES:
        # A letter is a PDF, without any page around it.
        if route.kind == "read" and route.name != "letter-preview":
            for standing in standings(route):
                if expected(name, route, standing) == 200:
                    yield address(route, site, standing)
    if name == "analyst":
        yield from (
            "/lists/find-out",
            "/lists/children",
            "/lists/act?as-at=1/11/2026",
            "/deliveries/1?page=9",
        )


def test_every_page_has_its_headers_marking_heading_and_title(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    titles: dict[str, str] = {}
    for where in pages(site, "analyst"):
        answer = client.get(where)
        text = answer.content.decode()
        assert answer.status_code == 200, where
        assert {name: answer[name] for name in HEADERS} == HEADERS
        assert text.count("OFFICIAL-SENSITIVE") == 2, where
        assert "every person here is made up" in text
        assert len(re.findall(r"<h1[ >]", text)) == 1, where
        assert "<script" not in text, where
        title = re.search(r"<title>(.*?)</title>", text)
        assert title and title[1] not in titles, (where, titles.get(title[1] if title else ""))
        titles[title[1]] = where


def test_errors_have_their_headers_too(site: Site) -> None:
    client = client_of_a_browser()
    for answer in (client.get("/no/such/page"), client.get("/sign-in"), client.post("/sign-in", {})):
        assert answer["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["analyst", "safeguarding", "intake", "administrator", "auditor"])
def test_no_page_names_anybody_a_suspect_or_an_offender(name: str, site: Site, signed_in: SignedIn) -> None:
    client = signed_in(name)
    for where in pages(site, name):
        if ROLES[name] and "/deliveries/" in where:
            continue  # the text as received is the sender's own
        answer = client.get(where)
        if answer.status_code == 200:
            own_words = re.sub(r'<bdi class="t-outside">.*?</bdi>', "", answer.content.decode(), flags=re.S)
            assert not re.search(r"suspect|offender|paedophile|perpetrator", own_words, re.I), where


def test_outside_text_is_escaped_and_kept_to_itself(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = site.subjects["nasty"]
    text = client.get(f"/subjects/{number}/identity").content.decode()
    assert "&lt;script&gt;" in text and "{{ 7 * 7 }}" in text
    assert SCRIPT not in text
    assert '<bdi class="t-outside">שלום [U+202E]evil[U+202C] مرحبا</bdi>' in text
    assert "ш" * 4_000 in text
    raw = client.get(f"/reports/{site.reports['nasty']}").content.decode()
    assert "<script>" not in raw and "&lt;script&gt;" in raw


def test_every_read_is_a_look_and_a_page_without_its_look_is_not_shown(
    site: Site, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("analyst")
    number = site.subjects["free"]
    assert client.get(f"/subjects/{number}").status_code == 200
    auditor = site.actor("auditor")
    with look(auditor, "test", Power.SIGN_IN) as opened:
        last = record.looks(opened).rows[0]
    assert (last.route, last.shown) == ("subject", [number])

    def broken(opened: object) -> None:
        raise OSError("the look cannot be written")

    monkeypatch.setattr("threshold.acts.verbs._write_look", broken)
    client.raise_request_exception = False
    answer = client.get(f"/subjects/{number}")
    assert answer.status_code == 500
    assert b"Freeman" not in answer.content


def test_what_is_searched_for_never_stands_in_an_address(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    assert b"Freeman" not in client.get("/search?q=drew@mail.example").content
    found = client.post("/search", {"q": " DREW@mail.example "}).content.decode()
    assert f"/subjects/{site.subjects['free']}" in found
    assert 'method="post" action="/search"' in found

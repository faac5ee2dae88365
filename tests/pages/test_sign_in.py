"""Signing in and out, the lock, and when a session is over."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client
from tests.pages.conftest import client_of_a_browser
from tests.pages.fictional import Site

from threshold.acts import officers
from threshold.acts.access import Role
from threshold.pages import gate

SignedIn = Callable[[str], Client]


def test_the_wrong_password_says_the_same_as_the_wrong_name(site: Site) -> None:
    told = []
    for name in ("analyst", "no-such-person"):
        answer = client_of_a_browser().post("/sign-in", {"username": name, "password": "wrong"})
        assert answer.status_code == 422
        told.append(answer.content.decode().partition("error-summary")[2].partition("</div>")[0])
    assert told[0] == told[1] != ""


def test_five_wrong_tries_lock_the_account(site: Site) -> None:
    client = client_of_a_browser()
    for _ in range(5):
        client.post("/sign-in", {"username": "analyst", "password": "wrong"})
    answer = client.post("/sign-in", {"username": "analyst", "password": site.passwords["analyst"]})
    assert answer.status_code == 422
    assert "locked" in answer.content.decode()


def test_signing_in_makes_a_new_session_key(site: Site) -> None:
    client = client_of_a_browser()
    client.get("/sign-in")
    client.session.save()
    before = client.session.session_key
    client.post("/sign-in", {"username": "analyst", "password": site.passwords["analyst"]})
    assert client.session.session_key != before


def test_a_session_ends_when_a_role_is_taken_away(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    assert client.get("/").status_code == 200
    officers.take_role(site.actor("administrator"), "analyst", Role.ANALYST)
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (303, "/sign-in?ended=changed")


def test_a_session_ends_when_the_account_is_closed(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    officers.end_account(site.actor("administrator"), "analyst")
    assert client.get("/lists/act")["Location"].startswith("/sign-in?ended=changed")


@pytest.mark.parametrize(
    ("field", "age", "reason"), [("last", gate.IDLE + 5, "idle"), ("since", gate.LONGEST + 5, "day")]
)
def test_a_session_ends_when_it_is_idle_or_old(
    field: str, age: int, reason: str, site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("analyst")
    session = client.session
    session[field] = int(time.time()) - age
    session.save()
    answer = client.get("/")
    assert answer["Location"] == f"/sign-in?ended={reason}"
    assert gate.ENDED[reason] in client.get(answer["Location"]).content.decode()


def test_signing_out_ends_the_session(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    key = client.session.session_key
    assert client.post("/sign-out")["Location"] == "/sign-in?ended=signed-out"
    client.cookies["sessionid"] = key or ""
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/lists/children", "/lists/children"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/no/such/page", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(asked: str, goes_to: str, site: Site) -> None:
    answer = client_of_a_browser().post(
        "/sign-in", {"username": "analyst", "password": site.passwords["analyst"], "next": asked}
    )
    assert answer["Location"] == goes_to


def test_a_changed_password_keeps_this_session_and_ends_the_others(site: Site, signed_in: SignedIn) -> None:
    here, there = signed_in("analyst"), signed_in("analyst")
    old, new = site.passwords["analyst"], "four wet horses singing"
    wrong = here.post("/password/change", {"old": old, "new": new, "again": "something else"})
    assert wrong.status_code == 422
    weak = here.post("/password/change", {"old": old, "new": "short", "again": "short"})
    assert "too short" in weak.content.decode()
    changed = here.post("/password/change", {"old": old, "new": new, "again": new}, follow=True)
    assert "Your password is changed" in changed.content.decode()
    assert there.get("/").status_code == 303
    assert client_of_a_browser().post("/sign-in", {"username": "analyst", "password": new}).status_code == 303

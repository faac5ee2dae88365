"""Accounts: a password shown once, a role that needs two, and what an auditor sees."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client
from tests.pages.conftest import client_of_a_browser
from tests.pages.fictional import Site

from threshold.acts.access import actor_by_name
from threshold.acts.officers import actor_by_token

SignedIn = Callable[[str], Client]


def test_a_new_account_gets_a_password_shown_once_and_no_role(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    form = {"username": "new", "full-name": "New Person", "team": "North", "form": "make"}
    made = client.post("/accounts/make", form)
    found = re.search(r'class="t-password">([^<]+)<', made.content.decode())
    assert found
    assert found[1] not in client.get("/accounts").content.decode()
    own = client_of_a_browser()
    assert own.post("/sign-in", {"username": "new", "password": found[1]}).status_code == 303
    assert own.get("/lists/act").status_code == 403
    again = client.post("/accounts/make", form)
    assert again.status_code == 422 and "There is an account new already" in again.content.decode()


def test_a_role_needs_a_second_administrator(site: Site, signed_in: SignedIn) -> None:
    first, second = signed_in("administrator"), signed_in("second")
    first.post("/accounts/ask", {"username": "nobody", "role": "analyst"})
    page = second.get("/accounts").content.decode()
    request = re.search(r'name="request" value="(\d+)"', page)
    assert request
    own = first.post("/accounts/approve", {"request": request[1]})
    assert own.status_code == 422 and "needs a second person" in own.content.decode()
    assert second.post("/accounts/approve", {"request": request[1]}).status_code == 303
    assert signed_in("nobody").get("/lists/act").status_code == 200


def test_a_request_can_be_declined(site: Site, signed_in: SignedIn) -> None:
    first = signed_in("administrator")
    first.post("/accounts/ask", {"username": "nobody", "role": "analyst"})
    request = re.search(r'name="request" value="(\d+)"', first.get("/accounts").content.decode())
    assert request
    assert first.post("/accounts/decline", {"request": request[1]}).status_code == 303
    assert "Roles asked for" not in first.get("/accounts").content.decode()


def token_in(answer: HttpResponse) -> str:
    found = re.search(r'class="t-password">([^<]+)<', answer.content.decode())
    assert answer.status_code == 200 and found, answer.content.decode()
    return found[1]


def test_an_administrator_issues_replaces_and_revokes_a_token(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    first = token_in(client.post("/accounts/token", {"username": "analyst"}))
    assert actor_by_token(first) == actor_by_name("analyst")
    accounts = client.get("/accounts").content.decode()
    assert "Replace token" in accounts and first.partition(":")[2] not in accounts
    second = token_in(client.post("/accounts/token", {"username": "analyst"}))
    assert actor_by_token(first) is None and actor_by_token(second) is not None
    assert client.post("/accounts/revoke-token", {"username": "analyst"}).status_code == 303
    assert actor_by_token(second) is None
    again = client.post("/accounts/revoke-token", {"username": "analyst"})
    assert again.status_code == 422 and "analyst has no token" in again.content.decode()
    record = client.get("/record").content.decode()
    assert "Issue token" in record and "Revoke token" in record


def test_an_officer_makes_their_own_token_with_their_password(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("investigator")
    wrong = client.post("/password/token", {"password": "guess", "form": "token-form"})
    assert wrong.status_code == 422 and "Your password was not typed rightly" in wrong.content.decode()
    assert "You have no token" in client.get("/password").content.decode()
    token = token_in(client.post("/password/token", {"password": site.passwords["investigator"]}))
    assert actor_by_token(token) == actor_by_name("investigator")
    assert client.post("/accounts/token", {"username": "analyst"}).status_code == 403
    assert client.post("/password/revoke-token").status_code == 303
    assert actor_by_token(token) is None


def test_the_calendar_gets_neither_token_nor_password(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for what in ("token", "reset", "end"):
        answer = client.post(f"/accounts/{what}", {"username": "sweep"})
        assert answer.status_code == 422 and "belongs to nobody" in answer.content.decode()


def test_an_auditor_sees_accounts_and_the_whole_record_but_changes_nothing(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("auditor")
    assert "Make an account" not in client.get("/accounts").content.decode()
    acts = client.get("/record").content.decode()
    assert "Put policy into force" in acts and "by everybody" in acts
    assert "Freeman" not in acts
    assert "Sign in" in client.get("/record/looks").content.decode()


def test_others_see_their_own_part_of_the_record(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("investigator").get("/record").content.decode()
    assert "Take" in page and "Put policy into force" not in page
    team = signed_in("supervisor").get("/record").content.decode()
    assert "Investigator Person" in team and "Elsewhere Person" not in team

"""As known at a date: every page honours it or says that it cannot, and none shows today beside another date."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.pages.fictional import Site

from threshold.acts.db import one
from threshold.journey import mending

SignedIn = Callable[[str], Client]


def now() -> str:
    return datetime.now(UTC).strftime("%d/%m/%Y %H:%M:%S UTC")


def past_all() -> None:
    """Acts of this second are before the next one."""
    time.sleep(1.1)


def shown(client: Client, address: str, as_at: str) -> str:
    answer = client.get(address, {"as-at": as_at})
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_deliveries_and_what_is_held_are_shown_as_they_were(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    past_all()
    before = now()
    client.post("/deliveries/take-in", {"files": SimpleUploadedFile("later.csv", b"a,b\n1,2\n")})
    delivery = one("select max(id) as id from delivery")
    entry = one("select max(id) as id from intake_entry where state = 'held'")
    assert delivery is not None and entry is not None
    past_all()
    held_then = now()
    mending.set_aside(site.actor("intake"), entry.id, "a test message")
    assert "later.csv" not in shown(client, "/deliveries", before)
    assert "later.csv" not in shown(client, "/held", before)
    assert client.get(f"/deliveries/{delivery.id}", {"as-at": before}).status_code == 404
    assert "later.csv" in shown(client, "/deliveries", held_then)
    assert "later.csv" in shown(client, "/held", held_then)
    assert "later.csv" not in client.get("/held").content.decode()
    then = shown(client, f"/deliveries/{delivery.id}", held_then)
    assert "1 held + 0 refused" in then and "As known at" in then and "Make a map" not in then
    assert "0 held + 1 refused" in client.get(f"/deliveries/{delivery.id}").content.decode()


def test_a_report_is_shown_as_it_stood(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    number = site.reports["own"]
    assert client.get(f"/reports/{number}", {"as-at": "1/11/2026"}).status_code == 404
    past_all()
    before = now()
    client.post(f"/reports/{number}/withdraw", {"source": "Fictional Chat Ltd"})
    then = shown(client, f"/reports/{number}", before)
    assert "Withdrawn by its sender" not in then and "As known at" in then
    assert "Record that it is withdrawn" not in then
    assert "Withdrawn by its sender" in client.get(f"/reports/{number}").content.decode()


DATED = ["/lists/act", "/deliveries", "/held", "/counts", "/policy", "/volumes"]


@pytest.mark.parametrize("address", [*DATED, "/subjects/{own}"])
def test_a_date_that_cannot_be_read_shows_nothing_of_today(
    address: str, site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("supervisor")
    address = address.format(**site.subjects)
    answer = client.get(address, {"as-at": "garbage", "band": ""})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'id="as-at-error"' in page
    assert "<table" not in page and "Nothing is shown" in page and 'value="garbage"' in page
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", [*DATED, "/subjects/{own}"])
def test_a_date_that_is_still_to_come_is_now_and_says_so(
    address: str, site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("supervisor")
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%d/%m/%Y")
    page = re.sub("<[^>]+>", "", shown(client, address.format(**site.subjects), tomorrow))
    assert f"{tomorrow} is still to come" in page and "This is what is known now" in page


@pytest.mark.parametrize("address", ["/", "/reconciliation", "/maps", "/record", "/answers"])
def test_a_page_that_knows_no_dates_refuses_one(address: str, site: Site, signed_in: SignedIn) -> None:
    answer = signed_in("analyst").get(address, {"as-at": "1/11/2026"})
    assert answer.status_code == 400
    assert "always shows what is known now" in answer.content.decode()


def test_a_search_keeps_its_date(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    assert 'action="/search?as-at=1/11/2026"' in shown(client, "/search", "1/11/2026")
    assert "Nobody you may see" in client.post("/search?as-at=1/11/2026", {"q": "own-1"}).content.decode()

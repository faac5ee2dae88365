"""A held entry's page: what was received beside the fields, mending, deciding, setting aside."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.pages.fictional import LONG, RIGHT_TO_LEFT, SCRIPT, Site, person, report

from threshold.acts.db import one, query
from threshold.intake.queries import sum_of
from threshold.journey import mending

SignedIn = Callable[[str], Client]


def bring(client: Client, name: str, content: object, *, as_text: bool = False) -> int:
    """Take a file in; the number of the entry of it that is held."""
    data = str(content).encode() if as_text else json.dumps(content).encode()
    client.post("/deliveries/take-in", {"files": SimpleUploadedFile(name, data)})
    row = one("select max(id) as id from intake_entry where state = 'held' and retracted_by is null")
    assert row is not None and row.id is not None
    return int(row.id)


def fields(page: str) -> dict[str, str]:
    """The fields of the mending form as a browser would send them back."""
    found = dict(re.findall(r'<input class="govuk-input" id="leaf-\d+" name="([^"]*)" value="([^"]*)"', page))
    found |= dict(
        re.findall(
            r'<textarea class="govuk-textarea" rows="3" id="leaf-\d+" name="([^"]*)"[^>]*>\n(.*?)</textarea>',
            page,
            re.S,
        )
    )
    return {html.unescape(name): html.unescape(value).replace("\n", "\r\n") for name, value in found.items()}


CONTRADICTION = [
    report(920, [person("Kim First", "first-1")]),
    report(920, [person("Kim Second", "second-1")]),
]


def test_a_field_is_put_right_on_the_page_and_the_report_says_what_it_was(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("intake")
    number = bring(client, "t.json", [{"neither": "a report", "more": "line\none"}])
    assert f"/held/{number}" in client.get("/held").content.decode()
    shown = client.get(f"/held/{number}").content.decode()
    assert "without any part of a clearing-house report" in shown
    sent = fields(shown) | {"form": "mend"}
    assert sent["leaf [0]/more"] == "line\r\none"
    # Sent back as it came, nothing is changed; then still held; then without a reason.
    for more, said in (
        ({"reason": "r"}, "Change a field"),
        ({"reason": "r", "leaf [0]/neither": "still nothing"}, "It still cannot be taken in"),
        ({"leaf [0]/reportId": "930"}, "Say why"),
    ):
        answer = client.post(f"/held/{number}/mend", sent | more)
        assert answer.status_code == 422 and said in answer.content.decode()
    assert 'value="930"' in answer.content.decode()
    told = client.post(
        f"/held/{number}/mend", sent | {"leaf [0]/reportId": "930", "reason": "asked the sender"}, follow=True
    ).content.decode()
    assert "No longer held" in told and "asked the sender" in told
    row = one("select id, delivery from report where reference = '930'")
    assert row is not None and sum_of(row.delivery).holds
    for page in (f"/reports/{row.id}", f"/deliveries/{row.delivery}"):
        said = client.get(page).content.decode()
        assert "asked the sender" in said and "[0]/reportId" in said and "now" in said
    changes: Any = one("select changes from mending")
    assert changes.changes == [{"path": "[0]/reportId", "received": None, "mended": "930"}]


def test_the_two_stand_beside_each_other_and_an_officer_decides(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    number = bring(client, "two.json", CONTRADICTION)
    shown = client.get(f"/held/{number}").content.decode()
    assert "Kim" in shown and "First" in shown and "Second" in shown and "later version of report" in shown
    row = one("select id from report where reference = '920'")
    assert row is not None
    decision = {"form": "decide", "report": row.id, "reason": "the sender said so"}
    nothing = client.post(f"/held/{number}/decide", decision)
    assert nothing.status_code == 422 and "Choose what this entry is" in nothing.content.decode()
    client.post(f"/held/{number}/decide", decision | {"decision": "later"})
    assert query("select earlier from report_version") == [(row.id,)]


def test_the_second_officer_is_told_what_the_first_did(site: Site, signed_in: SignedIn) -> None:
    number = site.held["nasty"]
    client = signed_in("intake")
    client.post(f"/held/{number}/set-aside", {"form": "set-aside", "reason": "a test message"})
    answer = client.post(f"/held/{number}/set-aside", {"form": "set-aside", "reason": "a total"})
    said = answer.content.decode()
    assert answer.status_code == 409 and "Intake Person has set this entry aside" in said
    assert "a test message" in said and 'id="set-aside"' not in said


def test_who_only_sees_deliveries_sees_and_has_nothing_to_press(site: Site, signed_in: SignedIn) -> None:
    shown = signed_in("analyst").get(f"/held/{site.held['nasty']}").content.decode()
    assert "neither" in shown and "Take it in" not in shown and "Set aside" not in shown


def test_nothing_of_a_delivery_with_somebody_closed_is_shown(site: Site, signed_in: SignedIn) -> None:
    number = site.held["closed"]
    client = signed_in("intake")
    shown = client.get(f"/held/{number}").content.decode()
    assert "There is no held entry" in shown and "Closedaway" not in shown and 'id="mend"' not in shown
    refused = client.post(f"/held/{number}/set-aside", {"form": "set-aside", "reason": "a total"})
    assert refused.status_code == 404 and "There is no held entry" in refused.content.decode()
    assert one("select id from mending") is None


def test_long_hostile_and_many_fields_keep_the_page_whole(
    site: Site, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "MOST_LEAVES", 20)
    client = signed_in("intake")
    entry = {"long": LONG, SCRIPT[:40]: SCRIPT, "turned": RIGHT_TO_LEFT, "nul": "a\x00b\r\nc"}
    number = bring(client, "n.json", [entry | {f"more{n}": "x" for n in range(40)}])
    shown = client.get(f"/held/{number}").content.decode()
    assert "<script>document" not in shown and "\u202e" not in re.sub(r'value="[^"]*"', "", shown)
    assert "the first 20 are shown" in shown and "Too long to be changed here" in shown
    sent = fields(shown) | {"form": "mend", "reason": "r"}
    assert "Change a field" in client.post(f"/held/{number}/mend", sent).content.decode()


def test_what_is_no_media_and_no_digest_is_asked_of_what_is_typed_too(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("intake")
    number = bring(
        client,
        "d.json",
        [{"neither": "a report", "more": {"of": {"md5": "d41d8cd98f00b204e9800998ecf8427e"}}}],
    )
    shown = client.get(f"/held/{number}").content.decode()
    assert "d41d8cd9" not in shown and "A digest stays in its delivery" in shown
    sent = {"form": "mend", "reason": "r", "leaf [0]/neither": "d41d8cd98f00b204e9800998ecf8427e"}
    answer = client.post(f"/held/{number}/mend", sent)
    assert answer.status_code == 422 and "never takes one" in answer.content.decode()

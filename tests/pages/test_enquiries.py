"""Enquiries and premises through the site: asked with one button, answered, compared, read from a file, lived in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.pages.fictional import Site

from threshold.acts.db import one, query
from threshold.enquiries.sheets import ANSWER_COLUMNS

SignedIn = Callable[[str], Client]


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def hidden(page: str, form: str, name: str) -> str:
    """The value of a hidden field of a form."""
    inside = page.partition(f'id="{form}"')[2].partition("</form>")[0]
    return inside.partition(f'name="{name}" value="')[2].partition('"')[0]


def posted(client: Client, address: str, **fields: Any) -> str:
    """What the page says after a form was sent and taken."""
    answer = client.post(address, fields)
    assert answer.status_code == 303, text_of(answer)
    return text_of(client.get(answer["Location"]))


def test_the_best_enquiry_is_asked_with_one_button(site: Site, signed_in: SignedIn) -> None:
    client, number = signed_in("analyst"), site.subjects["free"]
    kinds = []
    for _ in range(2):
        page = text_of(client.get(f"/subjects/{number}"))
        kinds.append(hidden(page, "ask-best", "kind"))
        told = posted(client, pressed(page), **fields_of(page))
        assert "Asked" in told
    assert kinds == ["own_records", "subscriber"]
    page = text_of(client.get(f"/subjects/{number}"))
    assert "Asked and not answered yet" in page and hidden(page, "ask-best", "kind") not in kinds


def pressed(page: str) -> str:
    """Where the one button sends its form."""
    return page.partition('id="ask-best" class')[0].rpartition('action="')[2].partition('"')[0]


def fields_of(page: str) -> dict[str, str]:
    """The fields of the form as they stand, touched by nobody."""
    form = page.partition('id="ask-best" class')[2].partition("</form>")[0]
    return dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', form))


def test_a_page_that_is_out_of_date_asks_nothing(site: Site, signed_in: SignedIn) -> None:
    client, number = signed_in("analyst"), site.subjects["free"]
    before = query("select id from enquiry")
    fields = {"kind": "own_records", "authority": "x", "seen-act": "1", "form": "ask-best"}
    answer = client.post(f"/subjects/{number}/ask", fields)
    assert answer.status_code == 409 and query("select id from enquiry") == before


def test_an_answer_on_the_page_settles_its_checks(site: Site, signed_in: SignedIn) -> None:
    client, number = signed_in("analyst"), site.subjects["free"]
    page = posted(client, f"/subjects/{number}/ask", kind="national_computer", authority="common law")
    enquiry = one("select max(id) as id from enquiry").id  # type: ignore[union-attr]
    answer = client.post(f"/enquiries/{enquiry}/answer", {"form": "answer", "result": "no_trace"})
    assert answer.status_code == 422 and "Keep what came back" in text_of(answer)
    told = posted(
        client,
        f"/enquiries/{enquiry}/answer",
        result="no_trace",
        document=SimpleUploadedFile("<b>.txt", b"NO TRACE <script>"),
        **{"says-relevant_history": "no", "says-earlier_warning": ""},
    )
    assert "something changed" in told and "No trace" in told and page
    kept = client.get(f"/enquiries/{enquiry}/document")
    assert kept.content == b"NO TRACE <script>" and kept["Content-Disposition"].startswith("attachment")
    assert kept["Content-Type"] == "application/octet-stream"


def test_a_connection_without_a_port_says_why_it_is_not_sent_and_what_to_ask(
    site: Site, signed_in: SignedIn
) -> None:
    client, number = signed_in("analyst"), site.subjects["free"]
    page = text_of(client.get(f"/subjects/{number}/enquiries"))
    assert "Not sent: cannot be resolved to one subscriber" in page and "source port" in page
    told = posted(client, f"/subjects/{number}/ask-connections", authority="section 60A")
    assert "Asked about: 1. Not sent: 1" in told


def test_a_file_of_answers_three_signatures_and_a_home(site: Site, signed_in: SignedIn) -> None:
    client, number = signed_in("analyst"), site.subjects["free"]
    posted(client, f"/subjects/{number}/ask-connections", authority="section 60A")
    enquiry = one("select max(id) as id from enquiry where connection is not null").id  # type: ignore[union-attr]
    sheet = client.get(f"/enquiries/sheet?as=csv&n={enquiry}")
    (line,) = csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"), newline=""))
    assert (
        line["utc"] == "2026-10-25 00:30:00 UTC" and line["uk"] == "2026-10-25 01:30:00 BST" and line["note"]
    )
    assert client.get(f"/enquiries/sheet?as=pdf&n={enquiry}").content.startswith(b"%PDF")
    sink = io.StringIO()
    writer = csv.DictWriter(sink, ANSWER_COLUMNS)
    writer.writeheader()
    row = {
        "our_reference": line["our_reference"],
        "result": "answered",
        "looked_up_address": line["address"],
        "looked_up_port": line["port"],
        "looked_up_utc": line["utc"],
        "installation_address": "12 Made-up Street, Exampleton <b>",
    }
    writer.writerows([row, row | {"our_reference": "T1-1-<i>"}])
    upload = SimpleUploadedFile("answers.csv", sink.getvalue().encode())
    told = posted(client, "/enquiries/read-answers", answers=upload)
    assert "1 answered, 1 held." in told and "no enquiry with this reference" in told
    answer = client.post(f"/enquiries/{enquiry}/compare", {"stage": "asked", "verdict": "differs"})
    assert answer.status_code == 422 and "Say what differed" in text_of(answer)
    identity = text_of(client.get(f"/subjects/{number}/identity"))
    assert "Not fully compared" in identity and "2: premises" not in identity
    for stage in ("asked", "looked_up", "answered"):
        told = posted(client, f"/enquiries/{enquiry}/compare", stage=stage, verdict="agrees")
    assert told.count("Agrees</strong>") == 3
    identity = text_of(client.get(f"/subjects/{number}/identity"))
    rung = identity.partition('name="rung" type="radio" value="2-')[2].partition('"')[0]
    seen = hidden(identity, "climb", "seen-act")
    told = posted(client, f"/subjects/{number}/climb", rung=f"2-{rung}", **{"seen-act": seen})
    assert "Connection resolved to premises" in told
    home = one("select premises from resolution order by id desc limit 1").premises  # type: ignore[union-attr]
    told = posted(client, f"/premises/{home}/settle", name="Ash", age="child", source="the school")
    assert "1 child lives here." in told and "Known to be there: 1 child" in told


def test_what_was_looked_up_otherwise_is_said_and_kept(site: Site, signed_in: SignedIn) -> None:
    client, number = signed_in("analyst"), site.subjects["free"]
    posted(client, f"/subjects/{number}/ask-connections", authority="section 60A")
    enquiry = one("select max(id) as id from enquiry where connection is not null").id  # type: ignore[union-attr]
    told = posted(
        client,
        f"/enquiries/{enquiry}/answer",
        result="answered",
        words="by telephone",
        installation="12 Made-up Street",
        **{
            "looked-up-address": "203.0.113.7",
            "looked-up-port": "50123",
            "looked-up-utc": "2026-10-25 01:30:00 UTC",
        },
    )
    assert "Not taken" in told
    page = text_of(client.get("/enquiries/near-misses"))
    assert "2026-10-25 00:30:00 UTC, 2026-10-25 01:30:00 UTC" in page and "Analyst Person" in page


def test_an_empty_file_and_no_file_are_told_on_the_page(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    answer = client.post("/enquiries/read-answers", {"form": "read-answers"})
    assert answer.status_code == 422 and "Choose the file of answers" in text_of(answer)
    upload = SimpleUploadedFile("answers.csv", b"a,b\n1,2\n")
    answer = client.post("/enquiries/read-answers", {"form": "read-answers", "answers": upload})
    assert answer.status_code == 422 and "must name the columns" in text_of(answer)


def test_a_sheet_holds_nobody_whom_the_reader_may_not_see(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    closed = site.enquiries["closed"]
    assert client.get(f"/enquiries/sheet?as=csv&n={closed}").status_code == 404
    for address in ("/enquiries", "/enquiries/near-misses"):
        assert f"/enquiries/{closed}" not in text_of(client.get(address))

"""A referral typed on a page: every question answered or not known, kept as a document, registered like any other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from django.test import Client
from tests.pages.fictional import Site

from threshold.acts.db import one, query
from threshold.intake.queries import delivery_bytes
from threshold.journey.importing import files_under, take_in

SignedIn = Callable[[str], Client]
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "referral.schema.json").read_text())

GROOMED: dict[str, str | list[str]] = {
    "kind": "public",
    "sender": "A worried mother",
    "reference-not-known": "yes",
    "told_by": "telephone",
    "received": "24/11/2026 09:30",
    "happened": "23/11/2026",
    "service": "Fictional Chat",
    "activities": ["groomed"],
    "words": "He asked her to keep it from us. Write to him at not-an-identifier@mail.example.",
    "people": "2",
    "p1-role": "reported",
    "p1-kind1": "screen_name",
    "p1-text1": "old_friend_7",
    "p1-kind2": "email",
    "p1-text2": "friend7@mail.example",
    "p1-age": "16",
    "p1-ip": "203.0.113.77",
    "p1-ip-at": "23/11/2026 18:00",
    "p2-role": "harmed",
    "p2-nothing-known": "yes",
    "p2-age": "13",
}


def send(client: Client, **changed: str) -> str:
    sent = {key: value for key, value in (GROOMED | changed).items() if value}
    return client.post("/referrals/take-in", sent, follow=True).content.decode()


def test_talk_without_any_image_is_registered_with_its_people(site: Site, signed_in: SignedIn) -> None:
    told = send(signed_in("intake"))
    assert "Registered" in told and "old_friend_7" in told and "Child who was harmed" in told
    report = one("select * from report order by id desc limit 1")
    assert report is not None
    assert (report.sender, report.service, report.reference) == ("A worried mother", "Fictional Chat", None)
    assert report.received_at.isoformat() == "2026-11-24T09:30:00+00:00"
    # A day alone is no instant, and nothing is read out of the words.
    assert (report.happened_text, report.happened_at) == ("2026-11-23", None)
    assert one("select id from identifier where received like 'not-an-identifier%%'") is None
    kept = {each["path"]: each["text"] for each in report.unknown}
    assert kept["The sender's reference"] == "not known" and kept["By which road it came"] == "telephone"
    kinds = query(
        "select a.kind from activity a join mention n on n.id = a.mention where n.report = %s", [report.id]
    )
    assert [row.kind for row in kinds] == ["groomed"]
    # A stated age of sixteen opens the children's route, as a claim.
    route = one(
        """select a.route from assessment a join member m on m.subject = a.subject and m.retracted_by is null
           join mention n on n.id = m.mention where n.report = %s and n.role = 'reported'
           and a.retracted_by is null""",
        [report.id],
    )
    assert route is not None and route.route == "child"


def test_it_is_kept_as_a_document_that_reads_the_same_again(
    site: Site, signed_in: SignedIn, tmp_path: Path
) -> None:
    send(signed_in("intake"))
    row = one("select id, road, format from delivery order by id desc limit 1")
    assert row is not None and (row.road, row.format) == ("typed", "typed")
    content = b"".join(delivery_bytes(row.id))
    jsonschema.validate(json.loads(content), SCHEMA)
    path = tmp_path / "anything.json"
    path.write_bytes(content)
    receipt = take_in(site.actor("intake"), files_under([path]))
    assert dict(receipt.counts) == {"duplicate": 1}
    assert "typed before" in send(signed_in("intake"))


def test_the_same_reference_with_other_words_is_a_later_version(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    known = {
        "reference-not-known": "",
        "reference": "LADO-7",
        "kind": "partner",
        "sender": "Fictional School",
    }
    send(client, **known)
    send(client, **known, words="More is known now.")
    rows = query("select id from report where reference = 'LADO-7' order by id")
    version = one("select earlier, later from report_version order by id desc limit 1")
    assert version is not None and [row.id for row in rows] == [version.earlier, version.later]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sender": ""}, "Who tells: answer it"),
        ({"sender-not-known": "yes"}, "Who tells: there is an answer"),
        ({"reference-not-known": ""}, "Their reference: answer it"),
        ({"told_by": ""}, "How it reached the force: answer it"),
        ({"received": ""}, "When the force had it: write the date"),
        ({"received": "24/11/2999 10:00"}, "in the future"),
        ({"happened": ""}, "When it happened: answer it"),
        ({"happened": "last week"}, "When it happened: Write a date"),
        ({"activities": ""}, "What was done: tick"),
        ({"words": ""}, "What was said: answer it"),
        ({"p1-role": ""}, "Person 1: say who this is"),
        ({"p1-age": ""}, "Person 1: age or date of birth: answer it"),
        ({"p1-nothing-known": "yes"}, "Person 1: give something"),
        ({"p1-kind1": ""}, "say what “old_friend_7” is"),
        ({"p1-kind1": "account", "service": "", "service-not-known": "yes"}, "on which service the account"),
        ({"p1-ip": ""}, "no internet address for it"),
    ],
)
def test_nothing_is_left_blank(site: Site, signed_in: SignedIn, changed: dict[str, str], said: str) -> None:
    before = one("select count(*) as n from delivery")
    told = send(signed_in("intake"), **changed)
    assert "There is a problem" in told and said in told
    assert 'value="friend7@mail.example"' in told, "what was typed stays"
    assert one("select count(*) as n from delivery") == before


def test_nobody_known_is_said_and_not_counted(site: Site, signed_in: SignedIn) -> None:
    nobody = {"p1-text1": "", "p1-text2": "", "p1-kind1": "", "p1-kind2": "", "p1-ip": "", "p1-ip-at": ""}
    told = send(
        signed_in("intake"), **nobody, **{"p1-nothing-known": "yes", "p1-age": "", "p1-age-not-known": "yes"}
    )
    assert "Registered" in told and "No identifier was given" in told


BLANK = {
    "p1-text1": "", "p1-text2": "", "p1-kind1": "", "p1-kind2": "", "p1-ip": "", "p1-ip-at": "", "p1-age": "",
    "p1-nothing-known": "yes", "p1-age-not-known": "yes", "sender": "", "sender-not-known": "yes",
    "happened": "", "happened-not-known": "yes", "service": "", "service-not-known": "yes", "activities": "",
    "activities-not-known": "yes", "words": "", "words-not-known": "yes", "people": "1", "p2-role": "",
}  # fmt: skip


def test_two_calls_that_say_the_same_nothing_are_two_reports(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    (first, second) = (
        str(
            re.findall(
                r'name="form-number" value="([a-z0-9]+)"', client.get("/referrals/new").content.decode()
            )[0]
        )
        for _ in range(2)
    )
    assert "Registered" in send(client, **BLANK, **{"form-number": first})
    assert "Registered" in send(client, **BLANK, **{"form-number": second})
    # One form that is sent twice is one call.
    assert "typed before" in send(client, **BLANK, **{"form-number": second})
    delivery = one("select max(id) as id from delivery")
    assert delivery is not None
    jsonschema.validate(json.loads(b"".join(delivery_bytes(delivery.id))), SCHEMA)


def test_there_is_room_for_more_people_without_script(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("intake").post("/referrals/new", GROOMED | {"more": "person"}).content.decode()
    assert "Person 3" in page and 'value="old_friend_7"' in page
    page = signed_in("intake").post("/referrals/new", GROOMED | {"more": "identifiers"}).content.decode()
    assert "What you have: 6" in page

"""Enquiries and premises by command: the same verbs as the site, held to the published schemas."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.commands.conftest import held_to_schema, threshold
from tests.force import Force
from tests.referrals import write
from tests.stories import Told, subject_of

from threshold.enquiries.sheets import ANSWER_COLUMNS
from threshold.journey.importing import files_under, take_in


@pytest.fixture
def subject(force: Force, tmp_path: Path) -> int:
    told = Told("line-1", name="Alex Made-up", ips=("203.0.113.9",), label="line/1")
    write(tmp_path, {"in/1.xml": told.xml()})
    take_in(force.actor("intake"), files_under([tmp_path / "in"]))
    return subject_of("line/1")


def test_from_the_request_to_the_ladder(force: Force, subject: int, tmp_path: Path) -> None:
    offered = held_to_schema("enquiry-next", threshold("enquiry", "next", subject, "--json").json)
    assert any(each["kind"] == "subscriber" and each["can_be_asked"] for each in offered)
    sent = threshold("enquiry", "ask-connections", subject, "--authority", "section 60A", "--json")
    (number,) = held_to_schema("enquiry-sent", sent.json)["enquiries"]
    sheet = tmp_path / "sheet.csv"
    assert threshold("enquiry", "sheet", number, "--out", sheet).code == 0
    assert sheet.stat().st_mode & 0o777 == 0o600
    assert threshold("enquiry", "sheet", number, "--out", tmp_path / "sheet.pdf").code == 0
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert threshold("enquiry", "sheet", number, "--out", sheet).code == 2
    with sheet.open(encoding="utf-8-sig", newline="") as lines:
        (line,) = csv.DictReader(lines)
    answers = tmp_path / "answers.csv"
    with answers.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, ANSWER_COLUMNS)
        writer.writeheader()
        row = {
            "our_reference": line["our_reference"],
            "result": "answered",
            "looked_up_address": line["address"],
            "looked_up_port": line["port"],
            "looked_up_utc": line["utc"],
            "installation_address": "12 Made-up Street, Exampleton",
        }
        writer.writerow(row)
        writer.writerow(row | {"our_reference": "T0-0-A"})
    read = threshold("enquiry", "read-answers", answers, "--json")
    assert read.code == 1
    told = held_to_schema("enquiry-read", read.json)
    assert (told["answered"], told["held"]) == (1, 1)
    shown = held_to_schema("enquiry", threshold("enquiry", "show", number, "--json").json)
    refused = threshold("identify", subject, "2", "--answer", shown["answer"])
    assert refused.code == 2 and "three comparisons" in refused.err
    for stage in ("asked", "looked_up", "answered"):
        assert threshold("enquiry", "compare", number, "--stage", stage).code == 0
    assert threshold("identify", subject, "2", "--answer", shown["answer"]).code == 0
    assert threshold("subject", subject, "--json").json["assessment"]["ladder"] == 2
    (home,) = held_to_schema("premises-of", threshold("premises", "of", subject, "--json").json)
    settled = threshold(
        "premises", "settle", home["premises"], "--age", "child", "--source", "the register", "--name", "Ash"
    )
    assert settled.code == 0
    seen = held_to_schema("premises", threshold("premises", "show", home["premises"], "--json").json)
    assert seen["household"] == "Known to be there: 1 child."
    assert held_to_schema("enquiries", threshold("enquiry", "list", "--json").json) == []


def test_what_was_looked_up_otherwise_is_not_taken_and_is_a_near_miss(force: Force, subject: int) -> None:
    asked = threshold("enquiry", "ask-connections", subject, "--authority", "section 60A", "--json")
    (number,) = asked.json["enquiries"]
    done = threshold(
        "enquiry", "resolve", number, "--looked-up-address", "203.0.113.19", "--looked-up-port", 50211,
        "--looked-up-utc", "2026-11-09 21:14:05 UTC", "--installation", "12 Made-up Street",
        "--words", "by telephone",
    )  # fmt: skip
    assert done.code == 1 and "NOT TAKEN" in done.out
    (missed,) = held_to_schema("near-misses", threshold("enquiry", "near-misses", "--json").json)
    assert missed["enquiry"] == number and missed["differed"] == "address: 203.0.113.9, 203.0.113.19"
    (waits,) = held_to_schema("enquiries", threshold("enquiry", "list", "--json").json)
    assert waits["state"] == "open"


def test_a_person_is_asked_about_answered_chased_and_taken_back(force: Force, subject: int) -> None:
    asked = threshold("enquiry", "ask", subject, "national_computer", "--authority", "common law")
    number = asked.out.split()[-1]
    assert threshold("enquiry", "chase", number, "--words", "rang").code == 0
    bad = threshold("enquiry", "answer", number, "no_trace", "--words", "none", "--says", "relevant_history")
    assert bad.code == 2
    done = threshold(
        "enquiry", "answer", number, "no_trace", "--words", "none", "--says", "relevant_history=no"
    )
    assert done.code == 0 and "changed something" in done.out
    assert threshold("enquiry", "take-back", number, "--reason", "another man").code == 0
    assert threshold("enquiry", "withdraw", number, "--reason", "not needed").code == 0
    shown = threshold("enquiry", "show", number)
    assert "withdrawn" in shown.out and "Name: Alex Made-up" in shown.out

"""The files of one folder: brought together where it is certain, left alone where it is not."""

from __future__ import annotations

from dataclasses import replace

from threshold.intake.conversation import bring_together, completed
from threshold.intake.reading import (
    Activity,
    Claim,
    Connection,
    ControlPart,
    Entry,
    Grade,
    ReadAddition,
    ReadMention,
    ReadReport,
    Source,
)

MAN = ReadMention("reported", "/report/personOrUserReported", claims=(Claim("spam", True, "x"),))
CHILD = ReadMention("harmed", "/report/victim")
REPORT = ReadReport("/report", "chat.example", (MAN, CHILD))
ABOUT = ReadMention(
    "reported",
    "/fileDetails",
    connections=(Connection("203.0.113.7", "/fileDetails/ipCaptureEvent"),),
    activities=(Activity("shared", "/fileDetails", grades=(Grade("industry", "A1", 1),)),),
    claims=(Claim("infant_material", True, "y"), Claim("spam", True, "z")),
)
DETAILS = ReadAddition("/fileDetails", "not stated", "100001", ABOUT)
RECEIPT = ControlPart("(document)", "a receipt", "100001")


def together(*files: list[Entry]) -> list[list[Entry]]:
    named = [(Source(str(number), str(number), "one"), entries) for number, entries in enumerate(files)]
    return [entries for _, entries in bring_together(named)]


def test_the_one_report_takes_the_one_reference_and_its_file_details() -> None:
    (report,), (details,), (receipt,) = together([REPORT], [DETAILS], [RECEIPT])
    assert isinstance(report, ReadReport)
    assert report.reference == "100001"
    assert report.mentions[0].activities == ABOUT.activities
    assert report.mentions[0].connections == ABOUT.connections
    assert [claim.fact for claim in report.mentions[0].claims] == ["spam", "infant_material"]
    assert report.mentions[1] == CHILD
    assert details == ControlPart("/fileDetails", "brought together with report 100001", "100001")
    assert receipt == RECEIPT


def test_two_reports_without_a_number_are_left_alone() -> None:
    files = ([REPORT], [REPORT], [DETAILS])
    assert together(*files) == [list(entries) for entries in files]


def test_two_numbers_are_left_alone() -> None:
    files = ([REPORT], [DETAILS], [replace(RECEIPT, reference="100002")])
    assert together(*files) == [list(entries) for entries in files]


def test_a_number_that_another_report_bears_is_not_given_twice() -> None:
    numbered = replace(REPORT, place="/other", reference="100001")
    (lone,), (other,), _ = together([REPORT], [numbered], [DETAILS])
    assert isinstance(lone, ReadReport) and isinstance(other, ReadReport)
    assert lone.reference is None
    assert other.mentions[0].activities == ABOUT.activities


def test_details_of_two_reports_of_one_number_stay_by_themselves() -> None:
    numbered = replace(REPORT, reference="100001")
    files = ([numbered], [replace(numbered, sender="other.example")], [DETAILS])
    assert together(*files) == [list(entries) for entries in files]


def test_in_a_batched_report_nobody_gets_anothers_connection() -> None:
    batched = replace(REPORT, mentions=(MAN, replace(MAN, place="/second")), batched=True)
    found = completed(batched, DETAILS)
    for mention in found.mentions:
        assert mention.connections == ()
        assert mention.activities == ABOUT.activities
    assert [kept.text for kept in found.unknown] == ["203.0.113.7 port not given"]

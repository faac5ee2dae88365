"""Clocks start when the force received what first made the deciding clause true, and never move later by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.stories import RECEIVED, Team, Told, assessed, band, labelled, subject_of

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.verbs import act
from threshold.enquiries.assess import assess
from threshold.enquiries.drafting import DraftStatement
from threshold.enquiries.verbs import write_statements
from threshold.journey import subjects
from threshold.policy.clocks import due
from threshold.policy.model import Clock


def day(number: int) -> datetime:
    return RECEIVED + timedelta(days=number)


def a_sender_says(team: Team, mention: int, *said: DraftStatement, received_at: datetime) -> None:
    """A sender's word about somebody, received then."""
    with act(team.analyst, "state", Power.STATE) as opened:
        write_statements(
            opened,
            [(mention, s) for s in said],
            received_at=received_at,
            mark="intelligence",
            source="a sender",
        )
        assess(opened, [mention])


def clock(subject: int) -> tuple[int, datetime | None, Any, Any]:
    row = assessed(subject)
    return row.known, row.clock_from, row.due, row.later_due


def yes(fact: str) -> DraftStatement:
    return DraftStatement(fact, True, truth=True)


def test_a_clock_starts_at_the_receipt_that_first_made_the_band(team: Team) -> None:
    """Five receipts, brought in no order: the band is as of the second, whatever came after."""
    one = team.subject()
    for number, fact in [
        (4, "shared"),
        (1, "viewed"),
        (3, "new_material"),
        (2, "position_of_trust"),
        (0, "downloaded"),
    ]:
        a_sender_says(team, one, yes(fact), received_at=day(number))
    assert clock(one) == (3, day(2), day(2) + timedelta(days=7), None)


def test_a_count_starts_its_clock_when_it_is_reached(team: Team) -> None:
    reports = labelled([Told("a", at=f"2026-11-0{n}T08:00:00Z") for n in range(1, 6)])
    for n, told in enumerate(reports):
        team.take_in(told, received_at=day(n))
    one = subject_of(reports[0].label)
    # Twice was medium from the second receipt on, and its due time stands; five times is high from the fifth.
    assert clock(one) == (3, day(4), day(4) + timedelta(days=7), None)


def test_a_graver_band_takes_a_clock_of_its_own(team: Team) -> None:
    one = team.subject()
    a_sender_says(team, one, yes("shared"), received_at=day(0))
    a_sender_says(team, one, yes("groomed"), received_at=day(2))
    assert clock(one) == (4, day(2), day(3), None)


def test_a_graver_band_known_late_does_not_put_an_earlier_due_time_off(team: Team) -> None:
    one = team.subject()
    a_sender_says(team, one, yes("shared"), received_at=day(0))
    a_sender_says(team, one, yes("groomed"), received_at=day(20))
    assert clock(one) == (4, day(20), day(7), day(21))


def test_more_of_the_same_band_changes_no_clock(team: Team) -> None:
    one = team.subject()
    a_sender_says(team, one, yes("shared"), received_at=day(0))
    before = clock(one)
    a_sender_says(team, one, yes("position_of_trust"), received_at=day(9))
    assert clock(one) == before


def test_joining_keeps_the_earliest_receipt_and_undoing_moves_nothing_later(team: Team) -> None:
    one, other = team.subjects_of(Told("a"), Told("b"))
    a_sender_says(team, one, yes("shared"), received_at=day(5))
    a_sender_says(team, other, yes("position_of_trust"), received_at=day(1))
    alone = clock(one)
    link = subjects.same(team.analyst, one, other, "the same")
    assert clock(one) == (3, day(1), day(8), None)
    subjects.undo(team.analyst, link, "not the same")
    assert clock(other) == (3, day(1), day(8), None)
    # The start is its own again; the earlier due time stands and its own is proposed.
    assert clock(one) == (alone[0], alone[1], day(8), alone[2])


def test_an_answer_that_lowers_the_band_only_proposes_a_later_time(team: Team) -> None:
    one = team.subject()
    a_sender_says(team, one, yes("shared"), received_at=day(0))
    number = team.state(one, "contact", "yes")
    due_then = assessed(one).due
    assert band(one)[0] == 4
    subjects.take_back(team.analyst, number, "a mistake")
    known, start, due_now, later = clock(one)
    assert (known, start, due_now) == (3, day(0), min(due_then, day(7)))
    assert later == (day(7) if due_now < day(7) else None)


def test_a_due_time_survives_while_nothing_is_graded(team: Team) -> None:
    one = team.subject()
    number = team.state(one, "contact", "yes")
    due_then = assessed(one).due
    subjects.take_back(team.analyst, number, "a mistake")
    assert (band(one)[0], assessed(one).due) == (0, due_then)
    number = team.state(one, "relevant_history", "yes")
    assert assessed(one).due == due_then
    assert assessed(one).later_due == assessed(one).clock_from + timedelta(days=7)
    team.state(one, "contact", "yes")
    assert assessed(one).due == due_then


def test_checks_run_from_the_first_receipt_of_a_report_about_them(team: Team) -> None:
    one = team.subject()
    assert assessed(one).first_received == RECEIVED
    assert assessed(one).checks_due == due(RECEIVED, Clock(1, "working_days"))
    team.rule_out(one)
    assert assessed(one).checks_due is None


def test_checks_on_a_child_do_not_run_from_when_the_child_was_harmed(team: Team) -> None:
    victim, reported = labelled([Told("a", others=(Told("v", role="harmed"),)), Told("v")])
    team.take_in(victim, received_at=day(-300))
    team.take_in(reported, received_at=day(0))
    child = assessed(subject_of(reported.label))
    assert (child.first_received, child.checks_due) == (day(0), due(day(0), Clock(1, "working_days")))


DETAILS = """<?xml version="1.0" encoding="UTF-8"?><fileDetails><reportId>555</reportId><fileId>f</fileId>
    <fileAnnotations><infant/></fileAnnotations></fileDetails>"""
HOST = """[{"reportId": 555, "dateReceived": "2026-11-10T18:05:00Z", "reportedInformation": {
    "reportingEsp": {"espName": "Fictional Chat Ltd"}, "incidentSummary": {},
    "reportedPeople": {"reportedPersons": [{"espUserId": "old-555"}]}}}]"""


def only_subject() -> int:
    (row,) = query("select subject from assessment where retracted_by is null")
    return int(row.subject)


def test_details_that_come_later_raise_the_band_with_a_clock_of_their_own(team: Team) -> None:
    team.take_in_files({"r.json": HOST}, received_at=day(0))
    assert band(only_subject())[0] == 0
    team.take_in_files({"d.xml": DETAILS}, received_at=day(6))
    assert clock(only_subject()) == (3, day(6), day(13), None)


def test_details_that_came_before_their_report_start_with_the_report(team: Team) -> None:
    receipt = team.take_in_files({"d.xml": DETAILS}, received_at=day(0))
    assert receipt.counts["held"] == 1
    team.take_in_files({"r.json": HOST}, received_at=day(6))
    assert clock(only_subject()) == (3, day(6), day(13), None)


def test_details_brought_late_count_from_when_the_force_had_them(team: Team) -> None:
    """Held on day 6 for a report that the force has had since day 0 and registers only now."""
    team.take_in_files({"d.xml": DETAILS}, received_at=day(6))
    team.take_in_files({"r.json": HOST}, received_at=day(0))
    assert clock(only_subject())[1] == day(6)


def test_details_for_several_people_join_nobody(team: Team) -> None:
    host = HOST.replace('[{"espUserId": "old-555"}]', '[{"espUserId": "old-1"}, {"espUserId": "old-2"}]')
    details = DETAILS.replace(
        "</fileDetails>",
        "<deviceId><idType>IMEI</idType><idValue>356938035643801</idValue></deviceId></fileDetails>",
    )
    team.take_in_files({"r.json": host})
    team.take_in_files({"d.xml": details})
    assert len(query("select from assessment where retracted_by is null")) == 2

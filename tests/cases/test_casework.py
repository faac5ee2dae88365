"""Whose a case is and what state it is in: opened once, handed over, parked, merged and split, with every time kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.cases.desk import at_the_desk, take_in_report
from tests.force import Force, subject_of_account

from threshold.acts.access import Power, Refused
from threshold.acts.db import one, query
from threshold.acts.verbs import look
from threshold.cases.case_queries import docket, docket_counts, whole_case
from threshold.cases.casebook import NoCase, WrongCase
from threshold.cases.queries import listed
from threshold.cases.verbs import holder
from threshold.journey import casework, subjects
from threshold.journey.calendar import sweep, sweeper

SOON = datetime.now(UTC) + timedelta(days=14)


def test_a_list_names_the_case_of_each_subject(force: Force) -> None:
    desk = at_the_desk(force)
    with look(desk.owner, "test", Power.SEE_SUBJECTS) as seen:
        rows, _ = listed(seen, "find-out", limit=100)
    assert {row.as_json()["case"] for row in rows if row.subject == desk.subject} == {
        f"T{datetime.now(UTC).year}-00001"
    }
    assert None in {row.as_json()["case"] for row in rows if row.subject != desk.subject}


def test_there_is_one_live_case_about_a_subject_and_another_after_it(force: Force) -> None:
    desk = at_the_desk(force)
    with pytest.raises(WrongCase, match="already"):
        casework.open_case(desk.owner, desk.subject)


def test_who_opens_a_case_takes_its_subject_on(force: Force) -> None:
    desk = at_the_desk(force)
    held = holder(desk.subject)
    assert held is not None and held[1] == desk.owner.id
    with pytest.raises(NoCase, match="held by team North"):
        casework.open_again(force.actor("elsewhere"), desk.case, "mine")


def test_a_case_is_handed_over_with_a_note_and_its_subject_goes_with_it(force: Force) -> None:
    desk = at_the_desk(force)
    with pytest.raises(WrongCase, match="note"):
        casework.hand_over(desk.owner, desk.case, "supervisor", " ")
    casework.hand_over(desk.owner, desk.case, "supervisor", "read the sender's letter first")
    held = holder(desk.subject)
    assert held is not None and held[1] == desk.supervisor.id
    with pytest.raises(WrongCase, match="Ask them"):
        casework.set_crime_number(desk.owner, desk.case, "12/3456/26")


def test_all_cases_of_somebody_who_is_off_go_to_another_in_one_act(force: Force) -> None:
    first, second = at_the_desk(force), at_the_desk(force)
    with pytest.raises(Refused):
        casework.reassign(first.owner, "investigator", "supervisor", "ill")
    given = casework.reassign(first.supervisor, "investigator", "supervisor", "ill")
    assert given == [first.case, second.case]
    acts = query("select distinct asserted_by from case_owner where owner = %s", [first.supervisor.id])
    assert len(acts) == 1


def test_only_a_supervisor_parks_with_a_reason_and_a_day_and_it_is_counted(force: Force) -> None:
    desk = at_the_desk(force)
    with pytest.raises(Refused):
        casework.park(desk.owner, desk.case, SOON, "waits for the court")
    for until, reason in ((None, "waits"), (SOON, " "), (SOON + timedelta(days=365), "waits")):
        with pytest.raises(WrongCase):
            casework.park(desk.supervisor, desk.case, until, reason)
    casework.park(desk.supervisor, desk.case, SOON, "waits for the court")
    with look(desk.owner, "test", Power.SEE_SUBJECTS) as seen:
        assert docket_counts(seen)["parked"] == 1
        assert [row.reference for row in docket(seen, "mine", "parked")[0]]


def test_a_parked_case_is_open_again_on_its_day(force: Force) -> None:
    desk = at_the_desk(force)
    casework.park(desk.supervisor, desk.case, datetime.now(UTC) + timedelta(seconds=1), "waits for the court")
    system = sweeper()
    assert system is not None
    sweep(system)
    assert desk.state_of_case() == "parked"
    time.sleep(1.2)
    sweep(system)
    assert desk.state_of_case() == "open"


def test_every_change_of_state_keeps_its_time(force: Force) -> None:
    desk = at_the_desk(force)
    casework.park(desk.supervisor, desk.case, SOON, "waits for the court")
    casework.open_again(desk.owner, desk.case, "the court has answered")
    with look(desk.owner, "test", Power.SEE_SUBJECTS) as seen:
        states = whole_case(seen, desk.case).states
    assert [row.state for row in states] == ["open", "parked", "open"]
    assert sorted(row.at for row in states) == [row.at for row in states]


def test_two_cases_become_one_when_their_subjects_do_and_two_again_when_not(force: Force) -> None:
    one_case, other = at_the_desk(force), at_the_desk(force)
    with pytest.raises(WrongCase, match="same subject"):
        casework.merge(one_case.owner, other.case, str(one_case.case), "one man")
    link = subjects.same(one_case.owner, one_case.subject, other.subject, "one man")
    casework.merge(one_case.owner, other.case, str(one_case.case), "one man")
    assert other.state_of_case() == "merged"
    subjects.undo(one_case.owner, link, "two men")
    again = casework.split(one_case.owner, one_case.case, other.subject, "two men")
    assert again == other.case and other.state_of_case() == "open"


def test_a_split_gives_somebody_who_never_had_a_case_one(force: Force) -> None:
    desk = at_the_desk(force)
    take_in_report(force, "split-off")
    other = subject_of_account("split-off")
    link = subjects.same(desk.owner, desk.subject, other, "one man")
    casework.confirm(desk.owner, desk.case)
    subjects.undo(desk.owner, link, "two men")
    made = casework.split(desk.owner, desk.case, other, "two men")
    row = one("select mention from case_file where id = %s", [made])
    assert row is not None and row.mention == other


def test_what_is_closed_to_somebody_is_no_case_to_them(force: Force) -> None:
    desk = at_the_desk(force)
    subjects.close_access(desk.supervisor, desk.subject, "a member of staff", ["supervisor"])
    for attempt in (
        lambda: casework.set_crime_number(desk.owner, desk.case, "1"),
        lambda: casework.set_crime_number(desk.owner, 987_654, "1"),
    ):
        with pytest.raises(NoCase):
            attempt()
    with look(desk.owner, "test", Power.SEE_SUBJECTS) as seen:
        assert docket(seen, "all", "open") == ([], 0)
        assert docket_counts(seen)["open"] == 0

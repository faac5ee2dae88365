"""Watched: a new mention opens a case again; what it means depends on when, and on how sure the link is."""

from __future__ import annotations

from typing import Any

from tests.cases.desk import Desk, at_the_desk, at_the_door, take_in_report
from tests.force import Force

from threshold.acts.db import one, query
from threshold.cases.decisions import options
from threshold.enquiries.queries import assessed_now
from threshold.journey import casework, premises, subjects


def warned(force: Force) -> Desk:
    desk = at_the_door(force)
    desk.result(desk.sign(), "warned")
    assert desk.state_of_case() == "watched"
    return desk


def seen_again(desk: Desk) -> list[Any]:
    return query(
        "select happened, strength from reopening where case_file = %s and retracted_by is null order by id",
        [desk.case],
    )


def test_activity_before_the_warning_asks_again_whether_this_was_once(force: Force) -> None:
    desk = warned(force)
    take_in_report(force, desk.account, at="2026-10-01T10:00:00Z")
    assert [(row.happened, row.strength) for row in seen_again(desk)] == [("before", "confirmed")]
    assert desk.state_of_case() == "open" and "seen_once" in desk.tasks()
    row = one("select facts from assessment where subject = %s and retracted_by is null", [desk.subject])
    assert row is not None and row.facts["f_activity_after_warning"] is not True


def test_a_breach_is_never_low_and_no_second_visit_is_permitted(force: Force) -> None:
    desk = warned(force)
    take_in_report(force, desk.account, at="2027-01-01T10:00:00Z")
    assert desk.band() == (4, 4)
    found = assessed_now(desk.subject)
    assert found is not None
    visits = [option for option in options(found) if option.response.warns]
    assert visits and all(option.shut for option in visits)


def test_a_link_that_is_undone_takes_the_breach_with_it(force: Force) -> None:
    desk = warned(force)
    before = desk.band()
    other = at_the_desk(force)
    link = subjects.same(desk.owner, desk.subject, other.subject, "one man")
    said = query("select statement from reopening where case_file = %s and retracted_by is null", [desk.case])
    assert len(said) == 1
    subjects.undo(desk.owner, link, "two men")
    assert seen_again(desk) == []
    assert desk.band() == before


def test_no_further_action_is_watched_too(force: Force) -> None:
    desk = at_the_door(force)
    choice = next(
        option.response.id
        for option in _options(desk)
        if option.permitted and option.response.watch and not option.response.warns
    )
    decision = desk.decide(choice)
    if one("select from decision where id = %s and second_person", [decision]):
        desk.approve(decision)
    casework.carry_out(desk.owner, desk.case, "nothing more is done")
    assert desk.state_of_case() == "watched"
    take_in_report(force, desk.account, at="2027-01-01T10:00:00Z")
    assert desk.state_of_case() == "open"
    # Nobody was warned, so it is no breach.
    row = one("select statement from reopening where case_file = %s", [desk.case])
    assert row is not None and row.statement is None


def _options(desk: Desk) -> list[Any]:
    found = assessed_now(desk.subject)
    assert found is not None
    return options(found)


def test_a_new_account_at_a_home_that_was_warned_is_asked_about(force: Force) -> None:
    desk = at_the_door(force)
    desk.state("adult_established", "not_known")
    desk.state("identity_ladder", "1")
    decision = desk.decide("address_visit")
    desk.approve(decision)
    visit = casework.sign_visit(desk.owner, desk.case, desk.letter("address"), desk.premises)
    desk.result(visit, "warned")
    other = at_the_desk(force)
    home = one("select address from premises where id = %s", [desk.premises])
    assert home is not None
    premises.add(desk.owner, other.subject, home.address, "council tax", kind="home")
    assert [(row.strength) for row in seen_again(desk)] == ["possible"]
    assert desk.state_of_case() == "open" and "same_person" in desk.tasks()


def test_a_case_goes_back_to_being_watched_for_no_shorter(force: Force) -> None:
    desk = warned(force)
    until = query("select until from case_state where case_file = %s and state = 'watched'", [desk.case])[
        0
    ].until
    casework.open_again(desk.owner, desk.case, "a made-up reason")
    for row in query("select id from case_task t where case_file = %s", [desk.case]):
        if one("select from case_task_done where task = %s", [row.id]) is None:
            casework.finish_task(desk.owner, row.id, "done")
    casework.watch_again(desk.owner, desk.case, "nothing came of it")
    again = query("select until from case_state where case_file = %s and retracted_by is null", [desk.case])[
        0
    ].until
    assert again == until

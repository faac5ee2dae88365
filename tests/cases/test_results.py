"""What comes of a visit: each result leads somewhere, in the same act, and is counted from the rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.cases.desk import Desk, at_the_door
from tests.force import Force

from threshold.acts.access import Power
from threshold.acts.db import one, query
from threshold.acts.verbs import look
from threshold.cases import contact
from threshold.cases.visits import RESULTS, WrongVisit, visited
from threshold.journey import casework
from threshold.journey.casework import FoundAtDoor

TASKS = {
    "warned": {"welfare", "step tell_others"},
    "wrong_person": {"welfare", "tell", "apologise", "near_miss"},
    "no_offence": {"welfare", "decide"},
    "more_found": {"welfare", "decide"},
    "device_seized": {"welfare", "phone", "decide"},
    "arrest": {"welfare", "arrest"},
    "child_found": {"welfare", "child", "decide"},
    "welfare_concern": {"welfare", "welfare_now", "decide"},
}


def acts_since(number: int) -> int:
    row = one("select count(*) as n from act where id > %s", [number])
    assert row is not None
    return int(row.n)


def last_act() -> int:
    row = one("select max(id) as id from act")
    assert row is not None
    return int(row.id)


@pytest.mark.parametrize("result", TASKS)
def test_each_result_leads_somewhere_in_one_act(force: Force, result: str) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    before, last = set(desk.tasks()), last_act()
    found = [FoundAtDoor("contact", "yes")] if result == "more_found" else None
    desk.result(visit, result, found=found)
    assert acts_since(last) == 1
    assert set(desk.tasks()) - before >= TASKS[result]
    assert desk.state_of_case() == ("watched" if result == "warned" else "open")
    grave = {"more_found": 4, "child_found": 4, "welfare_concern": 4}
    if result in grave:
        assert desk.band()[0] == grave[result]


def test_welfare_is_followed_up_between_a_day_and_two_after_the_visit(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    at = datetime.now(UTC)
    desk.result(visit, "no_offence", at=at)
    row = query("select due_from, due from case_task where kind = 'welfare' and case_file = %s", [desk.case])[
        0
    ]
    assert (row.due_from - at, row.due - at) == (timedelta(hours=24), timedelta(hours=48))


def test_nobody_in_leaves_the_visit_to_be_made_and_no_letter_behind(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    with pytest.raises(WrongVisit, match="never left behind"):
        desk.result(visit, "nobody_in", letter="handed")
    desk.result(visit, "nobody_in")
    assert "welfare" not in desk.tasks()
    desk.result(visit, "warned", letter="refused")
    with pytest.raises(WrongVisit, match="recorded already"):
        desk.result(visit, "no_offence")


def test_a_wrong_person_is_cleared(force: Force) -> None:
    desk = at_the_door(force)
    desk.result(desk.sign(), "wrong_person")
    row = one("select ladder from assessment where subject = %s and retracted_by is null", [desk.subject])
    assert row is not None and row.ladder == 1


def test_more_found_says_what(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    with pytest.raises(WrongVisit, match="what was found"):
        desk.result(visit, "more_found")


def test_the_sheet_is_entered_afterwards_but_not_for_a_time_that_cannot_be(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    for wrong in (datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(days=1), None):
        with pytest.raises(WrongVisit, match="when it happened"):
            desk.result(visit, "warned", at=wrong)


def counted(desk: Desk, first: date, last: date, name: str = "chief") -> dict[str, object]:
    actor = desk.force.actor(name)
    whole = actor.may(Power.COUNT_FORCE)
    with look(actor, "test", Power.COUNT) as seen:
        return visited(seen, first, last, whole_force=whole).as_json()


def test_homes_visited_are_counted_from_the_rows_for_any_days(force: Force) -> None:
    desk, other = at_the_door(force), at_the_door(force)
    visit = desk.sign()
    desk.result(visit, "nobody_in")
    desk.result(visit, "warned")
    other.result(other.sign(), "wrong_person")
    today = datetime.now(UTC).date()
    found = counted(desk, date(2026, 11, 1), today + timedelta(days=1))
    assert found["homes_visited"] == 2 and found["visits_ended"] == 2
    assert found["results"] == dict.fromkeys(RESULTS, 0) | {"nobody_in": 1, "warned": 1, "wrong_person": 1}
    assert found["letters"] == {"handed": 1, "refused": 0, "not_offered": 1}
    assert counted(desk, date(2025, 1, 1), date(2025, 1, 31))["homes_visited"] == 0
    # Another team's are in no number of an investigator.
    assert counted(desk, date(2026, 11, 1), today + timedelta(days=1), "elsewhere")["homes_visited"] == 0


# --- before and after


def test_a_question_is_answered_or_asked_and_none_is_skipped(force: Force) -> None:
    desk = at_the_door(force)
    contact.check_before_contact(desk.case)
    casework.answer(desk.owner, desk.case, "suicide", "asked", "the crisis team")
    contact.check_before_contact(desk.case)
    other = Desk(force, desk.subject, desk.account)
    with pytest.raises(contact.WrongContact, match="Nobody is contacted"):
        contact.check_before_contact(other.case)


def test_support_and_trigger_dates_are_recorded_each_time(force: Force) -> None:
    desk = at_the_door(force)
    casework.offer_support(desk.owner, desk.case, "family", "family_pack", "yes")
    casework.offer_support(desk.owner, desk.case, "person", "stop_it_now")
    assert [(row.to_whom, row.what) for row in contact.support_of(desk.case)] == [
        ("person", "stop_it_now"),
        ("family", "family_pack"),
    ]
    casework.trigger_date(desk.owner, desk.case, "court", datetime.now(UTC) + timedelta(days=9))
    assert "welfare" in desk.tasks()
    with pytest.raises(contact.WrongContact):
        casework.trigger_date(desk.owner, desk.case, "court", datetime.now(UTC) - timedelta(days=9))

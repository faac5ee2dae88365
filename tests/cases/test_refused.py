"""What the database refuses to the role ``app``: a visit that is not permitted, an approval of one's own, an early end.

Each is tried as a forger would: rows written by SQL under the next act, with the act itself written after them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import namedtuple_row
from tests.cases.desk import Desk, at_the_desk, at_the_door, take_in_report
from tests.force import Force

from threshold.acts.access import Refused
from threshold.acts.db import one
from threshold.cases.casebook import WrongCase
from threshold.cases.decisions import WrongDecision
from threshold.cases.visits import WrongVisit, conditions
from threshold.enquiries.verbs import WrongStatement
from threshold.journey import casework, subjects

Connection = psycopg.Connection[Any]


@contextmanager
def forged(actor: int) -> Iterator[Connection]:
    """A transaction of the application's role that ends as one act of ``actor``, whatever was written in it."""
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=namedtuple_row) as connection:
        connection.execute("select pg_advisory_xact_lock(1)")
        last = connection.execute("select id, hash from act order by id desc limit 1").fetchone()
        assert last is not None
        connection.execute("select set_config('threshold.act', %s, true)", [str(last.id + 1)])
        yield connection
        connection.execute(
            """insert into act (id, at, actor, verb, body, rows, prev, hash)
               values (%s, clock_timestamp(), %s, 'forged', '{}', '{}', %s, sha256('forged'))""",
            [last.id + 1, actor, last.hash],
        )
        connection.commit()


def forge_visit(desk: Desk, *, letter: int, decision: int | None = None, **more: object) -> None:
    found = one("select * from decision where case_file = %s order by id desc limit 1", [desk.case])
    with forged(desk.owner.id) as connection:
        row: dict[str, object] = {
            "case_file": desk.case,
            "officer": desk.owner.id,
            "level": "person",
            "subject": desk.subject,
            "premises": desk.premises,
            "decision": decision or (found.id if found else 0),
            "decider": desk.owner.id,
            "approver": desk.supervisor.id,
            "letter": letter,
        } | more
        act = connection.execute("select current_setting('threshold.act')::bigint as n").fetchone()
        assert act is not None
        columns = ", ".join(row)
        connection.execute(
            f"insert into visit (asserted_by, {columns}) values ({', '.join(['%s'] * (len(row) + 1))})".encode(),
            [act.n, *row.values()],
        )


def insert(connection: Connection, table: str, **row: object) -> None:
    """A row of a claim table under the act that is open."""
    columns = ", ".join(row)
    connection.execute(
        f"""insert into {table} (asserted_by, {columns})
            values (current_setting('threshold.act')::bigint, {", ".join(["%s"] * len(row))})""".encode(),
        list(row.values()),
    )


def retract(connection: Connection, table: str, case: int) -> None:
    connection.execute(
        f"""update {table} set retracted_by = current_setting('threshold.act')::bigint
            where case_file = %s and retracted_by is null""".encode(),
        [case],
    )


# --- visits: each condition taken away alone


def taken_away(fact: str, value: str) -> Callable[[Desk], None]:
    return lambda desk: desk.state(fact, value)


WITHOUT: dict[str, Callable[[Desk], None]] = {
    "adult": taken_away("adult_established", "not_known"),
    "identified": taken_away("identity_ladder", "1"),
    "not_contact": taken_away("contact", "not_known"),
    "not_shared": taken_away("shared", "yes"),
    "not_earlier_warning": taken_away("earlier_warning", "not_known"),
    "not_relevant_history": taken_away("relevant_history", "not_known"),
    "not_lives_with_children": taken_away("lives_with_children", "yes"),
    "not_position_of_trust": taken_away("position_of_trust", "not_known"),
    "not_suicide_risk": taken_away("suicide_risk", "not_known"),
    "not_violence_risk": taken_away("violence_risk", "not_known"),
    "not_vulnerability": taken_away("vulnerability", "not_known"),
    "not_another_agency": taken_away("another_agency", "yes"),
    "occupants_known": taken_away("occupants_known", "not_known"),
    "address_confirmed": taken_away("address_confirmed", "not_known"),
    "seen_rarely": taken_away("times_seen", "not_known"),
    "lowest_material": taken_away("worst_grade", "B"),
    "answered": lambda desk: casework.answer(desk.owner, desk.case, "suicide", "asked", "the doctor"),
    "links_confirmed": lambda desk: take_in_report(desk.force, desk.account),
}


@pytest.mark.parametrize("missing", WITHOUT)
def test_no_visit_where_one_thing_is_not_known_to_be_so(force: Force, missing: str) -> None:
    desk = at_the_door(force)
    desk.approve(desk.decide())
    letter = desk.letter()
    WITHOUT[missing](desk)
    found = one("select max(id) as id from decision where case_file = %s", [desk.case])
    assert found is not None
    held = {each.id: each.holds for each in conditions(desk.case, found.id, letter, desk.premises)}
    assert held[missing] is False
    with pytest.raises((WrongVisit, WrongCase)):
        casework.sign_visit(desk.owner, desk.case, letter, desk.premises)
    with pytest.raises(psycopg.errors.RaiseException, match="no visit"):
        forge_visit(desk, letter=letter)
    assert one("select id from visit where case_file = %s", [desk.case]) is None


def test_a_visit_that_is_permitted_is_made_once(force: Force) -> None:
    desk = at_the_door(force)
    desk.sign()
    with pytest.raises(WrongVisit, match="no other visit"):
        casework.sign_visit(desk.owner, desk.case, desk.letter(), desk.premises)
    with pytest.raises(psycopg.Error):
        forge_visit(desk, letter=desk.letter())


def test_nobody_is_warned_twice(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    desk.result(visit, "warned")
    # Even where an officer says that there was no warning: the rows say that there was.
    casework.open_again(desk.owner, desk.case, "a made-up reason")
    desk.state("earlier_warning", "no")
    with pytest.raises(WrongDecision):
        desk.decide()
    with pytest.raises(psycopg.errors.RaiseException, match="no other visit"):
        forge_visit(desk, letter=desk.letter())


def test_a_visit_is_never_taken_back_so_that_another_could_be_made(force: Force) -> None:
    desk = at_the_door(force)
    desk.sign()
    with (
        pytest.raises(psycopg.errors.RaiseException, match="never taken back"),
        forged(desk.owner.id) as connection,
    ):
        retract(connection, "visit", desk.case)


def test_one_signer_is_not_two(force: Force) -> None:
    desk = at_the_door(force)
    decision, letter = desk.decide(), desk.letter()
    with pytest.raises(WrongDecision, match="Another person"):
        casework.approve(force.actor("demo"), _decided_by_demo(force, desk), "I agree with myself")
    for officer in (desk.owner.id, desk.supervisor.id):
        with pytest.raises(psycopg.Error), forged(desk.owner.id) as connection:
            insert(
                connection, "decision_approval", decision=decision, decider=desk.owner.id, officer=officer,
                outcome="approved", reason="forged",
            )  # fmt: skip
    with pytest.raises(psycopg.Error):
        forge_visit(desk, letter=letter, approver=desk.owner.id)


def _decided_by_demo(force: Force, desk: Desk) -> int:
    """A decision of somebody who has every role: even they do not approve their own."""
    return casework.decide(force.actor("demo"), desk.case, desk.reasoning("warning_visit"))


# --- decisions


def test_what_is_shut_is_not_chosen_by_override(force: Force) -> None:
    desk = at_the_desk(force)
    with pytest.raises(WrongDecision, match="no override"):
        desk.decide("warning_visit")
    with pytest.raises(psycopg.Error), forged(desk.owner.id) as connection:
        assessed = one("select * from assessment where subject = %s and retracted_by is null", [desk.subject])
        insert(
            connection, "decision", case_file=desk.case, officer=desk.owner.id, subject=desk.subject,
            assessment=assessed.id, policy=assessed.policy, known="", not_known="", threat="x", powers="x",
            options='[{"id": "warning_visit", "permitted": false}]', choice="warning_visit", level="person", warns=True,
            reason="forged", review_at="2030-01-01", override=True, second_person=True, watched_after=True,
        )  # fmt: skip


def test_an_override_waits_for_another_person(force: Force) -> None:
    desk = at_the_door(force)
    options = {option.response.id: option for option in _options(desk)}
    override = next(name for name, option in options.items() if not option.permitted and not option.shut)
    number = desk.decide(override)
    row = one("select override, second_person from decision where id = %s", [number])
    assert row is not None and row.override and row.second_person
    with pytest.raises(WrongDecision, match="why"):
        desk.decide(override, reason=" ")


def _options(desk: Desk) -> list[Any]:
    from threshold.cases.decisions import options
    from threshold.enquiries.queries import assessed_now

    found = assessed_now(desk.subject)
    assert found is not None
    return options(found)


def test_a_decision_rests_on_what_was_read(force: Force) -> None:
    desk = at_the_door(force)
    read = one("select id from assessment where subject = %s and retracted_by is null", [desk.subject])
    assert read is not None
    desk.state("shared", "yes")
    with pytest.raises(WrongDecision, match="has changed"):
        desk.decide("safeguarding_now", seen=read.id)


def test_an_approval_does_not_reach_what_became_known_since(force: Force) -> None:
    desk = at_the_door(force)
    decision = desk.decide()
    desk.state("shared", "yes")
    with pytest.raises(WrongDecision, match="decided again"):
        desk.approve(decision)


def test_when_the_subject_changes_each_case_says_so(force: Force) -> None:
    desk, other = at_the_door(force), at_the_desk(force)
    link = subjects.same(desk.owner, desk.subject, other.subject, "one man")
    with pytest.raises(WrongCase, match="confirm it again"):
        desk.decide("safeguarding_now")
    casework.confirm(desk.owner, desk.case)
    subjects.undo(desk.owner, link, "two men")
    assert other.state_of_case() == "open"
    with pytest.raises(WrongCase, match="confirm it again"):
        desk.decide("safeguarding_now")


# --- ends and clocks


def test_a_watched_case_is_not_closed_early(force: Force) -> None:
    desk = at_the_door(force)
    desk.result(desk.sign(), "warned")
    for task in list(_task_numbers(desk)):
        casework.finish_task(desk.owner, task, "done")
    with pytest.raises(WrongCase, match="watched until"):
        casework.close(desk.owner, desk.case, "enough")

    def early(**state: object) -> None:
        with forged(desk.owner.id) as connection:
            retract(connection, "case_state", desk.case)
            insert(
                connection, "case_state", case_file=desk.case, officer=desk.owner.id, reason="forged", **state
            )

    for state in ({"state": "closed"}, {"state": "watched", "until": "2026-12-01"}):
        with pytest.raises(psycopg.errors.RaiseException):
            early(**state)
    with (
        pytest.raises(psycopg.errors.RaiseException, match="without a row"),
        forged(desk.owner.id) as connection,
    ):
        retract(connection, "case_state", desk.case)
    # By way of an open case it is no earlier.
    casework.open_again(desk.owner, desk.case, "a made-up reason")
    with pytest.raises(psycopg.errors.RaiseException, match="watched until"):
        early(state="closed")


def _task_numbers(desk: Desk) -> Iterator[int]:
    from threshold.cases.casebook import open_tasks

    return (task.id for task in open_tasks(desk.case))


def test_a_case_is_not_closed_while_something_on_it_is_not_done(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    desk.result(visit, "wrong_person")
    assert {"tell", "apologise", "near_miss"} <= set(desk.tasks())
    with pytest.raises(WrongCase, match="Not before"):
        casework.close(desk.owner, desk.case, "it was somebody else")
    for task in list(_task_numbers(desk)):
        casework.finish_task(desk.owner, task, "done")
    casework.close(desk.owner, desk.case, "it was somebody else")
    assert desk.state_of_case() == "closed"


def test_the_band_s_clock_does_not_move_later_by_sql(force: Force) -> None:
    desk = at_the_desk(force)
    desk.state("shared", "yes")
    row = one("select * from assessment where subject = %s and retracted_by is null", [desk.subject])
    assert row is not None and row.due is not None
    for due in ("due + interval '1 day'", "null"):
        with pytest.raises(psycopg.errors.RaiseException, match="clock"), forged(desk.owner.id) as connection:
            connection.execute(
                """update assessment set retracted_by = current_setting('threshold.act')::bigint where id = %s""",
                [row.id],
            )
            connection.execute(
                f"""insert into assessment (asserted_by, subject, policy, facts, statements, known, could_be, deciding,
                        holding, could, open_facts, checks, route, route_reason, ladder, listed, first_received,
                        last_received, due)
                    select current_setting('threshold.act')::bigint, subject, policy, facts, statements, known,
                        could_be, deciding, holding, could, open_facts, checks, route, route_reason, ladder, listed,
                        first_received, last_received, {due} from assessment where id = %s""".encode(),
                [row.id],
            )


def test_a_task_s_time_moves_by_a_named_officer_with_a_reason_only(force: Force) -> None:
    desk = at_the_door(force)
    desk.result(desk.sign(), "device_seized")
    task = next(_task_numbers(desk))
    with pytest.raises(WrongCase, match="why"):
        casework.move_task(desk.owner, task, None, " ")
    for change in ("update case_task set due = due + interval '9 days'", "delete from case_task"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), forged(desk.owner.id) as connection:
            connection.execute(change.encode())
    with (
        pytest.raises(psycopg.errors.RaiseException, match="never taken back"),
        forged(desk.owner.id) as connection,
    ):
        retract(connection, "case_task", desk.case)
    with (
        pytest.raises(psycopg.errors.RaiseException, match="who did not do act"),
        forged(desk.owner.id) as connection,
    ):
        insert(
            connection,
            "case_task_moved",
            task=task,
            officer=desk.supervisor.id,
            due="2030-01-01",
            reason="forged",
        )


def test_only_a_supervisor_parks(force: Force) -> None:
    desk = at_the_desk(force)
    with (
        pytest.raises(psycopg.errors.RaiseException, match="supervisor"),
        forged(desk.owner.id) as connection,
    ):
        retract(connection, "case_state", desk.case)
        insert(
            connection, "case_state", case_file=desk.case, officer=desk.owner.id, state="parked", reason="forged",
            until="2026-12-24",
        )  # fmt: skip


def test_the_band_s_clock_moves_later_by_a_supervisor_with_a_reason(force: Force) -> None:
    desk = at_the_desk(force)
    desk.state("shared", "yes")

    def due() -> Any:
        row = one("select due from assessment where subject = %s and retracted_by is null", [desk.subject])
        assert row is not None
        return row.due

    stood = due()
    later = stood + timedelta(days=3)
    with pytest.raises(Refused):
        casework.move_clock(desk.owner, desk.case, later, "the court")
    for to, reason in ((later, " "), (stood - timedelta(days=1), "the court"), (None, "the court")):
        with pytest.raises(WrongStatement):
            casework.move_clock(desk.supervisor, desk.case, to, reason)
    casework.move_clock(desk.supervisor, desk.case, later, "waits for the court")
    assert due() == later
    desk.state("viewed", "yes")
    assert due() == later
    # A graver band has its own clock, which no move reaches.
    desk.state("contact", "yes")
    assert due() < stood
    with (
        pytest.raises(psycopg.errors.RaiseException, match="supervisor"),
        forged(desk.owner.id) as connection,
    ):
        insert(
            connection, "due_moved", mention=desk.subject, due="2030-01-01", known=4, officer=desk.owner.id,
            reason="forged",
        )  # fmt: skip

"""A verb of a case is killed between any two of its steps: it happened whole, or not at all."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connections
from tests.cases.desk import Desk, at_the_desk, at_the_door, take_in_report
from tests.force import Force

from threshold.acts.db import query
from threshold.acts.record import claim_tables, verify
from threshold.cases.visits import Result
from threshold.journey import casework

Verb = Callable[[], object]

# It forks, and one of the verbs prints a letter: tests/conftest.py.
RUNS_FIRST = True


def run_and_kill(verb: Verb, fatal: int) -> bool:
    """Run in a child that kills itself at its step ``fatal``; whether it lived to its end."""
    connections.close_all()
    child = os.fork()
    if child:
        ended = os.waitpid(child, 0)[1]
        assert ended in (0, signal.SIGKILL), ended
        return ended == 0
    try:
        _die_at(fatal)
        verb()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(99)


def _die_at(fatal: int) -> None:
    steps = 0

    def told(does: Any) -> Any:
        def doing(*given: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return does(*given, **named)

        return doing

    for owner, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.Cursor, "copy"),
        (psycopg.Connection, "commit"),
    ):
        setattr(owner, name, told(getattr(owner, name)))


def everything() -> dict[str, tuple[int, int]]:
    """How many rows there are of everything, and how many of them are retracted."""
    tables = " union all ".join(
        f"select '{table}' as name, count(*) as n, count(retracted_by) as gone from {table}"
        for table in claim_tables()
    )
    return {row.name: (row.n, row.gone) for row in query(tables)}


def bring_to(force: Force, verb: str) -> tuple[Desk, Verb]:
    """A case as it stands before the verb, and the verb."""
    if verb == "open":
        desk = at_the_desk(force)
        take_in_report(force, "killed-1")
        row = query("select id from mention where retracted_by is null order by id desc limit 1")[0]
        return desk, lambda: casework.open_case(desk.owner, row.id)
    if verb == "hand over":
        desk = at_the_desk(force)
        return desk, lambda: casework.hand_over(desk.owner, desk.case, "supervisor", "a made-up note")
    desk = at_the_door(force)
    if verb == "answer":
        return desk, lambda: casework.answer(desk.owner, desk.case, "children", "yes", "the school")
    if verb == "decide":
        return desk, desk.decide
    decision = desk.decide()
    if verb == "approve":
        return desk, lambda: desk.approve(decision)
    desk.approve(decision)
    if verb == "letter":
        return desk, desk.letter
    letter = desk.letter()
    if verb == "sign":
        return desk, lambda: casework.sign_visit(desk.owner, desk.case, letter, desk.premises)
    visit = casework.sign_visit(desk.owner, desk.case, letter, desk.premises)
    if verb == "warned":
        told = Result("warned", datetime.now(UTC), "handed")
        return desk, lambda: casework.record_result(desk.owner, visit, told)
    desk.result(visit, "warned")
    return desk, lambda: take_in_report(force, desk.account, at="2027-11-20T10:00:00Z")


@pytest.mark.parametrize(
    "verb", ["open", "hand over", "answer", "decide", "approve", "letter", "sign", "warned", "seen again"]
)
def test_a_verb_that_is_killed_leaves_nothing_half_done(force: Force, verb: str) -> None:
    _, does = bring_to(force, verb)
    before, fatal = everything(), 1
    while not run_and_kill(does, fatal):
        if everything() != before:
            break
        # Every step of the first dozen, then every other.
        fatal += 1 if fatal < 12 else 2
    assert fatal > 8
    assert everything() != before
    finding = verify()
    assert finding.whole, finding.breaks[:3]

"""A write that is refused, by whomever and at whatever step, leaves a look and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.force import Force

from threshold.acts import officers
from threshold.acts.access import Power, Role
from threshold.acts.db import execute, one
from threshold.acts.record import verify
from threshold.acts.verbs import act
from threshold.journey import mending, subjects
from threshold.journey.subjects import Answer, Seen
from threshold.oversight.verbs import begin_audit

TYPED = "Typed-in words that belong nowhere"


@dataclass(frozen=True)
class Refusal:
    """Who tries what, the kind of reason, and what the trace names."""

    who: str
    tries: Callable[[Force, Any], object]
    verb: str
    kind: str
    names: Callable[[Force], dict[str, object]]
    # The subject on which the trace is found; None where there is none.
    subject: str | None = None


def by_sql(force: Force, actor: Any) -> None:
    """An act of which the database refuses a statement."""
    with act(actor, "state", Power.STATE, subject=force.subjects["free"]):
        execute("update report set words = %s", [TYPED])


ANSWER = Answer("contact", "yes", "fact", TYPED, words=TYPED)
REFUSALS: dict[str, Refusal] = {
    "roles do not allow it": Refusal(
        "chief", lambda f, a: subjects.state(a, f.subjects["free"], ANSWER),
        "state", "Refused", lambda f: {"subject": f.subjects["free"]}, "free",
    ),
    "a closed record": Refusal(
        "analyst", lambda f, a: subjects.state(a, f.subjects["closed"], ANSWER),
        "state", "NotVisible", lambda f: {"subject": f.subjects["closed"]}, "closed",
    ),
    "another team's record": Refusal(
        "investigator", lambda f, a: subjects.take(a, f.subjects["other"]),
        "take", "NotVisible", lambda f: {"subject": f.subjects["other"]}, "other",
    ),
    "a rule of the verb": Refusal(
        "analyst", lambda f, a: subjects.state(a, f.subjects["free"], Answer("contact", TYPED, "fact", TYPED)),
        "state", "WrongStatement", lambda f: {"subject": f.subjects["free"]}, "free",
    ),
    "somebody was first": Refusal(
        "analyst", lambda f, a: subjects.state(a, f.subjects["own"], ANSWER, seen=Seen(f.subjects["own"], 1)),
        "state", "ChangedMeanwhile", lambda f: {"subject": f.subjects["own"]}, "own",
    ),
    "linked with a closed record": Refusal(
        "analyst", lambda f, a: subjects.same(a, f.subjects["free"], f.subjects["closed"], TYPED),
        "say same", "NotVisible",
        lambda f: {"mentions": sorted((f.subjects["free"], f.subjects["closed"]))}, "closed",
    ),
    "the database": Refusal(
        "analyst", by_sql, "state", "InsufficientPrivilege", lambda f: {"subject": f.subjects["free"]}, "free",
    ),
    "a role for oneself": Refusal(
        "administrator", lambda f, a: officers.request_role(a, TYPED, Role.AUDITOR),
        "ask for role", "WrongAccount", lambda f: {},
    ),
    "before there is an act": Refusal(
        "auditor", lambda f, a: begin_audit(a, "analyst", None, None, TYPED), "begin audit", "WrongAudit", lambda f: {}
    ),
    "an entry that is not there": Refusal(
        "intake", lambda f, a: mending.set_aside(a, 9999, TYPED),
        "settle held entry", "NoEntry", lambda f: {"entry": 9999},
    ),
    "a wrong password": Refusal(
        "analyst", lambda f, a: officers.change_password(a, TYPED, TYPED),
        "change own password", "SignInFailed", lambda f: {"officer": f.actor("analyst").id},
    ),
}  # fmt: skip


def ends() -> tuple[int, int]:
    row = one("select (select max(id) from act) as acts, (select max(id) from look) as looks")
    assert row is not None
    return row.acts, row.looks


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_write_leaves_one_look_with_numbers_only(name: str, force: Force) -> None:
    expected = REFUSALS[name]
    actor = force.actor(expected.who)
    acts, looks = ends()
    with pytest.raises(Exception) as failed:
        expected.tries(force, actor)
    assert type(failed.value).__name__ == expected.kind
    assert ends() == (acts, looks + 1)
    trace = one("select * from look order by id desc limit 1")
    assert trace is not None
    assert (trace.actor, trace.route, trace.shown) == (actor.id, "refused write", [])
    assert trace.body.pop("took_ms") >= 0
    subject = {"subject": force.subjects[expected.subject]} if expected.subject else {}
    assert trace.body == {
        "verb": expected.verb,
        "failed": expected.kind,
        "of": expected.names(force),
        **subject,
    }
    assert TYPED not in json.dumps(trace.body)
    assert verify().whole


def test_a_write_that_is_done_leaves_no_such_look(force: Force) -> None:
    acts, looks = ends()
    subjects.take(force.actor("analyst"), force.subjects["free"])
    assert ends() == (acts + 1, looks)


def test_what_is_refused_after_another_was_refused_is_written_down_by_itself(force: Force) -> None:
    actor = force.actor("chief")
    for subject in (force.subjects["free"], force.subjects["own"]):
        with pytest.raises(Exception, match="roles do not allow"):
            subjects.take(actor, subject)
        trace = one("select body from look order by id desc limit 1")
        assert trace is not None and trace.body["subject"] == subject


def test_sql_as_the_application_is_refused_and_the_server_writes_it_down_without_content(
    force: Force, reachable_tmp: Path
) -> None:
    """No look can be written: a refused statement takes its whole transaction back. The server's log keeps it."""
    log = reachable_tmp / "server" / "logs" / "postgres.log"
    before = log.stat().st_size
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for statement in (
            f"update report set words = '{TYPED}'",
            f"insert into taken (asserted_by, mention, officer, team) values (1, 9, 1, '{TYPED}')",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode())
    with log.open("rb") as written:
        written.seek(before)
        said = written.read().decode()
    name = os.environ["DATABASE_URL"].split("?")[0].rpartition("/")[2]
    assert f"app@{name} ERROR:  permission denied for table report" in said
    assert f"app@{name} ERROR:  no act is open, or not the one that follows act" in said
    assert TYPED not in said

"""A case from its opening to its end: whose it is, what state it is in, and what must be done on it.

Writes run inside an act that is open. The database refuses what these rules forbid, too (migration 0026).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from threshold.acts.access import Actor, Power
from threshold.acts.asat import standing as stands
from threshold.acts.db import copy_rows, one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows, storable
from threshold.times import in_uk, uk_day

LIVE = ("open", "parked", "watched")
# How long nobody has to look at a parked case, at most: it is counted, and comes back by itself.
LONGEST_PARKED = timedelta(days=90)


class WrongCase(Exception):
    """This cannot be done on the case. ``str()`` says why and what to do."""


class NoCase(Exception):
    """There is no such case for this actor. The same answer whether it is closed to them or does not exist."""

    def __init__(self, case: int | str, held_by: str | None = None) -> None:
        told = f"Case {case} is held by team {held_by}." if held_by else f"There is no case {case}."
        super().__init__(told)


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it stands. ``subject`` is who holds its mention now.

    ``confirmed`` says whether the mentions that make the subject are those that an officer last said they are.
    """

    id: int
    reference: str
    mention: int
    subject: int
    state: str
    state_row: int
    reason: str
    until: datetime | None
    owner: int
    owner_row: int
    owner_name: str
    team: str
    confirmed: bool

    @property
    def live(self) -> bool:
        return self.state in LIVE


_STANDING = """
    select f.id, f.reference, f.mention, m.subject, s.state, s.id as state_row, s.reason, s.until,
           o.owner, o.id as owner_row, who.full_name as owner_name, o.team,
           coalesce(b.mentions = case_mentions(f.id), false) as confirmed
    from case_file f
    join case_state s on s.case_file = f.id and s.retracted_by is null
    join case_owner o on o.case_file = f.id and o.retracted_by is null
    join officer who on who.id = o.owner
    join member m on m.mention = f.mention and m.retracted_by is null
    left join case_basis b on b.case_file = f.id and b.retracted_by is null"""


def standing(case: int) -> Standing:
    """The case as it is now; whoever shows it or writes on it has checked that the actor may see it."""
    row = one(f"{_STANDING} where f.id = %s", [case])
    if row is None:
        raise NoCase(case)
    return Standing(*row)


def live_cases_of(subject: int) -> list[Standing]:
    """The live cases about a subject: more than one where a link has joined two subjects."""
    rows = query(f"{_STANDING} where m.subject = %s and s.state = any(%s) order by f.id", [subject, [*LIVE]])
    return [Standing(*row) for row in rows]


def check_case_visible(actor: Actor, case: int) -> None:
    """:raises NoCase: there is no such case for this actor"""
    row = one(
        "select case_visible(%(a)s, %(c)s) as seen, case_held_elsewhere(%(a)s, %(c)s) as held",
        {"a": actor.id, "c": case},
    )
    assert row is not None
    if not row.seen:
        raise NoCase(case, row.held)


def check_theirs(actor: Actor, case: Standing) -> None:
    """:raises WrongCase: neither the owner nor a supervisor"""
    if actor.id != case.owner and not actor.may(Power.SUPERVISE):
        raise WrongCase(
            f"Case {case.reference} is {case.owner_name}'s. Ask them, or a supervisor, to do this."
        )


def check_live(case: Standing) -> None:
    if not case.live:
        raise WrongCase(f"Case {case.reference} is {case.state}. Open it again first, with a reason.")


def check_confirmed(case: Standing) -> None:
    """:raises WrongCase: links have moved since an officer said who the case is about"""
    if not case.confirmed:
        raise WrongCase(
            f"The subject that case {case.reference} rested on has changed. Read who it is now, and confirm it again."
        )


# --- opening


def open_case(opened: OpenAct, mention: int, why: str = "", owner: Actor | None = None) -> int:
    """Open a case about whoever holds this mention; its number. The owner takes the subject on.

    :raises WrongCase: there is a live case about this subject, or somebody else works on it
    """
    who = owner or opened.actor
    held = _holder_of(mention)
    subject = one("select subject from member where mention = %s and retracted_by is null", [mention])
    assert subject is not None, "whoever opens a case has seen its subject"
    for other in live_cases_of(subject.subject):
        raise WrongCase(f"There is a case about this subject already: {other.reference}.")
    if held is not None and held.officer != who.id:
        raise WrongCase(
            f"{held.full_name} has taken this subject on. Ask them to open the case, or a supervisor."
        )
    # The number is drawn under the lock, so that references have no gaps and none is used twice.
    case = opened.draw("case_file", 1)[0]
    reference = f"T{uk_day(opened.at).year}-{case:05}"
    copy_rows(
        "case_file",
        ["id", "asserted_by", "reference", "mention", "officer", "why"],
        [(case, opened.id, reference, mention, opened.actor.id, storable(why.strip()))],
    )
    _own(opened, case, who, "")
    _enter(opened, case, "open", "")
    confirm(opened, case)
    if held is None:
        claim_rows(opened, "taken", ["mention", "officer", "team"], [(mention, who.id, who.team)])
    return case


def _holder_of(mention: int) -> Any | None:
    return one(
        """select t.id, t.officer, o.full_name from member own
           join member m on m.subject = own.subject and m.retracted_by is null
           join taken t on t.mention = m.mention and t.retracted_by is null
           join officer o on o.id = t.officer
           where own.mention = %s and own.retracted_by is null order by t.id limit 1""",
        [mention],
    )


def _own(opened: OpenAct, case: int, owner: Actor, note: str) -> None:
    claim_rows(
        opened,
        "case_owner",
        ["case_file", "officer", "owner", "team", "note"],
        [(case, opened.actor.id, owner.id, owner.team, note.strip())],
    )


def confirm(opened: OpenAct, case: int) -> None:
    """The actor says that the case is about the subject as it is made up now."""
    row = one(
        """select m.subject, case_mentions(f.id) as mentions, b.id as before
           from case_file f join member m on m.mention = f.mention and m.retracted_by is null
           left join case_basis b on b.case_file = f.id and b.retracted_by is null where f.id = %s""",
        [case],
    )
    assert row is not None, "a case always has a subject"
    retract_rows(opened, "case_basis", [row.before] if row.before else [])
    claim_rows(
        opened,
        "case_basis",
        ["case_file", "officer", "subject", "mentions"],
        [(case, opened.actor.id, row.subject, row.mentions)],
    )


# --- whose it is


def hand_over(opened: OpenAct, case: Standing, to: Actor, note: str) -> None:
    """Hand a case to another officer, with a note; they take its subject on.

    :raises WrongCase: no note, their role does not let them work on cases, or it is theirs already
    """
    if not note.strip():
        raise WrongCase("Write a note for whoever gets the case: what was done, and what comes next.")
    if not to.may(Power.DECIDE):
        raise WrongCase(f"The roles of {to.username} do not let them work on cases.")
    if to.id == case.owner:
        raise WrongCase(f"Case {case.reference} is {to.full_name}'s already.")
    check_live(case)
    retract_rows(opened, "case_owner", [case.owner_row])
    _own(opened, case.id, to, note)
    _let_subject_go(opened, case)
    claim_rows(opened, "taken", ["mention", "officer", "team"], [(case.mention, to.id, to.team)])


def live_cases_owned_by(officer: int) -> list[Standing]:
    rows = query(f"{_STANDING} where o.owner = %s and s.state = any(%s) order by f.id", [officer, [*LIVE]])
    return [Standing(*row) for row in rows]


def set_crime_number(opened: OpenAct, case: int, number: str) -> None:
    """:raises WrongCase: nothing is given"""
    if not number.strip():
        raise WrongCase("Type the crime number as it stands in the force's system.")
    before = query("select id from crime_number where case_file = %s and retracted_by is null", [case])
    retract_rows(opened, "crime_number", [row.id for row in before])
    claim_rows(
        opened, "crime_number", ["case_file", "officer", "number"], [(case, opened.actor.id, number.strip())]
    )


# --- states


def _enter(opened: OpenAct, case: int, state: str, reason: str, **more: Any) -> None:
    columns = ["until", "merged_into", "decision", "result"]
    claim_rows(
        opened,
        "case_state",
        ["case_file", "officer", "state", "reason", *columns],
        [(case, opened.actor.id, state, reason.strip(), *(more.get(column) for column in columns))],
    )


def enter(opened: OpenAct, case: Standing, state: str, reason: str, **more: Any) -> None:
    """End the state that stands, and begin the next in the same act."""
    retract_rows(opened, "case_state", [case.state_row])
    _enter(opened, case.id, state, reason, **more)


def park(opened: OpenAct, case: Standing, until: datetime | None, reason: str) -> None:
    """:raises WrongCase: not open, no reason, no day of review, or one too far off"""
    if case.state != "open":
        raise WrongCase(f"Case {case.reference} is {case.state}: only an open case is parked.")
    if not reason.strip():
        raise WrongCase("Say why the case is parked.")
    if until is None or not opened.at < until <= opened.at + LONGEST_PARKED:
        raise WrongCase(f"Say when it is looked at again: a day to come, within {LONGEST_PARKED.days} days.")
    enter(opened, case, "parked", reason, until=until)


_PARKED_TOO_LONG = "s.state = 'parked' and s.until <= now()"


def parked_too_long() -> bool:
    """Whether the day of review of a parked case has come."""
    return one(f"{_STANDING} where {_PARKED_TOO_LONG} limit 1") is not None


def take_up_parked(opened: OpenAct, limit: int) -> None:
    """Open parked cases again whose day of review has come: parking is never the end of a case."""
    for row in query(f"{_STANDING} where {_PARKED_TOO_LONG} order by s.until, f.id limit %s", [limit]):
        enter(opened, Standing(*row), "open", "Its day of review has come")


def open_again(opened: OpenAct, case: Standing, reason: str) -> None:
    """:raises WrongCase: it is open, no reason is given, or another case is about its subject"""
    if case.state == "open":
        raise WrongCase(f"Case {case.reference} is open.")
    if not reason.strip():
        raise WrongCase("Say why the case is opened again.")
    others = live_cases_of(case.subject) if not case.live else []
    if others:
        raise WrongCase(f"There is a live case about this subject: {others[0].reference}.")
    enter(opened, case, "open", reason)


def watch(opened: OpenAct, case: Standing, until: datetime, reason: str) -> None:
    """Watch the case until a dated end review; never shorter than was said before."""
    row = one(
        "select max(until) as until from case_state where case_file = %s and state = 'watched'", [case.id]
    )
    earliest = row.until if row else None
    enter(opened, case, "watched", reason, until=max(until, earliest) if earliest else until)


def close(
    opened: OpenAct, case: Standing, reason: str, *, decision: int | None = None, result: int | None = None
) -> None:
    """Close a case whose watching has ended, or that a decision or a wrong person at the door ends.

    :raises WrongCase: no reason, open tasks, or it is too early
    """
    check_live(case)
    if not reason.strip():
        raise WrongCase("Say why the case is closed.")
    tasks = open_tasks(case.id)
    if tasks:
        listed = "; ".join(f"{task.words} (by {in_uk(task.due)})" for task in tasks[:3])
        raise WrongCase(f"Not before everything on it is done. Open: {listed}.")
    watched = one(
        "select max(until) as until from case_state where case_file = %s and state = 'watched'", [case.id]
    )
    until = watched.until if watched else None
    if until is not None and until > opened.at:
        raise WrongCase(f"Case {case.reference} is watched until {in_uk(until)}. It is not closed before.")
    if until is None and decision is None and result is None:
        raise WrongCase("Decide first: a case that was never watched ends by a decision.")
    enter(opened, case, "closed", reason, decision=decision, result=result)
    _let_subject_go(opened, case)


def _let_subject_go(opened: OpenAct, case: Standing) -> None:
    """Whose subject it was does not work on it any more."""
    held = query(
        """select t.id from member own join member m on m.subject = own.subject and m.retracted_by is null
           join taken t on t.mention = m.mention and t.retracted_by is null
           where own.mention = %s and own.retracted_by is null and t.officer = %s""",
        [case.mention, case.owner],
    )
    retract_rows(opened, "taken", [row.id for row in held])


def merge(opened: OpenAct, case: Standing, into: Standing, reason: str) -> None:
    """A link has joined the subjects of two cases: one case goes on, and has the tasks of both.

    :raises WrongCase: they are not about the same subject now, or one of them is not live
    """
    check_live(case)
    check_live(into)
    if case.id == into.id or case.subject != into.subject:
        raise WrongCase(
            "Only two cases about the same subject are merged. Say first that the two are one person."
        )
    if not reason.strip():
        raise WrongCase("Say why the two cases become one.")
    for task in open_tasks(case.id):
        add_task(opened, into.id, task.kind, f"{task.words} (from {case.reference})", task.due, task.due_from)
        finish_task(opened, task.id, f"Goes on in {into.reference}.")
    confirm(opened, into.id)
    enter(opened, case, "merged", reason, merged_into=into.id)


def split(opened: OpenAct, case: Standing, mention: int, why: str) -> int:
    """A link was undone: the other person gets a case of their own, of the same owner; its number.

    A case that was merged into this one, about that mention's subject, is opened again instead.

    :raises WrongCase: the mention is still the subject of this case
    """
    row = one("select subject from member where mention = %s and retracted_by is null", [mention])
    if row is None or row.subject == case.subject:
        raise WrongCase("That mention is part of this case's subject. Undo the link first.")
    if not why.strip():
        raise WrongCase("Say why the case is split.")
    merged = one(
        f"""{_STANDING} where s.state = 'merged' and s.merged_into = %s and m.subject = %s order by f.id limit 1""",
        [case.id, row.subject],
    )
    if merged is not None:
        again = Standing(*merged)
        open_again(opened, again, why)
        confirm(opened, again.id)
        number = again.id
    else:
        number = open_case(opened, mention, why)
    confirm(opened, case.id)
    return number


# --- what must be done


def add_task(
    opened: OpenAct, case: int, kind: str, words: str, due: datetime, due_from: datetime | None = None
) -> int:
    """Something that must be done on the case by ``due``."""
    return claim_rows(
        opened,
        "case_task",
        ["case_file", "officer", "kind", "words", "due_from", "due"],
        [(case, opened.actor.id, kind, words, due_from, due)],
    )[0]


_TASKS = """
    select t.id, t.case_file, t.kind, t.words, t.due_from, t.asserted_by,
           coalesce((select moved.due from case_task_moved moved where moved.task = t.id
                     order by moved.id desc limit 1), t.due) as due,
           d.words as done_words, d.asserted_by as done_by
    from case_task t left join case_task_done d on d.task = t.id"""


def open_tasks(case: int) -> list[Any]:
    """What is still to be done, the most urgent first."""
    return query(f"{_TASKS} where t.case_file = %s and d.id is null order by due, t.id", [case])


def task(number: int) -> Any:
    """:raises WrongCase: there is none"""
    row = one(f"{_TASKS} where t.id = %s", [number])
    if row is None:
        raise WrongCase(f"There is no task {number}.")
    return row


def finish_task(opened: OpenAct, number: int, words: str) -> None:
    """:raises WrongCase: nothing is said, it was done before, or its time has not come"""
    if not words.strip():
        raise WrongCase("Say what came of it.")
    found = task(number)
    if found.done_by is not None:
        raise WrongCase(f"Task {number} was done before.")
    claim_rows(
        opened, "case_task_done", ["task", "officer", "words"], [(number, opened.actor.id, words.strip())]
    )


def move_task(opened: OpenAct, number: int, due: datetime | None, reason: str) -> None:
    """A named officer moves the time of a task, with a reason.

    :raises WrongCase: no reason, no time to come, or it is done
    """
    found = task(number)
    if found.done_by is not None:
        raise WrongCase(f"Task {number} is done.")
    if not reason.strip():
        raise WrongCase("Say why the time is moved.")
    if due is None or due <= opened.at:
        raise WrongCase("Give a time to come.")
    claim_rows(
        opened,
        "case_task_moved",
        ["task", "officer", "due", "reason"],
        [(number, opened.actor.id, due, reason.strip())],
    )


def references(subjects: Sequence[int], as_at: int | None = None) -> dict[int, str]:
    """The reference of the live case about each subject; the earliest where links have joined several."""
    rows = query(
        f"""select distinct on (m.subject) m.subject, f.reference
            from member m join case_file f on f.mention = m.mention
            join case_state s on s.case_file = f.id and {stands("s", as_at)}
            where m.subject = any(%s) and {stands("m", as_at)} and s.state = any(%s)
            order by m.subject, f.id""",
        [list(subjects), [*LIVE]],
    )
    return {row.subject: row.reference for row in rows}

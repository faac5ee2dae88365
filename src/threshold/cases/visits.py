"""The warning visit: what must be so before it, who signed, and what each result leads to.

What must be so is asked of the database (migration 0027), for the page and for the row alike. Writes run inside an
act that is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct, OpenLook
from threshold.acts.writing import claim_rows
from threshold.cases import contact, decisions
from threshold.cases.casebook import (
    Standing,
    WrongCase,
    add_task,
    check_confirmed,
    check_live,
    finish_task,
    open_tasks,
    watch,
)
from threshold.enquiries.drafting import DraftStatement
from threshold.policy import clocks
from threshold.policy.model import Policy
from threshold.times import end_of_uk_day, start_of_uk_day

# What can come of a visit. Nobody in leaves it to be made; every other result ends it.
RESULTS = {
    "warned": "Warned",
    "nobody_in": "Nobody in",
    "wrong_person": "The wrong person, or the wrong home",
    "no_offence": "No offence",
    "more_found": "More was found",
    "device_seized": "A device was seized",
    "arrest": "Arrest",
    "child_found": "A child was found there",
    "welfare_concern": "Concern for somebody's welfare",
}
LETTER = {"handed": "Handed over", "refused": "Refused", "not_offered": "Not offered"}
# How long a case is watched after a warning where the policy does not say.
WATCHED_FOR = timedelta(days=730)


class WrongVisit(WrongCase):
    """The visit, or its result, cannot be recorded so. ``str()`` says why and what to do."""


# The fact behind a condition, where its name does not say it.
_FACT_OF = {
    "adult": "adult_established",
    "identified": "identity_ladder",
    "seen_rarely": "times_seen",
    "lowest_material": "worst_grade",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be known to be so."""

    id: str
    holds: bool
    words: str

    @property
    def fact(self) -> str:
        """The fact that it rests on, so that it can be shown with the statements behind it."""
        return _FACT_OF.get(self.id, self.id.removeprefix("not_"))


def conditions(case: int, decision: int | None, made: int | None, premises: int | None) -> list[Condition]:
    """Everything that must be so before the visit, with what is missing."""
    rows = query("select * from visit_conditions(%s, %s, %s, %s)", [case, decision, made, premises])
    return [Condition(row.id, row.holds is True, row.words) for row in rows]


def sign(opened: OpenAct, case: Standing, made: int, premises: int) -> int:
    """Record a visit that is to be made, as decided and approved by two people; its number.

    :raises WrongVisit: something is not known to be so
    """
    check_live(case)
    check_confirmed(case)
    found = decisions.decisions_of(case.id)
    decision = next(iter(found), None)
    missing = [
        condition.words
        for condition in conditions(case.id, decision.id if decision else None, made, premises)
        if not condition.holds
    ]
    if missing or decision is None:
        raise WrongVisit(f"No visit can be made. It is not known to be so that {'; '.join(missing)}.")
    return claim_rows(
        opened,
        "visit",
        ["case_file", "officer", "level", "subject", "premises", "decision", "decider", "approver", "letter"],
        [
            (
                case.id,
                opened.actor.id,
                decision.level,
                case.subject,
                premises,
                decision.id,
                decision.officer,
                decision.approver,
                made,
            )
        ],
    )[0]


_VISITS = """
    select v.*, act.at as signed_at, one.full_name as decided_by, two.full_name as approved_by,
           l.pdf_digest, l.language, d.choice, p.address
    from visit v left join act on act.id = v.asserted_by
    left join officer one on one.id = v.decider left join officer two on two.id = v.approver
    left join letter l on l.id = v.letter left join decision d on d.id = v.decision
    left join premises p on p.id = v.premises"""


def visit(number: int) -> Any:
    """:raises WrongVisit: there is none"""
    row = one(f"{_VISITS} where v.id = %s", [number])
    if row is None:
        raise WrongVisit(f"There is no visit {number}.")
    return row


def visits_of(case: int) -> list[Any]:
    """The visits of a case, the latest first."""
    return query(f"{_VISITS} where v.case_file = %s order by v.id desc", [case])


def results_of(numbers: Sequence[int]) -> list[Any]:
    return query(
        """select r.*, o.full_name as by_whom, act.at as entered_at from visit_result r
           left join officer o on o.id = r.officer left join act on act.id = r.asserted_by
           where r.visit = any(%s) order by r.id""",
        [list(numbers)],
    )


@dataclass(frozen=True, slots=True)
class Result:
    """What happened at the door, as it stands on the sheet. ``end_review``: when watching ends, if later than usual."""

    result: str
    at: datetime | None
    letter: str = "not_offered"
    words: str = ""
    end_review: datetime | None = None


def record(opened: OpenAct, number: int, told: Result) -> int:
    """Record what happened; the number of the result. What follows from it is ``follow``, in the same act.

    :raises WrongVisit: no such result, a time that cannot be, or it ended before
    """
    found = visit(number)
    if told.result not in RESULTS:
        raise WrongVisit(f"The results are {', '.join(RESULTS)}.")
    if told.letter not in LETTER:
        raise WrongVisit(f"Say of the letter: {', '.join(LETTER)}.")
    if told.at is None or not found.signed_at <= told.at <= opened.at:
        raise WrongVisit("Say when it happened: after the visit was signed for, and not in the future.")
    if any(row.result != "nobody_in" for row in results_of([number])):
        raise WrongVisit(f"The result of visit {number} is recorded already.")
    if told.result == "nobody_in" and told.letter != "not_offered":
        raise WrongVisit("A letter is handed over, never left behind where nobody is in.")
    if told.result == "warned" and told.letter == "not_offered":
        raise WrongVisit("Say whether the letter was handed over or refused.")
    return claim_rows(
        opened,
        "visit_result",
        ["visit", "officer", "result", "at", "letter", "words"],
        [(number, opened.actor.id, told.result, told.at, told.letter, told.words.strip())],
    )[0]


def says(told: Result) -> list[DraftStatement]:
    """What a result says by itself, beside what the officers say they found."""
    words = f"Result of the visit: {RESULTS[told.result].lower()}"

    def yes(fact: str) -> DraftStatement:
        return DraftStatement(fact, True, truth=True, as_of=told.at, words=words)

    match told.result:
        case "warned":
            return [yes("earlier_warning")]
        case "child_found":
            return [yes("lives_with_children")]
        case "welfare_concern":
            return [yes("risk_to_life")]
        case "wrong_person":
            # Cleared: whoever is behind the account, it is not the person at that door.
            return [DraftStatement("identity_ladder", True, choice="1", as_of=told.at, words=words)]
        case _:
            return []


def follow(opened: OpenAct, case: Standing, found: Any, told: Result, policy: Policy) -> None:
    """Each result leads somewhere: what must be done, by when, and what state the case is in."""
    assert told.at is not None, "record has checked it"
    if told.result == "nobody_in":
        return
    contact.contacted(opened, case.id, told.at)
    for task in open_tasks(case.id):
        # What had to be done before the visit has been done, or its time is over.
        if task.kind.startswith("step "):
            finish_task(opened, task.id, f"Visit {found.id} was made")

    def add(kind: str, words: str, within: timedelta) -> None:
        add_task(opened, case.id, kind, words, opened.at + within)

    day, week = timedelta(days=1), timedelta(days=7)
    match told.result:
        case "warned":
            _watch(opened, case, found, told, policy)
        case "wrong_person":
            add("tell", "Tell everybody who was told about this person that it was the wrong one", day)
            add("apologise", "Apologise to them, in person and in writing", week)
            add(
                "near_miss", "Find out how it came to this: source, request, answer, home; put it right", week
            )
        case "no_offence":
            add("decide", "Decide what follows: no offence was found", week)
        case "more_found":
            add("decide", "Decide what follows: more was found", day)
        case "device_seized":
            add("phone", "See that the person can reach help without the device that was seized", day)
            add("decide", "Decide what follows: a device was seized", week)
        case "arrest":
            add("arrest", "Record the arrest, and the risk of suicide on arrival and on release", day)
        case "child_found":
            add("child", "Tell children's services about the child who was found, today", timedelta(hours=12))
            add("decide", "Decide what follows: a child was found there", day)
        case "welfare_concern":
            add("welfare_now", "Get help to whoever is at risk now", timedelta(hours=1))
            add("decide", "Decide what follows: somebody's life may be at risk", day)


def _watch(opened: OpenAct, case: Standing, found: Any, told: Result, policy: Policy) -> None:
    response = next((each for each in policy.responses if each.id == found.choice), None)
    assert told.at is not None
    usual = clocks.due(told.at, response.watch) if response and response.watch else told.at + WATCHED_FOR
    until = max(usual, told.end_review) if told.end_review else usual
    watch(opened, case, until, f"Warned by visit {found.id}")
    for step in response.steps if response else ():
        # Its result is recorded by this very act, and welfare is followed up after every contact anyhow.
        if step.after == "done" and step.id not in ("result", "welfare_call"):
            add_task(opened, case.id, f"step {step.id}", step.words, clocks.due(told.at, step.clock))


# --- counts of our own acts: exact


@dataclass(frozen=True, slots=True)
class Visited:
    """What was done at doors from one day to another, both included. A home is counted once, however often visited."""

    first: date
    last: date
    homes: int
    homes_met: int
    visits: int
    results: dict[str, int]
    letters: dict[str, int]
    levels: dict[str, int]
    waiting: int

    def as_json(self) -> dict[str, Any]:
        """The published shape (docs/visits.schema.json)."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "homes_visited": self.homes,
            "homes_where_somebody_was_met": self.homes_met,
            "visits_ended": self.visits,
            "results": self.results,
            "letters": self.letters,
            "levels": self.levels,
            "signed_for_and_not_yet_made": self.waiting,
        }


def visited(look: OpenLook, first: date, last: date, *, whole_force: bool) -> Visited:
    """Counted from the rows of results; cases closed to the reader are in no number, except in the force's own."""
    rows = query(
        f"""select r.result, r.letter, v.level, v.premises, v.id from visit_result r join visit v on v.id = r.visit
            where r.at between %(first)s and %(last)s and {standing("r", look.as_at)}
              and (%(whole)s or case_visible(%(actor)s, v.case_file))""",
        {
            "first": start_of_uk_day(first),
            "last": end_of_uk_day(last),
            "whole": whole_force,
            "actor": look.actor.id,
        },
    )
    ended = [row for row in rows if row.result != "nobody_in"]
    waiting = one(
        f"""select count(*) as n from visit v where {standing("v", look.as_at)}
            and (%(whole)s or case_visible(%(actor)s, v.case_file))
            and not exists (select from visit_result r where r.visit = v.id and r.result <> 'nobody_in'
                            and {standing("r", look.as_at)})""",
        {"whole": whole_force, "actor": look.actor.id},
    )
    assert waiting is not None
    return Visited(
        first,
        last,
        homes=len({row.premises for row in rows}),
        homes_met=len({row.premises for row in ended}),
        visits=len(ended),
        results={key: sum(row.result == key for row in rows) for key in RESULTS},
        letters={key: sum(row.letter == key for row in ended) for key in LETTER},
        levels={key: sum(row.level == key for row in ended) for key in ("person", "address")},
        waiting=int(waiting.n),
    )

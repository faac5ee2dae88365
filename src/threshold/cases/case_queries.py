"""Reads of cases: a desk of them, and one with everything that hangs on it. Each is part of a look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.cases import casebook, contact, decisions, letters, visits, watching
from threshold.cases.casebook import Standing, check_case_visible
from threshold.cases.decisions import Option
from threshold.cases.two_scales import suicide_raised_by
from threshold.enquiries.queries import Assessed, assessment, statements
from threshold.people.premises import of_subject
from threshold.people.queries import called
from threshold.policy.model import band_name

Whose = Literal["mine", "team", "all"]
States = Literal["open", "parked", "watched", "closed", "merged"]
PAGE = 50


@dataclass(frozen=True, slots=True)
class Docket:
    """One case in a list. Bands are ranks; ``next_due`` is of the first thing to be done on it."""

    id: int
    reference: str
    subject: int
    called: str
    known: int | None
    could_be: int | None
    due: Any
    state: str
    until: Any
    owner: str
    team: str
    opened_at: Any
    next_due: Any
    tasks: int
    waits: bool
    confirmed: bool

    def as_json(self) -> dict[str, Any]:
        """The published shape (docs/cases.schema.json)."""
        return {
            "case": self.id,
            "reference": self.reference,
            "subject": self.subject,
            "band": None
            if self.known is None or self.could_be is None
            else {"known": band_name(self.known), "could_be": band_name(self.could_be)},
            "due": self.due.isoformat() if self.due else None,
            "state": self.state,
            "until": self.until.isoformat() if self.until else None,
            "owner": self.owner,
            "team": self.team,
            "opened_at": self.opened_at.isoformat(),
            "next_due": self.next_due.isoformat() if self.next_due else None,
            "open_tasks": self.tasks,
            "waits_for_approval": self.waits,
            "subject_confirmed": self.confirmed,
        }


# The rule of ``case_visible`` over many cases at once: what is hidden is asked once, and not for every row.
SEEN = """m.subject not in (select hidden_from(%(actor)s))
    and case (select sees(%(actor)s))
            when 'all' then true when 'children' then tied_to_child(m.subject) else false end"""

_WAITS = """exists (select from decision d where d.case_file = f.id and d.second_person
    and not exists (select from decision_approval a where a.decision = d.id)
    and not exists (select from decision later where later.case_file = f.id and later.id > d.id))"""


def docket(
    look: OpenLook, whose: Whose = "mine", state: States = "open", page: int = 1, *, waiting: bool = False
) -> tuple[list[Docket], int]:
    """Cases that this actor may see: what is due first stands first; and how many there are."""
    conditions = ["s.state = %(state)s", SEEN]
    if whose == "mine":
        conditions.append("o.owner = %(actor)s")
    elif whose == "team":
        conditions.append("o.team = %(team)s")
    if waiting:
        conditions = [SEEN, _WAITS]
    joined = f"""
        from case_file f
        join case_state s on s.case_file = f.id and s.retracted_by is null
        join case_owner o on o.case_file = f.id and o.retracted_by is null
        join officer who on who.id = o.owner
        join member m on m.mention = f.mention and m.retracted_by is null
        left join assessment a on a.subject = m.subject and a.retracted_by is null
        left join act on act.id = f.asserted_by
        left join lateral (
            select count(*) as tasks,
                   min(coalesce((select moved.due from case_task_moved moved where moved.task = t.id
                                 order by moved.id desc limit 1), t.due)) as next_due
            from case_task t where t.case_file = f.id
              and not exists (select from case_task_done d where d.task = t.id)) todo on true
        left join case_basis b on b.case_file = f.id and b.retracted_by is null
        where {" and ".join(conditions)}"""
    parameters = {"state": state, "actor": look.actor.id, "team": look.actor.team}
    total = one(f"select count(*) as n {joined}", parameters)
    assert total is not None
    rows = query(
        f"""select f.id, f.reference, m.subject, a.known, a.could_be, a.due, s.state, s.until,
                   who.full_name as owner, o.team, act.at as opened_at, todo.next_due, todo.tasks, {_WAITS} as waits,
                   coalesce(b.mentions = case_mentions(f.id), false) as confirmed
            {joined} order by least(todo.next_due, a.due, s.until) nulls last, f.id
            limit {PAGE} offset {(page - 1) * PAGE}""",
        parameters,
    )
    subjects = [row.subject for row in rows]
    names = called(subjects)
    look.show(subjects)
    found = [
        Docket(
            row.id,
            row.reference,
            row.subject,
            names[row.subject],
            row.known,
            row.could_be,
            row.due,
            row.state,
            row.until,
            row.owner,
            row.team,
            row.opened_at,
            row.next_due,
            row.tasks,
            row.waits,
            row.confirmed,
        )
        for row in rows
    ]
    return found, int(total.n)


def docket_counts(look: OpenLook) -> dict[str, int]:
    """How many cases this actor may see in each state; the parked are counted like the rest."""
    rows = query(
        f"""select s.state, count(*) as n from case_state s join case_file f on f.id = s.case_file
            join member m on m.mention = f.mention and m.retracted_by is null
            where s.retracted_by is null and {SEEN} group by 1""",
        {"actor": look.actor.id},
    )
    counted = dict.fromkeys(("open", "parked", "watched", "closed", "merged"), 0)
    return counted | {row.state: row.n for row in rows}


def piles(look: OpenLook) -> dict[str, int]:
    """Cases that were seen again, by when it happened: each case in the gravest pile that it belongs to."""
    rows = query(
        f"""select pile, count(*) as n from (
                select min(case r.happened when 'after' then 1 when 'unknown' then 2 else 3 end) as pile
                from reopening r join case_state s on s.case_file = r.case_file and s.retracted_by is null
                join case_file f on f.id = r.case_file
                join member m on m.mention = f.mention and m.retracted_by is null
                where r.retracted_by is null and s.state in ('open', 'parked') and {SEEN}
                group by r.case_file) each group by 1""",
        {"actor": look.actor.id},
    )
    counted = {row.pile: row.n for row in rows}
    return {name: counted.get(place, 0) for place, name in ((1, "after"), (2, "unknown"), (3, "before"))}


@dataclass(frozen=True, slots=True)
class WholeCase:
    """One case with everything that hangs on it."""

    standing: Standing
    called: str
    crime_number: str | None
    opened_at: Any
    why: str
    states: list[Any]
    owners: list[Any]
    changed: list[int]
    left: list[int]
    others: list[Standing]
    assessed: Assessed | None
    options: list[Option]
    decisions: list[Any]
    tasks: list[Any]
    done: list[Any]
    answers: dict[str, Any]
    suicide: list[str]
    support: list[Any]
    letters: list[Any]
    visits: list[Any]
    results: list[Any]
    reopenings: list[Any]


def whole_case(look: OpenLook, case: int) -> WholeCase:
    """:raises NoCase: there is no such case for this actor"""
    look.body["case_file"] = case
    check_case_visible(look.actor, case)
    standing = casebook.standing(case)
    look.show([standing.subject])
    about = one(
        """select f.why, act.at, n.number, case_mentions(f.id) as now, b.mentions as before
           from case_file f left join act on act.id = f.asserted_by
           left join crime_number n on n.case_file = f.id and n.retracted_by is null
           left join case_basis b on b.case_file = f.id and b.retracted_by is null where f.id = %s""",
        [case],
    )
    assert about is not None
    assessed = assessment(look, standing.subject)
    answers = contact.answers_of(case)
    made = visits.visits_of(case)
    others = casebook.live_cases_of(standing.subject)
    now, before = set(about.now or []), set(about.before or [])
    return WholeCase(
        standing=standing,
        called=called([standing.subject])[standing.subject],
        crime_number=about.number,
        opened_at=about.at,
        why=about.why,
        states=_states(case),
        owners=_owners(case),
        changed=sorted(now - before),
        left=sorted(before - now),
        others=[other for other in others if other.id != case],
        assessed=assessed,
        options=decisions.options(assessed) if assessed else [],
        decisions=decisions.decisions_of(case),
        tasks=casebook.open_tasks(case),
        done=_done(case),
        answers=answers,
        suicide=suicide_raised_by(
            assessed.facts if assessed else {}, {key: row.answer for key, row in answers.items()}
        ),
        support=contact.support_of(case),
        letters=letters.letters_of(case),
        visits=made,
        results=visits.results_of([visit.id for visit in made]),
        reopenings=watching.reopenings_of(case),
    )


def _states(case: int) -> list[Any]:
    """Every state the case was in, with the time of each change."""
    return query(
        """select s.state, s.reason, s.until, act.at, o.full_name as by_whom, f.reference as merged_into
           from case_state s left join act on act.id = s.asserted_by left join officer o on o.id = s.officer
           left join case_file f on f.id = s.merged_into where s.case_file = %s order by s.id""",
        [case],
    )


def _owners(case: int) -> list[Any]:
    return query(
        """select who.full_name as owner, o.team, o.note, act.at, o.retracted_by is null as stands
           from case_owner o join officer who on who.id = o.owner left join act on act.id = o.asserted_by
           where o.case_file = %s order by o.id""",
        [case],
    )


def _done(case: int) -> list[Any]:
    return query(
        """select t.id, t.kind, t.words, d.words as done_words, act.at, o.full_name as by_whom
           from case_task t join case_task_done d on d.task = t.id left join act on act.id = d.asserted_by
           left join officer o on o.id = d.officer where t.case_file = %s order by d.id desc""",
        [case],
    )


def evidence(look: OpenLook, whole: WholeCase) -> dict[str, list[Any]]:
    """For each fact, the standing statements behind it, so that a condition can be shown with what it rests on."""
    found: dict[str, list[Any]] = {}
    for row in statements(look, whole.standing.subject):
        found.setdefault(row.fact, []).append(row)
    return found


def homes_of(look: OpenLook, whole: WholeCase) -> list[tuple[int, str]]:
    """The premises that the subject leads to, each once: number and address."""
    return list({row.id: (row.id, row.address) for row in of_subject(look, whole.standing.subject)}.values())


def same_home(look: OpenLook, whole: WholeCase) -> list[Any]:
    """Other cases, as far as this actor may see them, whose subject leads to a home of this one: live or ended."""
    rows = query(
        """select distinct f.id, f.reference, s.state, m.subject
           from member own join led_to mine on mine.mention = own.mention and mine.retracted_by is null
           join led_to theirs on theirs.premises = mine.premises and theirs.retracted_by is null
           join member far on far.mention = theirs.mention and far.retracted_by is null
           join member m on m.subject = far.subject and m.retracted_by is null
           join case_file f on f.mention = m.mention
           join case_state s on s.case_file = f.id and s.retracted_by is null
           where own.subject = %(subject)s and own.retracted_by is null and f.id <> %(case)s
             and case_visible(%(actor)s, f.id) order by f.id""",
        {"subject": whole.standing.subject, "case": whole.standing.id, "actor": look.actor.id},
    )
    look.show(sorted({row.subject for row in rows}))
    return rows


def case_as_json(whole: WholeCase) -> dict[str, Any]:
    """The published shape (docs/case.schema.json)."""
    standing = whole.standing
    return {
        "case": standing.id,
        "reference": standing.reference,
        "crime_number": whole.crime_number,
        "subject": standing.subject,
        "subject_confirmed": standing.confirmed,
        "state": standing.state,
        "until": _time(standing.until),
        "owner": standing.owner_name,
        "team": standing.team,
        "opened_at": _time(whole.opened_at),
        "due": _time(whole.assessed.row.due) if whole.assessed else None,
        "states": [
            {"state": row.state, "reason": row.reason, "at": _time(row.at), "by": row.by_whom}
            for row in whole.states
        ],
        "tasks": [
            {"task": row.id, "kind": row.kind, "words": row.words, "due": _time(row.due)}
            for row in whole.tasks
        ],
        "options": [option.as_json() for option in whole.options],
        "decisions": [
            {
                "decision": row.id,
                "choice": row.choice,
                "reason": row.reason,
                "at": _time(row.at),
                "by": row.by_whom,
                "override": row.override,
                "second_person": row.second_person,
                "outcome": row.outcome,
                "approved_by": row.approved_by,
                "review_at": _time(row.review_at),
            }
            for row in whole.decisions
        ],
        "before_contact": {
            question.key: whole.answers[question.key].answer if question.key in whole.answers else None
            for question in contact.QUESTIONS
        },
        "letters": [
            {"letter": row.id, "level": row.level, "language": row.language, "sha256": row.pdf_digest}
            for row in whole.letters
        ],
        "visits": [
            {
                "visit": row.id,
                "level": row.level,
                "premises": row.premises,
                "signed_by": [row.decided_by, row.approved_by],
                "results": [
                    {"result": each.result, "at": _time(each.at), "letter": each.letter}
                    for each in whole.results
                    if each.visit == row.id
                ],
            }
            for row in whole.visits
        ],
        "seen_again": [
            {"mention": row.mention, "report": row.report, "strength": row.strength, "happened": row.happened}
            for row in whole.reopenings
        ],
    }


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment else None

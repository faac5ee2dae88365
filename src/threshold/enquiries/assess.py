"""Working bands out: the policy in force applied to the facts known at one act, and what it rested on.

PostgreSQL combines the statements and judges the clauses, for one subject or for thousands, in one query.
What hangs on the calendar (route, clock, good until) is worked out here from the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.enquiries.calendar import turns
from threshold.enquiries.hearing import heard
from threshold.enquiries.kinds import retention
from threshold.enquiries.lapsing import lapse
from threshold.policy import clocks, document
from threshold.policy.combine import facts_of
from threshold.policy.interpret import judge
from threshold.policy.model import NOT_GRADED, Policy
from threshold.policy.route import Birth, Route, route_of
from threshold.policy.sql import fact_columns, facts_query, judgement_query
from threshold.times import start_of_uk_day, uk_day

_COLUMNS = [
    "subject",
    "policy",
    "facts",
    "statements",
    "known",
    "could_be",
    "deciding",
    "holding",
    "could",
    "open_facts",
    "checks",
    "route",
    "route_reason",
    "ladder",
    "listed",
    "urgency",
    "first_received",
    "last_received",
    "history_from",
    "clock_from",
    "due",
    "later_due",
    "checks_due",
    "good_until",
    "evidence_until",
]


def _is_answer(s: str, m: str) -> str:
    """SQL: an officer's statement that settles. Of a fact that reports reopen, one made before a report that is now
    the subject's was known to be, or true as of a day before what that report tells, settles nothing: it says what
    it says, as a sender's would.
    """
    return f"""({s}.officer is not null and not ({s}.fact = any(%(reopened)s) and exists (
        select from member nm
        join mention nn on nn.id = nm.mention and nn.role = 'reported' and nn.retracted_by is null
        where nm.subject = {m}.subject and nm.retracted_by is null
          and (not exists (select from member x join member y on y.subject = x.subject
                           where x.mention = {s}.mention and y.mention = nn.id
                             and x.asserted_by <= {s}.asserted_by and y.asserted_by <= {s}.asserted_by
                             and (x.retracted_by is null or x.retracted_by > {s}.asserted_by)
                             and (y.retracted_by is null or y.retracted_by > {s}.asserted_by))
               or exists (select from statement seen where seen.mention = nn.id and seen.fact = 'times_seen'
                          and seen.officer is null and seen.retracted_by is null
                          and seen.as_of > {s}.as_of + interval '1 day')))))"""


# Statements as policy reads them. An age moves with the calendar, so it is worked out at the act's time. A
# sender cannot know the most that was ever done, so only an officer's number has an upper end.
_SAID_COLUMNS = f"""
    s.fact, s.known, s.truth,
    case when s.born_to is null then s.low
         else extract(year from age(%(day)s::date, s.born_to))::int end as low,
    case when s.born_from is not null
         then extract(year from age(%(day)s::date, s.born_from))::int
         when {_is_answer("s", "m")} then s.high end as high,
    s.choice, s.as_of, s.id as number"""

# The rules of ``hearing.heard``, over many subjects at once: silence and a sender's no are one. What a report
# says of somebody as harmed, meant or reporting is not what they did; age and signs of a child are theirs anyhow.
_COUNTS = f"""
    s.retracted_by is null and (s.expires is null or s.expires > %(now)s)
    and ({_is_answer("s", "m")} or (s.known and s.truth is not false
         and (n.role in ('reported', 'associated') or s.fact in ('age', 'sign_of_child'))))"""
_STATED = """
    join mention n on n.id = m.mention and n.retracted_by is null
    join statement s on s.mention = m.mention"""
_ANSWERED = f"""
    select from member am join statement answer on answer.mention = am.mention and answer.retracted_by is null
    where am.subject = m.subject and am.retracted_by is null and answer.fact = s.fact and answer.known
      and {_is_answer("answer", "am")} and (answer.expires is null or answer.expires > %(now)s)"""

_NOT_ANSWERED_SINCE = f"(s.known or not exists ({_ANSWERED} and answer.id > s.id))"

# A possible link lets what is said of the other person raise the top, and never the bottom.
_SAID = f"""
    select m.subject, {_SAID_COLUMNS}, false as possible
    from member m {_STATED}
    where m.retracted_by is null and m.subject = any(%(subjects)s) and {_COUNTS} and {_NOT_ANSWERED_SINCE}
    union all
    select m.subject, s.fact, false, null, null, null, null, s.as_of, s.id, true
    from member m {_STATED}
    where m.retracted_by is null and m.subject = any(%(subjects)s) and {_COUNTS}
      and not {_is_answer("s", "m")} and s.choice is not null and not exists ({_ANSWERED})
    union all
    select pair.subject, {_SAID_COLUMNS}, true
    from (select distinct subject, other from ({{neighbours}}) pairs) pair
    join member m on m.subject = pair.other and m.retracted_by is null {_STATED}
    where {_COUNTS} and {_NOT_ANSWERED_SINCE}"""

# Subjects between whom a question stands, or an automatic link that is in review. Automatic links of one key
# meet in one mention, so while they are in review whoever is linked to that mention may be any of the others.
# ``offset 0`` keeps the order of looking up: a plan made while the tables were small would compare all with all.
_ASKED = """
    select own.subject, far.subject as other
    from member own
    cross join lateral (
        select l.b as mention from link l
        where l.a = own.mention and l.says = 'same' and l.strength <> 'confirmed' and l.retracted_by is null
        union all
        select l.a from link l
        where l.b = own.mention and l.says = 'same' and l.strength <> 'confirmed' and l.retracted_by is null
        union all
        select o.b from link l
        join member c on c.mention = l.a and c.retracted_by is null and c.subject <> own.subject
        join link o on o.a = l.a and o.evidence = l.evidence and o.strength = 'automatic'
                   and o.retracted_by is null
        where l.b = own.mention and l.strength = 'automatic' and l.retracted_by is null
        offset 0
    ) asked
    cross join lateral (
        select f.subject from member f where f.mention = asked.mention and f.retracted_by is null offset 0
    ) far
    where far.subject <> own.subject and own.retracted_by is null and own.subject = any(%(subjects)s)"""

# Of these never those said to differ. Pairs first: hundreds of questions may stand between the same two.
_NEIGHBOURS = f"""
    select asked.subject, asked.other from (select distinct subject, other from ({_ASKED}) every) asked
    where not exists (
        select from member mine
        cross join lateral (
            select d.b as mention from link d
            where d.a = mine.mention and d.says = 'different' and d.retracted_by is null
            union all
            select d.a from link d
            where d.b = mine.mention and d.says = 'different' and d.retracted_by is null
            offset 0
        ) apart
        cross join lateral (
            select t.subject from member t where t.mention = apart.mention and t.retracted_by is null offset 0
        ) theirs
        where mine.subject = asked.subject and mine.retracted_by is null and theirs.subject = asked.other)"""

# History is known and wakes nobody: what lists a subject, and from when, are the reports that are none.
_CONTEXT = """
    select m.subject,
           bool_or(n.role = 'reported') as reported,
           coalesce(bool_or(n.role = 'reported' and r.history is not true), false) as listed,
           coalesce(bool_or(r.history), false) as has_history,
           min(r.received_at) filter (where n.role = 'reported' and r.history) as history_from,
           coalesce(min(r.received_at) filter (where n.role = 'reported' and r.history is not true),
                    min(r.received_at) filter (where n.role = 'reported'), %(now)s) as first_received,
           coalesce(max(r.received_at) filter (where n.role = 'reported' and r.history is not true),
                    max(r.received_at) filter (where n.role = 'reported'), %(now)s) as last_received,
           (array_agg(r.urgency order by r.received_at desc, r.urgency)
            filter (where r.urgency is not null and n.role = 'reported' and r.history is not true))[1] as urgency
    from member m
    join mention n on n.id = m.mention and n.retracted_by is null
    left join report r on r.id = n.report
    where m.retracted_by is null and m.subject = any(%(subjects)s)
    group by m.subject"""

_BESIDE = """
    select m.subject, m.mention, s.id, s.fact, s.known, s.truth, s.choice, s.born_from, s.born_to, s.as_of,
           s.expires, s.officer, s.asserted_by
    from member m join statement s on s.mention = m.mention and s.retracted_by is null
    where m.retracted_by is null and m.subject = any(%(subjects)s)
      and (s.fact in ('age', 'sign_of_child', 'adult_established', 'identity_ladder')
           or (s.fact = 'times_seen' and s.officer is null) or s.expires is not null)"""

# Connections that could be resolved and are not: nobody was asked, or nobody has answered.
_UNRESOLVED = """
    select m.subject, c.at, e.asked_of
    from member m
    join connection c on c.mention = m.mention and c.retracted_by is null and c.unfit is null
    left join enquiry e on e.connection = c.id and e.retracted_by is null
         and not exists (select from enquiry_lapse l where l.enquiry = e.id)
         and not exists (select from enquiry_answer n where n.enquiry = e.id and n.retracted_by is null
                         and n.result = 'withdrawn')
    where m.retracted_by is null and m.subject = any(%(subjects)s)
      and not exists (select from enquiry_answer n where n.enquiry = e.id and n.retracted_by is null)"""

# Which of these mentions were the same person as another when an act was done.
_TOGETHER_THEN = """
    select theirs.mention from member mine join member theirs on theirs.subject = mine.subject
    where mine.mention = %(mention)s and theirs.mention = any(%(others)s)
      and mine.asserted_by <= %(act)s and (mine.retracted_by is null or mine.retracted_by > %(act)s)
      and theirs.asserted_by <= %(act)s and (theirs.retracted_by is null or theirs.retracted_by > %(act)s)"""


# The latest time to which a named officer moved the clock of each subject.
_MOVES = """
    select distinct on (m.subject) m.subject, d.due, d.known, d.asserted_by
    from due_moved d join member m on m.mention = d.mention and m.retracted_by is null
    where m.subject = any(%(subjects)s) order by m.subject, d.id desc"""


class NoPolicy(Exception):
    """No policy is in force yet."""

    def __init__(self) -> None:
        super().__init__("No policy is in force, so nothing can be graded. Put one into force first.")


def policy_in_force(now: datetime) -> Policy:
    """The policy that decides at ``now``: the latest put into force at or before it.

    :raises NoPolicy: there is none
    """
    row = one(
        """select text, digest_text from policy_in_force where from_at <= %s and retracted_by is null
           order by from_at desc, id desc limit 1""",
        [now],
    )
    if row is None:
        raise NoPolicy
    return policy_of(row.text)


@lru_cache(maxsize=16)
def policy_of(text: str) -> Policy:
    """A recorded policy document, read again."""
    return document.read(text.encode("utf-8"), "the policy in force")


@lru_cache(maxsize=16)
def judgement_sql(policy: Policy) -> str:
    """The one query that judges subjects: it takes subjects, now, day and reopened."""
    said = _SAID.format(neighbours=_NEIGHBOURS)
    subjects = "select unnest(%(subjects)s::bigint[]) as subject"
    return judgement_query(policy, facts_query(policy, said, subjects))


@lru_cache(maxsize=16)
def _fact_values(policy: Policy) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The columns of a policy's facts, and what takes their values from a row."""
    columns = tuple(column for fact in policy.facts.values() for column in fact_columns(fact))
    return columns, attrgetter(*columns)


def ready(now: datetime) -> None:
    """Read and translate the policy in force before the lock is taken: the first time, it takes half a second."""
    with suppress(NoPolicy):
        policy = policy_in_force(now)
        judgement_sql(policy)
        for fact in policy.facts.values():
            if fact.check:
                clocks.due(now, fact.check)


def reopened(policy: Policy) -> list[str]:
    """The facts whose answers a new report opens again."""
    return [fact.name for fact in policy.facts.values() if fact.reports_reopen]


def asked_of(subjects: Iterable[int]) -> set[int]:
    """Subjects to whom a question leads from one of these, even where the two were said to differ since."""
    rows = query(f"select distinct other from ({_ASKED}) pairs", {"subjects": list(subjects)})
    return {row.other for row in rows}


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the facts of one subject: ages, signs of a child, ladder, times."""

    route: Route
    route_reason: str
    ladder: int
    good_until: datetime | None
    evidence_until: datetime | None


@dataclass(frozen=True, slots=True)
class _Stood:
    """The assessments that stood before, and the move of the clock by an officer, if there was one.

    A move counts for the band that it was made in, and for milder ones: a graver band has its own clock.
    """

    earlier: list[Any]
    move: Any | None

    def moved(self, known: int, due: datetime | None) -> datetime | None:
        if self.move is None or due is None or known > self.move.known or self.move.due < due:
            return due
        later: datetime = self.move.due
        return later

    def dues(self, known: int) -> list[datetime]:
        """Due times that stood; those from before the move stand where it put them."""
        return [
            max(row.due, self.move.due)
            if self.move is not None and known <= self.move.known and row.asserted_by < self.move.asserted_by
            else row.due
            for row in self.earlier
            if row.due is not None
        ]


def assess(
    opened: OpenAct, subjects: Iterable[int], before: Mapping[int, frozenset[int]] | None = None
) -> int:
    """Work these subjects out again, and those who may be the same as one of them; how many changed.

    ``before`` names, for a subject whose members moved, the subjects that its members belonged to: their
    clocks run on.
    """
    wanted = set(subjects)
    wanted |= {old for subject in wanted for old in (before or {}).get(subject, ())}
    wanted |= asked_of(wanted)
    if not wanted:
        return 0
    numbers = sorted(wanted)
    lapse(opened, numbers)
    policy = policy_in_force(opened.at)
    parameters = {
        "subjects": numbers,
        "now": opened.at,
        "day": uk_day(opened.at),
        "reopened": reopened(policy),
    }
    context = {row.subject: row for row in query(_CONTEXT, parameters) if row.reported}
    reported = {**parameters, "subjects": sorted(context)}
    kept = _kept_until(opened.at, [subject for subject, row in context.items() if row.listed])
    beside = _beside(opened.at, context, query(_BESIDE, reported), kept)
    standing = {
        row.subject: row
        for row in query(
            "select * from assessment where subject = any(%s) and retracted_by is null", [numbers]
        )
    }
    rows = {}
    moves = {row.subject: row for row in query(_MOVES, reported)}
    graded = query(judgement_sql(policy), reported)
    said = _said_by_number(
        policy, opened.at, [n for row in graded if row.known != NOT_GRADED for n in row.statements]
    )
    for judged in graded:
        earlier = [standing[s] for s in (before or {}).get(judged.subject, {judged.subject}) if s in standing]
        stood = _Stood(earlier, moves.get(judged.subject))
        rows[judged.subject] = _row(
            policy, opened.at, judged, context[judged.subject], beside[judged.subject], stood, said
        )
    unchanged = {s for s, row in rows.items() if s in standing and _same(row, standing[s])}
    retract_rows(opened, "assessment", [row.id for s, row in standing.items() if s not in unchanged])
    new = [row for s, row in rows.items() if s not in unchanged]
    claim_rows(opened, "assessment", _COLUMNS, map(_written, new))
    return len(new)


def _written(row: tuple[Any, ...]) -> list[Any]:
    """A row with its lists as PostgreSQL writes them; they hold numbers and names from a checked policy only."""
    return [f"{{{','.join(map(str, value))}}}" if value.__class__ is list else value for value in row]


def _same(row: tuple[Any, ...], standing: Any) -> bool:
    for column, value in zip(_COLUMNS, row, strict=True):
        stored = getattr(standing, column)
        if (json.loads(value) if column == "facts" else value) != stored:
            return False
    return True


def _row(
    policy: Policy,
    now: datetime,
    judged: Any,
    context: Any,
    beside: _Beside,
    stood: _Stood,
    said: Mapping[int, Any],
) -> tuple[Any, ...]:
    clock_from, due, later_due = _clock(policy, now, judged, context, stood, said)
    columns, values = _fact_values(policy)
    facts = dict(zip(columns, values(judged), strict=True))
    checks_due = None
    if judged.outstanding and context.listed:
        checks = {policy.facts[name].check for name in judged.outstanding}
        checks_due = min(clocks.due(context.first_received, check) for check in checks if check)
    return (
        judged.subject,
        policy.digest,
        json.dumps(facts),
        judged.statements,
        judged.known,
        judged.could_be,
        judged.deciding,
        judged.holding,
        judged.could,
        judged.open_facts,
        judged.outstanding,
        beside.route,
        beside.route_reason,
        beside.ladder,
        context.listed,
        context.urgency,
        context.first_received,
        context.last_received,
        context.history_from,
        clock_from,
        due,
        later_due,
        checks_due,
        beside.good_until,
        beside.evidence_until,
    )


def _clock(
    policy: Policy, now: datetime, judged: Any, context: Any, stood: _Stood, said: Mapping[int, Any]
) -> tuple[datetime | None, datetime | None, datetime | None]:
    """Start, due time, and the later due time that is only proposed (design section 3, rule 12).

    A due time never moves later by itself: when a band falls, the earlier time stands, until a named officer moves
    it with a reason. History alone starts no clock; where a new report comes to it, the clock starts with that
    report.
    """
    if not context.listed:
        return None, None, None
    start = due = None
    if judged.known != NOT_GRADED:
        start = _first_made_true(policy, now, judged, said)
        if context.has_history:
            start = max(start, context.first_received)
        due = clocks.due(start, policy.band(judged.known).clock)
    due, dues = stood.moved(judged.known, due), stood.dues(judged.known)
    if not dues or (due is not None and due <= min(dues)):
        return start, due, None
    return start, min(dues), due


def _said_by_number(policy: Policy, now: datetime, numbers: list[int]) -> dict[int, Any]:
    """Statements by number, ages worked out at ``now``."""
    rows = query(
        f"""select {_SAID_COLUMNS}, s.officer, s.received_at
            from statement s join member m on m.mention = s.mention and m.retracted_by is null
            where s.id = any(%(numbers)s)""",
        {"numbers": numbers, "day": uk_day(now), "reopened": reopened(policy)},
    )
    return {row.number: row for row in rows}


def _first_made_true(policy: Policy, now: datetime, judged: Any, said: Mapping[int, Any]) -> datetime:
    """When the force received what first put the subject in its present band (or a graver one)."""
    rows = [said[number] for number in judged.statements]
    moments: list[datetime] = sorted({row.received_at for row in rows})
    for moment in moments[:-1]:
        then = heard(row for row in rows if row.received_at <= moment)
        if judge(policy, facts_of(policy, then)).known >= judged.known:
            return moment
    return moments[-1] if moments else now


def _kept_until(now: datetime, subjects: list[int]) -> dict[int, datetime]:
    """When the first provider may delete who had a connection of each subject that can be resolved and is not yet."""
    found: dict[int, datetime] = {}
    for row in query(_UNRESOLVED, {"subjects": subjects}):
        until = retention().until(row.at, row.asked_of or "")
        if until > now:
            found[row.subject] = min(until, found.get(row.subject, until))
    return found


def _beside(
    now: datetime, context: Mapping[int, Any], rows: Iterable[Any], kept: Mapping[int, datetime]
) -> dict[int, _Beside]:
    by_subject: dict[int, list[Any]] = {subject: [] for subject in context}
    for row in rows:
        by_subject[row.subject].append(row)
    return {
        subject: _beside_one(now, context[subject].first_received, said, kept.get(subject))
        for subject, said in by_subject.items()
    }


def _beside_one(now: datetime, first_received: datetime, said: list[Any], kept: datetime | None) -> _Beside:
    today = uk_day(now)
    born = [row for row in said if row.fact == "age" and row.known and row.born_from]
    signs = [row for row in said if row.fact == "sign_of_child" and row.known and row.truth]
    adult = _adult_established(now, said)
    learned = _learned_since(adult, [*born, *signs])
    births = [Birth(row.born_from, row.born_to, learned.get(row.id, row.id)) for row in born]
    seen = [uk_day(row.as_of) for row in said if row.fact == "times_seen"]
    route, reason = route_of(
        births,
        min([*seen, uk_day(first_received)]),
        today,
        [learned.get(row.id, row.id) for row in signs],
        [adult.id] if adult else [],
    )
    if not born and any(row.fact == "age" and not row.known and row.officer is None for row in said):
        reason = "An age was stated that cannot be read: see what was said."
    rungs = [row for row in said if row.fact == "identity_ladder" and row.known and row.officer]
    ladder = int(max(rungs, key=lambda row: row.id).choice) if rungs else 1
    ends = [row.expires for row in said if row.expires and row.expires > now]
    ends += [start_of_uk_day(day) for day in turns(born, today)]
    ends += [kept] if kept else []
    return _Beside(route, reason, ladder, min(ends, default=None), kept)


def _adult_established(now: datetime, said: list[Any]) -> Any | None:
    """The officer's statement that this is an adult, where it is the last word of any officer and still holds."""
    words = [
        row
        for row in said
        if row.fact == "adult_established" and row.officer and not (row.expires and row.expires <= now)
    ]
    last = max(words, key=lambda row: row.id, default=None)
    return last if last is not None and last.known and last.truth else None


def _learned_since(adult: Any | None, rows: list[Any]) -> dict[int, int]:
    """Statements that the officer who established an adult could not see, as if made after that.

    They were made of a mention that only later turned out to be the same person.
    """
    others = sorted({row.mention for row in rows} - {adult.mention}) if adult else []
    if adult is None or not others:
        return {}
    together = query(_TOGETHER_THEN, {"mention": adult.mention, "others": others, "act": adult.asserted_by})
    seen = {adult.mention} | {row.mention for row in together}
    return {row.id: max(row.id, adult.id + 1) for row in rows if row.mention not in seen}


def reassess_due(opened: OpenAct, limit: int) -> int:
    """Work out again the assessments whose time has passed; how many there were."""
    rows = query(
        """select subject from assessment where retracted_by is null and good_until <= %s
           order by good_until limit %s""",
        [opened.at, limit],
    )
    subjects = [row.subject for row in rows]
    if subjects:
        assess(opened, subjects)
    return len(subjects)

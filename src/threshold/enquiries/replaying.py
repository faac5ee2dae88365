"""Any past assessment worked out again: from its stored inputs, and from the rows as they were known then.

Both must equal what was stored, bit for bit, under the policy of that day; what does not is a defect, and says
which field, with both values. What was erased since says so. What was corrected since stands beside, never in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.enquiries.assess import NoPolicy, differences, policy_of, worked_out
from threshold.policy.interpret import judge
from threshold.policy.model import Policy
from threshold.policy.sql import fact_columns, facts_from_row, judgement_query

# Fields of a judgement by the column that keeps each.
_JUDGED = {
    "known": "known",
    "could_be": "could_be",
    "deciding": "deciding",
    "holding": "holding",
    "could": "could",
    "open_facts": "open_facts",
    "checks": "outstanding",
}
_AT_ONCE = 20_000
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that does not come out again. ``way``: from *inputs* or from *rows*."""

    way: str
    field: str
    stored: Any
    again: Any


@dataclass(frozen=True, slots=True)
class Erased:
    """Something that the assessment was made of, or itself, is gone: its table, number and the act that erased it."""

    kind: str
    number: int
    act: int

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.number}: erased under act {self.act}"


@dataclass(frozen=True, slots=True)
class Replay:
    """One assessment worked out again. It comes out the same unless there are differences."""

    assessment: int
    subject: int
    act: int
    at: datetime | None
    row: Any
    differences: tuple[Difference, ...]
    erased: tuple[Erased, ...]

    @property
    def same(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class Correction:
    """What happened since to something that the assessment rested on."""

    act: int
    at: datetime | None
    text: str
    fact: str = ""


def of_subject(look: OpenLook, subject: int) -> list[int]:
    """Numbers of every assessment of a subject, erased ones not; newest first. The caller has shown the subject."""
    limit = "" if look.as_at is None else f"and asserted_by <= {int(look.as_at)}"
    rows = query(f"select id from assessment where subject = %s {limit} order by id desc", [subject])
    return [row.id for row in rows]


def subject_of(assessment: int) -> int | None:
    """The subject that an assessment was of; None where there is none, or it was erased."""
    row = one("select subject from assessment where id = %s", [assessment])
    return row.subject if row else None


def erased(kind: str, numbers: Sequence[int]) -> list[Erased]:
    rows = query(
        'select kind, "row", erased_by from stone where kind = %s and "row" = any(%s) order by "row"',
        [kind, list(numbers)],
    )
    return [Erased(row.kind, row.row, row.erased_by) for row in rows]


def replay(assessment: int, ways: Sequence[str] = ("inputs", "rows")) -> Replay | Erased | None:
    """Work one assessment out again; *Erased* where it is itself gone, None where there never was one."""
    return next(done for _, done in replays([assessment], ways))


def replays(
    assessments: Sequence[int], ways: Sequence[str] = ("inputs", "rows")
) -> Iterator[tuple[int, Replay | Erased | None]]:
    """Work these assessments out again, one after another, each with its number."""
    for start in range(0, len(assessments), _TOGETHER):
        wanted = list(assessments[start : start + _TOGETHER])
        rows = {
            row.id: row
            for row in query(
                "select a.*, act.at from assessment a left join act on act.id = a.asserted_by where a.id = any(%s)",
                [wanted],
            )
        }
        gone = {stone.number: stone for stone in erased("assessment", wanted)}
        statements = sorted({number for row in rows.values() for number in row.statements})
        lost = {stone.number: stone for stone in erased("statement", statements)}
        policies = query("select * from policy_in_force order by from_at desc, id desc")
        again = _again(list(rows.values())) if "rows" in ways else {}
        for number in wanted:
            row = rows.get(number)
            if row is None:
                yield number, gone.get(number)
                continue
            named = tuple(lost[n] for n in row.statements if n in lost)
            found = _of_policy(row, policies)
            if "inputs" in ways:
                found += _from_inputs(policy_by_digest(row.policy), row)
            if "rows" in ways and not named:
                found += _from_rows(row, again.get(number))
            yield number, Replay(row.id, row.subject, row.asserted_by, row.at, row, tuple(found), named)


def _of_policy(row: Any, policies: Sequence[Any]) -> list[Difference]:
    then = policy_then(row.at, row.asserted_by, policies)
    if then is not None and then.digest == row.policy:
        return []
    return [Difference("rows", "policy", row.policy, then.digest if then else None)]


def policy_then(now: datetime, act: int, policies: Sequence[Any]) -> Policy | None:
    """The policy that decided at an instant, as the record stood at an act. ``policies``: the newest first."""
    for row in policies:
        stood = row.asserted_by <= act and (row.retracted_by is None or row.retracted_by > act)
        if row.from_at <= now and stood:
            return policy_of(row.text)
    return None


def policy_by_digest(digest: str) -> Policy:
    """:raises NoPolicy: no policy with this digest was ever put into force"""
    row = one("select text from policy_in_force where digest_text = %s order by id limit 1", [digest])
    if row is None:
        raise NoPolicy
    return policy_of(row.text)


def _from_inputs(policy: Policy, row: Any) -> Iterator[Difference]:
    """The plain interpreter over the stored row of facts."""
    try:
        facts = facts_from_row(policy, row.facts)
    except (KeyError, TypeError) as broken:
        yield Difference("inputs", "facts", row.facts, f"cannot be read: {broken}")
        return
    judged = judge(policy, facts)
    for column, field in _JUDGED.items():
        again = getattr(judged, field)
        again = list(again) if isinstance(again, tuple) else again
        if again != getattr(row, column):
            yield Difference("inputs", column, getattr(row, column), again)


# The subjects to which the members of these belonged until an act.
_BELONGED = """
    select distinct now.subject, was.subject as was
    from member now
    join member was on was.mention = now.mention
         and was.asserted_by <= %(until)s and (was.retracted_by is null or was.retracted_by > %(until)s)
    where now.subject = any(%(s)s)
      and now.asserted_by <= %(act)s and (now.retracted_by is null or now.retracted_by > %(act)s)"""
_STOOD_UNTIL = """
    select a.* from assessment a where a.subject = any(%(s)s)
      and a.asserted_by <= %(until)s and (a.retracted_by is null or a.retracted_by > %(until)s)"""


def _again(rows: Sequence[Any]) -> dict[int, tuple[Any, ...]]:
    """What the rows that stood at its act say of each of these assessments, by its number.

    They are combined and judged by the text that made the assessment; those of one act together.
    """
    by_act: dict[tuple[int, str], list[Any]] = {}
    for row in rows:
        by_act.setdefault((row.asserted_by, row.policy), []).append(row)
    found: dict[int, tuple[Any, ...]] = {}
    for (act, digest), made in by_act.items():
        subjects = sorted(row.subject for row in made)
        parameters = {"s": subjects, "act": act, "until": act - 1}
        before = {subject: {subject} for subject in subjects}
        for moved in query(_BELONGED, parameters):
            before[moved.subject].add(moved.was)
        parameters["s"] = sorted({each for those in before.values() for each in those})
        stood = {row.subject: row for row in query(_STOOD_UNTIL, parameters)}
        came_from = {subject: frozenset(those) for subject, those in before.items()}
        again = worked_out(policy_by_digest(digest), made[0].at, subjects, stood, came_from, act=act)
        found |= {row.id: again[row.subject] for row in made if row.subject in again}
    return found


def _from_rows(row: Any, again: tuple[Any, ...] | None) -> Iterator[Difference]:
    if again is None:
        yield Difference("rows", "subject", row.subject, None)
        return
    for field, stored, value in differences(again, row):
        yield Difference("rows", field, stored, value)


def corrections(look: OpenLook, done: Replay) -> list[Correction]:
    """What came since and touches what the assessment rested on. Beside it: none of it is in the replay."""
    parameters = {"s": done.subject, "act": done.act, "n": list(done.row.statements)}
    taken_back = query(
        """select s.id, s.fact, s.retracted_by as act, act.at, why.reason
           from statement s left join act on act.id = s.retracted_by
           left join statement_taken_back why on why.statement = s.id and why.retracted_by is null
           where s.id = any(%(n)s) and s.retracted_by is not null order by s.retracted_by, s.id""",
        parameters,
    )
    later = query(
        f"""select s.id, s.fact, s.asserted_by as act, act.at
            from member m join statement s on s.mention = m.mention and s.asserted_by > %(act)s
            left join act on act.id = s.asserted_by
            where m.subject = %(s)s and {standing("m", done.act)} and s.retracted_by is null order by s.id""",
        parameters,
    )
    moved = query(
        f"""select m.mention, n.subject as now, n.asserted_by as act, act.at
            from member m join member n on n.mention = m.mention and n.retracted_by is null and n.subject <> m.subject
            left join act on act.id = n.asserted_by
            where m.subject = %(s)s and {standing("m", done.act)} order by m.mention""",
        parameters,
    )
    found = [
        Correction(
            row.act,
            row.at,
            f"statement {row.id} was taken back" + (f": {row.reason}" if row.reason else ""),
            row.fact,
        )
        for row in taken_back
    ]
    found += [Correction(row.act, row.at, f"statement {row.id} was made", row.fact) for row in later]
    found += [
        Correction(row.act, row.at, f"mention {row.mention} now belongs to subject {row.now}")
        for row in moved
    ]
    return sorted(found, key=lambda each: (each.act, each.text))


# --- very many ------------------------------------------------------------------------------------


def numbers(every: int = 1) -> list[int]:
    """Every assessment in the order of acts, or each whose number divides by ``every``: the same sample each time."""
    rows = query("select id from assessment where id %% %s = 0 order by asserted_by, id", [every])
    return [row.id for row in rows]


def erased_assessments() -> list[Erased]:
    rows = query('select kind, "row", erased_by from stone where kind = \'assessment\' order by "row"')
    return [Erased(row.kind, row.row, row.erased_by) for row in rows]


def differing_inputs(every: int, progress: Callable[[int], None] | None = None) -> tuple[int, list[int]]:
    """How many stored assessments were judged again from their inputs, and which of them came out otherwise.

    One set-based query a policy and some thousands of rows, in PostgreSQL: a whole caseload's history is a minute.
    """
    bounds = one("select coalesce(max(id), 0) as last from assessment")
    assert bounds is not None
    digests = [row.policy for row in query("select distinct policy from assessment")]
    checked, wrong = 0, list[int]()
    for digest in digests:
        sql = _differing(policy_by_digest(digest))
        for first in range(0, bounds.last, _AT_ONCE):
            row = one(
                sql, {"digest": digest, "first": first, "last": first + _AT_ONCE, "every": every, "act": None}
            )
            assert row is not None
            checked += row.checked
            wrong += row.wrong
            if progress:
                progress(row.checked)
    return checked, sorted(wrong)


def _differing(policy: Policy) -> str:
    kinds = {"yes_no": "boolean", "choice": "text", "count": "bigint", "range": "bigint"}
    columns = [f"{c} {kinds[fact.kind]}" for fact in policy.facts.values() for c in fact_columns(fact)]
    stored = f"""
        select a.id as subject, facts.*
        from assessment a cross join lateral jsonb_to_record(a.facts) as facts ({", ".join(columns)})
        where a.policy = %(digest)s and a.id > %(first)s and a.id <= %(last)s and a.id %% %(every)s = 0"""
    same = " and ".join(f"again.{field} = a.{column}" for column, field in _JUDGED.items())
    return f"""
        select count(*) as checked, coalesce(array_agg(a.id) filter (where not ({same})), '{{}}') as wrong
        from ({judgement_query(policy, stored)}) again join assessment a on a.id = again.subject"""

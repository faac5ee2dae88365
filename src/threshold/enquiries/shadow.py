"""A policy run in the shadow over the live caseload: nobody's band moves, and only numbers of subjects come out.

Without a date both policies judge what is said today, by the same query that decides bands. As at a date both
judge the facts that were stored with the assessments that stood then; a fact that was not asked then is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from threshold.acts.access import Power
from threshold.acts.asat import standing
from threshold.acts.db import query
from threshold.acts.verbs import OpenLook
from threshold.enquiries.assess import judgement_sql, reopened
from threshold.policy.impact import Impact, Placed, Reckoning
from threshold.policy.model import FactRule, Policy
from threshold.policy.sql import fact_columns, judgement_query
from threshold.times import uk_day

_AT_ONCE = 5_000
_PLACED = "subject, known, could_be, deciding, could, outstanding"


def compare(look: OpenLook, old: Policy, new: Policy) -> Impact:
    """What the new policy would do to everybody on the lists of work, whoever's case they are.

    The policy owner sees numbers of subjects and no subject, so closed ones are counted with the others.

    :raises Refused: the actor may not see what a policy would do
    """
    look.actor.require(Power.ADOPT_POLICY)
    reckoning = Reckoning(old, new)
    for subjects in _caseload(look.as_at):
        if look.as_at is None:
            before, after = (_judged_now(policy, subjects, look.moment) for policy in (old, new))
        else:
            before, after = (_judged_then(policy, subjects, look.as_at) for policy in (old, new))
        reckoning.add((before[subject], after[subject]) for subject in subjects)
    return reckoning.impact()


def _caseload(as_at: int | None) -> Iterator[list[int]]:
    last = 0
    while True:
        rows = query(
            f"""select a.subject from assessment a where {standing("a", as_at)} and a.listed and a.subject > %s
                order by a.subject limit {_AT_ONCE}""",
            [last],
        )
        if not rows:
            return
        yield [row.subject for row in rows]
        last = rows[-1].subject


def _judged_now(policy: Policy, subjects: list[int], now: datetime) -> dict[int, Placed]:
    parameters = {"subjects": subjects, "now": now, "day": uk_day(now), "reopened": reopened(policy)}
    return _placed(query(f"select {_PLACED} from ({judgement_sql(policy)}) judged", parameters))


def _judged_then(policy: Policy, subjects: list[int], as_at: int) -> dict[int, Placed]:
    columns = [text for fact in policy.facts.values() for text in _stored(fact)]
    stored = f"""select a.subject, {", ".join(columns)}
        from assessment a where {standing("a", as_at)} and a.subject = any(%(subjects)s)"""
    return _placed(
        query(f"select {_PLACED} from ({judgement_query(policy, stored)}) judged", {"subjects": subjects})
    )


def _stored(fact: FactRule) -> Iterator[str]:
    """The columns of a fact out of a stored row; what was not asked then, or had other values, is not known."""
    names = fact_columns(fact)
    if fact.kind == "yes_no":
        yield f"(a.facts ->> '{names[0]}')::boolean as {names[0]}"
    elif fact.kind == "choice":
        known = ", ".join(f"'{value}'" for value in fact.values)
        for name, otherwise in zip(names, (fact.values[0], fact.values[-1]), strict=True):
            value = f"a.facts ->> '{name}'"
            yield f"case when {value} in ({known}) then {value} else '{otherwise}' end as {name}"
    else:
        yield f"coalesce((a.facts ->> '{names[0]}')::bigint, 0) as {names[0]}"
        yield f"(a.facts ->> '{names[1]}')::bigint as {names[1]}"


def _placed(rows: list[Any]) -> dict[int, Placed]:
    return {
        row.subject: Placed(
            row.known, row.could_be, tuple(row.deciding), tuple(row.could), tuple(row.outstanding)
        )
        for row in rows
    }

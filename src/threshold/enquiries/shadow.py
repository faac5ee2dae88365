"""A policy run in the shadow over the live caseload: nobody's band moves, and only numbers of subjects come out.

Without a date both policies judge what is said today, by the same query that decides bands. As at a date both
judge the facts that were stored with the assessments that stood then; a fact that was not asked then is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from threshold.acts.access import Power
from threshold.acts.asat import standing
from threshold.acts.db import query
from threshold.acts.verbs import OpenLook
from threshold.enquiries.assess import judgement_sql, reopened
from threshold.policy.impact import Impact, Placed, Reckoning
from threshold.policy.model import FactRule, Policy
from threshold.policy.sql import fact_columns, judgement_query
from threshold.policy.sql_permit import permission_query
from threshold.times import uk_day

_AT_ONCE = 5_000


def compare(look: OpenLook, old: Policy, new: Policy) -> Impact:
    """What the new policy would do to everybody on the lists of work, whoever's case they are.

    The policy owner sees numbers of subjects and no subject, so closed ones are counted with the others.

    :raises Refused: the actor may not see what a policy would do
    """
    look.actor.require(Power.ADOPT_POLICY)
    reckoning = Reckoning(old, new)
    for subjects in _caseload(look.as_at):
        before, after = (_Judged(look, policy, subjects) for policy in (old, new))
        was, now = before.placed(), after.placed()
        reckoning.add((was[subject], now[subject]) for subject in subjects)
        reckoning.add_permitted(before.permitted(), after.permitted())
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


class _Judged:
    """Some subjects as one policy judges them: what is said today, or the facts that were stored then."""

    def __init__(self, look: OpenLook, policy: Policy, subjects: list[int]) -> None:
        self.policy = policy
        if look.as_at is None:
            self.sql = f"""select judged.*, a.route from ({judgement_sql(policy)}) judged
                join assessment a on a.subject = judged.subject and a.retracted_by is null"""
        else:
            columns = [text for fact in policy.facts.values() for text in _stored(fact)]
            stored = f"""select a.subject, a.route, {", ".join(columns)}
                from assessment a where {standing("a", look.as_at)} and a.subject = any(%(subjects)s)"""
            self.sql = judgement_query(policy, stored)
        self.parameters = {
            "subjects": subjects,
            "now": look.moment,
            "day": uk_day(look.moment),
            "reopened": reopened(policy),
        }

    def placed(self) -> dict[int, Placed]:
        rows = query(
            f"""select subject, known, could_be, deciding, could, outstanding from ({self.sql}) judged""",
            self.parameters,
        )
        return {
            row.subject: Placed(
                row.known, row.could_be, tuple(row.deciding), tuple(row.could), tuple(row.outstanding)
            )
            for row in rows
        }

    def permitted(self) -> dict[str, int]:
        """To how many each response is permitted."""
        rows = query(
            f"""select response, count(*) filter (where permitted) as subjects
                from ({permission_query(self.policy, self.sql)}) permission group by response""",
            self.parameters,
        )
        return {row.response: row.subjects for row in rows}


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

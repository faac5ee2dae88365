"""What changed between two readings: each subject that entered, left or moved, with the reason.

A subject whose rung and route are the same at both stands in neither list, so the changes of a number add up to
its difference.
"""

from __future__ import annotations

from typing import Any

from threshold.acts.access import Actor, only_visible
from threshold.acts.asat import standing
from threshold.acts.db import query
from threshold.oversight.counting import Reading, Scope, counted, parameters
from threshold.oversight.definitions import Cell
from threshold.oversight.sentences import ByAct, Change


def changes(actor: Actor, before: Reading, after: Reading) -> list[Change]:
    """Every change from one reading to a later one, in order of subject."""
    scope = Scope.of(actor)
    if scope is Scope.DELIVERIES:
        return []
    given = {**parameters(actor, before), "received_then": before.received_by, "received": after.received_by}
    rows = query(_moved(before, after, scope), given)
    others = {other for row in rows for other in (row.held_now, row.held_then, row.named_then) if other}
    # What a subject was one with may be closed by now, and is then not named.
    named = others if scope is Scope.FORCE else only_visible(actor, sorted(others))
    return [_change(row, named) for row in rows]


def _moved(before: Reading, after: Reading, scope: Scope) -> str:
    # Asked at one date, whoever kept the same assessment did not change: only the others are compared.
    left = entered = "true"
    if before.received_by == after.received_by:
        left = f"a.retracted_by > {before.act} and a.retracted_by <= {after.act}"
        entered = f"a.asserted_by > {before.act}"
    there = counted(before, scope).replace("%(received_by)s", "%(received_then)s")
    here = counted(after, scope).replace("%(received_by)s", "%(received)s")
    return f"""
        with then_ as materialized (
            select a.subject, a.ladder, a.route from assessment a where {there} and {left}
        ), now_ as materialized (
            select a.subject, a.ladder, a.route from assessment a where {here} and {entered}
        ), moved as materialized (
            select coalesce(t.subject, n.subject) as subject, t.ladder as old_ladder, t.route as old_route,
                   n.ladder, n.route
            from then_ t full join now_ n on n.subject = t.subject
            where (t.ladder, t.route) is distinct from (n.ladder, n.route)
        ), told as (
            select moved.*, held_then.subject as held_then, held_now.subject as held_now, named.*,
                   case when moved.ladder is null then coalesce(ended.act, held_now.asserted_by)
                        when moved.old_ladder is not null then turned.act
                        when named.mention_act > {before.act} then named.mention_act
                        else greatest(held_now.asserted_by, named.member_act) end as act
            from moved
            left join member held_then on held_then.mention = moved.subject
                 and {standing("held_then", before.act)}
            left join member held_now on held_now.mention = moved.subject and {standing("held_now", after.act)}
            -- The first report, of those that came or were joined last, that names the subject.
            left join lateral (
                select r.id as report, r.delivery, n.asserted_by as mention_act, m.asserted_by as member_act,
                       earlier.subject as named_then
                from member m join mention n on n.id = m.mention and n.role = 'reported'
                     and {standing("n", after.act)}
                left join report r on r.id = n.report
                left join member earlier on earlier.mention = n.id and {standing("earlier", before.act)}
                where m.subject = moved.subject and {standing("m", after.act)}
                order by n.asserted_by, n.id limit 1
            ) named on moved.old_ladder is null
            left join lateral (
                select max(a.retracted_by) as act from assessment a
                where a.subject = moved.subject and a.retracted_by <= {after.act}
            ) ended on moved.ladder is null
            -- The act since which the rung and the route are what they are.
            left join lateral (
                select min(a.asserted_by) as act from assessment a
                where a.subject = moved.subject and a.asserted_by <= {after.act} and a.asserted_by > coalesce((
                    select max(x.asserted_by) from assessment x
                    where x.subject = moved.subject and x.asserted_by <= {after.act}
                      and (x.ladder, x.route) <> (moved.ladder, moved.route)), 0)
            ) turned on moved.ladder is not null and moved.old_ladder is not null
        )
        select told.*, act.at, act.verb, (act.body ->> 'link')::bigint as link
        from told left join act on act.id = told.act order by told.subject"""


def _change(row: Any, named: set[int]) -> Change:
    before: Cell | None = None if row.old_ladder is None else (row.old_ladder, row.old_route)
    after: Cell | None = None if row.ladder is None else (row.ladder, row.route)
    why, other = _why(row, before, after)
    by = None if row.act is None or why == "date" else ByAct(row.act, row.at, row.verb, row.link)
    return Change(
        row.subject, before, after, why, by, other if other in named else None, row.report, row.delivery
    )


def _why(row: Any, before: Cell | None, after: Cell | None) -> tuple[str, int | None]:
    """The kind of reason, and the other subject that it is about."""
    if before is not None and after is not None:
        kinds = [kind for kind, n in (("identity", 0), ("age", 1)) if before[n] != after[n]]
        return " and ".join(kinds), None
    if after is None:
        if row.held_now is None:
            return "withdrawn", None
        if row.held_now != row.subject:
            return "joined", row.held_now
        return ("date" if row.act is None else "separated"), None
    if row.held_then is None or row.named_then is None:
        return "new report", None
    if row.held_then != row.subject:
        return "separated", row.held_then
    return ("joined", row.named_then) if row.named_then != row.subject else ("date", None)

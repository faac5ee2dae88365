"""Reads of the record itself: numbers, verbs and routes, never content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from threshold.acts.access import Power, Role
from threshold.acts.db import query
from threshold.acts.verbs import OpenLook

PAGE = 50

# Whose acts and looks an actor sees: their own; a supervisor the team's acts too; an auditor everybody's.
_OWN = "actor = %(actor)s"
_TEAM = "actor in (select id from officer where team = %(team)s and team <> '')"


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a chain, the newest first. ``older``: the number before which the next stretch begins."""

    rows: list[Any]
    older: int | None


def acts(look: OpenLook, before: int | None = None) -> Page:
    """Acts that this actor may see; the number of a subject that is hidden from them is left out."""
    whose = _OWN
    if look.actor.may(Power.SEE_ALL_ACTS):
        whose = "true"
    elif Role.SUPERVISOR in look.actor.roles:
        whose = f"({_OWN} or {_TEAM})"
    return _page(
        look,
        f"""select a.id, a.at, a.verb, a.actor, o.full_name as by_whom,
                   case when %(all)s or (a.body->>'subject')::bigint not in (select hidden_from(%(actor)s))
                        then a.body->>'subject' end as subject
            from act a left join officer o on o.id = a.actor
            where {whose} and (%(before)s::bigint is null or a.id < %(before)s)
            order by a.id desc limit {PAGE + 1}""",
        before,
    )


def looks(look: OpenLook, before: int | None = None) -> Page:
    """Looks that this actor may see: route, date asked for, and how many subjects were shown; refused writes too."""
    whose = "true" if look.actor.may(Power.SEE_ALL_ACTS) else _OWN
    return _page(
        look,
        f"""select l.id, l.at, l.route, l.actor, o.full_name as by_whom, l.shown, l.body ->> 'as_at' as as_at,
                   l.body ->> 'failed' as failed, l.body ->> 'verb' as tried,
                   case when %(all)s or (l.body ->> 'subject')::bigint not in (select hidden_from(%(actor)s))
                        then (l.body ->> 'subject')::bigint end as opened
            from look l left join officer o on o.id = l.actor
            where {whose} and (%(before)s::bigint is null or l.id < %(before)s)
            order by l.id desc limit {PAGE + 1}""",
        before,
    )


def _page(look: OpenLook, sql: str, before: int | None) -> Page:
    everything = look.actor.may(Power.SEE_ALL_ACTS)
    rows = query(sql, {"actor": look.actor.id, "team": look.actor.team, "before": before, "all": everything})
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def closed_to_all_but(look: OpenLook, subject: int) -> list[str]:
    """The full names of those who may see a closed subject; nobody where it is not closed."""
    rows = query(
        """select distinct o.full_name from member m
           join closure c on c.mention = m.mention and c.retracted_by is null
           join closure_reader r on r.closure = c.id and r.retracted_by is null
           join officer o on o.id = r.officer
           where m.subject = %s and m.retracted_by is null order by 1""",
        [subject],
    )
    return [row.full_name for row in rows]

"""The lists: *Act*, *Find out* and the children's list, each in its order with the reason for each place."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from threshold.acts.access import hidden_then, only_visible
from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.cases.casebook import references
from threshold.cases.order import place_reason
from threshold.people.queries import called
from threshold.policy.model import band_name

Taken = Literal["mine", "nobody", "anybody"]
ListName = Literal["act", "find-out", "children"]
LISTS: tuple[ListName, ...] = ("act", "find-out", "children")
PAGE = 25

# Which assessments stand in each list. Harmed children, recipients and reporters are never *listed*.
_IN = {
    "act": "a.route <> 'child' and a.known > 0",
    "find-out": "a.route <> 'child' and a.could_be > a.known",
    "children": "a.route = 'child'",
}
# Evidence about to be lost: a provider may soon delete who had a connection that nobody has asked about.
PERISHING = "(coalesce(a.evidence_until, '-infinity') between %(now)s and %(now)s + interval '30 days')"
# The order of each list, as tiers: whoever meets the first condition stands before whoever meets the second, and
# so on; within a tier the longest with the force comes first. A page reads only the tiers that it shows.
_TIERS = {
    "act": [
        f"a.known = {known} and {clock}"
        for known in (4, 3, 2, 1)
        for clock in ("a.due <= %(now)s", "(a.due > %(now)s or a.due is null)")
    ],
    "find-out": [
        f"a.could_be = {could_be} and (a.urgency is not null) = {urgent} and {perishing}"
        for could_be in (4, 3, 2)
        for urgent in ("true", "false")
        for perishing in (PERISHING, f"not {PERISHING}")
    ],
    "children": [
        f"a.known = {known} and a.could_be = {could_be} and (a.urgency is not null) = {urgent}"
        for known in (4, 3, 2, 1, 0)
        for could_be in range(4, max(known, 1) - 1, -1)
        for urgent in ("true", "false")
    ],
}
_JOINED = "left join held t on t.subject = a.subject"
# The clock that runs in each list.
_DUE = {"act": "a.due", "find-out": "a.checks_due", "children": "least(a.due, a.checks_due)"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to leave out of a list. None: nothing."""

    band: str | None = None
    route: str | None = None
    taken: Taken | None = None
    breached: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One place in a list. Times are UTC; ranks of bands: 0 not graded, 1 low ... 4 very high.

    All but ``rank``, ``called``, ``case`` and ``reason`` are columns of ``_tier``, by these names.
    """

    rank: int
    subject: int
    called: str
    known: int
    could_be: int
    route: str
    ladder: int
    clauses: tuple[str, ...]
    checks: tuple[str, ...]
    due: datetime | None
    later_due: datetime | None
    breached: bool
    urgency: str | None
    first_received: datetime
    last_received: datetime
    taken_by: str | None
    reason: str
    evidence_until: datetime | None
    case: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The published shape (docs/list.schema.json)."""
        return {
            "rank": self.rank,
            "subject": self.subject,
            "case": self.case,
            "band": {"known": band_name(self.known), "could_be": band_name(self.could_be)},
            "route": self.route,
            "ladder": self.ladder,
            "clauses": self.clauses,
            "checks_outstanding": self.checks,
            "due": self.due.isoformat() if self.due else None,
            "breached": self.breached,
            "evidence_until": self.evidence_until.isoformat() if self.evidence_until else None,
        }


_READ = [field.name for field in fields(Listed) if field.name not in ("rank", "called", "case", "reason")]


def listed(
    look: OpenLook, name: ListName, filters: Filters | None = None, page: int = 1, limit: int = PAGE
) -> tuple[list[Listed], int]:
    """One page of a list as this actor may see it, and how many stand in it in all."""
    where, more = _where(look, name, filters or Filters())
    parameters = {"actor": look.actor.id, "now": look.moment, **more}
    tiers = _tier_counts(look, name, where, parameters)
    rows: list[Any] = []
    skip = (page - 1) * limit
    for tier, count in zip(_TIERS[name], tiers, strict=True):
        wanted = limit - len(rows)
        if skip < count and wanted > 0:
            rows += _tier(look, name, f"{where} and {tier}", parameters, wanted, skip)
        skip = max(skip - count, 0)
    names = called((row.subject for row in rows), look.as_at)
    cases = references([row.subject for row in rows], look.as_at)
    look.show([row.subject for row in rows])
    first = (page - 1) * limit + 1
    places = [
        replace(_place(name, first + n, row, names[row.subject], look.moment), case=cases.get(row.subject))
        for n, row in enumerate(rows)
    ]
    return places, sum(tiers)


def _tier_counts(look: OpenLook, name: ListName, where: str, parameters: dict[str, Any]) -> list[int]:
    """How many stand in each tier of a list, in one pass."""
    tiers = ", ".join(f"count(*) filter (where {tier}) as t{n}" for n, tier in enumerate(_TIERS[name]))
    row = one(f"{_taken(look)} select {tiers} from assessment a {_JOINED} where {where}", parameters)
    assert row is not None
    return list(row)


def _tier(
    look: OpenLook, name: ListName, where: str, parameters: dict[str, Any], limit: int, skip: int
) -> list[Any]:
    """Some places of one tier, the longest with the force first."""
    due = _DUE[name]
    return query(
        f"""{_taken(look)}
            select a.subject, a.known, a.could_be, a.route, a.ladder, a.deciding as clauses, a.checks, {due} as due,
                   a.later_due, ({due} <= %(now)s) is true as breached, a.urgency, a.first_received,
                   a.last_received, t.names as taken_by, a.evidence_until
            from assessment a {_JOINED}
            where {where} order by a.first_received, a.subject limit {int(limit)} offset {int(skip)}""",
        parameters,
    )


def _where(look: OpenLook, name: ListName, filters: Filters) -> tuple[str, dict[str, Any]]:
    conditions = [
        standing("a", look.as_at),
        "a.listed",
        _IN[name],
        "a.subject not in (select hidden_from(%(actor)s))",
        f"a.subject not in ({hidden_then(look.as_at)})",
        # In a subquery, so that it is asked once and not for every row.
        """case (select sees(%(actor)s))
               when 'all' then true when 'children' then tied_to_child(a.subject) else false end""",
    ]
    more: dict[str, Any] = {}
    if filters.band is not None:
        column = "a.could_be" if name == "find-out" else "a.known"
        conditions.append(f"{column} = %(band)s")
        more["band"] = next((r for r in range(5) if band_name(r) == filters.band), -1)
    if filters.route is not None:
        conditions.append("a.route = %(route)s")
        more["route"] = filters.route
    if filters.taken == "mine":
        conditions.append("%(actor)s = any(t.officers)")
    elif filters.taken == "nobody":
        conditions.append("t.officers is null")
    elif filters.taken == "anybody":
        conditions.append("t.officers is not null")
    if filters.breached:
        conditions.append(f"{_DUE[name]} <= %(now)s")
    return " and ".join(conditions), more


def _taken(look: OpenLook) -> str:
    """SQL: who has taken each subject on; several where each had taken a part of it before they were joined."""
    return f"""with held as (
        select m.subject, array_agg(t.officer) as officers, string_agg(distinct o.full_name, ', ') as names
        from taken t join member m on m.mention = t.mention and {standing("m", look.as_at)}
        join officer o on o.id = t.officer
        where {standing("t", look.as_at)} group by m.subject)"""


def _place(name: ListName, rank: int, row: Any, who: str, now: datetime) -> Listed:
    place = Listed(rank=rank, called=who, reason="", **{name: _fixed(getattr(row, name)) for name in _READ})
    if place.evidence_until and place.evidence_until <= now:
        place = replace(place, evidence_until=None)
    return replace(place, reason=place_reason(name, place, now))


def _fixed(value: Any) -> Any:
    return tuple(value) if value.__class__ is list else value


def counts(look: OpenLook) -> dict[ListName, int]:
    """How many stand in each list, for the home page."""
    return {name: _count(look, name, "true") for name in LISTS}


def breached(look: OpenLook) -> dict[ListName, int]:
    """How many in each list are past their clock."""
    return {name: _count(look, name, f"{_DUE[name]} <= %(now)s") for name in LISTS}


def _count(look: OpenLook, name: ListName, condition: str) -> int:
    where, _ = _where(look, name, Filters())
    row = one(
        f"select count(*) as n from assessment a where {where} and {condition}",
        {"actor": look.actor.id, "now": look.moment},
    )
    assert row is not None
    return int(row.n)


def taken_by(look: OpenLook, subject: int) -> Any | None:
    """Who has taken a subject on (officer, full name, team, since when), or None; the reader before others."""
    return one(
        f"""select t.officer, t.team, o.full_name, act.at
            from taken t join member m on m.mention = t.mention and {standing("m", look.as_at)}
            join officer o on o.id = t.officer left join act on act.id = t.asserted_by
            where m.subject = %s and {standing("t", look.as_at)}
            order by t.officer <> %s, t.id limit 1""",
        [subject, look.actor.id],
    )


def changes(look: OpenLook, subject: int, since: int = 0) -> list[Any]:
    """The acts after ``since`` that changed who the subject is, what is said of it, its band or who has it."""
    until = "" if look.as_at is None else f"and act.id <= {int(look.as_at)}"
    return query(
        f"""with touched as (
                select a.asserted_by, a.retracted_by from assessment a where a.subject = %(s)s
                union all
                select m.asserted_by, m.retracted_by from member m where m.subject = %(s)s
                union all
                select s.asserted_by, s.retracted_by from member m join statement s on s.mention = m.mention
                where m.subject = %(s)s and {standing("m", look.as_at)}
                union all
                select t.asserted_by, t.retracted_by from member m join taken t on t.mention = m.mention
                where m.subject = %(s)s and {standing("m", look.as_at)}
                union all
                select r.asserted_by, r.retracted_by from member m join tool_result r on r.mention = m.mention
                where m.subject = %(s)s and {standing("m", look.as_at)}
            )
            select act.id, act.at, act.verb, o.full_name as by_whom,
                   (select string_agg(s.fact || ': ' || case
                               when not s.known then 'not known' when s.truth then 'yes'
                               when s.truth is false then 'no'
                               else coalesce(s.choice, s.low::text, s.born_from::text, 'once more') end, '; ')
                    from member m join statement s on s.mention = m.mention and s.asserted_by = act.id
                    where m.subject = %(s)s and m.retracted_by is null) as said,
                   (select string_agg(b.reason, '; ')
                    from member m join statement s on s.mention = m.mention and s.retracted_by = act.id
                    join statement_taken_back b on b.statement = s.id and b.asserted_by = act.id
                    where m.subject = %(s)s and m.retracted_by is null) as taken_back_because
            from act left join officer o on o.id = act.actor
            where act.id in (select asserted_by from touched union select retracted_by from touched)
              and act.id > %(since)s {until}
            order by act.id desc limit 50""",
        {"s": subject, "since": since},
    )


def notices(look: OpenLook) -> list[Any]:
    """What the actor is told of subjects they took on and has not yet seen, oldest first."""
    rows = query(
        """select n.id, n.kind, n.report, n.enquiry, m.subject, act.at from notice n
           join member m on m.mention = n.mention and m.retracted_by is null
           left join act on act.id = n.asserted_by
           where n.officer = %s and n.retracted_by is null order by n.id limit 50""",
        [look.actor.id],
    )
    seen = only_visible(look.actor, sorted({row.subject for row in rows}))
    look.show(sorted(seen))
    return [row for row in rows if row.subject in seen]

"""Who looked at a subject, and what one officer looked at: for auditors. Numbers and routes, never content."""

from __future__ import annotations

from typing import Any

from threshold.acts.access import Power
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook

PAGE = 50

# A page is read first and its look written afterwards: an act in between may have moved the number.
_BEGUN = "l.at - make_interval(secs => coalesce((l.body ->> 'took_ms')::float, 0) / 1000)"

# The numbers under which a subject's mentions stood, each from one act (and instant) to another.
_NUMBERS = """
    select distinct m.subject, m.asserted_by, m.retracted_by, made.at as from_at, ended.at as until_at
    from member m join act made on made.id = m.asserted_by left join act ended on ended.id = m.retracted_by
    where m.mention in (select own.mention from member own
                        join member held on held.subject = own.subject and held.retracted_by is null
                        where held.mention = %(subject)s and own.retracted_by is null)
    -- A number that nobody has: it may have been tried all the same.
    union select %(subject)s, 0, null, '-infinity', null
        where not exists (select from member where mention = %(subject)s)"""

_LOOKED = f"""
    look l left join officer o on o.id = l.actor
    where (l.shown && (select array_agg(n.subject) from numbers n)
           or (l.body ->> 'subject')::bigint = any(select n.subject from numbers n) and l.body ? 'subject')
      and exists (
        select from numbers n
        where (n.subject = any(l.shown) or n.subject = (l.body ->> 'subject')::bigint)
          and case when l.body ? 'as_at'
                   then n.asserted_by <= (l.body ->> 'as_at')::bigint
                        and (n.retracted_by is null or n.retracted_by > (l.body ->> 'as_at')::bigint)
                   else n.from_at <= l.at and (n.until_at is null or n.until_at >= {_BEGUN}) end)"""

_ROW = """l.id, l.at, l.route, l.actor, o.full_name as by_whom, o.team, l.shown, l.body ->> 'as_at' as as_at,
    l.body ->> 'failed' as failed, l.body ->> 'asked' as asked, (l.body ->> 'subject')::bigint as opened,
    l.body ->> 'verb' as tried"""


def who_looked(look: OpenLook, subject: int, page: int = 1) -> tuple[list[Any], int]:
    """Every look that showed a subject, opened it or was refused it, newest first; and how many there are.

    Its number may have moved with its links: each look is held against the number that its mentions had then.
    """
    look.actor.require(Power.SEE_ALL_ACTS)
    look.body["subject"] = subject
    given = {"subject": subject, "skip": (page - 1) * PAGE}
    with_numbers = f"with numbers as materialized ({_NUMBERS})"
    rows = query(
        f"{with_numbers} select {_ROW} from {_LOOKED} order by l.id desc limit {PAGE} offset %(skip)s", given
    )
    return rows, _how_many(f"{with_numbers} select count(*) as n from {_LOOKED}", given)


def audits(look: OpenLook, page: int = 1) -> tuple[list[Any], int]:
    """Which auditor looked into whose looking, and why, newest first; and how many there are."""
    look.actor.require(Power.SEE_ALL_ACTS)
    rows = query(
        f"{_AUDITS} where u.retracted_by is null order by u.id desc limit {PAGE} offset %s",
        [(page - 1) * PAGE],
    )
    return rows, _how_many("select count(*) as n from audit where retracted_by is null", {})


def audit(look: OpenLook, number: int) -> Any | None:
    """One audit, for the auditor who gave its reason; None for anybody else: they give their own."""
    look.actor.require(Power.SEE_ALL_ACTS)
    look.body["audit"] = number
    return one(
        f"{_AUDITS} where u.id = %s and act.actor = %s and u.retracted_by is null", [number, look.actor.id]
    )


_AUDITS = """
    select u.id, u.officer, u.from_at, u.until_at, u.reason, act.at, act.actor, o.full_name as whose, o.username,
           o.team, by.full_name as by_whom
    from audit u join act on act.id = u.asserted_by left join officer o on o.id = u.officer
    left join officer by on by.id = act.actor"""


def looks_of(look: OpenLook, audit: Any, page: int = 1) -> tuple[list[Any], int]:
    """The looks of the officer whom an audit is about, newest first; and how many there are."""
    look.body["officer"] = audit.officer
    found = """look l left join officer o on o.id = l.actor
        where l.actor = %(officer)s and l.at between %(from_at)s and %(until_at)s"""
    given = {
        "officer": audit.officer,
        "from_at": audit.from_at,
        "until_at": audit.until_at,
        "skip": (page - 1) * PAGE,
    }
    rows = query(f"select {_ROW} from {found} order by l.id desc limit {PAGE} offset %(skip)s", given)
    return rows, _how_many(f"select count(*) as n from {found}", given)


def officers(look: OpenLook) -> list[Any]:
    """Whose looks can be looked into: everybody with an account, closed ones too."""
    look.actor.require(Power.SEE_ALL_ACTS)
    return query(
        "select username, full_name, team from officer where username <> 'sweep' order by full_name, id"
    )


def _how_many(sql: str, given: dict[str, Any]) -> int:
    row = one(sql, given)
    assert row is not None
    return int(row.n)

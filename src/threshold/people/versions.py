"""A sender sends a report again with other content: who in it is who, and what no longer stands.

The people of the later version are mentions of their own. One who is plainly the same person described again
(see ``successors``) is linked to the mention of the earlier version; anybody else only asks whether they are.
What it names otherwise (another e-mail, another connection) takes the place of what was named before, and the links
that rested on that become questions. What it does not name stays: silence takes nothing back. What an officer said or
linked stands, and so does what other documents added to the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from threshold.acts.db import query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.people import evidence
from threshold.people.verbs import CROWD

RULE = "a later version of the same report"
_LINK = ["a", "b", "says", "strength", "rule", "evidence", "reason"]


class Described(NamedTuple):
    """A mention as one version describes it: its role, the keys that identify it, those of its accounts."""

    role: str
    keys: frozenset[str]
    accounts: frozenset[str]


def successors(earlier: Mapping[int, Described], later: Mapping[int, Described]) -> dict[int, int]:
    """Which mention of the later version describes again which of the earlier.

    In the same role, with the same account, or with every identifier that was there before, and perhaps more.
    Where more than one fits, or one fits several, nobody is taken for anybody.
    """
    fitting = {
        old: [new for new, then in later.items() if _describes_again(before, then)]
        for old, before in earlier.items()
    }
    taken = [new for found in fitting.values() for new in found]
    return {old: found[0] for old, found in fitting.items() if len(found) == 1 and taken.count(found[0]) == 1}


def _describes_again(before: Described, then: Described) -> bool:
    if before.role != then.role:
        return False
    return bool(before.accounts & then.accounts) or bool(before.keys and before.keys <= then.keys)


@dataclass(frozen=True, slots=True)
class Superseded:
    """What a later version did: mentions of the earlier one, who describes them again, and who lost a link."""

    earlier: tuple[int, ...]
    successors: dict[int, int]
    unlinked: tuple[int, ...]


def supersede(opened: OpenAct, earlier: int, later: int) -> Superseded:
    """The people of report ``later``, just written, take the place of those of report ``earlier``."""
    before, then = _described(earlier), _described(later)
    again = successors(before, then)
    _link(opened, before, then, again, f"version|{earlier}|{later}")
    _retract(opened, "activity", _SAID_AGAIN, earlier, again)
    gone = _retract(opened, "connection", _REPLACED_CONNECTIONS, earlier, again)
    gone |= _retract(opened, "identifier", _REPLACED_IDENTIFIERS, earlier, again)
    _retract_keys(opened, list(again), gone)
    return Superseded(tuple(before), again, _retract_links(opened, list(again)))


def _described(report: int) -> dict[int, Described]:
    rows = query(
        """select n.id, n.role, array_remove(array_agg(i.key), null) as keys from mention n
           left join identifier i on i.mention = n.id and i.retracted_by is null
           where n.report = %s and n.retracted_by is null group by n.id, n.role order by n.id""",
        [report],
    )
    return {
        row.id: Described(
            row.role, frozenset(row.keys), frozenset(key for key in row.keys if key.startswith("account|"))
        )
        for row in rows
    }


def _link(
    opened: OpenAct,
    before: Mapping[int, Described],
    then: Mapping[int, Described],
    again: Mapping[int, int],
    key: str,
) -> None:
    """Those described again are one; those who are left, in the same role, may be."""
    rows = [
        (old, new, "same", "automatic", RULE, key, f"{RULE}, described again") for old, new in again.items()
    ]
    gone = [old for old in before if old not in again]
    come = [new for new in then if new not in set(again.values())]
    # A bundle with many accounts changed is a crowd, about which nobody could answer.
    if len(gone) * len(come) <= CROWD:
        rows += [
            (old, new, "same", "possible", RULE, key, f"{RULE}, described otherwise: is it the same person?")
            for old in gone
            for new in come
            if then[new].role == before[old].role
        ]
    claim_rows(opened, "link", _LINK, rows)


def said_in(table: str) -> str:
    """SQL: rows of a table that an earlier version itself said of its mentions (``%(old)s``): not an officer,
    and not another document that added to the report (``%(report)s``)."""
    officers = "and s.officer is null" if table == "statement" else ""
    return f"""s.mention = any(%(old)s) and s.retracted_by is null {officers}
        and not exists (select from intake_entry e where e.report = %(report)s and e.retracted_by is null
                        and e.content_key is not null and starts_with(s.place, e.place))"""


_PAIR = "join unnest(%(old)s::bigint[], %(new)s::bigint[]) as pair(old, new) on pair.old = s.mention"
_SAID_AGAIN = f"""
    select s.id, null as key from activity s {_PAIR}
    where exists (select from activity n where n.mention = pair.new and n.kind = s.kind
                  and n.at_text is not distinct from s.at_text)"""
# What the later version names otherwise; of what it does not name at all, it is silent, and silence takes nothing back.
_REPLACED_IDENTIFIERS = f"""
    select s.id, s.key from identifier s {_PAIR}
    where exists (select from identifier n where n.mention = pair.new and n.kind = s.kind)
      and not exists (select from identifier n where n.mention = pair.new and n.kind = s.kind
                      and n.received = s.received)"""
_REPLACED_CONNECTIONS = f"""
    select s.id, s.key from connection s {_PAIR}
    where exists (select from connection n where n.mention = pair.new)
      and not exists (select from connection n where n.mention = pair.new and n.address = s.address
                      and n.at_text is not distinct from s.at_text)"""


def _retract(opened: OpenAct, table: str, which: str, report: int, again: Mapping[int, int]) -> set[str]:
    """Retract rows that the earlier version itself said; the keys that they bore."""
    rows = query(
        f"{which} and {said_in(table)}",
        {"old": list(again), "new": list(again.values()), "report": report},
    )
    retract_rows(opened, table, [row.id for row in rows])
    return {row.key for row in rows if row.key}


def _retract_keys(opened: OpenAct, old: Sequence[int], gone: set[str]) -> None:
    """Retract the link keys that were made of what is gone."""
    rows = query(
        "select id, key from link_key where mention = any(%s) and retracted_by is null and rule = any(%s)",
        [list(old), list(evidence.AUTOMATIC)],
    )
    retract_rows(opened, "link_key", [row.id for row in rows if gone & set(row.key.split("&"))])


def _retract_links(opened: OpenAct, old: Sequence[int]) -> tuple[int, ...]:
    """Retract the links of these mentions whose evidence no longer stands; the mentions at their far ends.

    Those that were joined may still be the same: that is asked, so that nobody reads lower for a correction.
    """
    rows: list[Any] = query(
        """select l.id, l.a, l.b, l.strength, l.rule, l.evidence,
                  case when l.a = any(%(old)s) then l.b else l.a end as far
           from link l
           where (l.a = any(%(old)s) or l.b = any(%(old)s)) and l.retracted_by is null
             and l.strength <> 'confirmed' and l.rule <> %(rule)s and l.rule <> %(says)s
             and exists (
                 select from unnest(array[l.a, l.b]) as mine(mention) where mine.mention = any(%(old)s)
                   and not exists (select from identifier i where i.key = l.evidence and i.retracted_by is null
                                   and i.mention = mine.mention)
                   and not exists (select from connection c where c.key = l.evidence and c.retracted_by is null
                                   and c.mention = mine.mention)
                   and not exists (select from link_key k where k.key = l.evidence and k.retracted_by is null
                                   and k.mention = mine.mention))
           order by l.id""",
        {"old": list(old), "rule": RULE, "says": evidence.SENDER_SAYS},
    )
    retract_rows(opened, "link", [row.id for row in rows])
    asked = [
        (r.a, r.b, "same", "possible", r.rule, r.evidence, f"{r.rule}, which a later version no longer says")
        for r in rows
        if r.strength == "automatic"
    ]
    claim_rows(opened, "link", _LINK, asked)
    return tuple(sorted({row.far for row in rows} - set(old)))


def told(report: int) -> set[tuple[str, str, str]]:
    """What a report said of its people, whether it still stands or not: role, kind of thing, and the text.

    The caller has found the report fit to be shown, with everybody in it.
    """
    rows = query(
        """select distinct n.role, said.kind, said.text from mention n
           join lateral (
               select kind, received as text, place from identifier where mention = n.id
               union all
               select 'connection', concat_ws(' ', address, 'port ' || port_text, at_text), place
               from connection where mention = n.id
               union all
               select 'activity', kind || coalesce(' ' || at_text, ''), place from activity where mention = n.id
               union all
               select 'said', fact || ': ' || case
                          when not known then 'not known' when truth then 'yes' when truth is false then 'no'
                          else coalesce(choice, low::text, words) end, place
               from statement where mention = n.id and officer is null and fact <> 'times_seen'
           ) said on true
           where n.report = %(report)s
             and not exists (select from intake_entry e where e.report = %(report)s
                             and e.content_key is not null and starts_with(said.place, e.place))""",
        {"report": report},
    )
    return {(row.role, row.kind, row.text) for row in rows}


def differences(earlier: int, later: int) -> list[tuple[str, str, str, str]]:
    """What two versions say otherwise of their people: role, kind of thing, before, now ("": not said).

    One thing of a kind that went and one that came stand in one line.
    """
    was, now = told(earlier), told(later)
    lines = []
    for role, kind in sorted({(role, kind) for role, kind, _ in was ^ now}):
        gone, come = (
            sorted(text for r, k, text in these if (r, k) == (role, kind)) for these in (was - now, now - was)
        )
        lines += [(role, kind, a, b) for a, b in zip_longest(gone, come, fillvalue="")]
    return lines

"""Writes of the people room: mentions and their identifiers, links, and who is who.

Everything here runs inside an act that the caller has opened; ``journey`` composes the whole way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from threshold.acts.db import execute, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import as_json, claim_rows, retract_rows
from threshold.people import evidence
from threshold.people.components import Tie, moved, subjects
from threshold.people.drafting import DraftMention

# One value shared by more mentions than this marks a crowd (a family tablet, a shop's number), not a person:
# the page says so, and no more questions are asked on its account.
CROWD = 50
# Of one account, so many mentions are asked about for one value: the others are the same account anyhow, and
# questions between all mentions of two accounts would grow as their product.
FEW = 3

_MENTION = ["report", "role", "place", "batched", "compromised"]
_IDENTIFIER = ["mention", "kind", "received", "service", "key", "folded", "verified", "origin", "place"]
_CONNECTION = [
    "mention",
    "address",
    "key",
    "port_text",
    "port",
    "at_text",
    "at",
    "event",
    "possible_proxy",
    "unfit",
    "place",
]
_ACTIVITY = ["mention", "kind", "at_text", "at", "at_problem", "words", "grades", "place"]
_LINK = ["a", "b", "says", "strength", "rule", "evidence", "reason"]


class WrongPair(Exception):
    """The two numbers cannot be linked. ``str()`` says why."""


def write_mentions(opened: OpenAct, drafts: Sequence[tuple[int | None, DraftMention]]) -> range:
    """Write mentions with everything that hangs on them; their numbers, in order."""
    numbers = claim_rows(
        opened, "mention", _MENTION, ((r, d.role, d.place, d.batched, d.compromised) for r, d in drafts)
    )
    add_to_mentions(opened, [(n, d) for n, (_, d) in zip(numbers, drafts, strict=True)])
    return numbers


def add_to_mentions(opened: OpenAct, drafts: Sequence[tuple[int, DraftMention]]) -> range:
    """Add identifiers, connections, activities and link keys to mentions; the numbers of the activities."""
    claim_rows(opened, "identifier", _IDENTIFIER, ((n, *row) for n, d in drafts for row in d.identifiers))
    claim_rows(opened, "connection", _CONNECTION, ((n, *row) for n, d in drafts for row in d.connections))
    keys = [(n, k.rule, k.key) for n, d in drafts for k in d.link_keys]
    claim_rows(opened, "link_key", ["mention", "rule", "key"], keys)
    return claim_rows(
        opened,
        "activity",
        _ACTIVITY,
        ((n, *row[:5], as_json(row[5]), row[6]) for n, d in drafts for row in d.activities),
    )


def reported_in(report: int) -> list[Any]:
    """The mentions that a report speaks of as reported: number, and whether the account was compromised."""
    return query(
        """select id, compromised from mention
           where report = %s and role = 'reported' and retracted_by is null order by id""",
        [report],
    )


def link_new(opened: OpenAct, mentions: Sequence[int]) -> None:
    """Make the links that evidence of these mentions makes: automatic by link keys, possible by shared values."""
    numbers = list(mentions)
    _link_automatically(opened, numbers)
    _ask(opened, numbers)
    _ask_of_earlier_reports(opened, numbers)


def _link_automatically(opened: OpenAct, mentions: list[int]) -> None:
    # Each key joins its mentions to the smallest one that has it: as many links as mentions, not their square.
    # Where that one has come by the key only now (an addition), it is joined to the smallest before it.
    found = query(
        """
        with touched as (
            select distinct k.key, k.rule from link_key k
            where k.mention = any(%(m)s) and k.retracted_by is null and k.rule = any(%(rules)s)
        ), centre as (
            select t.key, t.rule,
                   (select min(o.mention) from link_key o where o.key = t.key and o.retracted_by is null) as mention,
                   (select min(o.mention) from link_key o where o.key = t.key and o.retracted_by is null
                    and o.mention <> all(%(m)s)) as earlier
            from touched t
        )
        select c.mention as a, k.mention as b, c.rule, c.key
        from centre c
        join link_key k on k.key = c.key and k.retracted_by is null
                       and (k.mention = any(%(m)s) or (k.mention = c.earlier and c.mention = any(%(m)s)))
        where k.mention <> c.mention
          and not exists (select from link l where l.a = c.mention and l.b = k.mention and l.evidence = c.key)
        order by 1, 2
        """,
        {"m": mentions, "rules": list(evidence.AUTOMATIC)},
    )
    rows = {
        (f.a, f.b, f.key): (f.a, f.b, "same", "automatic", f.rule, f.key, _automatic_reason(f.rule, f.key))
        for f in found
    }
    claim_rows(opened, "link", _LINK, rows.values())


def _automatic_reason(rule: str, key: str) -> str:
    values = " and ".join(part.replace("|", " ", 1).replace("|", " / ") for part in key.split("&"))
    return f"{rule}: {values}"


def _ask(opened: OpenAct, mentions: list[int]) -> None:
    found = query(
        """
        with asking as (
            -- A company reports with one address a hundred thousand times, and is asked about by nobody.
            select id from mention where id = any(%(m)s) and role <> 'reporter'
        ), own as (
            select i.mention, i.key from asking join identifier i on i.mention = asking.id
            where i.retracted_by is null and i.key is not null and split_part(i.key, '|', 1) = any(%(kinds)s)
            union
            select c.mention, c.key from asking join connection c on c.mention = asking.id
            where c.retracted_by is null and c.key is not null
        ), held as (
            select distinct o.key, h.mention
            from (select distinct key from own) o
            cross join lateral (
                (select i.mention from identifier i where i.key = o.key and i.retracted_by is null
                 order by i.mention limit 2 * %(crowd)s)
                union
                (select c.mention from connection c where c.key = o.key and c.retracted_by is null
                 order by c.mention limit 2 * %(crowd)s)
            ) h
        ), placed as (
            -- The how-many-eth mention of its account has this value.
            select h.key, h.mention, row_number() over (
                       partition by h.key, coalesce(account.key, h.mention::text) order by h.mention) as place
            from held h left join lateral (
                select min(k.key) as key from link_key k
                where k.mention = h.mention and k.rule = %(account)s and k.retracted_by is null
            ) account on true
        ), crowd as (
            -- From this mention on the value marks a crowd; in a batch, too, those before it were asked. Many
            -- reports about one account are no crowd.
            select key, mention from (
                select key, mention, row_number() over (partition by key order by mention) as place
                from placed where place = 1
            ) firsts where place = %(crowd)s
        )
        select distinct least(o.mention, h.mention) as a, greatest(o.mention, h.mention) as b, o.key
        from own o
        join placed h on h.key = o.key and h.mention <> o.mention and h.place <= %(few)s
        left join placed p on p.key = o.key and p.mention = o.mention
        join mention mo on mo.id = o.mention
        join mention mh on mh.id = h.mention and mh.role <> 'reporter'
        left join crowd c on c.key = o.key
        where (p.place is null or p.place <= %(few)s)
          and (c.mention is null or greatest(o.mention, h.mention) < c.mention)
          and not (mo.report = mh.report and mo.batched)
          and not exists (select from link_key mine
                          join link_key theirs on theirs.key = mine.key and theirs.retracted_by is null
                          where mine.mention = o.mention and mine.rule = any(%(rules)s)
                            and mine.retracted_by is null and theirs.mention = h.mention)
          and not exists (select from link l
                          where l.a = least(o.mention, h.mention) and l.b = greatest(o.mention, h.mention)
                            and l.evidence = o.key)
        order by 1, 2, 3
        """,
        {
            "m": mentions,
            "kinds": list(evidence.QUESTIONS),
            "crowd": CROWD,
            "few": FEW,
            "account": evidence.SAME_ACCOUNT,
            "rules": list(evidence.AUTOMATIC),
        },
    )
    asked = [(f, evidence.QUESTIONS[f.key.partition("|")[0]]) for f in found]
    claim_rows(
        opened,
        "link",
        _LINK,
        ((f.a, f.b, "same", "possible", rule, f.key, f"{rule}: {_plain(f.key)}") for f, rule in asked),
    )


def _plain(key: str) -> str:
    return key.partition("|")[2].replace("|", " / ")


def _ask_of_earlier_reports(opened: OpenAct, mentions: list[int]) -> None:
    """A sender says that an earlier report is about the same account: a question, never a join by itself.

    Asked whichever of the two comes first; of an earlier report that names a crowd, nothing is asked.
    """
    found = query(
        """
        with says as (
            select k.mention, k.key from link_key k
            where k.mention = any(%(m)s) and k.rule = %(says)s and k.retracted_by is null
            union
            select k.mention, k.key from mention n join report r on r.id = n.report
            join link_key k on k.key = %(earlier)s || r.reference and k.rule = %(says)s and k.retracted_by is null
            where n.id = any(%(m)s) and n.role = 'reported'
        )
        select distinct least(s.mention, n.id) as a, greatest(s.mention, n.id) as b, s.key
        from says s
        join report r on r.reference = substr(s.key, length(%(earlier)s) + 1) and r.retracted_by is null
        join mention n on n.report = r.id and n.role = 'reported' and n.retracted_by is null and n.id <> s.mention
        where (select count(*) from mention o where o.report = r.id) < %(crowd)s
          and not exists (select from link l where l.a = least(s.mention, n.id)
                          and l.b = greatest(s.mention, n.id) and l.evidence = s.key)
        order by 1, 2, 3
        """,
        {
            "m": mentions,
            "says": evidence.SENDER_SAYS,
            "earlier": evidence.earlier_report(""),
            "crowd": CROWD,
        },
    )
    claim_rows(
        opened,
        "link",
        _LINK,
        (
            (f.a, f.b, "same", "possible", evidence.SENDER_SAYS, f.key, f"{evidence.SENDER_SAYS}: {f.key}")
            for f in found
        ),
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """What a change of links did: subjects whose members changed, with the subjects that they were before."""

    subjects: tuple[int, ...]
    before: dict[int, frozenset[int]]


def regroup(opened: OpenAct, mentions: Sequence[int]) -> Moved:
    """Work membership out again for every component that these mentions touch.

    :raises Contradiction: officers' links would join a pair said to be different
    """
    nodes, ties, different = _component(list(mentions))
    after = subjects(nodes, ties, different)
    standing = query(
        "select id, mention, subject from member where mention = any(%s) and retracted_by is null",
        [list(nodes)],
    )
    before = {row.mention: row.subject for row in standing}
    changed = moved(before, after)
    retract_rows(opened, "member", [row.id for row in standing if row.mention in changed])
    claim_rows(opened, "member", ["mention", "subject"], sorted(changed.items()))
    touched = {after[m] for m in changed} | {before[m] for m in changed if m in before}
    touched |= {after[m] for m in mentions}
    came_from: dict[int, set[int]] = {s: {s} for s in touched}
    for mention, subject in after.items():
        if subject in came_from and mention in before:
            came_from[subject].add(before[mention])
    return Moved(tuple(sorted(touched)), {s: frozenset(b) for s, b in came_from.items()})


def _component(mentions: list[int]) -> tuple[set[int], list[Tie], list[tuple[int, int]]]:
    """All mentions that any *same* link reaches from these, with the links and *different* pairs among them."""
    seen: set[int] = set()
    frontier = set(mentions)
    ties: dict[tuple[int, int, bool], Tie] = {}
    while frontier:
        seen |= frontier
        rows = query(
            """select a, b, strength from link
               where (a = any(%(m)s) or b = any(%(m)s)) and says = 'same' and strength <> 'possible'
                 and retracted_by is null
               union
               select o.mention, m.mention, 'member' from member m
               join member o on o.subject = m.subject and o.retracted_by is null
               where m.mention = any(%(m)s) and m.retracted_by is null and o.mention <> m.mention""",
            {"m": list(frontier)},
        )
        for row in rows:
            if row.strength != "member":
                ties[row.a, row.b, row.strength == "confirmed"] = Tie(
                    row.a, row.b, row.strength == "confirmed"
                )
        frontier = {n for row in rows for n in (row.a, row.b)} - seen
    pairs = query(
        """select a, b from link where a = any(%s) and b = any(%s) and says = 'different'
           and retracted_by is null""",
        [list(seen), list(seen)],
    )
    return seen, list(ties.values()), [(p.a, p.b) for p in pairs]


def say_same(opened: OpenAct, one: int, other: int, reason: str) -> int:
    """An officer says that two mentions are the same human being; the number of the link."""
    return _say(opened, one, other, "same", reason)


def say_different(opened: OpenAct, one: int, other: int, reason: str) -> int:
    """An officer says that two mentions are different people; remembered until undone."""
    return _say(opened, one, other, "different", reason)


def _say(opened: OpenAct, one: int, other: int, says: str, reason: str) -> int:
    a, b = min(one, other), max(one, other)
    if a == b:
        raise WrongPair("A mention cannot be linked with itself.")
    if not reason.strip():
        raise WrongPair("Say why: a link needs a reason.")
    known = query("select id from mention where id = any(%s) and retracted_by is null", [[a, b]])
    if len(known) != 2:
        raise WrongPair(f"There are no two mentions {a} and {b}.")
    standing = query(
        """select id, says from link where a = %s and b = %s and strength = 'confirmed' and retracted_by is null""",
        [a, b],
    )
    if standing:
        link = standing[0]
        raise WrongPair(
            f"Mentions {a} and {b} were already said to be {link.says} (link {link.id}). Undo that first."
        )
    evidence_text = f"officer {opened.actor.id}"
    rows = [(a, b, says, "confirmed", f"said by {opened.actor.full_name}", evidence_text, reason.strip())]
    return claim_rows(opened, "link", _LINK, rows)[0]


def undo_link(opened: OpenAct, link: int, reason: str) -> tuple[int, int]:
    """Retract a link, keeping the reason; the two mentions it was about.

    :raises WrongPair: there is no such standing link
    """
    rows = query("select a, b from link where id = %s and retracted_by is null", [link])
    if not rows or not execute(
        "update link set retracted_by = %s where id = %s and retracted_by is null", [opened.id, link]
    ):
        raise WrongPair(f"Link {link} does not stand: it was already undone, or never made.")
    claim_rows(opened, "link_undone", ["link", "reason"], [(link, reason)])
    return rows[0].a, rows[0].b

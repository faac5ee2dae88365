"""Unusual looking: things to ask an officer about, never verdicts. Each has its plain reason and the looks behind it.

Everything is worked out inside the database from numbers, routes and times. Names and searched-for texts are
compared there, and only the numbers of the looks come out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.verbs import OpenLook
from threshold.people.normalise import fold
from threshold.times import in_uk


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is worth a question. All in one place, and shown on the page."""

    # An officer's name of fewer words would be found in many records that are not about them.
    name_words: int = 2
    # Opened again within this time is one occasion: a record has several pages.
    occasion: timedelta = timedelta(minutes=10)
    # A search and what was opened from it.
    after_search: timedelta = timedelta(minutes=15)
    # This many different subjects in one hour, and so many times what is usual.
    burst_least: int = 20
    burst_times: float = 3
    # What is usual is taken from this long before.
    usual_from: timedelta = timedelta(weeks=12)
    # An hour of the day is usual if at least this share of so many earlier looks was in it or the hour beside it.
    hours_share: float = 0.01
    hours_least: int = 100
    # So many occasions: a colleague's subject; a subject without any act on it; a record that is refused.
    colleague_occasions: int = 3
    no_act_occasions: int = 3
    refused_times: int = 3
    # So many pages that the officer's roles do not allow.
    not_allowed_times: int = 5

    def says(self) -> list[str]:
        """The limits in plain words."""
        minutes = int(self.occasion.total_seconds() // 60)
        return [
            f"Own name: all the words of an officer's full name, of at least {self.name_words}, stand together in "
            "what was searched for, or in a name, account, e-mail or address of a record that was opened.",
            "Street or postcode: what was searched for is a postcode, or at least two words of an address of "
            "somebody shown, and the officer has taken none of those shown and did no act on any.",
            f"Burst: at least {self.burst_least} different subjects opened in one hour of the clock, "
            f"{self.burst_times:g} times the officer's own usual and {self.burst_times:g} times the colleagues'. "
            f"Usual is the median of the other hours in which anything was opened, in the "
            f"{self.usual_from.days // 7} weeks before and since.",
            f"Colleague's subject: opened on {self.colleague_occasions} occasions while somebody else had taken it, "
            "by an officer of another team, or without any act on it.",
            f"Refused: one record refused {self.refused_times} times, or {self.not_allowed_times} pages that the "
            "roles do not allow.",
            f"Unusual hours: an hour of the day (UK) in or beside which fewer than {self.hours_share:.0%} of the "
            f"officer's looks of the {self.usual_from.days // 7} weeks before fell; not said of whom fewer than "
            f"{self.hours_least} are known.",
            f"No act: one subject opened on {self.no_act_occasions} occasions, and never an act on it.",
            "Searched for: opened within "
            f"{int(self.after_search.total_seconds() // 60)} minutes after a search that found it, and never an "
            "act on it. Much ordinary reading looks like this.",
            f"An occasion: pages opened within the same {minutes} minutes count once.",
        ]


USUAL = Limits()

# In the order in which they are shown.
KINDS = {
    "own name": "Own name",
    "address": "A street or postcode",
    "burst": "A burst",
    "colleague": "A colleague's subject",
    "refused": "Refused records",
    "hours": "Unusual hours",
    "no act": "Opened often, no act",
    "searched": "Searched for, no act",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to ask an officer about: what, why in plain words, which subjects, and the looks behind it."""

    kind: str
    officer: int
    says: str
    subjects: tuple[int, ...]
    looks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unusual:
    """Everything found in a stretch of time, with the officers' names and the rows of the looks behind."""

    findings: list[Finding]
    by_whom: dict[int, Any]


def unusual(look: OpenLook, since: datetime, limits: Limits = USUAL) -> Unusual:
    """What is worth a question in all that was looked at from an instant until now."""
    look.actor.require(Power.SEE_ALL_ACTS)
    officers = {
        row.id: row
        for row in query("select id, username, full_name, team from officer where username <> 'sweep'")
    }
    given = {
        "since": since,
        "usual_from": since - limits.usual_from,
        "occasion": limits.occasion,
        "after_search": limits.after_search,
        "officers": list(officers),
        "names": [fold(row.full_name) for row in officers.values()],
        "name_words": limits.name_words,
        "colleague_occasions": limits.colleague_occasions,
        "no_act_occasions": limits.no_act_occasions,
        "refused_times": limits.refused_times,
        "not_allowed_times": limits.not_allowed_times,
    }
    found = [
        *_own_name(given),
        *_address(given),
        *_bursts(given, limits),
        *_colleague(given),
        *_refused(given),
        *_hours(given, limits),
        *_no_act(given),
        *_searched(given),
    ]
    order = list(KINDS)
    found.sort(key=lambda each: (order.index(each.kind), -len(each.looks), each.officer, each.subjects))
    return Unusual([each for each in found if each.officer in officers], officers)


def looks_behind(findings: Iterable[Finding]) -> dict[int, Any]:
    """The looks behind findings: when, by which page, which subjects."""
    numbers = sorted({number for finding in findings for number in finding.looks[:MOST_SHOWN]})
    rows = query(
        """select l.id, l.at, l.route, l.shown, l.body ->> 'failed' as failed, l.body ->> 'verb' as tried,
                  (l.body ->> 'subject')::bigint as opened
           from look l where l.id = any(%s)""",
        [numbers],
    )
    return {row.id: row for row in rows}


MOST_SHOWN = 20

# Looks that opened one subject, each with the last act before it: numbers are read as they were then.
_OPENED = """
    opened as materialized (
        select l.id, l.at, l.actor, (l.body ->> 'subject')::bigint as subject,
               coalesce((l.body ->> 'as_at')::bigint,
                        (select a.id from act a where a.at <= l.at order by a.at desc, a.id desc limit 1), 0) as act
        from look l
        where l.at >= %(since)s and l.body ? 'subject' and not l.body ? 'failed'
          and (l.body ->> 'subject')::bigint = any(l.shown)
    ), about as materialized (
        select o.*, m.mention from opened o join member m on m.subject = o.subject
             and m.asserted_by <= o.act and (m.retracted_by is null or m.retracted_by > o.act)
    )"""


# The mentions on which each officer ever did an act: took it, said something about it, linked it, or another.
_WORKED = """
    worked as materialized (
        select t.officer, t.mention from taken t
        union select s.officer, s.mention from statement s where s.officer is not null
        union select act.actor, unnest(array[k.a, k.b]) from link k join act on act.id = k.asserted_by
              where k.strength = 'confirmed'
        union select act.actor, w.mention from act
              join member w on w.subject = (act.body ->> 'subject')::bigint and w.asserted_by <= act.id
                   and (w.retracted_by is null or w.retracted_by >= act.id)
              where act.body ? 'subject'
    )"""

# The subjects, by the numbers they were opened under, on which whoever opened them ever did an act.
_DID = f"""{_WORKED}, did as materialized (
        select distinct a.actor, a.subject from about a
        join worked w on w.officer = a.actor and w.mention = a.mention
    )"""
_NEVER = "(a.actor, a.subject) not in (select d.actor, d.subject from did d)"

_OCCASIONS = "count(distinct date_bin(%(occasion)s, a.at, '2000-01-01'))"

# What was searched for, as words that names and addresses are found by.
_WORDS = "search_words(lower(normalize(q.text, NFKC)))"


def _own_name(given: dict[str, Any]) -> Iterator[Finding]:
    rows = query(
        f"""with {_OPENED}, named as materialized (
                select n.officer, n.name, search_words(n.name) as words
                from unnest(%(officers)s::bigint[], %(names)s::text[]) n(officer, name)
                where cardinality(search_words(n.name)) >= %(name_words)s
            ), touched as materialized (
                select distinct actor, mention from about
            ), bearing as materialized (
                select distinct t.actor, t.mention from touched t join named n on n.officer = t.actor
                join identifier i on i.mention = t.mention
                where search_words(i.folded) @> n.words or position(n.name in i.folded) > 0
            ), found as (
                select a.actor, a.id, a.subject, false as searched from about a
                join bearing b on b.actor = a.actor and b.mention = a.mention
                union
                select l.actor, l.id, null, true
                from named n join look l on l.actor = n.officer and l.at >= %(since)s and l.body ? 'asked'
                join asked q on q.id = (l.body ->> 'asked')::bigint
                where {_WORDS} @> n.words
            )
            select actor, array_agg(distinct id order by id) as looks,
                   array_agg(distinct subject order by subject) filter (where subject is not null) as subjects,
                   count(distinct id) filter (where searched) as searches,
                   count(distinct id) filter (where not searched) as pages
            from found group by actor""",
        given,
    )
    for row in rows:
        said = []
        if row.searches:
            said.append(f"searched for their own name {_times(row.searches)}")
        if row.pages:
            said.append(f"opened a record that bears their own name {_times(row.pages)}")
        says = f"{' and '.join(said).capitalize()}. It may be somebody else of the same name."
        yield Finding("own name", row.actor, says, tuple(row.subjects or ()), tuple(row.looks))


# Letters and figures as a UK postcode has them (BS 7666), alone or at the end of an address.
_POSTCODE = r"(^|[ ,])[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}\s*$"


def _address(given: dict[str, Any]) -> Iterator[Finding]:
    rows = query(
        f"""with searched as materialized (
                select l.id, l.actor, l.shown, {_WORDS} as words, lower(q.text) as text,
                       coalesce((l.body ->> 'as_at')::bigint,
                                (select a.id from act a where a.at <= l.at order by a.at desc, a.id desc limit 1),
                                0) as act
                from look l join asked q on q.id = (l.body ->> 'asked')::bigint
                where l.at >= %(since)s and l.body ? 'asked' and not l.body ? 'failed'
            ), likely as materialized (
                select s.*, s.text ~ %(postcode)s as is_postcode from searched s
                where s.text ~ %(postcode)s or cardinality(s.words) >= 2
            ), shown as materialized (
                select s.id, s.actor, s.words, m.mention from likely s
                cross join unnest(s.shown) n(subject) join member m on m.subject = n.subject
                     and m.asserted_by <= s.act and (m.retracted_by is null or m.retracted_by > s.act)
            ), {_WORKED}
            select s.actor, s.words, array_agg(distinct s.id order by s.id) as looks,
                   coalesce(array_agg(distinct n.subject order by n.subject) filter (where n.subject is not null),
                            '{{}}') as subjects
            from likely s left join unnest(s.shown) n(subject) on true
            where (s.is_postcode or s.id in (
                        select x.id from shown x join identifier i on i.mention = x.mention
                        where cardinality(x.words) >= 2 and i.kind = 'address'
                          and search_words(i.folded) @> x.words))
              and s.id not in (select x.id from shown x
                               join worked w on w.officer = x.actor and w.mention = x.mention)
            group by s.actor, s.words""",
        {**given, "postcode": _POSTCODE},
    )
    for row in rows:
        shown = _many(len(row.subjects), "subject was shown", "subjects were shown")
        says = f"Looked up one street or postcode {_times(len(row.looks))}. "
        if row.subjects:
            says += f"{shown}; the officer has taken none of them and did no act on any."
        else:
            says += "Nobody was shown."
        yield Finding("address", row.actor, says, tuple(row.subjects), tuple(row.looks))


def _bursts(given: dict[str, Any], limits: Limits) -> Iterator[Finding]:
    hours = query(
        """select l.actor, date_trunc('hour', l.at) as hour,
                  count(distinct (l.body ->> 'subject')::bigint) as subjects
           from look l
           where l.at >= %(usual_from)s and l.body ? 'subject' and not l.body ? 'failed'
             and (l.body ->> 'subject')::bigint = any(l.shown)
           group by 1, 2 order by 2, 1""",
        given,
    )
    by_officer: dict[int, list[Any]] = defaultdict(list)
    for row in hours:
        by_officer[row.actor].append(row)
    first = given["since"].replace(minute=0, second=0, microsecond=0)
    for row in hours:
        if row.hour < first or row.subjects < limits.burst_least:
            continue
        own = [each.subjects for each in by_officer[row.actor] if each.hour != row.hour]
        others = [each.subjects for each in hours if each.actor != row.actor]
        usual = max((median(each) for each in (own, others) if each), default=0)
        if row.subjects >= limits.burst_times * usual:
            yield _burst(row, own, others)


def _burst(row: Any, own: list[int], others: list[int]) -> Finding:
    behind = query(
        """select id, (body ->> 'subject')::bigint as subject from look l
           where actor = %s and at >= %s and at < %s and body ? 'subject' and not body ? 'failed'
             and (body ->> 'subject')::bigint = any(shown) order by id""",
        [row.actor, row.hour, row.hour + timedelta(hours=1)],
    )
    says = (
        f"Opened {row.subjects} different subjects in the hour from {in_uk(row.hour)}. "
        f"{_usual('The officer', own)} {_usual('Colleagues', others)}"
    )
    subjects = tuple(sorted({each.subject for each in behind}))
    return Finding("burst", row.actor, says, subjects, tuple(each.id for each in behind))


def _usual(who: str, hours: list[int]) -> str:
    if not hours:
        return f"{who}: no other hour to compare with."
    return f"{who}: usually {median(hours):g} (median of {_many(len(hours), 'hour', 'hours')})."


def _colleague(given: dict[str, Any]) -> Iterator[Finding]:
    rows = query(
        f"""with {_OPENED}, {_DID}
            select a.actor, a.subject, {_OCCASIONS} as occasions, array_agg(distinct a.id order by a.id) as looks,
                   bool_or(me.team <> them.team) as other_team, {_NEVER} as no_act,
                   array_agg(distinct them.full_name) as takers
            from about a join taken t on t.mention = a.mention and t.officer <> a.actor
                 and t.asserted_by <= a.act and (t.retracted_by is null or t.retracted_by > a.act)
            join officer me on me.id = a.actor join officer them on them.id = t.officer
            where not exists (select from taken own where own.mention = a.mention and own.officer = a.actor)
            group by a.actor, a.subject
            having {_OCCASIONS} >= %(colleague_occasions)s and (bool_or(me.team <> them.team) or {_NEVER})""",
        given,
    )
    for row in rows:
        why = [
            *(["of another team"] if row.other_team else []),
            *(["who did no act on it"] if row.no_act else []),
        ]
        says = (
            f"Opened on {row.occasions} occasions while {' and '.join(row.takers)} had taken it, by an officer "
            f"{' and '.join(why)}."
        )
        yield Finding("colleague", row.actor, says, (row.subject,), tuple(row.looks))


def _refused(given: dict[str, Any]) -> Iterator[Finding]:
    rows = query(
        """select l.actor, (l.body ->> 'subject')::bigint as subject, array_agg(l.id order by l.id) as looks
           from look l
           where l.at >= %(since)s and l.body ->> 'failed' = 'NotVisible' and l.body ? 'subject'
           group by 1, 2 having count(*) >= %(refused_times)s""",
        given,
    )
    for row in rows:
        says = (
            f"Tried {_times(len(row.looks))} to open or change a record that is not theirs to see: closed, held by "
            "another team, outside their role, or not there at all."
        )
        yield Finding("refused", row.actor, says, (row.subject,), tuple(row.looks))
    rows = query(
        """select l.actor, array_agg(l.id order by l.id) as looks from look l
           where l.at >= %(since)s and l.body ->> 'failed' = 'Refused'
           group by 1 having count(*) >= %(not_allowed_times)s""",
        given,
    )
    for row in rows:
        says = f"Tried {_times(len(row.looks))} to see or do what their roles do not allow."
        yield Finding("refused", row.actor, says, (), tuple(row.looks))


def _hours(given: dict[str, Any], limits: Limits) -> Iterator[Finding]:
    rows = query(
        """select l.actor, extract(hour from l.at at time zone 'Europe/London')::int as hour,
                  count(*) filter (where l.at < %(since)s) as earlier,
                  array_agg(l.id order by l.id) filter (where l.at >= %(since)s and l.shown <> '{}') as looks,
                  array_agg(distinct (l.body ->> 'subject')::bigint)
                      filter (where l.at >= %(since)s and l.body ? 'subject' and not l.body ? 'failed') as subjects
           from look l where l.at >= %(usual_from)s and l.actor = any(%(officers)s) group by 1, 2""",
        given,
    )
    earlier: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        earlier[row.actor][row.hour] = row.earlier
    outside: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if row.looks and row.hour not in usual_hours(earlier[row.actor], limits):
            outside[row.actor].append(row)
    for officer, found in outside.items():
        known = earlier[officer]
        if known.total() < limits.hours_least:
            continue
        looks = sorted(number for row in found for number in row.looks)
        usual = _clock(usual_hours(known, limits))
        says = (
            f"{_many(len(looks), 'look that showed somebody', 'looks that showed somebody')} in the hours "
            f"{_clock({row.hour for row in found})} (UK time). Of {known.total():,} looks in the weeks before, "
            f"nearly all were in the hours {usual}."
        )
        subjects = tuple(sorted({number for row in found for number in row.subjects or ()}))
        yield Finding("hours", officer, says, subjects, tuple(looks))


def usual_hours(earlier: Counter[int], limits: Limits = USUAL) -> set[int]:
    """The hours of the day in or beside which an officer usually looks."""
    least = limits.hours_share * earlier.total()
    often = {hour for hour, looks in earlier.items() if looks and looks >= least}
    return {(hour + beside) % 24 for hour in often for beside in (-1, 0, 1)}


def _clock(hours: set[int]) -> str:
    """Hours of the day as stretches: "07:00 to 18:59"."""
    starts = [hour for hour in sorted(hours) if (hour - 1) % 24 not in hours] or [0]
    said = []
    for start in starts:
        end = start
        while (end + 1) % 24 in hours and (end + 1) % 24 != start:
            end = (end + 1) % 24
        said.append(f"{start:02}:00 to {end:02}:59")
    return " and ".join(said)


def _no_act(given: dict[str, Any]) -> Iterator[Finding]:
    rows = query(
        f"""with {_OPENED}, {_DID}
            select a.actor, a.subject, {_OCCASIONS} as occasions, array_agg(distinct a.id order by a.id) as looks
            from about a group by a.actor, a.subject
            having {_OCCASIONS} >= %(no_act_occasions)s and {_NEVER}""",
        given,
    )
    for row in rows:
        says = f"Opened on {row.occasions} occasions, and never did an act on it."
        yield Finding("no act", row.actor, says, (row.subject,), tuple(row.looks))


def _searched(given: dict[str, Any]) -> Iterator[Finding]:
    rows = query(
        f"""with {_OPENED}, {_DID}, hit as materialized (
                select s.id, s.actor, s.at, n.subject from look s cross join unnest(s.shown) n(subject)
                where s.at >= %(since)s - %(after_search)s::interval and s.body ? 'asked'
            )
            select a.actor, array_agg(distinct a.subject order by a.subject) as subjects,
                   array_agg(distinct a.id) || array_agg(distinct s.id) as looks
            from opened a join hit s on s.actor = a.actor and s.subject = a.subject
                 and s.at <= a.at and s.at >= a.at - %(after_search)s::interval
            where {_NEVER}
            group by a.actor""",
        given,
    )
    for row in rows:
        says = (
            f"Searched for {_many(len(row.subjects), 'subject', 'subjects')}, opened what was found, and never "
            "did an act on any."
        )
        yield Finding("searched", row.actor, says, tuple(row.subjects), tuple(sorted(row.looks)))


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

"""What an assessment must say, worked out again from the rows of its act by the plain interpreter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import query
from threshold.enquiries.assess import policy_of
from threshold.enquiries.hearing import heard
from threshold.policy.combine import Facts, Said, facts_of, used
from threshold.policy.interpret import Judgement, judge
from threshold.policy.model import Policy
from threshold.policy.route import age_on
from threshold.policy.sql import facts_from_row
from threshold.times import uk_day

OF_THE_HUMAN = ("age", "sign_of_child")


@dataclass(frozen=True)
class Row:
    """A statement with its age worked out, and a sender's at-most left out."""

    fact: str
    known: bool
    truth: bool | None
    low: int | None
    high: int | None
    choice: str | None
    as_of: datetime
    number: int
    officer: int | None


@dataclass(frozen=True)
class World:
    """Everything that stood at one act."""

    subject_of: dict[int, int]
    said: dict[int, list[Row]]
    neighbours: dict[int, set[int]]

    @classmethod
    def at(cls, act: int | None, now: datetime, reopened: frozenset[str]) -> World:
        members = query(f"select mention, subject from member m where {standing('m', act)}")
        subject_of = {row.mention: row.subject for row in members}
        rows = query(
            f"select s.*, n.role from statement s join mention n on n.id = s.mention where {standing('s', act)}"
        )
        reported = query(f"select id from mention s where role = 'reported' and {standing('s', act)}")
        reach = _Reach.read({row.id for row in reported}, subject_of, rows)
        said: dict[int, list[Row]] = {}
        for row in rows:
            if row.officer is not None and row.fact in reopened and not reach.settles(row):
                row = row._replace(officer=None)
            if row.expires is not None and row.expires <= now:
                continue
            by_sender = row.officer is None
            if by_sender and row.role not in ("reported", "associated") and row.fact not in OF_THE_HUMAN:
                continue
            said.setdefault(subject_of[row.mention], []).append(_row(row, uk_day(now)))
        links = query(f"select * from link l where {standing('l', act)}")
        return cls(subject_of, said, _neighbours(subject_of, links))

    def judged(self, policy: Policy, subject: int) -> tuple[Facts, tuple[int, ...], Judgement]:
        own = list(heard(self.said.get(subject, ())))
        others = [
            replace(said, possible=True)
            for other in self.neighbours.get(subject, ())
            for said in heard(self.said.get(other, ()))
            if not said.possible
        ]
        facts = facts_of(policy, [*own, *others])
        return facts, used(policy, own), judge(policy, facts)


@dataclass(frozen=True)
class _Reach:
    """Which reports an officer's answer was about: those that were known to be of the subject when it was given."""

    reported: set[int]
    subject_of: dict[int, int]
    history: list[Any]
    last_seen: dict[int, datetime]

    @classmethod
    def read(cls, reported: set[int], subject_of: dict[int, int], rows: list[Any]) -> _Reach:
        last_seen: dict[int, datetime] = {}
        for row in rows:
            if row.fact == "times_seen" and row.officer is None:
                last_seen[row.mention] = max(row.as_of, last_seen.get(row.mention, row.as_of))
        return cls(reported, subject_of, query("select * from member"), last_seen)

    def settles(self, answer: Any) -> bool:
        then = {
            row.mention: row.subject
            for row in self.history
            if row.asserted_by <= answer.asserted_by
            and (row.retracted_by is None or row.retracted_by > answer.asserted_by)
        }
        mine = [m for m in self.reported if self.subject_of[m] == self.subject_of[answer.mention]]
        return all(
            m in then
            and then[m] == then.get(answer.mention)
            and not (m in self.last_seen and self.last_seen[m] > answer.as_of + timedelta(days=1))
            for m in mine
        )


def _reopened(policy: Policy) -> frozenset[str]:
    return frozenset(fact.name for fact in policy.facts.values() if fact.reports_reopen)


def _row(row: Any, day: date) -> Row:
    low = row.low if row.born_to is None else age_on(row.born_to, day)
    high = age_on(row.born_from, day) if row.born_from else row.high if row.officer else None
    return Row(row.fact, row.known, row.truth, low, high, row.choice, row.as_of, row.id, row.officer)


def _neighbours(subject_of: dict[int, int], links: Iterable[Any]) -> dict[int, set[int]]:
    links = list(links)
    found: dict[int, set[int]] = {}

    def ask(a: int, b: int) -> None:
        one, other = subject_of[a], subject_of[b]
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)

    asking = [link for link in links if link.says == "same" and link.strength != "confirmed"]
    for link in asking:
        ask(link.a, link.b)
        for other in asking:
            if (
                link.strength == other.strength == "automatic"
                and (link.a, link.evidence) == (other.a, other.evidence)
                and subject_of[link.a] not in (subject_of[link.b], subject_of[other.b])
            ):
                ask(link.b, other.b)
    for link in links:
        if link.says == "different":
            one, other = subject_of[link.a], subject_of[link.b]
            found.get(one, set()).discard(other)
            found.get(other, set()).discard(one)
    return found


def judgement_of(row: Any) -> Judgement:
    """The judgement as an assessment stores it."""
    return Judgement(
        row.known,
        row.could_be,
        tuple(row.deciding),
        tuple(row.could),
        tuple(row.holding),
        tuple(row.open_facts),
        tuple(row.checks),
    )


def policy_by_digest(digest: str) -> Policy:
    (row, *_) = query("select text from policy_in_force where digest_text = %s", [digest])
    return policy_of(row.text)


def check_every_assessment(since: int = 0) -> int:
    """Replay every assessment stored since an act, from its facts and from the rows of its act; how many."""
    rows = query(
        """select a.*, act.at from assessment a join act on act.id = a.asserted_by
           where act.id > %s order by a.id""",
        [since],
    )
    worlds: dict[int, World] = {}
    for row in rows:
        policy = policy_by_digest(row.policy)
        stored = facts_from_row(policy, row.facts)
        assert judge(policy, stored) == judgement_of(row)
        if row.asserted_by not in worlds:
            worlds[row.asserted_by] = World.at(row.asserted_by, row.at, _reopened(policy))
        facts, numbers, judgement = worlds[row.asserted_by].judged(policy, row.subject)
        assert facts == stored, {k: (facts[k], stored[k]) for k in facts if facts[k] != stored[k]}
        assert numbers == tuple(row.statements)
        assert judgement == judgement_of(row)
    return len(rows)


def check_nothing_is_stale(now: datetime) -> None:
    """Every standing assessment says what would be worked out from the rows that stand now."""
    worlds: dict[str, World] = {}
    for row in query("select * from assessment where retracted_by is null"):
        policy = policy_by_digest(row.policy)
        if row.policy not in worlds:
            worlds[row.policy] = World.at(None, now, _reopened(policy))
        world = worlds[row.policy]
        facts, _, judgement = world.judged(policy, row.subject)
        assert judgement == judgement_of(row), row.subject
        assert facts == facts_from_row(policy, row.facts)


__all__ = ["Said", "World", "check_every_assessment", "check_nothing_is_stale", "judgement_of"]

"""What another policy would do to the people there are: who moves, from where to where, by which clause, at what cost.

Pure: it is given one pair of judgements for each subject and keeps only numbers of them.

Cost is the usual work on one person of the known band, as the policy states it, and of the cheapest enquiries that
answer the checks outstanding. Both are a force's own guesses, and so is what comes of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from threshold.policy.model import NOT_GRADED, Policy


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one policy puts one subject: ranks, and the clauses and checks behind them."""

    known: int
    could_be: int
    deciding: tuple[str, ...]
    could: tuple[str, ...]
    outstanding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """So many subjects move in the same way. ``by`` are the clauses that decide it: the new policy's where the
    band rises, the old one's where it falls.
    """

    before: tuple[int, int]
    after: tuple[int, int]
    by: tuple[str, ...]
    subjects: int

    @property
    def rises(self) -> bool:
        return (self.after[0], self.after[1]) > (self.before[0], self.before[1])


@dataclass(frozen=True, slots=True)
class Impact:
    """``minutes`` of officers' work before and after, of all subjects together; None where a band states none."""

    subjects: int
    moves: tuple[Move, ...]
    bands_before: dict[tuple[int, int], int]
    bands_after: dict[tuple[int, int], int]
    minutes_before: int | None
    minutes_after: int | None
    checks_before: int
    checks_after: int

    @property
    def moved(self) -> int:
        return sum(move.subjects for move in self.moves)


class Reckoning:
    """Takes the pairs in, one by one or many at a time."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self.old, self.new = old, new
        self._pairs: Counter[tuple[Placed, Placed]] = Counter()

    def add(self, pairs: Iterable[tuple[Placed, Placed]]) -> None:
        self._pairs.update(pairs)

    def impact(self) -> Impact:
        moves: Counter[tuple[tuple[int, int], tuple[int, int], tuple[str, ...]]] = Counter()
        before: Counter[tuple[int, int]] = Counter()
        after: Counter[tuple[int, int]] = Counter()
        for (old, new), subjects in self._pairs.items():
            was, now = (old.known, old.could_be), (new.known, new.could_be)
            before[was] += subjects
            after[now] += subjects
            if was != now:
                moves[was, now, _by(old, new)] += subjects
        every = [Move(was, now, by, n) for (was, now, by), n in moves.items()]
        every.sort(key=lambda move: (-move.subjects, move.before, move.after, move.by))
        return Impact(
            subjects=sum(self._pairs.values()),
            moves=tuple(every),
            bands_before=dict(sorted(before.items(), reverse=True)),
            bands_after=dict(sorted(after.items(), reverse=True)),
            minutes_before=self._work(self.old, 0),
            minutes_after=self._work(self.new, 1),
            checks_before=self._checks(self.old, 0),
            checks_after=self._checks(self.new, 1),
        )

    def _work(self, policy: Policy, side: int) -> int | None:
        minutes = {band.rank: band.officer_minutes for band in policy.bands}
        known = Counter[int]()
        for pair, subjects in self._pairs.items():
            known[pair[side].known] += subjects
        known.pop(NOT_GRADED, None)
        if any(minutes[rank] is None for rank in known):
            return None
        return sum((minutes[rank] or 0) * subjects for rank, subjects in known.items())

    def _checks(self, policy: Policy, side: int) -> int:
        return sum(
            minutes_of_checks(policy, pair[side].outstanding) * subjects
            for pair, subjects in self._pairs.items()
        )


def minutes_of_checks(policy: Policy, outstanding: Iterable[str]) -> int:
    """The work of asking, for each check, by the cheapest enquiry that can answer it; one that answers several
    is asked once. A check that no enquiry answers costs nothing here: the check of the policy finds it.
    """
    chosen = set()
    for fact in outstanding:
        kinds = [kind for kind in policy.enquiries if fact in kind.answers]
        if kinds:
            chosen.add(min(kinds, key=lambda kind: (kind.officer_minutes, kind.id)))
    return sum(kind.officer_minutes for kind in chosen)


def _by(old: Placed, new: Placed) -> tuple[str, ...]:
    """What decides the move: of the new policy where the known band or what it could be rises, else of the old."""
    if new.known > old.known:
        return new.deciding
    if new.known < old.known:
        return old.deciding
    return new.could if new.could_be > old.could_be else old.could

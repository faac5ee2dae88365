"""Who belongs together: connected components over mentions, and what a *different* does to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tie:
    """A standing *same* link between two mentions. Possible ones never join and are not passed in."""

    a: int
    b: int
    confirmed: bool


class Contradiction(Exception):
    """Officers' own links say of two mentions both that they are the same and that they are different."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"Mentions {a} and {b} would be one person and were said to be different people.")
        self.a = a
        self.b = b


def subjects(
    mentions: Iterable[int], ties: Iterable[Tie], different: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Mention -> subject (the smallest mention joined to it).

    Where a component joined by all ties holds a *different* pair, all its automatic ties stand in review:
    only what officers confirmed still joins. The result does not depend on any order.

    :raises Contradiction: officers' links alone join a pair that officers said is different
    """
    mentions, ties, pairs = list(mentions), list(ties), list(different)
    whole = _join(mentions, ties)
    disputed = {whole[a] for a, b in pairs if a in whole and b in whole and whole[a] == whole[b]}
    if not disputed:
        return whole
    kept = [t for t in ties if t.confirmed or whole[t.a] not in disputed]
    result = _join(mentions, kept)
    for a, b in pairs:
        if a in result and b in result and result[a] == result[b]:
            raise Contradiction(a, b)
    return result


def _join(mentions: list[int], ties: Iterable[Tie]) -> dict[int, int]:
    parent = {m: m for m in mentions}
    for tie in ties:
        a, b = _root(parent, tie.a), _root(parent, tie.b)
        # The smaller number is always the root, so the root is the subject.
        if a != b:
            parent[max(a, b)] = min(a, b)
    return {m: _root(parent, m) for m in mentions}


def _root(parent: dict[int, int], mention: int) -> int:
    while parent[mention] != mention:
        parent[mention] = parent[parent[mention]]
        mention = parent[mention]
    return mention


def moved(before: Mapping[int, int], after: Mapping[int, int]) -> dict[int, int]:
    """Only the mentions whose subject is new or another than before."""
    return {m: s for m, s in after.items() if before.get(m) != s}

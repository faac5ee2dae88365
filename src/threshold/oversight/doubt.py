"""What the open questions could change: how few subjects there are if they are the same person. Pure.

A question is a possible link, or an automatic one in review. Two subjects that an officer said are different are
never joined. How few groups then remain is a hard problem in general, so two numbers are given: no answers give
fewer than ``at_least``, and there are answers that give ``reached``. Mostly the two are equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """The number of subjects, between all questions answered *same* and none."""

    at_least: int
    reached: int
    at_most: int

    @property
    def exact(self) -> bool:
        return self.at_least == self.reached


class _Groups:
    """Subjects joined so far, and which groups must stay apart."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}
        self.apart: dict[int, set[int]] = defaultdict(set)

    def of(self, subject: int) -> int:
        parent = self.parent
        root = parent.setdefault(subject, subject)
        while parent[root] != root:
            parent[root] = parent[parent[root]]
            root = parent[root]
        parent[subject] = root
        return root

    def keep_apart(self, one: int, other: int) -> None:
        a, b = self.of(one), self.of(other)
        self.apart[a].add(b)
        self.apart[b].add(a)

    def join(self, one: int, other: int) -> None:
        """Join two groups unless they must stay apart."""
        a, b = sorted((self.of(one), self.of(other)))
        if a == b or b in self.apart[a]:
            return
        self.parent[b] = a
        for enemy in self.apart.pop(b, ()):
            self.apart[enemy].discard(b)
            self.apart[enemy].add(a)
            self.apart[a].add(enemy)


def doubt(
    total: int,
    counted: Iterable[int],
    questions: Iterable[tuple[int, int]],
    different: Iterable[tuple[int, int]],
) -> Doubt:
    """The range of ``total`` subjects. ``counted``: those of the questions' subjects that are in the total.

    A subject that is not counted (a harmed child, say) may still tie two that are.
    """
    among, pairs, apart = set(counted), list(questions), list(different)
    whole, careful = _Groups(), _Groups()
    for one, other in apart:
        careful.keep_apart(one, other)
    for one, other in pairs:
        whole.join(one, other)
        careful.join(one, other)
    disputed = {
        whole.of(one) for one, other in apart if {one, other} <= among and whole.of(one) == whole.of(other)
    }
    components = {whole.of(subject) for subject in among}
    kept = total - len(among)
    return Doubt(
        at_least=kept + len(components) + len(components & disputed),
        reached=kept + len({careful.of(subject) for subject in among}),
        at_most=total,
    )

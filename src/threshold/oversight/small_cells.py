"""Small cells hidden, so that none can be worked out from what is still shown. Pure.

Every number shown is a sum of cells. One that is 1 to 4 is hidden; 0 says that there is nobody and is shown.
Then more are hidden until each hidden number could be another one, and all that is shown would still be true.
A hidden number is shown the same way whichever of the two hid it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import combinations, permutations

from threshold.oversight.definitions import Cell

SMALL = 5

Sum = frozenset[Cell]
# A change of cells, by one each.
_Move = dict[Cell, int]


def to_hide(cells: Mapping[Cell, int], sums: Iterable[Sum]) -> frozenset[Sum]:
    """Which of these sums of cells must be hidden. The sum of everything is hidden last."""
    every = frozenset(sums)
    values = {each: sum(cells[cell] for cell in each) for each in every}
    moves = [_changed(every, move) for move in _moves(cells)]
    hidden = frozenset(each for each, value in values.items() if 0 < value < SMALL)
    for exposed in sorted(hidden, key=lambda each: (len(each), sorted(each))):
        # What a move changes is all hidden: so the reader cannot tell the moved table from the true one.
        if not any(exposed in changed and changed <= hidden for changed in moves):
            helping = [changed - hidden for changed in moves if exposed in changed]
            hidden |= min(helping, key=lambda lost: _cost(lost, cells, values))
    return hidden


def _cost(lost: Set[Sum], cells: Mapping[Cell, int], values: Mapping[Sum, int]) -> tuple[object, ...]:
    """What a reader loses: first the sum of everything, then how many numbers, then how large they are.

    A nought hides little: together with it, one that is small could only be a little less.
    """
    noughts = sum(values[each] == 0 for each in lost)
    size = sum(values[each] for each in lost)
    return frozenset(cells) in lost, noughts, len(lost), size, sorted(map(sorted, lost))


def _moves(cells: Mapping[Cell, int]) -> Iterator[_Move]:
    """Tables next to the true one: one cell more or less; one more and one less; two by two crosswise."""
    places = sorted(cells)
    less = [cell for cell in places if cells[cell]]
    yield from ({cell: 1} for cell in places)
    yield from ({cell: -1} for cell in less)
    yield from ({up: 1, down: -1} for up in places for down in less if up != down)
    rows, columns = sorted({row for row, _ in places}), sorted({column for _, column in places})
    for r, s in combinations(rows, 2):
        for u, v in permutations(columns, 2):
            if cells[r, v] and cells[s, u]:
                yield {(r, u): 1, (s, v): 1, (r, v): -1, (s, u): -1}


def _changed(sums: Iterable[Sum], move: _Move) -> frozenset[Sum]:
    """The sums that would be another number after the move."""
    return frozenset(each for each in sums if sum(by for cell, by in move.items() if cell in each))

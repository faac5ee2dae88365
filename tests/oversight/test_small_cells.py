"""No hidden number can be worked out from those that are shown: tried against everything that could be true."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from threshold.oversight.definitions import CELLS, DIVISION, SUMS, TOTAL, Cell
from threshold.oversight.small_cells import SMALL, Sum, to_hide

ALL_SUMS = frozenset(each.cells for each in SUMS)
numbers = st.one_of(st.integers(0, 8), st.sampled_from([0, 0, 1, 4, 5, 60, 10_000]))
tables = st.lists(numbers, min_size=12, max_size=12).map(lambda ns: dict(zip(CELLS, ns, strict=True)))
FEW = [(rung, route) for rung in (1, 2) for route in ("adult", "child")]
FEW_SUMS = frozenset(
    [*(frozenset([cell]) for cell in FEW), frozenset(FEW)]
    + [frozenset(c for c in FEW if c[0] == rung) for rung in (1, 2)]
    + [frozenset(c for c in FEW if c[1] == route) for route in ("adult", "child")]
)


def value(cells: dict[Cell, int], of: Sum) -> int:
    return sum(cells[cell] for cell in of)


@given(tables)
def test_every_small_number_is_hidden_and_a_large_force_still_has_its_total(cells: dict[Cell, int]) -> None:
    hidden = to_hide(cells, ALL_SUMS)
    assert {each for each in ALL_SUMS if 0 < value(cells, each) < SMALL} <= hidden
    if all(each == 0 or each >= SMALL for each in cells.values()):
        assert not hidden


def worlds(total: int, places: int) -> Iterator[tuple[int, ...]]:
    if places == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in worlds(total - first, places - 1):
            yield (first, *rest)


@settings(max_examples=300, deadline=None)
@example([0, 1, 5, 5])
@example([4, 0, 0, 30])
@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_of_all_tables_that_show_the_same_each_hidden_number_can_be_two(counts: list[int]) -> None:
    """By brute force over every table that a reader could believe in, whom nothing shown contradicts."""
    cells = dict(zip(FEW, counts, strict=True))
    hidden = to_hide(cells, FEW_SUMS)
    shown = {each: value(cells, each) for each in FEW_SUMS - hidden}
    total = sum(counts)
    sizes = [total] if frozenset(FEW) in shown else range(max(0, total - 4), total + 5)
    could_be: dict[Sum, set[int]] = {each: set() for each in hidden}
    for size in sizes:
        for world in worlds(size, 4):
            other = dict(zip(FEW, world, strict=True))
            if any(value(other, each) != number for each, number in shown.items()):
                continue
            for each in hidden:
                could_be[each].add(value(other, each))
    assert all(len(found) > 1 for found in could_be.values())


def rank(rows: list[list[float]]) -> int:
    rows, found = [row[:] for row in rows], 0
    for column in range(len(CELLS)):
        pivot = next((r for r in range(found, len(rows)) if abs(rows[r][column]) > 1e-9), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(len(rows)):
            if r != found and abs(rows[r][column]) > 1e-9:
                by = rows[r][column] / rows[found][column]
                rows[r] = [a - by * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


@settings(max_examples=150, deadline=None)
@given(tables)
def test_no_hidden_number_is_sums_and_differences_of_shown_ones(cells: dict[Cell, int]) -> None:
    """By the algebra of the whole table, with all its sums."""
    hidden = to_hide(cells, ALL_SUMS)
    shown = [[float(cell in each) for cell in CELLS] for each in ALL_SUMS - hidden]
    shown += [[float(cell == other) for cell in CELLS] for other in CELLS if cells[other] == 0
              and frozenset([other]) not in hidden]  # fmt: skip
    for each in hidden:
        assert rank([*shown, [float(cell in each) for cell in CELLS]]) > rank(shown)


def test_one_small_cell_takes_another_with_it() -> None:
    cells = dict.fromkeys(CELLS, 100) | {(4, "child"): 3}
    hidden = to_hide(cells, ALL_SUMS)
    assert frozenset([(4, "child")]) in hidden
    assert len(hidden) > 2
    assert TOTAL.cells not in hidden


def test_a_small_number_is_not_hidden_behind_noughts_where_another_would_do() -> None:
    """6 of age not established and 1 child of 7: with 6 shown, the child could only be 1 or 0."""
    cells = dict.fromkeys(CELLS, 0) | {(1, "age_not_established"): 6, (1, "child"): 1}
    hidden = to_hide(cells, ALL_SUMS)
    assert frozenset([(1, "age_not_established")]) in hidden
    assert all(value(cells, each) for each in hidden) and TOTAL.cells not in hidden


def test_the_division_adds_up_and_overlaps_nowhere() -> None:
    cells = [cell for part in DIVISION for cell in part.cells]
    assert sorted(cells) == sorted(CELLS) and set(cells) == TOTAL.cells

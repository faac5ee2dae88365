"""How few subjects there could be, against trying every answer to every question."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.oversight.doubt import Doubt, doubt

PAIRS = st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda p: p[0] < p[1])
# The second: subjects that are not counted, through whom others may be one.
SUBJECTS = st.sets(st.integers(1, 6))


def groups(nodes: set[int], joined: list[tuple[int, int]]) -> list[set[int]]:
    found = [{node} for node in nodes]
    for one, other in joined:
        a, b = (next(g for g in found if x in g) for x in (one, other))
        if a is not b:
            found.remove(b)
            a |= b
    return found


def fewest(counted: set[int], pairs: list[tuple[int, int]], different: list[tuple[int, int]]) -> int:
    """Every answer to every question, but those by which somebody would be one with whom they are not."""
    nodes = {n for pair in [*pairs, *different] for n in pair} | counted
    numbers = []
    for answers in product([True, False], repeat=len(pairs)):
        found = groups(nodes, [pair for pair, same in zip(pairs, answers, strict=True) if same])
        if not any({one, other} <= group for group in found for one, other in different):
            numbers.append(sum(bool(group & counted) for group in found))
    return min(numbers)


@settings(max_examples=400, deadline=None)
@given(st.lists(PAIRS, max_size=7, unique=True), st.lists(PAIRS, max_size=3, unique=True), SUBJECTS)
def test_the_fewest_lies_between_what_is_said_and_what_was_reached(
    pairs: list[tuple[int, int]], different: list[tuple[int, int]], left_out: set[int]
) -> None:
    asked = {n for pair in pairs for n in pair} - left_out
    total = len(asked) + 10
    found = doubt(total, asked, pairs, different)
    true = 10 + fewest(asked, pairs, different)
    assert found.at_least <= true <= found.reached <= found.at_most == total
    if not different:
        assert found.at_least == true == found.reached


def test_two_who_are_said_to_differ_are_never_one() -> None:
    assert doubt(3, [1, 2, 3], [(1, 2), (2, 3)], [(1, 3)]) == Doubt(2, 2, 3)
    assert doubt(3, [1, 2, 3], [(1, 2), (2, 3)], []) == Doubt(1, 1, 3)


def test_without_questions_there_is_no_doubt() -> None:
    assert doubt(7, [], [], [(1, 2)]) == Doubt(7, 7, 7)


def test_who_is_not_counted_may_tie_two_who_are() -> None:
    assert doubt(2, [1, 3], [(1, 2), (2, 3)], []) == Doubt(1, 1, 2)

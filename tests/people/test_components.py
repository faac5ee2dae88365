"""Who belongs together, whatever the order; and what a *different* does to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.people.components import Contradiction, Tie, moved, subjects

MENTIONS = range(1, 8)
PAIRS = st.tuples(st.sampled_from(MENTIONS), st.sampled_from(MENTIONS)).filter(lambda p: p[0] < p[1])
TIES = st.lists(st.builds(lambda p, c: Tie(*p, confirmed=c), PAIRS, st.booleans()), max_size=9)


def obvious(ties: list[Tie], different: list[tuple[int, int]]) -> dict[int, int] | None:
    """The same by walking from each mention in turn; None for a contradiction."""

    def reached(start: int, those: list[Tie]) -> set[int]:
        found = {start}
        while more := {n for t in those for n in (t.a, t.b) if {t.a, t.b} & found and n not in found}:
            found |= more
        return found

    kept = [
        t
        for t in ties
        if t.confirmed or not any(b in reached(a, ties) and a in reached(t.a, ties) for a, b in different)
    ]
    if any(b in reached(a, kept) for a, b in different):
        return None
    return {m: min(reached(m, kept)) for m in MENTIONS}


@settings(max_examples=300, deadline=None)
@given(TIES, st.lists(PAIRS, max_size=3), st.data())
def test_components_are_what_walking_finds_in_any_order(
    ties: list[Tie], different: list[tuple[int, int]], data: st.DataObject
) -> None:
    expected = obvious(ties, different)
    arguments = (
        data.draw(st.permutations(MENTIONS)),
        data.draw(st.permutations(ties)),
        data.draw(st.permutations(different)),
    )
    if expected is None:
        with pytest.raises(Contradiction):
            subjects(*arguments)
    else:
        assert subjects(*arguments) == expected


@settings(max_examples=200, deadline=None)
@given(TIES, PAIRS)
def test_a_tie_taken_back_gives_the_subjects_from_before(ties: list[Tie], pair: tuple[int, int]) -> None:
    before = subjects(MENTIONS, ties, [])
    subjects(MENTIONS, [*ties, Tie(*pair, confirmed=True)], [])
    assert subjects(MENTIONS, ties, []) == before


def test_a_subject_s_number_is_its_smallest_mention() -> None:
    assert subjects([9, 4, 7], [Tie(7, 9, confirmed=False), Tie(4, 7, confirmed=False)], []) == {
        4: 4,
        7: 4,
        9: 4,
    }


def test_all_automatic_ties_of_a_disputed_component_fall_and_no_others() -> None:
    ties = [Tie(1, 2, False), Tie(2, 3, False), Tie(3, 4, True), Tie(5, 6, False)]
    assert subjects(range(1, 7), ties, [(1, 2)]) == {1: 1, 2: 2, 3: 3, 4: 3, 5: 5, 6: 5}


def test_a_contradiction_names_the_two_mentions() -> None:
    with pytest.raises(Contradiction) as caught:
        subjects([1, 2, 3], [Tie(1, 2, True), Tie(2, 3, True)], [(1, 3)])
    assert (caught.value.a, caught.value.b) == (1, 3)


def test_only_what_is_new_or_another_than_before_has_moved() -> None:
    assert moved({1: 1, 2: 1, 3: 3}, {1: 1, 2: 2, 3: 3, 4: 3}) == {2: 2, 4: 3}

"""What a band rests on, and contradictions between sources: every side in view, nothing averaged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from generated import made_of
from hypothesis import given
from hypothesis import strategies as st

from threshold.policy.combine import facts_of
from threshold.policy.grounds import contradictions, could_because, grounds
from threshold.policy.interpret import judge

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
POLICY = made_of(
    {
        "some": {"kind": "yes_no", "yes_from": ["other"]},
        "other": {"kind": "yes_no"},
        "times": {"kind": "count"},
        "age": {"kind": "range"},
        "grade": {"kind": "choice", "values": ["a", "b", "c"]},
    },
    "some OR times > 1",
)
_numbers = count(1)


@dataclass(frozen=True)
class Statement:
    fact: str
    known: bool = True
    truth: bool | None = None
    low: int | None = None
    high: int | None = None
    choice: str | None = None
    born_from: date | None = None
    born_to: date | None = None
    source: str = "a source"
    as_of: datetime = NOON
    id: int = 0


def said(fact: str, **values: object) -> Statement:
    return Statement(fact, id=next(_numbers), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (said("some", truth=True), said("some", truth=False), ["yes", "no"]),
        (said("other", truth=True), said("some", truth=False), ["yes", "no"]),
        (said("grade", choice="c"), said("grade", choice="a"), ["a", "c"]),
        (said("times", low=4), said("times", low=0, high=3), ["4 or more", "no more than 3"]),
        (
            said("age", born_from=date(2000, 1, 1), born_to=date(2000, 12, 31)),
            said("age", born_from=date(2009, 5, 1), born_to=date(2009, 5, 1)),
            ["born on 2009-05-01 or later", "born on 2000-12-31 or earlier"],
        ),
    ],
)
def test_a_contradiction_shows_both_sides_with_who_says_each(
    one: Statement, other: Statement, words: list[str]
) -> None:
    (found,) = contradictions(POLICY, [one, other])
    assert [text for text, _ in found.sides] == words
    assert {s for _, side in found.sides for s in side} == {one, other}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (said("some", truth=True), said("some", truth=True)),
        (said("some", truth=True), said("some", known=False)),
        (said("some", truth=True), said("other", truth=False)),  # their no is not a no to it
        (said("grade", choice="b"), said("grade", choice="b")),
        (said("times", low=2), said("times", low=0, high=3)),
        (said("times"), said("times", low=0, high=0)),
        (said("age", born_from=date(2000, 1, 1), born_to=date(2000, 12, 31)),
         said("age", born_from=date(2000, 5, 1), born_to=date(2000, 5, 1))),
        (said("unheard", truth=True), said("unheard", truth=False)),
    ],
)  # fmt: skip
def test_what_can_all_be_so_is_no_contradiction(one: Statement, other: Statement) -> None:
    assert contradictions(POLICY, [one, other]) == []


@given(st.lists(st.sampled_from([True, False]), max_size=6))
def test_a_yes_and_a_no_always_contradict(answers: list[bool]) -> None:
    found = contradictions(POLICY, [said("some", truth=answer) for answer in answers])
    assert bool(found) == (len(set(answers)) == 2)


def test_a_band_rests_on_what_was_said_of_the_facts_its_clauses_read_the_newest_first() -> None:
    old = said("other", truth=True)
    new = said("times", low=3, as_of=NOON + timedelta(days=1))
    aside = said("grade", choice="a")
    facts = facts_of(POLICY, [])
    judged = judge(POLICY, {**facts, "some": True})
    (ground,) = grounds(POLICY, judged, [old, new, aside])
    assert ground.clause.id == "only" and ground.statements == (new, old)
    assert could_because(POLICY, judged) == []


def test_each_end_of_the_band_has_the_clause_that_decides_it() -> None:
    judged = judge(POLICY, facts_of(POLICY, []))
    assert (judged.known, judged.could_be) == (0, 3)
    (top,) = could_because(POLICY, judged)
    assert top.about == "only"
    assert top.text == "Could be high, because it is not ruled out that a."

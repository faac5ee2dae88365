"""What an officer may type about somebody, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.stories import Team, Told, assessed, band

from threshold.acts.access import NotVisible, Refused, actor_by_name
from threshold.acts.db import query
from threshold.enquiries.queries import last_change
from threshold.enquiries.verbs import WrongStatement
from threshold.journey import subjects
from threshold.journey.beginning import default_policy
from threshold.journey.policies import approve, propose
from threshold.journey.subjects import Answer, ChangedMeanwhile, Seen
from threshold.policy import document

POLICY = default_policy()


def test_every_question_takes_yes_no_and_not_known(team: Team) -> None:
    one = team.subject()
    for fact in (name for name, rule in POLICY.facts.items() if rule.kind == "yes_no"):
        for value, truth in [("yes", True), ("no", False), ("not_known", None)]:
            number = team.state(one, fact, value)
            (row,) = query("select * from statement where id = %s", [number])
            assert (row.known, row.truth, row.officer) == (value != "not_known", truth, team.analyst.id)
            assert row.mention == one
        assert assessed(one).facts[f"f_{fact}"] in (True, None)


COUNTS = [
    ("3", 3, 3),
    (" 3 ", 3, 3),
    ("3+", 3, None),
    ("0-3", 0, 3),
    ("0 - 3", 0, 3),
    ("0", 0, 0),
    ("1000000", 1_000_000, 1_000_000),
]


def test_counts_are_exact_at_least_or_between(team: Team) -> None:
    one = team.subject()
    for typed, low, high in COUNTS:
        number = team.state(one, "times_seen", typed)
        (row,) = query("select low, high from statement where id = %s", [number])
        assert (row.low, row.high) == (low, high)


REFUSED: list[dict[str, Any]] = [
    {"value": "perhaps"},
    {"value": ""},
    {"value": "Yes"},
    {"mark": "rumour"},
    {"mark": ""},
    {"source": " "},
    {"source": ""},
    {"fact": "no_such_fact"},
    {"fact": "no_such_fact", "value": "not_known"},
    {"as_of": datetime.now(UTC) + timedelta(days=3)},
    {"fact": "times_seen", "value": "many"},
    {"fact": "times_seen", "value": "-1"},
    {"fact": "times_seen", "value": "3-1"},
    {"fact": "times_seen", "value": "1000001"},
    {"fact": "times_seen", "value": "1-"},
    {"fact": "times_seen", "value": "+"},
    {"fact": "times_seen", "value": "2.5"},
    {"fact": "worst_grade", "value": "D"},
    {"fact": "worst_grade", "value": "yes"},
    {"fact": "age", "value": "31/01/1990"},
    {"fact": "age", "value": "1889-01-01"},
    {"fact": "age", "value": "2999-01-01"},
    {"fact": "age", "value": "17"},
    {"fact": "identity_ladder", "value": "5"},
    {"fact": "identity_ladder", "value": "2"},
    {"fact": "identity_ladder", "value": "3"},
    {"fact": "identity_ladder", "value": "yes"},
]


def test_what_cannot_be_taken_is_refused_and_nothing_is_written(team: Team) -> None:
    one = team.subject()
    rows = "select (select max(id) from act) as act, (select count(*) from statement) as said"
    before = query(rows)
    for wrong in REFUSED:
        answer = Answer(**{"fact": "contact", "value": "yes", "mark": "fact", "source": "seen", **wrong})
        with pytest.raises(WrongStatement) as told:
            subjects.state(team.analyst, one, answer)
        assert str(told.value)
        assert query(rows) == before, wrong


def test_only_those_whose_role_it_is_may_type(team: Team) -> None:
    one = team.subject()
    with pytest.raises(Refused):
        subjects.state(team.intake, one, Answer("contact", "yes", "fact", "seen"))
    with pytest.raises(NotVisible):
        subjects.state(team.analyst, 999, Answer("contact", "yes", "fact", "seen"))


def test_odd_text_is_kept_as_far_as_it_can_be(team: Team) -> None:
    one = team.subject()
    number = team.state(one, "contact", "yes", words="a\x00b \ud800 שלום " + "x" * 50_000)
    (row,) = query("select words from statement where id = %s", [number])
    assert row.words.startswith("a\ufffdb \ufffd שלום")


def test_somebody_who_typed_in_between_is_noticed(team: Team) -> None:
    one = team.subject()
    seen = last_change(one)
    answer = Answer("contact", "no", "fact", "seen")
    subjects.state(team.analyst, one, answer, seen=Seen(one, seen))
    with pytest.raises(ChangedMeanwhile):
        subjects.state(team.other, one, answer, seen=Seen(one, seen))
    subjects.state(team.other, one, answer, seen=Seen(one, last_change(one)))


def test_the_ladder_is_as_the_last_officer_left_it(team: Team) -> None:
    one = team.subject()
    assert assessed(one).ladder == 1
    team.state(one, "identity_ladder", "4")
    number = team.identify(one, "3")
    assert assessed(one).ladder == 3
    subjects.take_back(team.analyst, number, "a mistake")
    assert assessed(one).ladder == 4


def test_a_statement_is_taken_back_for_a_reason_which_is_kept(team: Team) -> None:
    """A sender's statement as well: nobody takes away what was said without saying why."""
    one = team.subject(Told("a-1", age=14))
    (senders,) = query("select id from statement where fact = 'age' and officer is null")
    assert assessed(one).route == "child"
    with pytest.raises(WrongStatement, match="Say why"):
        subjects.take_back(team.analyst, senders.id, " ")
    assert assessed(one).route == "child"
    subjects.take_back(team.analyst, senders.id, " the age is the child's he wrote to ")
    assert assessed(one).route == "age_not_established"
    kept = query("select statement, reason from statement_taken_back")
    assert [tuple(row) for row in kept] == [(senders.id, "the age is the child's he wrote to")]


def test_a_statement_is_taken_back_once(team: Team) -> None:
    number = team.state(team.subject(), "contact", "yes")
    subjects.take_back(team.analyst, number, "a mistake")
    for gone in (number, 999_999):
        with pytest.raises(WrongStatement):
            subjects.take_back(team.analyst, gone, "a mistake")


def test_another_policy_works_everybody_out_again(team: Team) -> None:
    numbers = team.subjects_of(*(Told(f"a-{n}") for n in range(5)))
    team.state(numbers[0], "shared", "yes")
    stricter = POLICY.text.replace("id: shared\n    band: high", "id: shared\n    band: very_high")
    assert stricter != POLICY.text
    changed = document.read(stricter.replace('version: "3"', 'version: "4"').encode(), "stricter.yaml")
    second = actor_by_name("second_owner")
    assert second
    assert approve(second, propose(team.intake, changed)) == 5
    assert {assessed(number).policy for number in numbers} == {changed.digest}
    assert band(numbers[0]) == (4, 4)
    assert approve(team.intake, propose(second, POLICY, datetime.now(UTC))) == 5
    assert band(numbers[0])[0] == 3
    # A milder policy puts no due time off by itself.
    row = assessed(numbers[0])
    assert row.due == row.clock_from + timedelta(days=1)
    assert row.later_due == row.clock_from + timedelta(days=7)

"""Every past assessment comes out again, bit for bit; what was changed behind its back is named; erased says so."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.stories import Team, Told, labelled, mentions_of, subject_of

from threshold.acts.access import actor_by_name
from threshold.acts.db import query
from threshold.enquiries.replaying import (
    Erased,
    Replay,
    corrections,
    differing_inputs,
    numbers,
    of_subject,
    replay,
    replays,
)
from threshold.journey import subjects
from threshold.journey.beginning import default_policy
from threshold.journey.policies import approve, propose
from threshold.people.components import Contradiction
from threshold.people.verbs import WrongPair
from threshold.policy.document import read

POLICY = default_policy()


def done(assessment: int) -> Replay:
    found = replay(assessment)
    assert isinstance(found, Replay)
    return found


def newest(subject: int) -> int:
    return int(query("select max(id) as id from assessment where subject = %s", [subject])[0].id)


@contextmanager
def behind_its_back() -> Iterator[Any]:
    """The database's owner, with the rules of the rows off."""
    from django.db import connections

    tables = ("assessment", "statement", "member")
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger user")
        yield cursor
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger user")


def test_after_any_acts_every_assessment_replays_bit_for_bit(team: Team) -> None:
    story = labelled(
        [
            Told("a", at="2026-11-01T08:00:00Z"),
            Told("a", at="2026-11-02T08:00:00Z", age=19),
            Told("b", phones=("07700 900001",), unverified=("x@mail.example",)),
            Told("c", phones=("07700 900001",), devices=("356938035643801",), unverified=("x@mail.example",)),
            Told("d", devices=("356938035643801",), others=(Told("v", role="harmed", age=11),)),
            Told("a", at="2026-11-03T08:00:00Z", solicited=True),
            Told("v"),
        ]
    )
    team.take_in(*story[:5])
    chance = random.Random(5)
    made: list[int] = []
    said: list[int] = []
    for step in range(90):
        if step in (20, 40):
            team.take_in(story[4 + step // 20])
        mentions = [row.id for one in story for row in mentions_of(one.label)]
        deed = chance.randrange(6)
        if deed == 0 and made:
            subjects.undo(team.analyst, made.pop(chance.randrange(len(made))), "by chance")
        elif deed in (1, 2):
            try:
                say = chance.choice([subjects.same, subjects.different])
                made.append(say(team.analyst, *chance.sample(mentions, 2), "by chance"))
            except (WrongPair, Contradiction):
                continue
        elif deed == 3 and said:
            subjects.take_back(team.analyst, said.pop(chance.randrange(len(said))), "a mistake")
        else:
            fact = chance.choice([*POLICY.checks, "sign_of_child", "adult_established"])
            value = {"worst_grade": "B", "times_seen": "0-3"}.get(fact, chance.choice(["yes", "no", "no"]))
            said.append(
                team.state(
                    subject_of(chance.choice(story[:5]).label),
                    fact,
                    chance.choice([value, value, "not_known"]),
                )
            )
    every = numbers()
    assert len(every) > 50
    for assessment in every:
        again = done(assessment)
        assert again.same, (again.assessment, again.differences)
    together = dict(replays(every))
    assert list(together) == every
    assert all(isinstance(again, Replay) and again.same for again in together.values())
    assert differing_inputs(1) == (len(every), [])
    assert differing_inputs(3)[0] == len([n for n in every if n % 3 == 0])


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("known = 4, could_be = 4", {("inputs", "known"), ("rows", "known")}),
        ("facts = jsonb_set(facts, '{f_shared}', 'true')",
         {("rows", "facts"), ("inputs", "known"), ("inputs", "deciding"), ("inputs", "holding")}),
        ("due = due + interval '1 day'", {("rows", "due")}),
        ("route = 'adult'", {("rows", "route")}),
        ("facts = facts - 'f_shared'", {("inputs", "facts"), ("rows", "facts")}),
    ],
)  # fmt: skip
def test_what_was_changed_behind_its_back_is_named_with_both_values(
    team: Team, change: str, fields: set[tuple[str, str]]
) -> None:
    one = team.subject()
    team.state(one, "earlier_warning", "yes")
    number = newest(one)
    assert done(number).same
    with behind_its_back() as owner:
        owner.execute(f"update assessment set {change} where id = {number}")
    again = done(number)
    assert fields <= {(d.way, d.field) for d in again.differences}
    assert all(d.stored != d.again for d in again.differences)


def test_the_set_based_replay_finds_the_same_defect(team: Team) -> None:
    one = team.subject()
    team.state(one, "shared", "yes")
    number = newest(one)
    with behind_its_back() as owner:
        owner.execute(f"update assessment set deciding = '{{access_to_children}}' where id = {number}")
    assert differing_inputs(1)[1] == [number]


def test_a_statement_slipped_into_the_past_is_found_from_rows_alone(team: Team) -> None:
    one = team.subject()
    team.state(one, "relevant_history", "no")
    number = newest(one)
    with behind_its_back() as owner:
        owner.execute("update statement set truth = true where fact = 'relevant_history'")
    again = done(number)
    assert {d.way for d in again.differences} == {"rows"}
    assert "facts" in {d.field for d in again.differences}


def test_what_was_erased_says_under_which_act(team: Team) -> None:
    one = team.subject()
    statement = team.state(one, "shared", "yes")
    number = newest(one)
    with behind_its_back() as owner:
        owner.execute(
            """insert into stone (kind, "row", act, digest, erased_by, rule)
               select 'statement', id, asserted_by, digest, 77, 'a court' from statement where id = %s""",
            [statement],
        )
        owner.execute("delete from statement where id = %s", [statement])
    again = done(number)
    assert again.erased == (Erased("statement", statement, 77),) and again.same
    assert str(again.erased[0]) == f"statement {statement}: erased under act 77"
    with behind_its_back() as owner:
        owner.execute(
            """insert into stone (kind, "row", act, digest, erased_by, rule)
               select 'assessment', id, asserted_by, digest, 78, 'a court' from assessment where id = %s""",
            [number],
        )
        owner.execute("delete from assessment where id = %s", [number])
    assert replay(number) == Erased("assessment", number, 78)
    assert replay(10**9) is None


def test_a_new_policy_leaves_the_past_as_it_was_and_corrections_stand_beside(team: Team) -> None:
    one = team.subject()
    wrong = team.state(one, "shared", "yes")
    then = newest(one)
    subjects.take_back(team.analyst, wrong, "another man was meant")
    later = team.state(one, "shared", "no")
    stricter = POLICY.text.replace("times_seen >= 2", "times_seen >= 1")
    second = actor_by_name("second_owner")
    assert second
    stricter = stricter.replace('version: "3"', 'version: "4"')
    approve(second, propose(team.intake, read(stricter.encode(), "stricter.yaml")))
    again = done(then)
    assert again.same and again.row.policy == POLICY.digest
    assert newest(one) != then and done(newest(one)).same
    assert done(newest(one)).row.policy != POLICY.digest
    with team.looking() as look:
        assert of_subject(look, one)[0] == newest(one)
        found = [(c.fact, c.text) for c in corrections(look, again)]
    assert found == [
        ("shared", f"statement {wrong} was taken back: another man was meant"),
        ("shared", f"statement {later} was made"),
    ]


def test_a_policy_that_was_swapped_in_the_record_is_a_difference(team: Team) -> None:
    one = team.subject()
    number = newest(one)
    with behind_its_back() as owner:
        owner.execute(f"update assessment set policy = '{'0' * 64}' where id = {number}")
        owner.execute("alter table policy_in_force disable trigger user")
        owner.execute(
            f"""insert into policy_in_force (asserted_by, salt, digest, name, version, digest_text, text, from_at)
                select asserted_by, salt, digest, name, version, '{"0" * 64}', text, from_at + interval '9 years'
                from policy_in_force limit 1"""
        )
        owner.execute("alter table policy_in_force enable trigger user")
    assert "policy" in {d.field for d in done(number).differences}

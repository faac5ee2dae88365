"""The plain interpreter and PostgreSQL give the same answer for made-up policies, facts and statements."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from generated import (
    NOON,
    SAID,
    SUBJECTS,
    as_parameters,
    facts_as_rows,
    facts_for,
    facts_relation,
    made_of,
    policies,
    statements,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from threshold.policy.combine import Said, facts_of, used
from threshold.policy.interpret import Judgement, judge
from threshold.policy.sql import facts_from_row, facts_query, judgement_query

SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck))


def judgement_of_row(row: dict[str, Any]) -> Judgement:
    lists = ("deciding", "could", "holding", "open_facts", "outstanding")
    return Judgement(row["known"], row["could_be"], *(tuple(row[name]) for name in lists))


@settings(SLOWLY, max_examples=150)
@given(st.data())
def test_postgresql_judges_as_the_interpreter_does(
    postgres: Connection[dict[str, Any]], data: st.DataObject
) -> None:
    policy = data.draw(policies()).policy
    cases = data.draw(st.lists(facts_for(policy), min_size=1, max_size=30))
    query = judgement_query(policy, facts_relation(policy)) + " ORDER BY subject"
    rows = postgres.execute(query, {"facts": facts_as_rows(cases)}).fetchall()
    for facts, row in zip(cases, rows, strict=True):
        assert facts_from_row(policy, row) == facts
        assert astuple(judgement_of_row(row)) == astuple(judge(policy, facts))


@settings(SLOWLY, max_examples=150)
@given(st.data())
def test_postgresql_combines_as_the_reference_does(
    postgres: Connection[dict[str, Any]], data: st.DataObject
) -> None:
    policy = data.draw(policies()).policy
    said = data.draw(st.lists(statements(policy), min_size=1, max_size=20))
    query = judgement_query(policy, facts_query(policy, SAID, SUBJECTS)) + " ORDER BY subject"
    rows = postgres.execute(query, as_parameters(said)).fetchall()
    for rows_said, row in zip(said, rows, strict=True):
        facts = facts_of(policy, rows_said)
        assert facts_from_row(policy, row) == facts
        assert tuple(row["statements"]) == used(policy, rows_said)
        assert judgement_of_row(row) == judge(policy, facts)


ONE_OF_EACH = made_of(
    {
        "some": {"kind": "yes_no", "yes_from": ["other"]},
        "other": {"kind": "yes_no"},
        "last": {"kind": "yes_no", "combine": "latest"},
        "times": {"kind": "count"},
        "age": {"kind": "range"},
        "grade": {"kind": "choice", "values": ["a", "b", "c"]},
        "word": {"kind": "choice", "values": ["a", "b", "c"], "combine": "latest"},
    },
    "some AND times > 1",
)


@settings(SLOWLY, max_examples=60)
@given(said=st.lists(statements(ONE_OF_EACH, few=True), min_size=1, max_size=30))
def test_every_way_of_combining_agrees_on_crowded_rows(
    postgres: Connection[dict[str, Any]], said: list[list[Said]]
) -> None:
    query = facts_query(ONE_OF_EACH, SAID, SUBJECTS) + " ORDER BY subject"
    rows = postgres.execute(query, as_parameters(said)).fetchall()
    for rows_said, row in zip(said, rows, strict=True):
        assert facts_from_row(ONE_OF_EACH, row) == facts_of(ONE_OF_EACH, rows_said)


def test_more_yes_no_facts_than_one_mask_holds(postgres: Connection[dict[str, Any]]) -> None:
    names = [f"fact_{n}" for n in range(130)]
    policy = made_of({name: {"kind": "yes_no"} for name in names}, "fact_0 OR fact_129")
    said = [
        [
            Said(name, n % 3 != 0, NOON, n, truth=n % 3 == 1 if n % 3 else None)
            for n, name in enumerate(names)
        ],
        [Said(names[62], True, NOON, 1, truth=False), Said(names[63], True, NOON, 2, truth=True)],
        [],
    ]
    rows = postgres.execute(
        facts_query(policy, SAID, SUBJECTS) + " ORDER BY subject", as_parameters(said)
    ).fetchall()
    assert [facts_from_row(policy, row) for row in rows] == [facts_of(policy, one) for one in said]

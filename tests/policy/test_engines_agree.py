"""The plain interpreter and PostgreSQL give the same answer for made-up policies, facts and statements."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from generated import (
    SAID,
    SUBJECTS,
    as_parameters,
    facts_as_rows,
    facts_for,
    facts_relation,
    policies,
    statements,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from threshold.policy.combine import facts_of, used
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

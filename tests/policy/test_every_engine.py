"""Made-up policies over made-up facts mean the same to the interpreter, PostgreSQL, DuckDB and Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest
from generated import facts_as_rows, facts_for, facts_relation, made_of, policies, statements
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from spark_session import start

from threshold.policy.combine import Among, FactValue, Interval, Said, facts_of, used
from threshold.policy.engines import (
    NotPortable,
    facts_query_on_duckdb,
    judgement_from_row,
    judgement_query_on,
)
from threshold.policy.interpret import judge
from threshold.policy.model import Policy
from threshold.policy.sql import facts_from_row

SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck))
# Spark takes a second for what takes the others a hundredth: fewer examples, and no search for a smaller one.
ON_SPARK = settings(SLOWLY, max_examples=25, phases=[Phase.generate])

TYPES = {"yes_no": ("boolean", "boolean"), "choice": ("string", "varchar")}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = start()
    yield session
    session.stop()


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def columns(policy: Policy, engine: int) -> list[tuple[str, str]]:
    found = [("subject", "bigint")]
    for fact in policy.facts.values():
        names = [f"f_{fact.name}"] if fact.kind == "yes_no" else [f"f_{fact.name}_lo", f"f_{fact.name}_hi"]
        found += [(name, TYPES.get(fact.kind, ("bigint", "bigint"))[engine]) for name in names]
    return found


def as_tuples(policy: Policy, cases: Sequence[Mapping[str, FactValue]]) -> list[tuple[Any, ...]]:
    rows = []
    for subject, facts in enumerate(cases, start=1):
        row: list[Any] = [subject]
        for name in policy.facts:
            value = facts[name]
            row += [value.at_least, value.at_most] if isinstance(value, Interval | Among) else [value]
        rows.append(tuple(row))
    return rows


def fill(
    duck: duckdb.DuckDBPyConnection, name: str, kinds: list[tuple[str, str]], rows: list[tuple[Any, ...]]
) -> None:
    duck.execute(f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{n} {kind}' for n, kind in kinds)})")
    if rows:
        duck.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(kinds))})", rows)


def dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@settings(SLOWLY, max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.data())
def test_duckdb_and_the_portable_text_on_postgresql_judge_as_the_interpreter(
    duck: duckdb.DuckDBPyConnection, postgres: Connection[dict[str, Any]], data: st.DataObject
) -> None:
    policy = data.draw(policies()).policy
    cases = data.draw(st.lists(facts_for(policy), min_size=1, max_size=20))
    expected = [judge(policy, facts) for facts in cases]
    fill(duck, "facts_table", columns(policy, 1), as_tuples(policy, cases))
    rows = dicts(
        duck.execute(judgement_query_on("duckdb", policy, "facts_table") + " ORDER BY facts.subject")
    )
    assert [judgement_from_row(row) for row in rows] == expected

    postgres.execute("DROP TABLE IF EXISTS facts_table")
    postgres.execute(
        f"CREATE TEMP TABLE facts_table AS {facts_relation(policy)}", {"facts": facts_as_rows(cases)}
    )
    found = postgres.execute(
        judgement_query_on("postgres", policy, "facts_table") + " ORDER BY facts.subject"
    )
    assert [judgement_from_row(row) for row in found.fetchall()] == expected


@settings(ON_SPARK)
@given(st.data())
def test_spark_judges_as_the_interpreter(spark: Any, data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    cases = data.draw(st.lists(facts_for(policy), min_size=15, max_size=30))
    schema = ", ".join(f"{name} {kind}" for name, kind in columns(policy, 0))
    spark.createDataFrame(as_tuples(policy, cases), schema).createOrReplaceTempView("facts_table")
    rows = spark.sql(judgement_query_on("spark", policy, "facts_table")).collect()
    found = {row["subject"]: judgement_from_row(row.asDict()) for row in rows}
    assert found == {n: judge(policy, facts) for n, facts in enumerate(cases, start=1)}


SAID_COLUMNS = [
    ("subject", "bigint"), ("fact", "varchar"), ("known", "boolean"), ("truth", "boolean"), ("low", "integer"),
    ("high", "integer"), ("choice", "varchar"), ("as_of", "timestamptz"), ("number", "bigint"),
    ("possible", "boolean"),
]  # fmt: skip

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
@given(said=st.lists(statements(ONE_OF_EACH, few=True), min_size=1, max_size=20))
def test_duckdb_combines_what_was_said_as_the_reference(
    duck: duckdb.DuckDBPyConnection, said: list[list[Said]]
) -> None:
    rows = [
        (subject, one.fact, one.known, one.truth, one.low, one.high, one.choice, one.as_of, one.number, one.possible)
        for subject, its_rows in enumerate(said, start=1)
        for one in its_rows
    ]  # fmt: skip
    fill(duck, "said", SAID_COLUMNS, rows)
    fill(duck, "subjects", [("subject", "bigint")], [(n,) for n in range(1, len(said) + 1)])
    query = facts_query_on_duckdb(ONE_OF_EACH, "said", "subjects")
    found = dicts(duck.execute(f"SELECT * FROM ({query}) AS f ORDER BY subject"))
    for its_rows, row in zip(said, found, strict=True):
        assert facts_from_row(ONE_OF_EACH, row) == facts_of(ONE_OF_EACH, its_rows)
        assert tuple(row["statements"]) == used(ONE_OF_EACH, its_rows)


def test_what_engines_read_differently_is_refused() -> None:
    with pytest.raises(NotPortable, match="Div"):
        judgement_query_on("duckdb", ONE_OF_EACH, "SELECT 1 / 2 AS subject")

"""One meaning on every engine: the generator's text for DuckDB and Spark, held to what means the same on each.

``interpret.py`` says what a policy means, slowly and plainly. ``sql.py`` says the same once, as PostgreSQL text;
here that text is carried over by sqlglot, after a check that nothing stands in it that engines read differently
(division, casts, dates, functions: measured in November 2026, PostgreSQL 18, DuckDB 2.0, Spark 4.3). PostgreSQL
serves the site, DuckDB what-if and backtests over a whole caseload, Spark what is beyond one machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import sqlglot
from sqlglot import exp

from threshold.policy.interpret import Judgement
from threshold.policy.model import Policy
from threshold.policy.sql import facts_query, portable_judgement_query

Engine = Literal["postgres", "duckdb", "spark"]

LISTS = ("deciding", "could", "holding", "open_facts", "outstanding")

# What a judgement may be made of. Comparisons are of a column with a literal of its own type.
_SAFE = (
    exp.Select, exp.Subquery, exp.From, exp.Table, exp.TableAlias, exp.Alias, exp.Star, exp.Column,
    exp.Identifier, exp.Case, exp.If, exp.And, exp.Or, exp.Not, exp.Is, exp.Null, exp.Boolean, exp.Literal,
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Paren, exp.DPipe,
)  # fmt: skip


class NotPortable(Exception):
    """The generated text holds something that engines read differently: a defect of the generator."""


def judgement_query_on(engine: Engine, policy: Policy, facts_table: str, *, explained: bool = True) -> str:
    """One SELECT over a table of facts (subject, and the columns of ``fact_columns``): one row a subject.

    Columns: subject, known, could_be and, where ``explained``, the lists that ``judgement_from_row`` reads.

    :raises NotPortable: the text would not mean the same everywhere
    """
    tree = sqlglot.parse_one(portable_judgement_query(policy, facts_table, explained), read="postgres")
    for node in tree.walk():
        if not isinstance(node, _SAFE):
            raise NotPortable(
                f"{type(node).__name__} is not read the same by every engine: {node.sql()[:80]}"
            )
    return tree.sql(dialect=engine)


def facts_query_on_duckdb(policy: Policy, said_table: str, subjects_table: str) -> str:
    """``sql.facts_query`` as DuckDB reads it; tests hold it to ``combine.py``."""
    return sqlglot.transpile(facts_query(policy, said_table, subjects_table), "postgres", "duckdb")[0]


def judgement_from_row(row: Mapping[str, object]) -> Judgement:
    """A row of ``judgement_query_on`` as the interpreter gives it."""
    lists = (tuple(str(row[name]).split(",")[:-1]) for name in LISTS)
    return Judgement(int(str(row["known"])), int(str(row["could_be"])), *lists)

"""The same meaning as ``combine.py`` and ``interpret.py``, as PostgreSQL text over any number of subjects.

Names and values in this text come from a checked document: lower-case names, whole numbers, and texts of
letters, digits and _. Nothing that anybody typed about a person is ever written into it.
"""

from __future__ import annotations

from collections.abc import Mapping

from threshold.policy.combine import Among, Facts, Interval
from threshold.policy.model import NOT_GRADED, FactRule, Policy
from threshold.policy.sql_conditions import condition, open_parts
from threshold.policy.sql_facts import fact_columns, facts_query
from threshold.policy.sql_text import lines, names_as_text, names_where, relation

__all__ = ["fact_columns", "facts_from_row", "facts_query", "judgement_query", "portable_judgement_query"]


def judgement_query(policy: Policy, facts_relation: str) -> str:
    """Every column of the facts, and beside them those of a ``Judgement``.

    known and could_be are ranks; deciding, could, holding, open_facts and outstanding are text arrays in the
    document's order. Each clause is worked out once (OFFSET 0 keeps the planner from copying it about).
    """
    numbered = list(enumerate(policy.clauses))
    lists = [f"{names_where(conditions)} AS {name}" for name, conditions in _lists(policy).items()]
    held, possible, nothing = _bands(policy)
    return f"""\
SELECT facts.*, graded.known, graded.could_be,
    {lines(lists)}
FROM {relation(facts_relation)} AS facts
CROSS JOIN LATERAL (
    SELECT
        {lines((f"{condition(policy, clause.expression)} AS c{n}" for n, clause in numbered), 8)}
    OFFSET 0
) AS clause
CROSS JOIN LATERAL (
    SELECT
        CASE {held} WHEN {nothing} THEN 1 ELSE {NOT_GRADED} END AS known,
        CASE {possible} ELSE 1 END AS could_be
    OFFSET 0
) AS graded"""


def portable_judgement_query(policy: Policy, facts_relation: str, explained: bool = True) -> str:
    """As ``judgement_query``, of nothing but what means the same on every engine (``engines.py``).

    Columns: subject, known, could_be and, where ``explained``, the lists: each a text, a comma after each name.
    """
    clauses = [f"{condition(policy, clause.expression)} AS c{n}" for n, clause in enumerate(policy.clauses)]
    wanted = _lists(policy).items() if explained else ()
    lists = [f"{names_as_text(conditions)} AS {name}" for name, conditions in wanted]
    held, possible, nothing = _bands(policy)
    return f"""\
SELECT
    {lines(["facts.subject", "facts.known", "facts.could_be", *lists])}
FROM (
    SELECT facts.*,
        CASE {held} WHEN {nothing} THEN 1 ELSE {NOT_GRADED} END AS known,
        CASE {possible} ELSE 1 END AS could_be
    FROM (
        SELECT facts.*,
            {lines(clauses, 12)}
        FROM {relation(facts_relation)} AS facts
    ) AS facts
) AS facts"""


def _lists(policy: Policy) -> dict[str, list[tuple[str, str]]]:
    """The lists of a ``Judgement``: the names that may stand in each, with the condition of each."""
    numbered = list(enumerate(policy.clauses))
    opened = _open_conditions(policy)
    return {
        "deciding": [(clause.id, f"known = {clause.rank} AND c{n}") for n, clause in numbered],
        "could": [(clause.id, f"known < {clause.rank} AND c{n} IS NULL") for n, clause in numbered],
        "holding": [(clause.id, f"c{n}") for n, clause in numbered],
        "open_facts": list(opened.items()),
        "outstanding": [(name, _outstanding(policy.facts[name], opened)) for name in policy.checks],
    }


def facts_from_row(policy: Policy, row: Mapping[str, object]) -> Facts:
    """A row of ``facts_query``, or one stored from it, as the values that the interpreter takes."""
    facts: Facts = {}
    for fact in policy.facts.values():
        match fact.kind, [row[column] for column in fact_columns(fact)]:
            case "yes_no", [bool() | None as truth]:
                facts[fact.name] = truth
            case "choice", [str() as mildest, str() as gravest]:
                facts[fact.name] = Among(mildest, gravest)
            case "count" | "range", [int() as at_least, int() | None as at_most]:
                facts[fact.name] = Interval(at_least, at_most)
            case kind, values:
                raise TypeError(f"{fact.name}: {values!r} cannot be a {kind}")
    return facts


def _bands(policy: Policy) -> tuple[str, str, str]:
    """The gravest band with a clause that holds; with one that could; and that none could at all."""
    ranks = sorted({clause.rank for clause in policy.clauses}, reverse=True)
    clauses = {
        rank: "("
        + " OR ".join(f"c{n}" for n, clause in enumerate(policy.clauses) if clause.rank == rank)
        + ")"
        for rank in ranks
    }
    held = " ".join(f"WHEN {clauses[rank]} THEN {rank}" for rank in ranks)
    possible = " ".join(f"WHEN {clauses[rank]} IS NOT FALSE THEN {rank}" for rank in ranks)
    return held, possible, f"NOT ({' OR '.join(clauses.values())})"


def _open_conditions(policy: Policy) -> dict[str, str]:
    """For each fact that a clause reads: that it is not settled and could still raise the known band."""
    found: dict[str, list[str]] = {name: [] for name in policy.facts}
    for n, clause in enumerate(policy.clauses):
        for fact, way in open_parts(policy, clause.expression):
            where = f"(known < {clause.rank} AND c{n} IS NULL{' AND ' + way if way else ''})"
            if where not in found[fact]:
                found[fact].append(where)
    return {name: " OR ".join(conditions) for name, conditions in found.items() if conditions}


def _outstanding(fact: FactRule, opened: Mapping[str, str]) -> str:
    low, *high = (f"facts.{column}" for column in fact_columns(fact))
    match fact.kind:
        case "yes_no":
            not_known = f"{low} IS NULL"
        case "choice":
            not_known = f"{low} <> {high[0]}"
        case _:
            not_known = f"{high[0]} IS NULL"
    return f"{not_known} OR {opened[fact.name]}" if fact.name in opened else not_known

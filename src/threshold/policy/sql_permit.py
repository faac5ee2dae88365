"""``permit.py`` as PostgreSQL text, over any number of subjects.

Every condition is worked out once as true, false or null, and the answer is read off: permitted when all are
true, failing where false, not known where null.
"""

from __future__ import annotations

from collections.abc import Iterator

from threshold.policy.model import RANKS, For, Policy, Response
from threshold.policy.permit import AT_LEAST, AT_MOST, ROUTE
from threshold.policy.sql_conditions import condition
from threshold.policy.sql_text import lines, names_where, relation

_ROUTES: dict[For, str] = {
    "adult": "CASE facts.route WHEN 'adult' THEN TRUE WHEN 'child' THEN FALSE END",
    "child": "CASE facts.route WHEN 'child' THEN TRUE WHEN 'adult' THEN FALSE END",
    "premises": "(facts.route <> 'child')",
}

_NOTHING = """SELECT NULL::bigint AS subject, NULL::text AS response, NULL::boolean AS permitted,
    NULL::text[] AS holding, NULL::text[] AS failing, NULL::text[] AS not_known WHERE FALSE"""


def permission_query(policy: Policy, judged_relation: str) -> str:
    """One row for each subject and response: subject, response, permitted, holding, failing, not_known.

    ``judged_relation`` is a relation or query with the columns of ``judgement_query`` and ``route``; the last
    three columns here are text arrays of conditions in the document's order.
    """
    if not policy.responses:
        return _NOTHING
    each = "\nUNION ALL\n".join(_one(policy, response) for response in policy.responses)
    return f"WITH judged AS MATERIALIZED (SELECT * FROM {relation(judged_relation)} AS every)\n{each}"


def _one(policy: Policy, response: Response) -> str:
    found = list(_conditions(policy, response))
    names = [name for name, _ in found]
    return f"""\
SELECT facts.subject, '{response.id}' AS response,
    ({" AND ".join(f"c{n} IS TRUE" for n in range(len(found))) or "TRUE"}) AS permitted,
    {names_where((name, f"c{n}") for n, name in enumerate(names))} AS holding,
    {names_where((name, f"NOT c{n}") for n, name in enumerate(names))} AS failing,
    {names_where((name, f"c{n} IS NULL") for n, name in enumerate(names))} AS not_known
FROM judged AS facts
CROSS JOIN LATERAL (
    SELECT
        {lines((f"{sql} AS c{n}" for n, (_, sql) in enumerate(found)), 8) or "1"}
    OFFSET 0
) AS condition"""


def _conditions(policy: Policy, response: Response) -> Iterator[tuple[str, str]]:
    if response.route != "anyone":
        yield ROUTE, _ROUTES[response.route]
    if response.at_least:
        yield AT_LEAST, _at_least(RANKS[response.at_least])
    if response.at_most:
        yield AT_MOST, f"(NOT {_at_least(RANKS[response.at_most] + 1)})"
    for own in response.conditions:
        yield own.id, condition(policy, own.expression)


def _at_least(rank: int) -> str:
    """True from the known band, false from the one that it could be; nobody is graver than the gravest."""
    return f"(facts.known >= {rank} OR (facts.could_be >= {rank} AND NULL))"

"""Small pieces of SQL text. What goes into them comes from a checked document or from the caller's code."""

from __future__ import annotations

import re
from collections.abc import Iterable


def relation(sql: str) -> str:
    """A relation's name as it is; a query in brackets."""
    return sql if re.fullmatch(r"[a-z_][a-z0-9_.]*", sql) else f"(\n{sql}\n)"


def lines(parts: Iterable[str], indent: int = 4) -> str:
    return (",\n" + " " * indent).join(parts)


def text_list(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def names_where(conditions: Iterable[tuple[str, str]]) -> str:
    """The names whose condition is true, as an array in the order given."""
    cases = [f"CASE WHEN {condition} THEN '{name}' END" for name, condition in conditions]
    if not cases:
        return "ARRAY[]::text[]"
    return f"array_remove(ARRAY[\n        {lines(cases, 8)}\n    ]::text[], NULL)"


def names_as_text(conditions: Iterable[tuple[str, str]]) -> str:
    """The names whose condition is true, in the order given: one text with a comma after each."""
    cases = [f"CASE WHEN {condition} THEN '{name},' ELSE '' END" for name, condition in conditions]
    return " || ".join(cases) or "''"

"""Writing many claim rows at once, inside an open act."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from threshold.acts.db import copy_rows, execute
from threshold.acts.verbs import OpenAct


def claim_rows(opened: OpenAct, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> range:
    """Assert rows of one table and give back their numbers, in order."""
    rows = list(rows)
    if not rows:
        return range(0)
    numbers = opened.draw(table, len(rows))
    copy_rows(
        table,
        ["id", "asserted_by", *columns],
        [(number, opened.id, *_all_storable(row)) for number, row in zip(numbers, rows, strict=True)],
    )
    return numbers


def _all_storable(row: Sequence[Any]) -> list[Any]:
    # Spelt out because it runs for every value of every row; nearly all are plain.
    return [
        value if value.__class__ is not str or (value.isascii() and "\x00" not in value) else storable(value)
        for value in row
    ]


def storable(value: Any) -> Any:
    """A text without what a database cannot hold (NUL, half a surrogate pair), each shown as U+FFFD.

    The delivery keeps the bytes; only what was read from it is made storable.
    """
    if not isinstance(value, str) or (value.isascii() and "\x00" not in value):
        return value
    return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_json(value: Any) -> str:
    """JSON text of plain values, every text in it storable."""
    return json.dumps(_storable_within(value), ensure_ascii=False)


def _storable_within(value: Any) -> Any:
    if isinstance(value, dict):
        return {storable(k): _storable_within(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_storable_within(v) for v in value]
    return storable(value)


def retract_rows(opened: OpenAct, table: str, numbers: Iterable[int]) -> int:
    """Retract standing rows by number; how many there were. A row already retracted is left alone."""
    return execute(
        f"update {table} set retracted_by = %s where id = any(%s) and retracted_by is null",
        [opened.id, list(numbers)],
    )

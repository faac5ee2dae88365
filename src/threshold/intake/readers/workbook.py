"""Workbooks, as ``intake.workbooks`` keeps them: a line of JSON a row, read by the same maps as delimited texts.

A map reads the first sheet, or the one that it names. Rows and sheets that were hidden are read, and their place
says so. A sheet that no map reads is held as one entry, so that it is not lost in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

from openpyxl.utils.cell import column_index_from_string, range_boundaries

from threshold.intake.maps import MOST_HEADER_ROW, Map
from threshold.intake.readers.table import (
    HASH_SET,
    ROWS_LOOKED_AT,
    RowReader,
    joined_header,
    map_with_header,
    mostly_digests,
    with_header,
)
from threshold.intake.readers.table_rows import CellKind, Row
from threshold.intake.reading import Entries, Entry, Rejected, Source
from threshold.intake.texts import clean

# How the text of a workbook begins; by this it is known.
BEGINNING = b'{"workbook": 1}\n'

_Line = dict[str, Any]
MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class _Sheet:
    number: int
    name: str
    state: str
    lines: Iterator[_Line]

    @property
    def place(self) -> str:
        return f"sheet {self.name}" + ("" if self.state == "visible" else f" ({self.state})")


def read(source: Source, maps: Sequence[Map]) -> Entries:
    """Every sheet with anything in it, by the one map that reads that sheet and whose header it has."""
    wanted = source.hints.get("map")
    named = [one for one in maps if one.name == wanted] if wanted else list(maps)
    for sheet in _sheets(source):
        first = list(islice(sheet.lines, max(ROWS_LOOKED_AT, MOST_HEADER_ROW)))
        if first:
            yield from _read_sheet(sheet, first, named, source)


def _sheets(source: Source) -> Iterator[_Sheet]:
    """The sheets of a kept workbook in order; each is to be read before the next."""
    with Path(source.path).open(encoding="utf-8") as file:
        next(file)
        lines = map(json.loads, file)
        at: list[_Line] = [next(lines, {})]  # the line that begins the next sheet

        def of_this_sheet() -> Iterator[_Line]:
            at[0] = {}
            for line in lines:
                if "sheet" in line:
                    at[0] = line
                    return
                yield line

        number = 0
        while at[0]:
            number += 1
            sheet = _Sheet(number, str(at[0]["sheet"]), str(at[0].get("state", "visible")), of_this_sheet())
            yield sheet
            for _ in sheet.lines:
                pass  # whatever its reader left


def first_of_sheet(
    source: Source, name: str | None, most: int
) -> tuple[list[str], list[Row], Callable[[Sequence[int]], list[str]]]:
    """The names of all sheets; of one sheet (the first without a name) its first rows, and its header at any rows."""
    names: list[str] = []
    lines: list[_Line] = []
    rows: list[Row] = []
    for sheet in _sheets(source):
        names.append(sheet.name)
        if sheet.name == name or (name is None and sheet.number == 1):
            lines = list(islice(sheet.lines, most))
            width = max((_column(at) + 1 for line in lines for at in line["cells"]), default=0)
            rows = [_row(line, sheet, min(width, MOST_COLUMNS)) for line in lines]
    return names, rows, lambda at: header_at(lines, at)


def _read_sheet(sheet: _Sheet, first: list[_Line], maps: Sequence[Map], source: Source) -> Iterator[Entry]:
    if mostly_digests([_text(cell) for cell in line["cells"].values()] for line in first):
        yield Rejected(sheet.place, "refused", HASH_SET)
        return
    mine = _maps_of(sheet, maps)
    if not mine:
        rows = len(first) + sum(1 for _ in sheet.lines)
        why = f"no map reads this sheet, which has {rows} rows: name it in a map (`sheet:`), or leave it"
        yield Rejected(sheet.place, "held", why, "sheet")
        return
    by = map_with_header(mine, _header_in(first))
    if isinstance(by, Rejected):
        yield Rejected(sheet.place, by.state, by.reason, by.field)
        return
    read_row = RowReader(by, source)
    found = False
    for line in chain(first, sheet.lines):
        if line["row"] > by.header_rows[-1]:
            found = True
            yield read_row(_row(line, sheet, len(by.header)))
    if not found:
        yield Rejected(sheet.place, "refused", "a table with a header and no rows")


def maps_that_fit(source: Source, name: str | None, maps: Sequence[Map]) -> list[Map]:
    """Those of *maps* that read the sheet of this name (the first without one), one of each name."""
    for sheet in _sheets(source):
        if sheet.name == name or (name is None and sheet.number == 1):
            first = list(islice(sheet.lines, max(ROWS_LOOKED_AT, MOST_HEADER_ROW)))
            return with_header(_maps_of(sheet, maps), _header_in(first))
    return []


def _maps_of(sheet: _Sheet, maps: Sequence[Map]) -> list[Map]:
    return [one for one in maps if (one.sheet == sheet.name if one.sheet else sheet.number == 1)]


def row_at(source: Source, place: str, maps: Sequence[Map]) -> tuple[Row, Map] | Rejected | None:
    """One row with the map of its sheet, by its place; ``Rejected`` where that map is not among these."""
    for sheet in _sheets(source):
        if not place.startswith(f"{sheet.place}, row "):
            continue
        first = list(islice(sheet.lines, max(ROWS_LOOKED_AT, MOST_HEADER_ROW)))
        mine = _maps_of(sheet, maps)
        by = map_with_header(mine, _header_in(first)) if mine else None
        if not isinstance(by, Map):
            return by or Rejected(sheet.place, "held", "no map reads this sheet", "sheet")
        for line in chain(first, sheet.lines):
            row = _row(line, sheet, len(by.header))
            if row.place == place:
                return row, by
    return None


def _header_in(first: list[_Line]) -> Callable[[Map], list[str]]:
    """The header where a map looks for it, among the first rows of a sheet."""
    return lambda one: header_at(first, one.header_rows)


def header_at(first: list[_Line], rows: Sequence[int]) -> list[str]:
    """The names of the columns. One name that was merged over several columns stands above each of them."""
    found = []
    for number in rows:
        line: _Line = next((line for line in first if line["row"] == number), {"cells": {}})
        names: dict[int, str] = {_column(at): clean(_text(cell)) for at, cell in line["cells"].items()}
        for ref in line.get("merged", ()) if number != rows[-1] else ():
            left, top, right, _ = range_boundaries(ref)
            if left and right and top == number and left - 1 in names:
                names |= dict.fromkeys(range(left, min(right, MOST_COLUMNS)), names[left - 1])
        found.append([names.get(n, "") for n in range(min(max(names, default=-1) + 1, MOST_COLUMNS))])
    return joined_header(found)


def _row(line: _Line, sheet: _Sheet, width: int) -> Row:
    cells = [""] * width
    kinds: list[CellKind] = ["text"] * width
    problem = line.get("problem")
    for at, cell in line["cells"].items():
        number = _column(at)
        if number < width:
            cells[number] = _text(cell)
            # Only kinds of this list were written when the workbook was kept as text (``intake/workbooks.py``).
            kinds[number] = "text" if isinstance(cell, str) else cast(CellKind, cell[0])
        else:
            problem = problem or f"a value in column {at}, to the right of the last column that has a name"
    for ref in line.get("merged", ()):
        if (range_boundaries(ref)[0] or 1) <= width:
            problem = problem or (
                f"merged cells ({ref}): for which rows and columns the value was meant is not said. Take the "
                "merging off, fill each cell, and bring it again"
            )
    place = f"{sheet.place}, row {line['row']}" + (" (hidden)" if line.get("hidden") else "")
    return Row(line["row"], cells, problem, kinds, place)


def _text(cell: str | list[str]) -> str:
    return cell if isinstance(cell, str) else str(cell[1])


def _column(letters: str) -> int:
    return column_index_from_string(letters) - 1

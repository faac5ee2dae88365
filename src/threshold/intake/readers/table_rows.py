"""Rows of a delimited text of any size. A broken row costs that row; those after it are read again from there."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

LONGEST_LINE = 1024 * 1024
# A quoted cell may hold line breaks; a quote left open would swallow the rest of the file.
MOST_LINES_OF_A_ROW = 200
LONGEST_CELL = 128 * 1024


CellKind = Literal["text", "number", "date", "time", "yes/no", "error", "formula"]


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` counts rows as a spreadsheet does, from 1. ``problem``: why it cannot be read.

    ``kinds`` says what each cell is in a workbook; in a delimited text, where it is empty, all are text. ``line``
    is the first line of a row of a delimited text that has a problem, as it stood.
    """

    number: int
    cells: list[str]
    problem: str | None = None
    kinds: Sequence[CellKind] = ()
    place: str = ""
    line: str = ""

    def kind(self, number: int) -> CellKind:
        return self.kinds[number] if self.kinds else "text"


class _Lines:
    """Physical lines with a way back: the lines of a row that went wrong are handed out again."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.again: list[str] = []
        self.of_this_row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.of_this_row) >= MOST_LINES_OF_A_ROW:
            raise StopIteration
        line = self.again.pop() if self.again else self.file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.of_this_row.append(line)
        return line

    def back_to_second_line(self) -> None:
        self.again.extend(reversed(self.of_this_row[1:]))
        self.of_this_row = []

    def skip_rest_of_long_line(self) -> None:
        while True:
            piece = self.file.readline(LONGEST_LINE)
            if not piece or piece.endswith(("\n", "\r")):
                return


def rows(path: str, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every row, empty ones too (with no cells). Undecodable bytes come as lone surrogates, for the caller to see."""
    # utf-16 cannot smuggle bytes through; there a fault ends the file.
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    with Path(path).open("rb") as raw:
        file = io.TextIOWrapper(
            raw, encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors=errors, newline=""
        )
        yield from _rows(_Lines(file), delimiter)


def is_utf_8(path: str) -> bool:
    """Whether a text is plainly UTF-8: all of it can be read so, and more than plain ASCII stands in it.

    Hardly any text in Windows-1252 with a letter beyond ASCII can (its é and the letter after it would have to be a
    pair such as Ã©).
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    beyond = False
    with Path(path).open("rb") as raw:
        while content := raw.read(1024 * 1024):
            beyond = beyond or not content.isascii()
            try:
                decoder.decode(content)
            except UnicodeDecodeError:
                return False
    return beyond and not decoder.getstate()[0]


def _rows(lines: _Lines, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        lines.of_this_row = []
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, [], _plain(error, lines), line=lines.of_this_row[0])
            if len(lines.of_this_row[0]) >= LONGEST_LINE:
                lines.skip_rest_of_long_line()
            lines.back_to_second_line()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if len(lines.of_this_row[0]) >= LONGEST_LINE and not lines.of_this_row[0].endswith(("\n", "\r")):
            lines.skip_rest_of_long_line()
            problem = f"a line longer than {LONGEST_LINE:,} characters"
            yield Row(number, [], problem, line=lines.of_this_row[0])
            continue
        yield Row(number, cells)


def _plain(error: csv.Error, lines: _Lines) -> str:
    said = str(error)
    if "field larger" in said:
        return f"a cell longer than {LONGEST_CELL:,} characters"
    if "unexpected end" in said or len(lines.of_this_row) > 1:
        return "a quotation mark is opened and not closed"
    return f"quotation marks out of place: {said}"

"""Workbooks (XLSX, XLSM): the cells of every sheet are written down as text, and nothing else of them is kept.

A workbook is an archive in which a picture can hide anywhere: behind a drawing, in a thumbnail, in a part that no
list names. So it is not cleaned, it is read: what stands in cells goes through the cutter as text, one line of
JSON a row, and every part that is no cell text is cut unread, with its place, kind and length (decision 11).

Nothing is worked out. A formula gives the result that was saved with it, links to other files are not followed,
and a cell keeps the kind that it has in the file, for what a number, a date and a text can be trusted for differs.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from posixpath import join, normpath
from typing import BinaryIO, cast
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    get_column_letter,
    range_boundaries,
)
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import CellCoordinatesException

from threshold.intake.archives import BrokenMember, MemberStream, shown
from threshold.intake.media import CutResult, cut_media, media_kind
from threshold.intake.readers.workbook import BEGINNING
from threshold.intake.reading import Cut

# All parts that are read, unpacked; no force was sent a table of this size (bytes).
MOST_UNPACKED = 2 * 1024**3
MOST_RATIO = 250
RATIO_COUNTS_FROM = 16 * 1024**2
LARGEST_LIST = 16 * 1024**2  # the parts that name sheets and formats
LONGEST_CELL = 128 * 1024
MOST_COLUMNS = 16_384
MOST_MERGED = 100_000
CHUNK = 64 * 1024

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
_SHOWS_TIME = re.compile(r"[hs]", re.IGNORECASE)
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class UnreadableWorkbook(Exception):
    """Why a workbook cannot be read, in words for the person who brought it."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    state: str
    part: str


@dataclass(frozen=True, slots=True)
class _Range:
    """A merged range: its rows, and how it is written."""

    first: int
    last: int
    ref: str


def keep_as_text(stream: BinaryIO, sink: BinaryIO) -> CutResult:
    """Write what stands in the cells of a workbook to *sink*; the parts that are no text count as cut.

    The digest and length are those of the workbook, the places of cuts in its parts are places in it.

    :raises UnreadableWorkbook: it is damaged, or is not what it seems
    """
    digest = hashlib.sha256()
    length = 0
    while piece := stream.read(1024 * 1024):
        digest.update(piece)
        length += len(piece)
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            book = _Workbook(archive)
            lines = _Lines(book.lines())
            cut = cut_media(cast(BinaryIO, lines), sink)
            parts = book.parts_cut()
    except (zipfile.BadZipFile, BrokenMember) as error:
        raise UnreadableWorkbook(f"the workbook is damaged: {error}"[:300]) from None
    except expat.ExpatError as error:
        raise UnreadableWorkbook(f"the workbook is damaged: a part of it is not XML ({error})") from None
    except (ValueError, CellCoordinatesException) as error:
        raise UnreadableWorkbook(f"the workbook is damaged: {error}"[:300]) from None
    return CutResult(digest.hexdigest(), length, (*parts, *cut.cuts), False)


class _Lines:
    """Text that comes line by line, to be read like a file."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines = lines
        self.left = b""

    def read(self, size: int) -> bytes:
        pieces, have = [self.left], len(self.left)
        while have < size and (line := next(self.lines, None)) is not None:
            pieces.append(line)
            have += len(line)
        whole = b"".join(pieces)
        self.left = whole[size:]
        return whole[:size]


class _Texts:
    """The texts that cells share, packed: a hundred thousand of them are a few megabytes."""

    def __init__(self) -> None:
        self.packed = bytearray()
        self.ends = array("Q", [0])

    def add(self, text: str) -> None:
        self.packed += text.encode("utf-8", "replace")
        self.ends.append(len(self.packed))

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            raise UnreadableWorkbook(f"a cell names text {number}, and there is none")
        return self.packed[self.ends[number] : self.ends[number + 1]].decode("utf-8")


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.parts = {info.filename: info for info in archive.infolist()}
        self.unpacked = 0
        self.read: set[str] = set()
        self.epoch = WINDOWS_EPOCH
        self.formats: list[str] = []
        self.texts = _Texts()

    def lines(self) -> Iterator[bytes]:
        yield BEGINNING
        sheets = self._sheets()
        self._formats()
        self._shared_texts()
        for sheet in sheets:
            yield _line({"sheet": sheet.name, **({} if sheet.state == "visible" else {"state": sheet.state})})
            if sheet.part in self.parts:
                yield from self._rows(sheet)

    def parts_cut(self) -> tuple[Cut, ...]:
        """What is no cell text: pictures, embedded files, macros, comments, and whatever else there is."""
        return tuple(
            Cut(info.header_offset, f"{self._kind(info)} at {shown(name)}"[:400], info.file_size)
            for name, info in self.parts.items()
            if name not in self.read and not info.is_dir() and not name.endswith(".rels")
        )

    def _kind(self, info: zipfile.ZipInfo) -> str:
        if info.flag_bits & 0x1:
            return "encrypted part"
        try:
            return media_kind(MemberStream(self.archive, info).read(64)) or "part"
        except BrokenMember:
            return "part"

    # --- the parts that say where things are

    def _sheets(self) -> list[_Sheet]:
        targets: dict[str, str] = {}
        found: list[tuple[str, str, str]] = []

        def relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        def entry(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self.epoch = MAC_EPOCH
            if name == "sheet":
                relation_id = next((v for k, v in attributes.items() if k.endswith(":id")), "")
                found.append((attributes.get("name", ""), attributes.get("state", "visible"), relation_id))

        self._walk("xl/_rels/workbook.xml.rels", entry=relation, most=LARGEST_LIST)
        self._walk("xl/workbook.xml", entry=entry, most=LARGEST_LIST)
        if not found:
            raise UnreadableWorkbook("there is no sheet in the workbook")
        return [_Sheet(name, state, _part(targets.get(relation, ""))) for name, state, relation in found]

    def _formats(self) -> None:
        """The number format of every style: it alone says whether a number is a date."""
        own: dict[int, str] = {}
        styles: list[int] = []
        inside = ""

        def entry(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if name in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside = name
            elif name == "numFmt" and inside != "dxfs":
                own[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            elif name == "xf" and inside == "cellXfs":
                styles.append(int(attributes.get("numFmtId", "0")))

        self._walk("xl/styles.xml", entry=entry, most=LARGEST_LIST)
        self.formats = [own.get(number) or BUILTIN_FORMATS.get(number, "General") for number in styles]

    def _shared_texts(self) -> None:
        pieces: list[str] = []
        reading = phonetic = False

        def entry(name: str, attributes: dict[str, str]) -> None:
            nonlocal reading, phonetic
            reading = name == "t"
            phonetic = phonetic or name == "rPh"

        def end(name: str) -> None:
            nonlocal reading, phonetic
            reading = False
            if name == "rPh":
                phonetic = False
            elif name == "si":
                self.texts.add(unescape("".join(pieces)))
                pieces.clear()

        def text(said: str) -> None:
            if reading and not phonetic:
                pieces.append(said)

        self._walk("xl/sharedStrings.xml", entry=entry, end=end, text=text)

    # --- the rows of a sheet

    def _rows(self, sheet: _Sheet) -> Iterator[bytes]:
        merged = deque(self._merged(sheet.part))
        open_ranges: list[_Range] = []
        for row in _RowParser(self).rows(sheet.part):
            while merged and merged[0].first <= row.number:
                open_ranges.append(merged.popleft())
            open_ranges = [one for one in open_ranges if one.last >= row.number]
            if not row.cells:
                continue
            line: dict[str, object] = {"row": row.number}
            if row.hidden:
                line["hidden"] = True
            if row.problem:
                line["problem"] = row.problem
            if open_ranges:
                line["merged"] = [one.ref for one in open_ranges[:50]]
            yield _line({**line, "cells": row.cells})

    def _merged(self, part: str) -> list[_Range]:
        """Merged ranges are listed after the rows; so the part is looked through once before."""
        found: set[_Range] = set()
        tail = b""
        for piece in self.pieces(part):
            text = tail + piece
            for match in _MERGED.finditer(text):
                ref = match[1].decode("ascii")
                _, first, _, last = range_boundaries(ref)
                found.add(_Range(int(first or 0), int(last or 0), ref))
            tail = text[max(text.rfind(b"<"), len(text) - 300) :]
            if len(found) > MOST_MERGED:
                raise UnreadableWorkbook(f"more than {MOST_MERGED:,} merged cells")
        return sorted(found, key=lambda one: (one.first, one.ref))

    # --- reading a part

    def pieces(self, part: str) -> Iterator[bytes]:
        """The bytes of a part, as long as it unpacks to what an honest workbook does."""
        info = self.parts[part]
        if info.flag_bits & 0x1:
            raise UnreadableWorkbook("it is encrypted: save it without a password")
        self.read.add(part)
        stream = MemberStream(self.archive, info)
        size = 0
        while piece := stream.read(CHUNK):
            size += len(piece)
            self.unpacked += len(piece)
            bomb = size > RATIO_COUNTS_FROM and size > MOST_RATIO * max(info.compress_size, 1)
            if bomb or self.unpacked > 2 * MOST_UNPACKED:
                raise UnreadableWorkbook(
                    f"it unpacks to more than a workbook can hold ({shown(part)}), as a bomb does"
                )
            yield piece

    def _walk(
        self,
        part: str,
        *,
        entry: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
        most: int = MOST_UNPACKED,
    ) -> None:
        if part not in self.parts:
            return
        parser = safe_parser()
        parser.StartElementHandler = lambda name, attributes: entry(_local(name), attributes)
        if end is not None:
            told = end
            parser.EndElementHandler = lambda name: told(_local(name))
        parser.CharacterDataHandler = text
        size = 0
        for piece in self.pieces(part):
            size += len(piece)
            if size > most:
                raise UnreadableWorkbook(f"a list of its parts is longer than {most:,} bytes ({shown(part)})")
            feed(parser, piece, size)
        parser.Parse(b"", True)


def safe_parser() -> expat.XMLParserType:
    """No document type, so no entity of anybody's making; nothing outside the part is ever asked for."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*declared: object) -> None:
        raise UnreadableWorkbook("a part of it declares a document type, which no workbook needs")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def feed(parser: expat.XMLParserType, piece: bytes, so_far: int) -> None:
    parser.Parse(piece, False)
    # One tag or comment that never ends would grow in memory.
    if so_far - parser.CurrentByteIndex > LARGEST_LIST:
        raise UnreadableWorkbook("a part of it holds one endless tag")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _part(target: str) -> str:
    return normpath(target[1:] if target.startswith("/") else join("xl", target))


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


class _Row:
    """A row while its cells come. ``cells``: column letters to a text, or to [kind, text] for what is no text."""

    def __init__(self, number: int, hidden: bool) -> None:
        self.number = number
        self.hidden = hidden
        self.cells: dict[str, str | list[str]] = {}
        self.problem: str | None = None


class _RowParser:
    """Rows of one sheet as they come, with one row in memory."""

    def __init__(self, book: _Workbook) -> None:
        self.book = book
        self.done: list[_Row] = []
        self.row: _Row | None = None
        self.last_row = 0
        self.column = ""
        self.kind = ""
        self.style = 0
        self.formula = False
        self.value: list[str] | None = None
        self.size = 0
        self.reading = False
        self.phonetic = False

    def rows(self, part: str) -> Iterator[_Row]:
        parser = safe_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        size = 0
        for piece in self.book.pieces(part):
            size += len(piece)
            feed(parser, piece, size)
            yield from self.done
            self.done.clear()
        parser.Parse(b"", True)
        yield from self.done

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            number = int(attributes.get("r", self.last_row + 1))
            self.row = _Row(number, attributes.get("hidden") in ("1", "true"))
            if number <= self.last_row:
                self.row.problem = "the workbook numbers its rows out of order"
            self.last_row = max(number, self.last_row)
            self.column = ""
        elif name == "c" and self.row is not None:
            at = attributes.get("r")
            self.column = coordinate_from_string(at)[0] if at else _next_column(self.column)
            self.kind = attributes.get("t", "n")
            self.style = int(attributes.get("s", "0"))
            self.formula, self.value, self.size = False, None, 0
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.phonetic = True
        elif name in ("v", "t", "is"):
            self.value = self.value if self.value is not None else []
            self.reading = name != "is"

    def _text(self, said: str) -> None:
        if not self.reading or self.phonetic or self.value is None or self.row is None:
            return
        self.size += len(said)
        if self.size > LONGEST_CELL:
            self.row.problem = f"a cell longer than {LONGEST_CELL:,} characters ({self.column})"
        else:
            self.value.append(said)

    def _end(self, tag: str) -> None:
        name = _local(tag)
        if name in ("v", "t"):
            self.reading = False
        elif name == "rPh":
            self.phonetic = False
        elif name == "c" and self.row is not None:
            self._cell(self.row)
        elif name == "row" and self.row is not None:
            self.done.append(self.row)
            self.row = None

    def _cell(self, row: _Row) -> None:
        if self.value is None:
            if self.formula:
                row.cells[self.column] = ["formula", ""]
            return
        said = "".join(self.value)
        cell = self._read(said)
        if cell == "":
            return
        if len(row.cells) >= MOST_COLUMNS or self.column in row.cells:
            row.problem = f"the workbook gives one cell twice ({self.column})"
        row.cells[self.column] = cell

    def _read(self, said: str) -> str | list[str]:
        match self.kind:
            case "s":
                if not said.strip().isdecimal():
                    raise UnreadableWorkbook("a cell names a text that does not exist")
                return self.book.texts[int(said)]
            case "str" | "inlineStr":
                return unescape(said)
            case "b":
                return ["yes/no", "TRUE" if said.strip() in ("1", "true") else "FALSE"]
            case "e":
                return ["error", said]
            case "d":
                return ["date", said.replace("T", " ")]
            case _:
                return self._number(said.strip())

    def _number(self, said: str) -> str | list[str]:
        if not said:
            return ["formula", ""] if self.formula else ""
        style = self.book.formats[self.style] if 0 <= self.style < len(self.book.formats) else "General"
        if _NUMBER.fullmatch(said) and is_date_format(style):
            return _moment(float(said), style, self.book.epoch) or ["number", said]
        # A format of noughts alone shows leading ones: the cell reads so, and so it was seen.
        if said.isdecimal() and style and set(style) == {"0"} and len(style) > len(said):
            return said.zfill(len(style))
        return ["number", said]


def _next_column(column: str) -> str:
    return get_column_letter(column_index_from_string(column) + 1) if column else "A"


def _moment(serial: float, style: str, epoch: datetime) -> list[str] | None:
    """A date cell in ISO 8601, as finely as it is kept: with a time of day where it has one or is shown with one."""
    try:
        value = from_excel(serial, epoch, timedelta=False)
    except (ValueError, OverflowError):
        return None
    if isinstance(value, timedelta) or value is None:
        return None
    if isinstance(value, time):
        return ["time", value.isoformat(timespec="seconds")]
    if isinstance(value, datetime):
        timed = value.time() != time(0) or _SHOWS_TIME.search(_NOT_SHOWN.sub("", style))
        fine = "milliseconds" if value.microsecond else "seconds"
        return ["date", value.isoformat(" ", fine) if timed else value.date().isoformat()]
    assert isinstance(value, date)
    return ["date", value.isoformat()]

"""Delimited tables, read by an explicit map (``threshold.intake.maps``, ``docs/maps.md``).

A row is a report. A row that does not fit its map is held with the column; the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from threshold.intake.maps import ClaimColumn, Map, PersonMap
from threshold.intake.readers.building import MentionInProgress
from threshold.intake.readers.table_rows import Row, rows
from threshold.intake.readers.table_times import contradicts_order, day_in_order, read_table_moment
from threshold.intake.readers.times import age_from_birth, age_from_years, day_of, read_moment
from threshold.intake.reading import (
    Activity,
    ActivityKind,
    Age,
    Entries,
    Entry,
    Grade,
    Moment,
    ReadReport,
    Rejected,
    Source,
)
from threshold.intake.texts import Keeping, clean, joined, looks_like_digest, names_a_digest, without_digests

HASH_SET = "a table of digests: Threshold never takes one"
ROWS_LOOKED_AT = 200

_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d+")
_ERROR_CELL = re.compile(r"#+|#(?:N/A|REF!|VALUE!|NAME\?|NUM!|DIV/0!|NULL!)", re.IGNORECASE)
_DECIMAL = re.compile(r"\+?\d+[.,]0+")
# A spreadsheet keeps fifteen digits and writes noughts for the rest.
_ROUNDED = re.compile(r"\d{15}0{3,}")


class HeldRowError(Exception):
    """Why a row is held, and by which column."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def read(source: Source, maps: Sequence[Map]) -> Entries:
    """The rows of one table, by the one map whose header it has."""
    chosen = choose_map(source, maps)
    if isinstance(chosen, Rejected):
        yield chosen
        return
    try:
        yield from _read_by(chosen, source)
    except UnicodeError as error:
        reason = f"the text stops being {chosen.encoding}: {error}"[:200]
        yield Rejected("(document)", "refused", reason, "encoding")


def choose_map(source: Source, maps: Sequence[Map]) -> Map | Rejected:
    """The map named by the hint ``map``, else the only one whose header the table has."""
    wanted = source.hints.get("map")
    named = [one for one in maps if one.name == wanted] if wanted else list(maps)
    if not named:
        missing = f"there is no map named {wanted!r}" if wanted else "a table needs a map, and there is none"
        return Rejected("(document)", "held", missing, "map")
    headers = {(one.encoding, one.delimiter): first_row(source, one) for one in named}
    fitting = [one for one in named if headers[one.encoding, one.delimiter] == list(one.header)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(sorted(one.name for one in fitting))
        return Rejected("(document)", "held", f"several maps have this header ({names}): name the map", "map")
    if all_digests(source, named[0]):
        return Rejected("(document)", "refused", HASH_SET)
    nearest = min(named, key=lambda one: _distance(headers[one.encoding, one.delimiter], one))
    difference = _difference(headers[nearest.encoding, nearest.delimiter], nearest)
    return Rejected(
        "(document)", "held", f"no map has this header; nearest is {nearest.name!r}: {difference}", "header"
    )


def first_row(source: Source, by: Map) -> list[str]:
    try:
        row = next(rows(source.path, by.encoding, by.delimiter), None)
    except UnicodeError:
        return []
    return [clean(cell) for cell in row.cells[:500]] if row else []


def _distance(header: list[str], by: Map) -> int:
    return len(set(header) ^ set(by.header))


def _difference(header: list[str], by: Map) -> str:
    missing = [name for name in by.header if name not in header]
    new = [name for name in header if name not in by.header]
    if not missing and not new:
        return "the same columns in another order"
    told = [f"without {', '.join(missing[:5])}"] if missing else []
    told += [f"with {', '.join(name[:40] for name in new[:5])}"] if new else []
    return "; ".join(told)


def all_digests(source: Source, by: Map) -> bool:
    """Whether most of the first rows are digests."""
    digests = filled = 0
    try:
        for number, row in enumerate(rows(source.path, by.encoding, by.delimiter)):
            if number >= ROWS_LOOKED_AT:
                break
            if any(cell.strip() for cell in row.cells):
                filled += 1
                cells = [cell for cell in row.cells if cell.strip()]
                digests += sum(map(looks_like_digest, cells)) * 2 >= len(cells)
    except UnicodeError:
        return False
    return filled > 0 and digests * 2 > filled


def _read_by(by: Map, source: Source) -> Iterator[Entry]:
    if all_digests(source, by):
        yield Rejected("(document)", "refused", HASH_SET)
        return
    read_row = RowReader(by, source)
    found = False
    for row in rows(source.path, by.encoding, by.delimiter):
        if row.number == 1:
            continue
        if row.problem is None and not any(row.cells):
            continue  # a line without anything is no entry
        found = True
        yield read_row(row)
    if not found:
        yield Rejected("(document)", "refused", "a table with a header and no rows")


class RowReader:
    """Turns a row into an entry. What the map says is worked out once, not once a row."""

    def __init__(self, by: Map, source: Source) -> None:
        self.by = by
        self.at = {name: number for number, name in enumerate(by.header)}
        self.sender = by.sender
        self.phones = frozenset(column for who in by.people for kind, column in who.plain if kind == "phone")
        received = source.hints.get("received")
        self.received_on: date | None = day_of(read_moment(received)) if received else None
        self.identifying = {self.at[name]: name for name in _identifying(by)}
        read = set(_columns_read(by)) | by.ignore
        self.kept = [
            (n, name) for name, n in self.at.items() if name not in read and not names_a_digest(name)
        ]

    def __call__(self, row: Row) -> Entry:
        place = f"row {row.number}"
        try:
            if row.problem:
                raise HeldRowError(row.problem)
            self.check(row.cells)
            return self.report(row.cells, place)
        except HeldRowError as held:
            return Rejected(place, "held", held.reason, held.column)

    def check(self, cells: list[str]) -> None:
        if len(cells) != len(self.by.header):
            raise HeldRowError(f"{len(cells)} cells where the header has {len(self.by.header)}")
        for number, cell in enumerate(cells):
            if not cell.isascii() and not cell.isprintable() and any("\ud800" <= c <= "\udfff" for c in cell):
                raise HeldRowError(f"bytes that are not {self.by.encoding}", self.by.header[number])
            if "\x00" in cell:
                raise HeldRowError("a NUL character", self.by.header[number])
        for number, name in self.identifying.items():
            damage = spreadsheet_damage(cells[number].strip(), name in self.phones)
            if damage:
                raise HeldRowError(damage, name)

    def cell(self, cells: list[str], column: str | None) -> str:
        return clean(cells[self.at[column]]) if column is not None else ""

    def moment(self, cells: list[str], column: str | None) -> Moment | None:
        text = self.cell(cells, column)
        if not text:
            return None
        self.check_order(text, column)
        return read_table_moment(text, self.by.date_order, self.by.time_zone, self.by.clock)

    def check_order(self, text: str, column: str | None) -> None:
        order = self.by.date_order
        if contradicts_order(text, order):
            raise HeldRowError(
                f"the date {text[:60]!r} contradicts the date order of the map ({order})", column
            )

    def report(self, cells: list[str], place: str) -> ReadReport:
        by = self.by
        happened = self.moment(cells, by.happened)
        said_on = (day_in_order(self.cell(cells, by.happened), by.date_order), self.received_on)
        mentions = [self.person(who, cells, place, said_on) for who in by.people]
        self.activity(cells, place, happened, mentions)
        present = [mention for mention in mentions if mention.role == "reported" or _says_something(mention)]
        keeping = Keeping()
        for number, name in self.kept:
            keeping.keep(name, cells[number])
        return ReadReport(
            place=place,
            sender=self.sender,
            mentions=tuple(mention.finish() for mention in present),
            service=self.cell(cells, by.service),
            reference=self.cell(cells, by.reference) or None,
            package=self.cell(cells, by.package) or None,
            urgency=self.cell(cells, by.urgency) or None,
            happened=happened,
            incident=self.cell(cells, by.activity.column) if by.activity else "",
            words=without_digests(self.cell(cells, by.words)),
            unknown=keeping.all(),
        )

    def activity(
        self, cells: list[str], place: str, happened: Moment | None, mentions: list[MentionInProgress]
    ) -> None:
        by = self.by
        words = self.cell(cells, by.activity.column) if by.activity else ""
        kind: ActivityKind = "not_stated"
        if by.activity and words:
            if words.casefold() not in by.activity.values:
                reason = f"{words[:60]!r} is not among the activities of the map"
                raise HeldRowError(reason, by.activity.column)
            kind = by.activity.values[words.casefold()]
        grade = self.cell(cells, by.covering_column)
        grades = (Grade(by.covering_model or "", grade),) if grade else ()
        for mention in mentions:
            if mention.role == "reported":
                mention.activities.append(Activity(kind, place, happened, words, grades))

    def person(
        self, who: PersonMap, cells: list[str], place: str, said_on: tuple[date | None, ...]
    ) -> MentionInProgress:
        mention = MentionInProgress(who.role, f"{place}, {who.role}")
        origin: Literal["official", "self"] = "official" if who.official else "self"
        for account in who.accounts:
            service = account.service or self.cell(cells, account.service_column)
            at = f"{place}, {account.column}"
            mention.identify(
                "account", self.cell(cells, account.column), at, service=service, origin="captured"
            )
        for kind, column in who.plain:
            at = f"{place}, {column}"
            mention.identify(kind, self.cell(cells, column), at, origin=origin)
        if who.name:
            name = joined((self.cell(cells, column) for column in who.name), " ")
            mention.identify("name", name, f"{place}, {who.name[0]}", origin=origin)
        if who.address:
            address = joined((self.cell(cells, column) for column in who.address), ", ")
            mention.identify("address", address, f"{place}, {who.address[0]}", origin=origin)
        if born := self.cell(cells, who.born):
            self.check_order(born, who.born)
            mention.ages.append(self.birth(born, f"{place}, {who.born}", origin))
        if age := self.cell(cells, who.age):
            mention.ages.append(age_from_years(age, f"{place}, {who.age}", said_on, origin=origin))
        for connection in who.connections:
            mention.connect(
                self.cell(cells, connection.address),
                f"{place}, {connection.address}",
                port=self.cell(cells, connection.port),
                at=self.moment(cells, connection.at),
                event=self.cell(cells, connection.event),
            )
        for claim in who.claims:
            self.claim(claim, cells, place, mention)
        return mention

    def birth(self, text: str, place: str, origin: Literal["official", "self"]) -> Age:
        """A date of birth in the map's order. A day that does not exist in it has no bounds."""
        order = self.by.date_order
        match = re.fullmatch(r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})", text)
        if match is None or order == "iso":
            return age_from_birth(text, place, origin=origin)
        day, month, year = (match[n] for n in {"dmy": (1, 2, 3), "mdy": (2, 1, 3), "ymd": (3, 2, 1)}[order])
        in_iso = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
        read = age_from_birth(in_iso, place, origin=origin)
        return Age(text, place, read.earliest, read.latest, origin)

    def claim(self, column: ClaimColumn, cells: list[str], place: str, mention: MentionInProgress) -> None:
        words = self.cell(cells, column.column)
        said = words.casefold()
        at = f"{place}, {column.column}"
        if said in column.yes:
            mention.claim(column.fact, True, at, words)
        elif said in column.no:
            mention.claim(column.fact, False, at, words)
        elif said in column.not_known:
            mention.claim(column.fact, None, at, words)
        elif said:
            raise HeldRowError(f"{words[:60]!r} is neither yes, no nor not known by the map", column.column)


def spreadsheet_damage(cell: str, is_phone: bool) -> str | None:
    """What a spreadsheet does to a number that was text: seen, not mended, for the figures are gone."""
    if not cell:
        return None
    if _SCIENTIFIC.fullmatch(cell):
        return "damaged by a spreadsheet: a number in scientific notation has lost its last digits"
    if _ERROR_CELL.fullmatch(cell):
        return "damaged by a spreadsheet: the cell shows an error, not its value"
    if _ROUNDED.fullmatch(cell):
        return "may be damaged by a spreadsheet: all digits after the fifteenth are 0"
    if is_phone and _DECIMAL.fullmatch(cell):
        return "damaged by a spreadsheet: a telephone number was turned into a decimal number"
    return None


def _says_something(mention: MentionInProgress) -> bool:
    return bool(mention.identifiers or mention.connections or mention.ages or mention.claims)


def _identifying(by: Map) -> Iterator[str]:
    for who in by.people:
        yield from (account.column for account in who.accounts)
        yield from (column for _, column in who.plain)
    if by.reference:
        yield by.reference


def _columns_read(by: Map) -> Iterator[str]:
    single = (by.reference, by.package, by.covering_column, by.urgency, by.happened, by.service, by.words)
    yield from (column for column in single if column)
    if by.activity:
        yield by.activity.column
    for who in by.people:
        yield from (column for _, column in who.plain)
        for account in who.accounts:
            yield account.column
            if account.service_column:
                yield account.service_column
        yield from who.name
        yield from who.address
        yield from (column for column in (who.born, who.age) if column)
        for seen in who.connections:
            yield from (column for column in (seen.address, seen.port, seen.at, seen.event) if column)
        yield from (claim.column for claim in who.claims)

"""Delimited tables, read by an explicit map (``threshold.intake.maps``, ``docs/maps.md``).

A row is a report. A row that does not fit its map is held with the column; the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, zip_longest
from typing import Literal

from threshold.intake.maps import ClaimColumn, Map, PersonMap
from threshold.intake.readers.building import MentionInProgress
from threshold.intake.readers.table_rows import Row, is_utf_8, rows
from threshold.intake.readers.table_times import (
    contradicts_order,
    counted_day,
    day_in_order,
    is_day_number,
    read_table_moment,
)
from threshold.intake.readers.times import age_from_birth, age_from_years, day_of, read_moment, years_after
from threshold.intake.reading import (
    Activity,
    ActivityKind,
    Age,
    Entries,
    Entry,
    Grade,
    Kept,
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
MOST_DIGITS = 15
_TOTAL = re.compile(
    r"(?:grand |overall |sub-?)? ?totals?(?:[ :].{0,40})?"
    r"|(?:sum|count|number of (?:rows|records|reports|referrals))(?:[ :][ \d.,]*)?"
    r"|\d+ (?:rows|records|reports|referrals)(?: in total)?"
    r"|end of (?:report|file|list|data)",
    re.IGNORECASE,
)
NOT_A_DATE_CELL = "a number, and not a date cell: what it counts is not said"


class HeldRowError(Exception):
    """Why a row is held, and by which column."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def read(source: Source, maps: Sequence[Map]) -> Entries:
    """The rows of one delimited text, by the one map whose header it has."""
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
    headers = {_layout(one): header_of(source, one) for one in named}
    chosen = map_with_header(named, lambda one: headers[_layout(one)])
    if isinstance(chosen, Rejected) and all_digests(source, named[0]):
        return Rejected("(document)", "refused", HASH_SET)
    return chosen


def maps_that_fit(source: Source, maps: Sequence[Map]) -> list[Map]:
    """Those of *maps* whose header the table has, one of each name."""
    return with_header(maps, lambda one: header_of(source, one))


def with_header(maps: Sequence[Map], header: Callable[[Map], list[str]]) -> list[Map]:
    """Of versions of one name (a workbook fits whatever parts the columns of a text) the first stays: the newest."""
    fitting: dict[str, Map] = {}
    for one in maps:
        if one.name not in fitting and named_columns(header(one)) == list(one.header):
            fitting[one.name] = one
    return list(fitting.values())


def map_with_header(maps: Sequence[Map], header: Callable[[Map], list[str]]) -> Map | Rejected:
    """The only one of *maps* with the header that the table has where that map looks for it."""
    fitting = with_header(maps, header)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(sorted(one.name for one in fitting))
        return Rejected("(document)", "held", f"several maps have this header ({names}): name the map", "map")
    near = nearest_map(maps, lambda one: named_columns(header(one)))
    if near is None:
        return Rejected("(document)", "held", "no map has this header, or most of its columns", "header")
    changed = what_changed(named_columns(header(near)), near)
    reason = f"the layout of {near.sender} has changed since map {near.name!r} {near.version}: {changed}"
    return Rejected("(document)", "held", reason, "header")


def nearest_map(maps: Iterable[Map], header: Callable[[Map], list[str]]) -> Map | None:
    """The map that shares most columns with a table; None where none has at least half of all there are."""

    def shared(one: Map) -> float:
        here = set(header(one))
        return len(here & set(one.header)) / len(here | set(one.header))

    nearest = max(maps, key=shared, default=None)
    return nearest if nearest is not None and shared(nearest) >= 0.5 else None


def _layout(by: Map) -> tuple[str, str, tuple[int, ...]]:
    return by.encoding, by.delimiter, by.header_rows


def header_of(source: Source, by: Map) -> list[str]:
    """The names of the columns, where the map says that they stand."""
    found = []
    try:
        for row in rows(source.path, by.encoding, by.delimiter):
            if row.number in by.header_rows:
                found.append([clean(cell) for cell in row.cells[:500]])
            if row.number >= by.header_rows[-1]:
                break
    except UnicodeError:
        return []
    return joined_header(found)


def joined_header(lines: Sequence[list[str]]) -> list[str]:
    """Of two header rows the names are joined, the upper one first."""
    return [joined(parts, " / ") for parts in zip_longest(*lines, fillvalue="")]


def named_columns(header: list[str]) -> list[str]:
    """Each column by a name of its own, without the nameless ones at the end, which a spreadsheet likes to add.

    A column without a name, and one whose name stands before it already, is called by its number as well.
    """
    while header and not header[-1]:
        header = header[:-1]
    names: list[str] = []
    for number, name in enumerate(header, 1):
        names.append(f"{name} (column {number})".strip() if not name or name in names else name)
    return names


def what_changed(header: list[str], by: Map) -> str:
    """How the columns of a table differ from those of a map, in words."""
    gone = [f"column {name[:60]} is gone" for name in by.header if name not in header]
    new = [f"column {name[:60]} is new" for name in header if name not in by.header]
    if not gone and not new:
        return "the same columns stand in another order"
    told = [*gone[:8], *new[:8]]
    more = len(gone) + len(new) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more else [])])


def all_digests(source: Source, by: Map) -> bool:
    """Whether most of the first rows are digests."""
    try:
        first = islice(rows(source.path, by.encoding, by.delimiter), ROWS_LOOKED_AT)
        return mostly_digests(row.cells for row in first)
    except UnicodeError:
        return False


def mostly_digests(lines: Iterable[list[str]]) -> bool:
    digests = filled = 0
    for line in lines:
        if cells := [cell for cell in line if cell.strip()]:
            filled += 1
            digests += sum(map(looks_like_digest, cells)) * 2 >= len(cells)
    return filled > 0 and digests * 2 > filled


def _read_by(by: Map, source: Source) -> Iterator[Entry]:
    if all_digests(source, by):
        yield Rejected("(document)", "refused", HASH_SET)
        return
    if by.encoding == "windows-1252" and is_utf_8(source.path):
        reason = (
            f"map {by.name!r} {by.version} says windows-1252, and the text is UTF-8: read by that map, its letters "
            "with accents would be others. Make a map with encoding: utf-8"
        )
        yield Rejected("(document)", "held", reason, "map")
        return
    read_row = RowReader(by, source, width=len(header_of(source, by)))
    found = False
    for row in rows(source.path, by.encoding, by.delimiter):
        if row.number <= by.header_rows[-1]:
            continue
        if row.problem is None and not any(row.cells):
            continue  # a line without anything is no entry
        found = True
        yield read_row(row)
    if not found:
        yield Rejected("(document)", "refused", "a table with a header and no rows")


class RowReader:
    """Turns a row into an entry. What the map says is worked out once, not once a row.

    ``width`` is how many cells a row has, where that is not the number of the map's columns.
    """

    def __init__(self, by: Map, source: Source, width: int | None = None) -> None:
        self.by = by
        self.width = width or len(by.header)
        self.at = {name: number for number, name in enumerate(by.header)}
        self.sender = by.sender
        self.phones = frozenset(one.column for who in by.people for one in who.plain if one.kind == "phone")
        self.addresses = frozenset(seen.address for who in by.people for seen in who.connections)
        received = source.hints.get("received")
        self.received_on: date | None = day_of(read_moment(received)) if received else None
        self.identifying = {self.at[name]: name for name in _identifying(by)}
        self.texts = {self.at[name]: name for name in (*_identifying(by), *_texts(by))}
        read = set(_columns_read(by)) | by.ignore
        self.kept = [
            (n, name) for name, n in self.at.items() if name not in read and not names_a_digest(name)
        ]
        claims = {claim.column for who in by.people for claim in who.claims}
        self.marked = [(self.at[name], name) for name in by.header if name in read - by.ignore - claims]

    def __call__(self, row: Row) -> Entry:
        place = row.place or f"row {row.number}"
        try:
            if row.problem:
                raise HeldRowError(row.problem)
            self.check(row)
            return self.report(row, place)
        except HeldRowError as held:
            return Rejected(place, "held", held.reason, held.column)

    def check(self, row: Row) -> None:
        cells = row.cells
        if len(cells) != self.width:
            raise HeldRowError(f"{len(cells)} cells where the header has {self.width}")
        for number, cell in enumerate(cells):
            if cell and number >= len(self.by.header):
                raise HeldRowError("a value to the right of the last column that has a name")
            if not cell.isascii() and not cell.isprintable() and any("\ud800" <= c <= "\udfff" for c in cell):
                raise HeldRowError(f"bytes that are not {self.by.encoding}", self.by.header[number])
            if "\x00" in cell:
                raise HeldRowError("a NUL character", self.by.header[number])
            if self.by.encoding == "windows-1252" and not row.kinds and _was_utf_8(cell):
                raise HeldRowError(
                    "this row is written in utf-8, and the map says windows-1252", self.by.header[number]
                )
        if row.kinds:
            self.check_kinds(row)
        for number, name in self.identifying.items():
            if row.kind(number) == "error":
                continue
            damage = spreadsheet_damage(cells[number].strip(), name in self.phones)
            if damage:
                raise HeldRowError(damage, name)
        if _TOTAL.fullmatch(next((clean(cell) for cell in cells if cell.strip()), "")):
            raise HeldRowError("a line of totals, not a report: nobody is registered from it")

    def check_kinds(self, row: Row) -> None:
        """What a workbook says of its cells: a text that it turned into something else is not turned back."""
        for number, name in enumerate(self.by.header):
            if row.kind(number) == "formula":
                raise HeldRowError("a formula, and the file does not hold its result", name)
        for number, name in self.texts.items():
            kind = row.kind(number)
            if kind in ("date", "time", "yes/no"):
                raise HeldRowError(
                    f"the cell is a {kind} ({row.cells[number]}), where a text belongs: what was typed is gone",
                    name,
                )
            if kind != "number":
                continue
            if name in self.phones:
                raise HeldRowError(
                    f"the telephone number is stored as a number ({row.cells[number]}): a 0 or + before it is "
                    "lost, and none is put there by us",
                    name,
                )
            if name in self.addresses:
                raise HeldRowError(
                    f"the address is stored as a number ({row.cells[number]}): its dots are lost", name
                )
            if len(row.cells[number].strip("-+").replace(".", "")) > MOST_DIGITS:
                raise HeldRowError(f"a number of more than {MOST_DIGITS} digits: the last are lost", name)

    def cell(self, row: Row, column: str | None) -> str:
        """What a column says; nothing where it says that its sender does not hold it, or shows an error."""
        if column is None:
            return ""
        number = self.at[column]
        said = clean(row.cells[number])
        return "" if self.not_held(row, number, said) else said

    def not_held(self, row: Row, number: int, said: str) -> bool:
        return row.kind(number) == "error" or (bool(self.by.not_held) and said.casefold() in self.by.not_held)

    def moment(self, row: Row, column: str | None) -> Moment | None:
        text = self.cell(row, column)
        if not text or column is None:
            return None
        if counted := self.counted(row, column, text):
            return replace(read_table_moment(counted, "iso", self.by.time_zone, "24"), received=text)
        match row.kind(self.at[column]):
            case "date":  # no text and no zone: its parts are certain, and the map says where
                return read_table_moment(text, "iso", self.by.time_zone, "24")
            case "number" | "yes/no":
                return Moment(text, None, NOT_A_DATE_CELL)
            case _:
                self.check_order(text, column)
                return read_table_moment(text, self.by.date_order, self.by.time_zone, self.by.clock)

    def check_order(self, text: str, column: str) -> None:
        order = self.by.date_order
        if contradicts_order(text, order):
            raise HeldRowError(
                f"the date {text[:60]!r} contradicts the date order of the map ({order})", column
            )

    def day(self, row: Row, column: str | None) -> date | None:
        if column is None:
            return None
        order = "iso" if row.kind(self.at[column]) == "date" else self.by.date_order
        return day_in_order(self.cell(row, column), order)

    def report(self, row: Row, place: str) -> ReadReport:
        by = self.by
        happened = self.moment(row, by.happened)
        said_on = (self.day(row, by.happened), self.received_on)
        mentions = [self.person(who, row, place, said_on) for who in by.people]
        reference = self.cell(row, by.reference) or None
        if not happened and not any(map(_says_something, mentions)):
            if reference is None:
                raise HeldRowError("it names nobody, no time and no reference: a line of totals, or a note")
            if sum(1 for cell in row.cells if cell.strip()) == 1:
                raise HeldRowError("a reference and nothing else: a line of totals, or a note")
        self.activity(row, place, happened, mentions)
        present = [mention for mention in mentions if mention.role == "reported" or _says_something(mention)]
        return ReadReport(
            place=place,
            sender=self.sender,
            mentions=tuple(mention.finish() for mention in present),
            service=self.cell(row, by.service),
            reference=reference,
            package=self.cell(row, by.package) or None,
            urgency=self.cell(row, by.urgency) or None,
            happened=happened,
            reached_clearing_house=self.moment(row, by.reached_clearing_house),
            reached_agency=self.moment(row, by.reached_agency),
            incident=self.cell(row, by.activity.column) if by.activity else "",
            words=without_digests(self.cell(row, by.words)),
            unknown=self.keep(row),
            history=by.history,
            sender_keeps_until=self.keeps_until(row),
        )

    def keep(self, row: Row) -> tuple[Kept, ...]:
        """Columns that are not mapped; and of those that are, what their sender does not hold."""
        keeping = Keeping()
        for number, name in self.kept:
            keeping.keep(name, row.cells[number])
        if self.by.not_held or row.kinds:
            for number, name in self.marked:
                if self.not_held(row, number, clean(row.cells[number])):
                    keeping.keep(name, row.cells[number])
        return keeping.all()

    def keeps_until(self, row: Row) -> date | None:
        keeps = self.by.sender_keeps
        start = self.day(row, keeps.column) if keeps else None
        return years_after(start, keeps.years) if keeps and start else None

    def activity(
        self, row: Row, place: str, happened: Moment | None, mentions: list[MentionInProgress]
    ) -> None:
        by = self.by
        words = self.cell(row, by.activity.column) if by.activity else ""
        kind: ActivityKind = "not_stated"
        if by.activity and words:
            if words.casefold() not in by.activity.values:
                reason = f"{words[:60]!r} is not among the activities of the map"
                raise HeldRowError(reason, by.activity.column)
            kind = by.activity.values[words.casefold()]
        grade = self.cell(row, by.covering_column)
        grades = (Grade(by.covering_model or "", grade),) if grade else ()
        for mention in mentions:
            if mention.role == "reported":
                mention.activities.append(Activity(kind, place, happened, words, grades))

    def person(
        self, who: PersonMap, row: Row, place: str, said_on: tuple[date | None, ...]
    ) -> MentionInProgress:
        mention = MentionInProgress(who.role, f"{place}, {who.role}")
        origin: Literal["official", "self"] = "official" if who.official else "self"
        for account in who.accounts:
            service = account.service or self.cell(row, account.service_column)
            at = f"{place}, {account.column}"
            mention.identify(
                "account", self.cell(row, account.column), at, service=service, origin="captured"
            )
        for one in who.plain:
            # A sender that says when it verified says that it did; one that says nothing says neither.
            verified = True if self.day(row, one.verified_at) else None
            at = f"{place}, {one.column}"
            mention.identify(one.kind, self.cell(row, one.column), at, verified=verified, origin=origin)
        if who.name:
            name = joined((self.cell(row, column) for column in who.name), " ")
            mention.identify("name", name, f"{place}, {who.name[0]}", origin=origin)
        if who.address:
            address = joined((self.cell(row, column) for column in who.address), ", ")
            mention.identify("address", address, f"{place}, {who.address[0]}", origin=origin)
        if who.born and self.cell(row, who.born):
            mention.ages.append(self.birth(row, who.born, f"{place}, {who.born}", origin))
        if age := self.cell(row, who.age):
            mention.ages.append(age_from_years(age, f"{place}, {who.age}", said_on, origin=origin))
        for connection in who.connections:
            mention.connect(
                self.cell(row, connection.address),
                f"{place}, {connection.address}",
                port=self.cell(row, connection.port),
                at=self.moment(row, connection.at),
                event=self.cell(row, connection.event),
            )
        for claim in who.claims:
            self.claim(claim, row, place, mention)
        if who.role == "reported":
            mention.add_prior(self.cell(row, self.by.earlier_reference))
        return mention

    def counted(self, row: Row, column: str, text: str) -> str | None:
        """The date that a number counts, where the map says from when its sender's spreadsheets count days."""
        if self.by.day_numbers is None or not is_day_number(text):
            return None
        return (
            counted_day(text, self.by.day_numbers)
            if row.kind(self.at[column]) in ("number", "text")
            else None
        )

    def birth(self, row: Row, column: str, place: str, origin: Literal["official", "self"]) -> Age:
        """A date of birth in the map's order. A day that does not exist in it has no bounds."""
        text = self.cell(row, column)
        order = self.by.date_order
        counted = self.counted(row, column, text)
        if counted or row.kind(self.at[column]) == "date":
            read = age_from_birth((counted or text)[:10], place, origin=origin)
            return Age(text, place, read.earliest, read.latest, origin)
        self.check_order(text, column)
        match = re.fullmatch(r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})", text)
        if match is None or order == "iso":
            return age_from_birth(text, place, origin=origin)
        day, month, year = (match[n] for n in {"dmy": (1, 2, 3), "mdy": (2, 1, 3), "ymd": (3, 2, 1)}[order])
        in_iso = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
        read = age_from_birth(in_iso, place, origin=origin)
        return Age(text, place, read.earliest, read.latest, origin)

    def claim(self, column: ClaimColumn, row: Row, place: str, mention: MentionInProgress) -> None:
        number = self.at[column.column]
        words = clean(row.cells[number])
        said = words.casefold()
        at = f"{place}, {column.column}"
        if said in column.yes:
            mention.claim(column.fact, True, at, words)
        elif said in column.no:
            mention.claim(column.fact, False, at, words)
        elif said in column.not_known or (said and self.not_held(row, number, words)):
            mention.claim(column.fact, None, at, words)
        elif said:
            raise HeldRowError(f"{words[:60]!r} is neither yes, no nor not known by the map", column.column)


def _was_utf_8(cell: str) -> bool:
    """Whether a text read as windows-1252 is UTF-8: its bytes make letters in it, which is never so by chance."""
    if cell.isascii():
        return False
    try:
        cell.encode("windows-1252").decode("utf-8")
    except UnicodeError:
        return False
    return True


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
        yield from (one.column for one in who.plain)
    yield from (column for column in (by.reference, by.earlier_reference) if column)


def _texts(by: Map) -> Iterator[str]:
    """Other columns in which a text belongs, and no date or yes."""
    for who in by.people:
        yield from (*who.name, *who.address)
        yield from (seen.address for seen in who.connections)


def _columns_read(by: Map) -> Iterator[str]:
    single = (
        by.reference,
        by.earlier_reference,
        by.package,
        by.covering_column,
        by.urgency,
        by.happened,
        by.reached_clearing_house,
        by.reached_agency,
        by.service,
        by.words,
    )
    yield from (column for column in single if column)
    if by.activity:
        yield by.activity.column
    for who in by.people:
        yield from (one.column for one in who.plain)
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

"""A map made from a table that is held: tried on it, saved, and the held delivery read with it."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from threshold.acts.access import Actor, Power
from threshold.acts.db import refresh_statistics
from threshold.acts.verbs import act, attempt
from threshold.enquiries.assess import policy_in_force, ready
from threshold.intake import queries as deliveries
from threshold.intake import readers
from threshold.intake import verbs as intake
from threshold.intake.drafting import DraftReport
from threshold.intake.map_making import (
    ROWS_TRIED,
    Answers,
    Reading,
    Sample,
    WrongMap,
    answers_from,
    likely_header,
    reading_of,
    table_sample,
    workbook_sample,
    written_map,
)
from threshold.intake.maps import Map, read_map
from threshold.intake.readers import table as tables
from threshold.intake.readers import workbook
from threshold.intake.readers.table import nearest_map
from threshold.intake.reading import Entry, ReadReport, Rejected, Source
from threshold.journey.importing import next_size
from threshold.journey.reading_ahead import prepare
from threshold.journey.registering import Placed, register, sort_reports
from threshold.journey.scratch import IN_MEMORY, scratch

# How much of a delivery is read for its page and its trial (bytes): a thousand rows of several thousand letters.
MOST_TRIED = 8 * 1024 * 1024
SHOWN = 5
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows would not be registered, or what of them would be no use: how many, and where the first stand."""

    state: str
    reason: str
    column: str | None
    count: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a map would make of the first rows of a table. Nothing was written. ``mark`` is of what was tried."""

    mark: str
    entries: int
    more: bool
    counts: Mapping[str, int]
    reasons: tuple[Reason, ...]
    unread: tuple[Reason, ...]
    shown: tuple[ReadReport, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A table that is held for want of a map, and the maps in force that read it by now.

    Several, where senders write the same columns: which of them sent it, an officer says.
    """

    delivery: Any
    reasons: tuple[str, ...]
    sheet: str | None
    fits: tuple[Map, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a held table, as they came. ``known``: the map whose layout they nearly have."""

    delivery: Any
    sample: Sample
    known: Map | None = field(default=None)


class NotATable(Exception):
    """This delivery does not wait for a map. ``str()`` says what to do."""


def waiting(found: Any) -> Waiting | None:
    """How a delivery (its row) waits for a map; None where it does not."""
    if found.format.partition(" ")[0] not in ("table", "workbook") or found.same_as:
        return None
    entries = deliveries.wants_a_map(found.id)
    finished = deliveries.sum_of(found.id).expected is not None
    if not entries and finished:
        return None
    place = entries[0].place if entries else ""
    sheet = place.removeprefix("sheet ").partition(" (")[0] if place.startswith("sheet ") else None
    maps = deliveries.maps_in_force()
    with _source(found) as (source, _):
        if found.format.partition(" ")[0] == "table":
            fits = tables.maps_that_fit(source, maps)
        else:
            fits = workbook.maps_that_fit(source, sheet, maps)
    return Waiting(found, tuple(entry.reason for entry in entries), sheet, tuple(fits))


def read_by_map(found: Any) -> Waiting | None:
    """A table that a map has read: a later version of that map can be made from it. None where it is no table."""
    if found.format.partition(" ")[0] not in ("table", "workbook") or found.same_as:
        return None
    return Waiting(found, (), None, ())


@contextmanager
def _source(found: Any, most: int | None = MOST_TRIED) -> Iterator[tuple[Source, bool]]:
    """A delivery's bytes (or its first, to the end of a line) where a reader finds them; and whether that is all."""
    whole = True
    with scratch(IN_MEMORY) as folder:
        path = folder / "delivery"
        with path.open("wb") as sink:
            for part in deliveries.delivery_bytes(found.id):
                sink.write(part)
                if most is not None and sink.tell() >= most:
                    whole = False
                    break
        if not whole:
            _cut_at_line(path)
        hints = {"received": found.received_at.isoformat()}
        yield Source(found.name, str(path), found.folder, hints), whole


def _cut_at_line(path: Any) -> None:
    content = path.read_bytes()
    end = b"\n\x00" if content[:2] == b"\xff\xfe" else b"\n"
    path.write_bytes(content[: content.rindex(end) + len(end)] if end in content else content)


def table_of(found: Any, sheet: str | None) -> Table:
    """The first rows of a delivery that is a table; and the known map whose layout they nearly have.

    :raises NotATable: it is none
    """
    with _source(found) as (source, _):
        match found.format.partition(" ")[0]:
            case "table":
                sample = table_sample(source.path)
            case "workbook":
                sample = workbook_sample(source, sheet)
            case _:
                raise NotATable(f"Delivery {found.id} is no table, so it needs no map.")
    # Of maps that are equally near, the one that read this very table; then one for texts written like it.
    used = deliveries.sum_of(found.id).read_by or found.format
    maps = sorted(
        deliveries.maps_in_force(),
        key=lambda one: (f" {one.name}/" not in f"{used} ", one.delimiter != sample.delimiter),
    )
    return Table(found, sample, nearest_map(maps, lambda one: sample.header(one.header_rows)))


def first_answers(table: Table) -> Answers:
    """What is said of a table before anybody has said anything: what the nearest known map says, or nothing."""
    if table.known is None:
        return Answers(header_rows=likely_header(table.sample), sheet=table.sample.sheet)
    header = table.sample.header(table.known.header_rows)
    return replace(answers_from(table.known, header), sheet=table.sample.sheet)


def facts_asked() -> dict[str, str]:
    """The policy's yes-or-no facts that a column may answer, with their questions."""
    policy = policy_in_force(datetime.now(UTC))
    return {rule.name: rule.question for rule in policy.facts.values() if rule.kind == "yes_no"}


def read_answers(table: Table, answers: Answers) -> Reading:
    return reading_of(table.sample.body(answers.header_rows), answers)


def try_map(table: Table, answers: Answers) -> Trial:
    """What the map of these answers would make of the first thousand rows.

    :raises WrongMap: the answers make no map yet
    """
    text = written_map(answers, table.sample, read_answers(table, answers), "1")
    by = read_map(text, answers.name)
    known = deliveries.maps_in_force()
    _of_one_sender(by, known)
    others = [each for each in known if each.layout != by.layout]
    with _source(table.delivery) as (source, whole):
        found = _of_sheet(readers.read(source, [by, *others]), table.sample)
        entries = list(islice(found, ROWS_TRIED + 1))
    more = len(entries) > ROWS_TRIED or not whole
    entries = entries[:ROWS_TRIED]
    counts: Counter[str] = Counter()
    why: list[tuple[str, str, str | None, str]] = []
    for state, reason, column, place in _outcomes(table.delivery, entries):
        counts[state] += 1
        if reason is not None:
            why.append((state, reason, column, place))
    reports = [entry for entry in entries if isinstance(entry, ReadReport)]
    unread = [("registered", said, None, each.place) for each in reports for said in unusable(each)]
    return Trial(_mark(text), len(entries), more, counts, _told(why), _told(unread), tuple(reports[:SHOWN]))


# What stands in brackets or quotes is of the one row; reasons that differ in that alone are one.
_OF_THE_ROW = re.compile(r"\([^()]*\d[^()]*\)|'[^']*'|\"[^\"]*\"")


def _told(why: Sequence[tuple[str, str, str | None, str]]) -> tuple[Reason, ...]:
    """Each reason once, in the words of the first row that has it; what most rows have comes first."""
    first: dict[tuple[str, str, str | None], str] = {}
    places: dict[tuple[str, str, str | None], list[str]] = {}
    for state, reason, column, place in why:
        key = (state, _OF_THE_ROW.sub("", reason), column)
        first.setdefault(key, reason)
        places.setdefault(key, []).append(place)
    told = [Reason(key[0], first[key], key[2], len(found), tuple(found[:3])) for key, found in places.items()]
    return tuple(sorted(told, key=lambda each: -each.count))


def unusable(report: ReadReport) -> Iterator[str]:
    """What a row that is registered does not say, or says so that it is no use; each once a row."""
    said: list[str] = []
    if report.happened is None:
        said.append("when it happened is not said")
    elif report.happened.utc is None:
        said.append(f"when it happened is no certain time: {report.happened.problem}")
    for who in report.mentions:
        for seen in who.connections:
            if seen.at is None or seen.at.utc is None:
                why = seen.at.problem if seen.at else "no time"
                said.append(f"an internet address that is not fit for resolution: {why}")
            elif seen.port is None:
                said.append("an internet address without a port cannot be resolved to one subscriber")
        if any(age.earliest is None and age.latest is None for age in who.ages):
            said.append("an age or a date of birth that cannot be read")
        if who.role == "reported" and not (who.identifiers or who.connections):
            said.append("nothing says who is reported")
        if any(each.kind == "not_stated" for each in who.activities):
            said.append("what was done is not stated")
    yield from dict.fromkeys(said)


def _of_one_sender(by: Map, known: Sequence[Map]) -> None:
    """A later version takes the place of an earlier one, so all maps of one name are of one sender.

    :raises WrongMap: this name is another sender's
    """
    other = next((each.sender for each in known if each.name == by.name and each.sender != by.sender), None)
    if other is not None:
        raise WrongMap(
            [f"The name {by.name} belongs to the maps of {other}. Give this map a name of its own."]
        )


def _of_sheet(found: Iterator[Entry], sample: Sample) -> Iterator[Entry]:
    if not sample.sheets:
        yield from found
        return
    here = f"sheet {sample.sheet or sample.sheets[0]}"
    for entry in found:
        if entry.place == here or entry.place.startswith((f"{here},", f"{here} (", "(document)")):
            yield entry


def _outcomes(found: Any, entries: Sequence[Entry]) -> Iterator[tuple[str, str | None, str | None, str]]:
    """What would become of each entry, by the very rules of registering: state, reason, column, place."""
    kept = [
        _as_brought(found, entry) if isinstance(entry, ReadReport) else entry
        for entry in entries
        if isinstance(entry, ReadReport | Rejected)
    ]
    placed = [(found.id, found.received_at, prepare(entry, None, {})) for entry in kept]
    sorted_out = sort_reports(placed)
    new = set(sorted_out.new)
    for n, (_, _, prepared) in enumerate(placed):
        entry = prepared.entry
        if isinstance(entry, Rejected):
            yield entry.state, entry.reason, entry.field, entry.place
        elif n in sorted_out.outcome:
            outcome = sorted_out.outcome[n]
            yield outcome.state, outcome.reason, outcome.field, outcome.place
        elif isinstance(entry, DraftReport):
            same = None if n in new else "the same report stands in another row"
            yield ("registered" if n in new else "duplicate"), same, None, entry.place


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def save_map(actor: Actor, table: Table, answers: Answers, tried: str) -> Map:
    """Save a map as the next version of its name; it must be the one that was tried.

    :raises WrongMap: it makes no map, or was changed since it was tried
    """
    reading = read_answers(table, answers)

    def write(version: str) -> str:
        return written_map(answers, table.sample, reading, version)

    text = write("1")
    with attempt(actor, "save map", {"delivery": table.delivery.id}):
        if _mark(text) != tried:
            raise WrongMap(
                ["Something was changed since the map was tried. Try it again before you save it."]
            )
        _of_one_sender(read_map(text, answers.name), deliveries.maps_in_force())
    with act(actor, "save map", Power.IMPORT, delivery=table.delivery.id) as opened:
        return intake.save_map(opened, answers.name, write)


def read_again(actor: Actor, found: Any, name: str = "") -> Counter[str]:
    """Read a held table with the maps in force: what was held is registered, and the sum holds again.

    ``name``: of several maps with its columns, the one that is meant.

    Stopped at any point, the delivery says that it was not read to its end, and this goes on with it.

    :raises NotATable: it waits for no map, several would read it, or somebody is reading it just now
    """
    actor.require(Power.IMPORT)
    held = waiting(found)
    if held is None:
        raise NotATable(f"Delivery {found.id} does not wait for a map: there is nothing to read again.")
    used = next((each for each in held.fits if each.name == name or len(held.fits) == 1), None)
    if held.fits and used is None:
        names = ", ".join(each.name for each in held.fits)
        raise NotATable(
            f"Several maps have the columns of delivery {found.id}: say which is meant ({names})."
        )
    if not intake.hold(found.id):
        raise NotATable(f"Somebody is reading delivery {found.id} just now. Wait, and look again.")
    try:
        ready(datetime.now(UTC))
        passed_over = {each.name for each in held.fits if used and each.name != used.name}
        maps = [each for each in deliveries.maps_in_force() if each.name not in passed_over]
        return _read_again(actor, found, maps, used)
    finally:
        intake.release(found.id)


def _as_brought(found: Any, entry: ReadReport) -> ReadReport:
    """What was brought as old cases is read as an old case."""
    return replace(entry, history=True) if found.history else entry


def _read_again(actor: Actor, found: Any, maps: Sequence[Map], used: Map | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    with act(actor, "begin reading again", Power.IMPORT, delivery=found.id) as opened:
        intake.begin_again(opened, found.id)
    skip = intake.places_recorded(found.id)
    total = written = 0
    at_once, refresh_at = _AT_ONCE, 500
    with _source(found, None) as (source, _), ThreadPoolExecutor(1) as ahead:
        entries = readers.read(source, maps)

        def read_some(most: int) -> tuple[int, list[Placed]]:
            some = list(islice(entries, most))
            return len(some), list(_new(found, some, skip))

        # The next entries are read while the database writes those before.
        coming = ahead.submit(read_some, at_once)
        while (some := coming.result())[0]:
            number, placed = some
            coming = ahead.submit(read_some, at_once)
            total += number
            if not placed:
                continue
            with act(actor, "register", Power.IMPORT, patient=True) as opened:
                started = time.monotonic()
                told = register(opened, placed)
            at_once = next_size(len(placed), time.monotonic() - started, at_once)
            counts.update(entry.state for _, entry in told)
            written += len(placed)
            if written >= refresh_at:
                refresh_statistics()
                refresh_at *= 4
    read_by = f"{found.format.partition(' ')[0]} {used.name}/{used.version}" if used else None
    with act(actor, "finish reading again", Power.IMPORT, delivery=found.id) as opened:
        intake.finish_reading(opened, [(found.id, total)], read_by)
        intake.settle_by_reading(opened, found.id)
    return counts


def _new(found: Any, entries: Sequence[Entry], skip: Counter[str]) -> Iterator[Placed]:
    """Entries ready to be registered, but for those that were recorded before."""
    for entry in entries:
        if skip[entry.place]:
            skip[entry.place] -= 1
        elif isinstance(entry, ReadReport):
            yield found.id, found.received_at, prepare(_as_brought(found, entry), None, {})
        elif isinstance(entry, Rejected):
            yield found.id, found.received_at, prepare(entry, None, {})

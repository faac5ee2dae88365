"""The whole way of a delivery: files in, entries read, people found, bands worked out; each step one act.

This is the only module that knows all the rooms on the way. Everything that can be prepared is prepared
before the lock is taken; what happens under it is kept short, so that an officer at a page never waits
for an import (at most a quarter of a second).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenAct, act
from threshold.enquiries import drafting as statement_drafting
from threshold.enquiries import verbs as enquiries
from threshold.enquiries.assess import assess
from threshold.enquiries.drafting import DraftStatement
from threshold.intake import readers
from threshold.intake import verbs as intake
from threshold.intake.drafting import content_key
from threshold.intake.maps import Map
from threshold.intake.media import cut_media
from threshold.intake.queries import delivery_bytes, entry_place
from threshold.intake.reading import (
    ControlPart,
    Entry,
    ReadAddition,
    ReadMention,
    ReadReport,
    Rejected,
    Source,
)
from threshold.intake.verbs import DraftDelivery, DraftEntry
from threshold.people import verbs as people
from threshold.people.drafting import DraftMention, draft_mention

# The lock is held for about this long at a time, whatever is being imported (seconds).
LOCK_TIME = 0.12
# A file up to this size is recorded in the same act as its entries (bytes).
SMALL = 1024 * 1024
# A folder with more files than this is a store of deliveries, not one conversation with a sender.
CONVERSATION = 200
# Small files are cleaned in memory, where the system offers that: personal data then touches no disk on the way.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
# How much of a large file is recorded in one act (parts of ``intake.PART`` bytes).
PARTS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file as somebody brings it: a name, the folder it came in, and how to open it."""

    name: str
    folder: str
    open: Callable[[], BinaryIO]
    size: int


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one entry, for whoever brought it."""

    delivery: str
    place: str
    state: str
    reason: str | None
    report: int | None


@dataclass
class Receipt:
    """The sum of an import: received = registered + duplicate + held + refused. ``told`` lists entries."""

    counts: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)

    @property
    def received(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One entry, prepared outside the lock. ``home``: the content key of the report it came together with."""

    entry: ReadReport | ReadAddition | Rejected
    key: bytes | None
    mentions: tuple[tuple[DraftMention, tuple[DraftStatement, ...], tuple[str, ...]], ...] = ()
    home: bytes | None = None


@dataclass
class _Unit:
    """A delivery on its way through: its draft or (once recorded) its number, and entries not yet written."""

    draft: DraftDelivery
    received_at: datetime | None
    number: int | None = None
    pending: list[_Prepared] = field(default_factory=list)
    read_to_end: bool = False
    entries_found: int = 0
    skip: set[str] = field(default_factory=set)


def files_under(paths: Iterable[Path]) -> Iterator[Incoming]:
    """Every file named or found in a folder, in order of name. Links to elsewhere are not followed."""
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                if found.is_file() and not found.is_symlink():
                    yield _incoming(found, str(found.parent.relative_to(path.parent)))
        else:
            yield _incoming(path, path.resolve().parent.name)


def _incoming(path: Path, folder: str) -> Incoming:
    return Incoming(path.name, folder, lambda: path.open("rb"), path.stat().st_size)


def take_in(
    actor: Actor,
    files: Iterable[Incoming],
    maps: Sequence[Map] = (),
    *,
    road: str = "import",
    received_at: datetime | None = None,
    keep_told: bool = True,
    progress: Callable[[Incoming, int], None] | None = None,
) -> Receipt:
    """Take files in: every entry is registered, duplicate, held or refused, with its reason.

    ``received_at`` is when the force had them, if not now. ``keep_told`` False keeps only what was held or
    refused in the receipt, so that memory stays flat. ``progress`` is told of each file and of entries done.
    What was done stays done when the process is stopped at any point; bringing the same files again goes on.
    """
    actor.require(Power.IMPORT)
    with (
        tempfile.TemporaryDirectory(prefix="threshold-") as scratch,
        tempfile.TemporaryDirectory(prefix="threshold-", dir=IN_MEMORY) as memory,
    ):
        importer = _Importer(
            actor, Path(scratch), Path(memory), list(maps), road, received_at, keep_told, progress
        )
        for folder in _by_folder(files):
            importer.take_folder(folder)
        importer.flush()
        importer.take_up_waiting()
    return importer.receipt


def _by_folder(files: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """Files of one folder together while they are few enough to be a conversation; single files alone."""
    together: list[Incoming] = []
    for incoming in files:
        if together and (incoming.folder != together[0].folder or len(together) >= CONVERSATION):
            yield together
            together = []
        together.append(incoming)
    if together:
        yield together


class _Importer:
    def __init__(
        self,
        actor: Actor,
        scratch: Path,
        memory: Path,
        maps: list[Map],
        road: str,
        received_at: datetime | None,
        keep_told: bool,
        progress: Callable[[Incoming, int], None] | None,
    ) -> None:
        self.actor = actor
        self.maps = maps
        self.road = road
        self.received_at = received_at
        self.keep_told = keep_told
        self.progress = progress
        self.receipt = Receipt()
        self.units: list[_Unit] = []
        self.waiting = 0
        self.at_once = 40
        self.references: set[str] = set()
        self.scratch = scratch
        self.memory = memory
        self.cleaned = 0

    # --- reading, outside the lock

    def take_folder(self, files: list[Incoming]) -> None:
        units = [self._clean(incoming) for incoming in files]
        if all(unit.draft.cut.length <= SMALL for unit in units):
            self._take_conversation(units, files)
        else:
            for unit, incoming in zip(units, files, strict=True):
                self._take_large(unit, incoming)

    def _clean(self, incoming: Incoming) -> _Unit:
        self.cleaned += 1
        cleaned = (self.memory if incoming.size <= SMALL else self.scratch) / str(self.cleaned)
        with incoming.open() as source, cleaned.open("wb") as sink:
            cut = cut_media(source, sink)
        source_of = Source(incoming.name, str(cleaned), incoming.folder)
        found = "media" if cut.whole_file_is_media else readers.sniff(source_of)
        name = found if isinstance(found, str) else ""
        if name == "table":
            name = f"table {'+'.join(sorted(f'{m.name} {m.version}' for m in self.maps))}".strip()
        draft = DraftDelivery(incoming.name, incoming.folder, self.road, name, cleaned, cut)
        return _Unit(draft, self.received_at)

    def _entries(self, unit: _Unit) -> Iterator[Entry]:
        if unit.draft.cut.whole_file_is_media:
            yield Rejected(
                "(document)",
                "refused",
                "the file is itself an image or video: Threshold holds metadata only, and nothing of it was kept",
            )
            return
        source = Source(unit.draft.name, str(unit.draft.cleaned), unit.draft.folder)
        yield from readers.read(source, self.maps)

    def _take_conversation(self, units: list[_Unit], files: list[Incoming]) -> None:
        entries = [list(self._entries(unit)) for unit in units]
        inferred = lone_reference([entry for found in entries for entry in found]) if len(units) > 1 else None
        homes = _homes([entry for found in entries for entry in found], inferred)
        for unit, incoming, found in zip(units, files, entries, strict=True):
            self.units.append(unit)
            for entry in found:
                self._add(unit, entry, inferred, homes)
            unit.read_to_end = True
            if self.progress:
                self.progress(incoming, unit.entries_found)
            if self.waiting >= self.at_once:
                self.flush()

    def _take_large(self, unit: _Unit, incoming: Incoming) -> None:
        self.flush()
        if not self._record_large(unit):
            return
        self.units.append(unit)
        for entry in self._entries(unit):
            self._add(unit, entry, None, {})
            if self.waiting >= self.at_once:
                self.flush()
                self.units.append(unit)
                if self.progress:
                    self.progress(incoming, unit.entries_found)
        unit.read_to_end = True
        self.flush()
        if self.progress:
            self.progress(incoming, unit.entries_found)

    def _record_large(self, unit: _Unit) -> bool:
        """Record a large delivery, a few parts an act; False if the same bytes were read before."""
        with act(self.actor, "record delivery", Power.IMPORT) as opened:
            earlier = intake.earlier_deliveries([unit.draft])[0]
            if earlier is not None and earlier.complete:
                self._tell(self._repeat(opened, [(unit, earlier.id)]))
                return False
            if earlier is not None:
                unit.number, unit.skip = earlier.id, intake.places_recorded(earlier.id)
            else:
                row = (unit.draft, unit.received_at or opened.at, None)
                unit.number = intake.record_deliveries(opened, [row])[0]
        self._keep_parts(unit.number, unit.draft.cleaned)
        return True

    def _keep_parts(self, delivery: int, cleaned: Path) -> None:
        parts = intake.parts_of(cleaned, intake.parts_kept(delivery))
        while batch := [(delivery, *part) for part in islice(parts, PARTS_AT_ONCE)]:
            with act(self.actor, "keep parts of delivery", Power.IMPORT) as opened:
                intake.keep_parts(opened, batch)

    def _add(self, unit: _Unit, entry: Entry, inferred: str | None, homes: dict[str, bytes]) -> None:
        if isinstance(entry, ControlPart):
            unit.draft = replace(unit.draft, note=entry.note)
            return
        unit.entries_found += 1
        if entry.place in unit.skip:
            return
        prepared = _prepare(entry, inferred)
        if isinstance(entry, ReadAddition):
            prepared = replace(prepared, home=homes.get(entry.reference))
        unit.pending.append(prepared)
        self.waiting += 1

    # --- writing, under the lock

    def flush(self) -> None:
        """Write everything that is pending, in one act."""
        units, self.units = [u for u in self.units if u.pending or u.read_to_end], []
        self.waiting = 0
        if not units:
            return
        with act(self.actor, "register", Power.IMPORT) as opened:
            started = time.monotonic()
            told = self._register(opened, units)
        spent = time.monotonic() - started
        done = sum(len(unit.pending) for unit in units)
        for unit in units:
            unit.pending = []
            if unit.read_to_end:
                unit.draft.cleaned.unlink()
        self._tell(told)
        self.at_once = _next_size(done, spent, self.at_once)

    def _register(self, opened: OpenAct, units: list[_Unit]) -> list[tuple[str, DraftEntry]]:
        fresh, again = self._record_small(opened, units)
        told = self._repeat(opened, again)
        placed = [
            (unit.number, unit.received_at or opened.at, prepared)
            for unit in fresh
            for prepared in unit.pending
            if unit.number is not None
        ]
        names = {unit.number: unit.draft.name for unit in fresh}
        told += [(names[number], entry) for number, entry in register(opened, placed)]
        done = [(unit.number, unit.entries_found) for unit in fresh if unit.read_to_end and unit.number]
        intake.finish_reading(opened, done)
        self.references |= {
            p.entry.reference for _, _, p in placed if isinstance(p.entry, ReadReport) and p.entry.reference
        }
        return told

    def _record_small(
        self, opened: OpenAct, units: list[_Unit]
    ) -> tuple[list[_Unit], list[tuple[_Unit, int]]]:
        """Record the deliveries that are not yet; apart, those whose bytes were read before (with that number)."""
        unrecorded = [unit for unit in units if unit.number is None]
        earlier = intake.earlier_deliveries([unit.draft for unit in unrecorded])
        known = dict(zip(map(id, unrecorded), earlier, strict=True))
        again = [(u, known[id(u)].id) for u in unrecorded if known[id(u)] and known[id(u)].complete]
        repeated = {id(unit) for unit, _ in again}
        new = [unit for unit in unrecorded if id(unit) not in repeated]
        numbers = intake.record_deliveries(
            opened, [(unit.draft, unit.received_at or opened.at, None) for unit in new]
        )
        for unit, number in zip(new, numbers, strict=True):
            unit.number = number
        intake.keep_parts(
            opened,
            (
                (unit.number, *part)
                for unit in new
                if unit.number
                for part in intake.parts_of(unit.draft.cleaned)
            ),
        )
        self.receipt.deliveries += numbers
        return [unit for unit in units if id(unit) not in repeated], again

    def _repeat(self, opened: OpenAct, again: list[tuple[_Unit, int]]) -> list[tuple[str, DraftEntry]]:
        """Record deliveries whose bytes were read before: every entry is a duplicate."""
        numbers = intake.record_deliveries(
            opened, [(unit.draft, unit.received_at or opened.at, earlier) for unit, earlier in again]
        )
        entries = [intake.entries_repeated(earlier) for _, earlier in again]
        intake.write_entries(
            opened,
            ((number, entry) for number, found in zip(numbers, entries, strict=True) for entry in found),
        )
        intake.finish_reading(opened, [(n, len(found)) for n, found in zip(numbers, entries, strict=True)])
        return [(unit.draft.name, e) for (unit, _), found in zip(again, entries, strict=True) for e in found]

    def _tell(self, told: list[tuple[str, DraftEntry]]) -> None:
        for name, entry in told:
            self.receipt.counts[entry.state] += 1
            if self.keep_told or entry.state in ("held", "refused"):
                self.receipt.told.append(Told(name, entry.place, entry.state, entry.reason, entry.report))

    def take_up_waiting(self) -> None:
        """Additions that were held for a report which is here now are taken up."""
        waiting = intake.waiting_for(sorted(self.references))
        for row in waiting:
            take_up(self.actor, row.delivery, row.id, self.maps)


def lone_reference(entries: Iterable[Entry]) -> str | None:
    """The reference of the one report in a folder that has none, where the folder names exactly one."""
    reports: list[ReadReport] = []
    references: set[str] = set()
    for entry in entries:
        if isinstance(entry, ReadReport) and entry.reference is None:
            reports.append(entry)
        elif isinstance(entry, ReadReport | ReadAddition | ControlPart) and entry.reference:
            references.add(entry.reference)
    return references.pop() if len(reports) == 1 and len(references) == 1 else None


def _homes(entries: Iterable[Entry], inferred: str | None) -> dict[str, bytes]:
    """Reference -> content key, for each reference that exactly one report of the folder bears."""
    found: dict[str, list[bytes]] = {}
    for entry in entries:
        if isinstance(entry, ReadReport) and (reference := entry.reference or inferred):
            found.setdefault(reference, []).append(content_key(entry))
    return {reference: keys[0] for reference, keys in found.items() if len(keys) == 1}


def _next_size(done: int, spent: float, size: int) -> int:
    """How many entries to write at once, so that the lock is held for about ``LOCK_TIME``."""
    if done < size // 2 or spent <= 0:
        return size
    return max(1, min(1_000, int(size * min(2.0, max(0.5, LOCK_TIME / spent)))))


def _prepare(entry: ReadReport | ReadAddition | Rejected, inferred: str | None) -> _Prepared:
    match entry:
        case Rejected():
            return _Prepared(entry, None)
        case ReadAddition():
            host = ReadReport(entry.place, entry.sender, (entry.about,))
            return _Prepared(entry, content_key(entry), (_person(host, entry.about, added=True),))
        case ReadReport():
            key = content_key(entry)
            if entry.reference is None and inferred is not None:
                entry = replace(entry, reference=inferred)
            return _Prepared(entry, key, tuple(_person(entry, m) for m in entry.mentions))


def _person(
    report: ReadReport, mention: ReadMention, added: bool = False
) -> tuple[DraftMention, tuple[DraftStatement, ...], tuple[str, ...]]:
    said = statement_drafting.added(mention) if added else statement_drafting.from_mention(report, mention)
    return draft_mention(report, mention), tuple(said), mention.prior_references


_Placed = tuple[int, datetime, _Prepared]


def register(opened: OpenAct, placed: Sequence[_Placed]) -> list[tuple[int, DraftEntry]]:
    """Register prepared entries of deliveries, for one or for thousands; what became of each.

    One batch of n gives what n batches of one give, up to numbering.
    """
    outcome: dict[int, DraftEntry] = {}
    new = _sort_reports(placed, outcome)
    numbers = intake.write_reports(
        opened, [(placed[n][0], _report(placed[n]), _key(placed[n]), placed[n][1]) for n in new]
    )
    by_place = dict(zip(new, numbers, strict=True))
    mentions = _write_people(opened, placed, by_place)
    mentions += _write_additions(opened, placed, by_place, outcome)
    for n, number in by_place.items():
        outcome[n] = DraftEntry(placed[n][2].entry.place, "registered", report=number)
    for n, (_, _, prepared) in enumerate(placed):
        entry = prepared.entry
        if isinstance(entry, Rejected):
            outcome[n] = DraftEntry(entry.place, entry.state, entry.reason, entry.field)
        elif n not in outcome:
            # A repeat within this very batch.
            first = next(m for m in new if placed[m][2].key == prepared.key)
            outcome[n] = DraftEntry(entry.place, "duplicate", "the same report", report=by_place[first])
    result = [(placed[n][0], outcome[n]) for n in range(len(placed))]
    intake.write_entries(opened, result)
    if mentions:
        people.link_new(opened, mentions)
        moved = people.regroup(opened, mentions)
        assess(opened, moved.subjects, moved.before)
    return result


def _report(placed: _Placed) -> ReadReport:
    entry = placed[2].entry
    assert isinstance(entry, ReadReport)
    return entry


def _key(placed: _Placed) -> bytes:
    key = placed[2].key
    assert key is not None
    return key


def _sort_reports(placed: Sequence[_Placed], outcome: dict[int, DraftEntry]) -> list[int]:
    """Places of reports that are new; duplicates and second versions get their outcome."""
    reports = [n for n, p in enumerate(placed) if isinstance(p[2].entry, ReadReport)]
    known = intake.known_reports([_key(placed[n]) for n in reports])
    references = sorted({r.reference for n in reports if (r := _report(placed[n])).reference})
    taken = {(row.sender, row.reference): row.id for row in intake.reports_by_reference(references)}
    seen: set[bytes] = set()
    new: list[int] = []
    for n in reports:
        report, key = _report(placed[n]), _key(placed[n])
        if key in known:
            outcome[n] = DraftEntry(report.place, "duplicate", "the same report", report=known[key])
        elif key in seen:
            continue
        elif report.reference and (report.sender, report.reference) in taken:
            other = taken[report.sender, report.reference]
            where = f"report {other}" if other else "a report earlier in this delivery"
            outcome[n] = DraftEntry(
                report.place,
                "held",
                f"{where} has the same reference {report.reference} from this sender, with other content: "
                "compare the two, and decide which is current",
                "reference",
            )
        else:
            new.append(n)
            seen.add(key)
            if report.reference:
                taken[report.sender, report.reference] = 0
    return new


def _write_people(opened: OpenAct, placed: Sequence[_Placed], reports: dict[int, int]) -> list[int]:
    """Write the people of new reports with what is said of them; the numbers of their mentions."""
    drafts = [(n, person) for n in reports for person in placed[n][2].mentions]
    numbers = people.write_mentions(opened, [(reports[n], person[0]) for n, person in drafts])
    by_sender: dict[tuple[str, datetime], list[tuple[int, DraftStatement]]] = {}
    for number, (n, person) in zip(numbers, drafts, strict=True):
        said = by_sender.setdefault((_report(placed[n]).sender, placed[n][1]), [])
        said.extend((number, statement) for statement in person[1])
    for (sender, received_at), said in by_sender.items():
        enquiries.write_statements(opened, said, received_at=received_at, mark="intelligence", source=sender)
    priors = [(number, ref) for number, (_, p) in zip(numbers, drafts, strict=True) for ref in p[2]]
    people.ask_of_prior_references(opened, priors)
    return list(numbers)


def _write_additions(
    opened: OpenAct,
    placed: Sequence[_Placed],
    new: dict[int, int],
    outcome: dict[int, DraftEntry],
) -> list[int]:
    """Add to reports what belongs to them; what cannot be placed is held. The mentions that were touched."""
    additions = [n for n, p in enumerate(placed) if isinstance(p[2].entry, ReadAddition)]
    if not additions:
        return []
    known = intake.known_additions([_key(placed[n]) for n in additions])
    rows = intake.reports_by_reference(
        sorted({e.reference for n in additions if isinstance(e := placed[n][2].entry, ReadAddition)})
    )
    touched: list[int] = []
    for n in additions:
        _, received_at, prepared = placed[n]
        entry, key = prepared.entry, _key(placed[n])
        assert isinstance(entry, ReadAddition)
        hosts = [row for row in rows if row.reference == entry.reference]
        if prepared.home is not None:
            hosts = [intake.report_by_key(prepared.home)]
        if key in known:
            outcome[n] = DraftEntry(entry.place, "duplicate", "already added", report=known[key])
            continue
        problem = _cannot_add(entry.reference, hosts)
        if problem:
            waits = None if hosts else entry.reference
            outcome[n] = DraftEntry(entry.place, "held", problem, "reportId", waits_for=waits)
            continue
        host = hosts[0]
        reported = people.reported_in(host.id)
        draft, said, _ = prepared.mentions[0]
        if host.batched:
            # Many accounts share one file, but nobody shares a connection or a device with the others.
            draft = replace(draft, identifiers=(), connections=(), link_keys=())
        people.add_to_mentions(opened, [(m, draft) for m in reported])
        enquiries.write_statements(
            opened,
            [(m, s) for m in reported for s in said],
            received_at=received_at,
            mark="intelligence",
            source=host.sender,
        )
        known[key] = host.id
        touched += reported
        outcome[n] = DraftEntry(entry.place, "registered", report=host.id, content_key=key)
    return touched


def _cannot_add(reference: str, hosts: Sequence[object]) -> str | None:
    if not hosts:
        return f"it belongs to report {reference}, which has not come yet; it will be added when that comes"
    if len(hosts) > 1:
        return f"{len(hosts)} reports have the reference {reference}: which one is meant is not said"
    return None


def take_up(actor: Actor, delivery: int, entry: int, maps: Sequence[Map]) -> None:
    """Read a held addition again from its delivery and record it anew: its report is here now."""
    with tempfile.TemporaryDirectory(prefix="threshold-") as scratch:
        path = Path(scratch) / "delivery"
        with path.open("wb") as sink:
            for part in delivery_bytes(delivery):
                sink.write(part)
        place = entry_place(entry)
        found = [
            e
            for e in readers.read(Source("delivery", str(path)), maps)
            if isinstance(e, ReadAddition) and e.place == place
        ]
    if not found:
        return
    with act(actor, "take up held addition", Power.IMPORT) as opened:
        intake.supersede_entries(opened, [entry])
        register(opened, [(delivery, datetime.now(UTC), _prepare(found[0], None))])

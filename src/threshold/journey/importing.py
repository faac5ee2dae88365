"""The whole way of a delivery: entries registered, people found, bands worked out; each step one act.

This is the only module that knows all the rooms on the way. Everything that can be prepared is prepared
before the lock is taken (``reading_ahead``); what happens under it is kept short, so that an officer at a
page does not wait for an import.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from threshold.acts.access import Actor, Power
from threshold.acts.db import refresh_statistics
from threshold.acts.verbs import OpenAct, act, attempt
from threshold.enquiries.assess import ready
from threshold.intake import readers
from threshold.intake import verbs as intake
from threshold.intake.drafting import DraftDelivery, DraftEntry
from threshold.intake.maps import Map
from threshold.intake.queries import delivery_bytes
from threshold.intake.reading import ReadAddition, Source
from threshold.journey.reading_ahead import (
    SMALL,
    Began,
    Found,
    Incoming,
    Message,
    Places,
    Prepared,
    Reading,
    files_under,
    prepare,
    read_ahead,
    read_files,
)
from threshold.journey.registering import register
from threshold.journey.scratch import IN_MEMORY, scratch

__all__ = ["Incoming", "Receipt", "Told", "files_under", "take_in"]

# The lock is held for about this long at a time, whatever is being imported (seconds).
LOCK_TIME = 0.12
MOST_AT_ONCE = 400
# Fewer would spare nobody a wait: an act takes its time however little it writes.
FEWEST_AT_ONCE = 8
# How much of a large file is recorded in one act (parts of ``intake.PART`` bytes).
PARTS_AT_ONCE = 8
# From here on a process of its own for reading pays: files, or bytes.
WORTH_A_PROCESS = (100, 5_000_000)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one entry, for whoever brought it; ``path`` is that of its file as they named it."""

    delivery: str
    path: str
    place: str
    state: str
    reason: str | None
    report: int | None


@dataclass
class Receipt:
    """The sum of an import: received = registered + duplicate + held + refused. ``told`` lists entries;
    ``unsettled`` counts what is held or refused, now or when the same bytes came before.

    The sum is of this run. Where it went on with deliveries that a stopped one had begun (``went_on``), the
    entries that were recorded then (``recorded_before``) are not in it.
    """

    counts: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)
    unsettled: int = 0
    went_on: int = 0
    recorded_before: int = 0

    @property
    def received(self) -> int:
        return sum(self.counts.values())

    @property
    def going_on(self) -> str:
        """What a stopped import had done of these deliveries, in one sentence; empty where there was none."""
        if not self.went_on:
            return ""
        deliveries = "1 delivery" if self.went_on == 1 else f"{self.went_on} deliveries"
        entries = "1 entry was" if self.recorded_before == 1 else f"{self.recorded_before:,} entries were"
        return (
            f"Went on with {deliveries} that a stopped import had begun: {entries} recorded then, "
            "and not counted here again."
        )


@dataclass
class _Unit:
    """A delivery on its way through: its draft, its number once recorded, how much of it was found.

    ``skip`` are the places that were recorded before, where an import that was stopped goes on.
    """

    draft: DraftDelivery
    incoming: Incoming
    number: int | None = None
    received_at: datetime | None = None
    found: int = 0
    skip: Counter[str] = field(default_factory=Counter)
    repeated: bool = False

    @property
    def by_map(self) -> bool:
        """Whether it is read with maps: a table, or a workbook."""
        return self.draft.format.partition(" ")[0] in ("table", "workbook")

    def go_on(self, earlier: Any) -> None:
        """This is a delivery that was begun before and not read to its end."""
        self.number, self.received_at = earlier.id, earlier.received_at
        self.skip = intake.places_recorded(earlier.id)

    def is_new(self, prepared: Prepared | None) -> bool:
        """Whether an entry has still to be recorded; asked once for each."""
        if prepared is None:
            return True
        place = prepared.entry.place
        if not self.skip[place]:
            return not self.repeated
        self.skip[place] -= 1
        return False


# What waits to be written: an entry of a unit, or (None) that the unit was read to its end.
_Step = tuple[_Unit, Prepared | None]

Progress = Callable[[Incoming, int], None]


def take_in(
    actor: Actor,
    files: Iterable[Incoming],
    maps: Sequence[Map] = (),
    *,
    road: str = "import",
    received_at: datetime | None = None,
    history: bool = False,
    keep_told: bool = True,
    ahead: bool = False,
    progress: Progress | None = None,
) -> Receipt:
    """Take files in: every entry is registered, duplicate, held or refused, with its reason.

    ``received_at`` is when the force had them, if not now. ``history``: these are old cases, for which no clock
    starts. ``keep_told`` False keeps only what was held or
    refused in the receipt, so that memory stays flat. ``ahead`` reads in a process of its own where that
    pays. ``progress`` is told of each file done, with its number of entries. What was done stays done when
    the process is stopped at any point; bringing the same files again goes on.
    """
    with attempt(actor, "take deliveries in", {}):
        actor.require(Power.IMPORT)
    brought = list(files)
    size = sum(incoming.size for incoming in brought)
    ready(datetime.now(UTC))
    pays = ahead and (len(brought) >= WORTH_A_PROCESS[0] or size >= WORTH_A_PROCESS[1])
    with (
        scratch(IN_MEMORY) as small,
        scratch() as large,
        _Importer(actor, received_at, keep_told, progress) as importer,
    ):
        read = read_ahead if pays else read_files
        how = Reading(list(maps), road, received_at or datetime.now(UTC), Places(small, large), history)
        for message in read(brought, how):
            importer.hear(message)
        importer.write_all()
    for held in intake.waited_long_enough():
        _take_up(actor, held, maps)
    return importer.receipt


class _Importer:
    """Hears what was read and writes it, an act at a time."""

    def __init__(
        self, actor: Actor, received_at: datetime | None, keep_told: bool, progress: Progress | None
    ) -> None:
        self.actor = actor
        self.received_at = received_at
        self.keep_told = keep_told
        self.progress = progress
        self.receipt = Receipt()
        self.units: dict[int, _Unit] = {}
        self.held: set[int] = set()
        self.steps: deque[_Step] = deque()
        self.at_once = 40
        self.written = 0
        self.refresh_at = 500

    def __enter__(self) -> _Importer:
        return self

    def __exit__(self, *failed: object) -> None:
        with suppress(Exception):  # a connection that broke has let everything go
            self._let_go(self.held)

    def hear(self, message: Message) -> None:
        match message:
            case Began(number, incoming, draft):
                self.units[number] = unit = _Unit(draft, incoming)
                if incoming.size > SMALL:
                    self.write_all()
                    self._record_large(unit)
            case Found(number, prepared):
                unit = self.units[number]
                unit.found += len(prepared)
                if not unit.repeated:
                    self.steps.extend((unit, p) for p in prepared)
            case _:
                self.steps.append((self.units.pop(message.number), None))
        while len(self.steps) >= self.at_once:
            self._write_some()

    def write_all(self) -> None:
        while self.steps:
            self._write_some()

    def _write_some(self) -> None:
        taken = [self.steps.popleft() for _ in range(min(self.at_once, len(self.steps)))]
        steps = [(unit, prepared) for unit, prepared in taken if unit.is_new(prepared)]
        if not steps:
            return
        with act(self.actor, "register", Power.IMPORT, patient=True) as opened:
            started = time.monotonic()
            told = self._write(opened, steps)
        spent = time.monotonic() - started
        self._tell(told)
        self._let_go([unit.number for unit, prepared in steps if prepared is None and unit.number])
        for unit, prepared in steps:
            if prepared is None:
                Path(unit.draft.cleaned).unlink()
                if self.progress:
                    self.progress(unit.incoming, unit.found)
        self.at_once = next_size(len(steps), spent, self.at_once)
        self.written += len(steps)
        if self.written >= self.refresh_at:
            refresh_statistics()
            self.refresh_at *= 4

    def _write(self, opened: OpenAct, steps: list[_Step]) -> list[tuple[_Unit, DraftEntry]]:
        units = list({id(unit): unit for unit, _ in steps}.values())
        known = {id(unit) for unit in units if unit.number is not None}
        ending = {id(unit) for unit, prepared in steps if prepared is None}
        told = self._record_small(opened, units, ending)
        placed = [
            (unit.number, unit.received_at or opened.at, prepared)
            for unit, prepared in steps
            if prepared is not None
            and unit.number is not None
            and not unit.repeated
            # Those recorded in this very act may turn out to have been begun before.
            and (id(unit) in known or unit.is_new(prepared))
        ]
        by_number = {unit.number: unit for unit in units}
        told += [(by_number[number], entry) for number, entry in register(opened, placed)]
        intake.finish_reading(
            opened,
            [
                (u.number, u.found)
                for u, prepared in steps
                if prepared is None and u.number and not u.repeated
            ],
        )
        for unit in units:
            if id(unit) in ending and unit.number and not unit.repeated and unit.by_map:
                intake.settle_by_reading(opened, unit.number)
        return told

    def _record_small(
        self, opened: OpenAct, units: list[_Unit], ending: set[int]
    ) -> list[tuple[_Unit, DraftEntry]]:
        """Record the deliveries that are not yet recorded; entries of those whose bytes were read before.

        Those that are not read to their ``ending`` in this act are kept to this process until they are.
        """
        unrecorded = [unit for unit in units if unit.number is None and not unit.repeated]
        earlier = intake.earlier_deliveries([unit.draft for unit in unrecorded])
        again = []
        for unit, before in zip(unrecorded, earlier, strict=True):
            if before is not None and before.complete:
                again.append((unit, before.id))
            elif before is not None and self._hold(before.id):
                self._go_on(unit, before)
        told = self._repeat(opened, again)
        new = [unit for unit in unrecorded if unit.number is None and not unit.repeated]
        numbers = self._record(opened, new)
        for unit, number in zip(new, numbers, strict=True):
            if id(unit) not in ending:
                self._hold(number)
        intake.keep_parts(
            opened,
            (
                (number, *part)
                for unit, number in zip(new, numbers, strict=True)
                for part in intake.parts_of(unit.draft.cleaned)
            ),
        )
        return told

    def _record_large(self, unit: _Unit) -> None:
        """Record a large delivery, a few parts an act; it may have been begun, or read, before."""
        told = []
        with act(self.actor, "record delivery", Power.IMPORT, patient=True) as opened:
            earlier = intake.earlier_deliveries([unit.draft])[0]
            if earlier is not None and earlier.complete:
                told = self._repeat(opened, [(unit, earlier.id)])
            elif earlier is not None and self._hold(earlier.id):
                self._go_on(unit, earlier)
            else:
                self._hold(self._record(opened, [unit])[0])
        self._tell(told)
        if unit.number is None:
            return
        parts = intake.parts_of(unit.draft.cleaned, intake.parts_kept(unit.number))
        while batch := [(unit.number, *part) for part in islice(parts, PARTS_AT_ONCE)]:
            with act(self.actor, "keep parts of delivery", Power.IMPORT, patient=True) as opened:
                intake.keep_parts(opened, batch)

    def _record(self, opened: OpenAct, units: list[_Unit]) -> list[int]:
        received_at = self.received_at or opened.at
        numbers = intake.record_deliveries(opened, [(unit.draft, received_at, None) for unit in units])
        for unit, number in zip(units, numbers, strict=True):
            unit.number, unit.received_at = number, received_at
        self.receipt.deliveries += numbers
        return numbers

    def _go_on(self, unit: _Unit, earlier: Any) -> None:
        unit.go_on(earlier)
        self.receipt.deliveries.append(earlier.id)
        self.receipt.went_on += 1
        self.receipt.recorded_before += unit.skip.total()
        self.receipt.unsettled += intake.unsettled(earlier.id)

    def _hold(self, delivery: int) -> bool:
        if delivery in self.held or not intake.hold(delivery):
            return False
        self.held.add(delivery)
        return True

    def _let_go(self, deliveries: Iterable[int]) -> None:
        for delivery in set(deliveries) & self.held:
            intake.release(delivery)
            self.held.discard(delivery)

    def _repeat(self, opened: OpenAct, again: list[tuple[_Unit, int]]) -> list[tuple[_Unit, DraftEntry]]:
        """Record deliveries whose bytes were read before: every entry is a duplicate."""
        numbers = intake.record_deliveries(
            opened, [(unit.draft, self.received_at or opened.at, earlier) for unit, earlier in again]
        )
        entries = [intake.entries_repeated(earlier) for _, earlier in again]
        pairs = list(zip(numbers, entries, strict=True))
        intake.write_entries(opened, ((number, entry) for number, found in pairs for entry in found))
        intake.finish_reading(opened, [(number, len(found)) for number, found in pairs])
        for unit, _ in again:
            unit.repeated = True
        self.receipt.deliveries += numbers
        return [(unit, e) for (unit, _), found in zip(again, entries, strict=True) for e in found]

    def _tell(self, told: list[tuple[_Unit, DraftEntry]]) -> None:
        for unit, entry in told:
            self.receipt.counts[entry.state] += 1
            # A duplicate without a report repeats an entry that is itself held or refused.
            self.receipt.unsettled += entry.state in ("held", "refused") or entry.report is None
            if self.keep_told or entry.state in ("held", "refused"):
                name = unit.draft.name
                self.receipt.told.append(
                    Told(
                        name,
                        unit.incoming.named or name,
                        entry.place,
                        entry.state,
                        entry.reason,
                        entry.report,
                    )
                )


def next_size(done: int, spent: float, size: int) -> int:
    """How many steps to write at once, so that the lock is held for about ``LOCK_TIME``."""
    if done < size // 2 or spent <= 0:
        return size
    return max(FEWEST_AT_ONCE, min(MOST_AT_ONCE, int(size * min(1.5, max(0.5, LOCK_TIME / spent)))))


class _TakenUp(Exception):
    """A held addition was taken up by another import."""


def _take_up(actor: Actor, held: Any, maps: Sequence[Map]) -> None:
    """Read a held addition again from its delivery, as it was read then, and record it anew."""
    with scratch(IN_MEMORY) as folder:
        path = folder / "delivery"
        with path.open("wb") as sink:
            sink.writelines(delivery_bytes(held.delivery))
        hints = {"received": held.received_at.isoformat()}
        read = readers.read(Source(held.name, str(path), held.folder, hints), maps)
        found = next((e for e in read if isinstance(e, ReadAddition) and e.place == held.place), None)
    if found is None:
        return
    # Where somebody else took it up meanwhile, there is nothing to do, and no act to write.
    with suppress(_TakenUp), act(actor, "take up held addition", Power.IMPORT, patient=True) as opened:
        if not intake.supersede_entry(opened, held.id):
            raise _TakenUp
        register(opened, [(held.delivery, held.received_at, prepare(found, None, {}))])

"""What an officer does with a held entry: mends it, leaves out what cannot be read, decides, or sets it aside.

The entry is read again from its delivery, by the reader and maps that read it, with the officer's changes; what
becomes of it is recorded for the same place in its stead, in one act. The delivery is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from io import BytesIO
from typing import Any, Concatenate, ParamSpec, TypeVar

from threshold.acts.access import Actor, NotVisible, Power
from threshold.acts.verbs import OpenAct, OpenLook, act, attempt
from threshold.intake import queries as intake_queries
from threshold.intake import verbs as intake
from threshold.intake.maps import Map
from threshold.intake.media import cut_media
from threshold.intake.readers.leaves import Changes, Leaf, Material, NoSuchLeaf, material
from threshold.intake.reading import LONGEST_TEXT, Entry, ReadAddition, ReadReport, Rejected, Source
from threshold.intake.texts import looks_like_digest, without_digests
from threshold.journey.reading_ahead import SMALL, Prepared, prepare
from threshold.journey.registering import register
from threshold.journey.scratch import IN_MEMORY, scratch
from threshold.people import queries as people

P = ParamSpec("P")
R = TypeVar("R")

# Most leaves of one entry that are shown.
MOST_LEAVES = 500
# A shorter text holds no picture.
_SHORTEST_MEDIA = 64

_UNTYPEABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")

# Nothing here may say that a record is closed: it is said as of any entry that needs somebody else.
_NOT_HERE = "This cannot be settled here. Ask a supervisor who is to settle it. Nothing was changed."
_NO_FIELDS = (
    "What is wrong with it cannot be put right field by field. Ask the sender to send it again, or bring the "
    "file with a map that fits; then set this entry aside."
)


class WrongMending(Exception):
    """What was asked cannot be done with this entry. ``str()`` says why and what to do."""


class StillHeld(WrongMending):
    """As mended, the entry cannot be registered either. Nothing was written."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        where = f" (field: {field})" if field else ""
        super().__init__(f"It still cannot be taken in: {reason}{where}. Nothing was changed.")
        self.reason = reason
        self.field = field


class AlreadySettled(Exception):
    """Somebody else settled the entry first. Nothing was done."""

    def __init__(self, entry: int) -> None:
        told = _told(intake_queries.mending_of(entry))
        super().__init__(f"{told} Nothing of yours was saved.")
        self.entry = entry


class NoEntry(NotVisible):
    """There is no such held entry."""

    def __init__(self, entry: int) -> None:
        super().__init__(entry)
        self.args = (f"There is no held entry {entry}.",)


_DID = {
    "mended": "has mended this entry",
    "left out": "has released this entry without what could not be read",
    "later version": "has decided that this is the later version of its report",
    "own report": "has registered this as a report of its own",
    "added": "has said which report this belongs to",
    "set aside": "has set this entry aside",
}


def _told(mending: Any | None, field: str | None = None) -> str:
    """What became of an entry that is no longer held, in a sentence. ``field``: for which it was."""
    if mending is None and field in intake_queries.WANTS_A_MAP:
        return "This entry is no longer held: the table was read with a map. Its delivery says what became of it."
    if mending is None:
        return "This entry is no longer held: it was taken in when the report that it belongs to had come."
    report = f" (report {mending.report})" if mending.report else ""
    return f"{mending.by_whom} {_DID[mending.kind]}: it is {mending.state} now{report}."


def held_entries(look: OpenLook, page: int = 1) -> tuple[list[Any], int]:
    """Everything held, the oldest first, but what came with somebody closed to the actor: nothing hints at it."""
    return intake_queries.held(look, page, people.deliveries_hidden_from(look))


@dataclass(frozen=True, slots=True)
class Differing:
    """A leaf that a held entry and the report it contradicts have otherwise; None: not said there."""

    path: str
    there: str | None
    here: str | None


@dataclass
class HeldEntry:
    """A held entry as an officer sees it. ``leaves`` at fault come first; ``unread`` are those not shown.

    ``against`` is the report that it contradicts (``old``: as an old case, which replaces nothing of today),
    ``hosts`` are those it may belong to. ``why`` says why no
    field of it is shown, ``settled`` that it is no longer held.
    """

    row: Any
    leaves: list[Leaf] = field(default_factory=list)
    at_fault: set[str] = field(default_factory=set)
    unread: int = 0
    against: int | None = None
    differing: list[Differing] | None = None
    hosts: list[int] = field(default_factory=list)
    old: bool = False
    why: str = ""
    settled: str = ""
    mending: Any | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a held entry: its new number, state, reason and report."""

    entry: int
    state: str
    reason: str | None
    report: int | None


def held_entry(look: OpenLook, number: int, maps: Sequence[Map] = ()) -> HeldEntry:
    """One held entry with what was received for it.

    :raises NoEntry: there is no such entry, or it came with somebody closed to the actor
    """
    look.body["entry"] = number
    row = intake_queries.held_entry(number)
    if row is None or people.hides_somebody(look, row.delivery):
        raise NoEntry(number)
    found = HeldEntry(row)
    if row.retracted_by is not None:
        found.mending = intake_queries.mending_of(number)
        found.settled = _told(found.mending, row.field)
        return found
    try:
        came = _material(row, maps)
    except WrongMending as wrong:
        found.why = str(wrong)
        return found
    _compare(look, found, came, maps)
    found.at_fault = came.at_fault(row.field)
    leaves = sorted(came.leaves, key=lambda leaf: leaf.path not in found.at_fault)
    found.leaves, found.unread = leaves[:MOST_LEAVES], len(leaves[MOST_LEAVES:])
    return found


def _compare(look: OpenLook, found: HeldEntry, came: Material, maps: Sequence[Map]) -> None:
    """Which reports the entry may belong to, or contradicts, and what differs."""
    entry = _as_brought(found.row, came.read({}))
    if isinstance(entry, ReadAddition):
        hosts = intake.reports_by_reference([entry.reference])
        if len(hosts) > 1:
            found.hosts = [host.id for host in hosts if not people.hides_somebody(look, host.delivery)]
        return
    current = _current(entry)
    if current is None or people.hides_somebody(look, current.delivery) or not isinstance(entry, ReadReport):
        return
    found.against = current.id
    found.old = _is_older(entry, current)
    there = intake_queries.report_at(current.id)
    if there is None:
        return
    try:
        other = _material(there, maps)
    except WrongMending:
        return
    mended = intake_queries.changes_behind(current.id)
    found.differing = _differing(_texts(other, there.place, mended), _texts(came, found.row.place, {}))


def _current(entry: object) -> Any | None:
    """The current version of the report that has this one's reference and sender."""
    if not isinstance(entry, ReadReport) or entry.reference is None:
        return None
    rows = intake.reports_by_reference([entry.reference])
    return next((row for row in reversed(rows) if row.sender == entry.sender), None)


def _as_brought(row: Any, entry: Entry | None) -> Entry | None:
    """What was brought as old cases is read as an old case."""
    return replace(entry, history=True) if row.history and isinstance(entry, ReadReport) else entry


def _is_older(entry: ReadReport, current: Any) -> bool:
    """Whether an old case meets a report of today."""
    return entry.history and not current.history


def _texts(came: Material, place: str, mended: Changes) -> dict[str, str]:
    texts = {leaf.path: leaf.text for leaf in came.leaves if leaf.stated}
    texts |= {path: text for path, text in mended.items() if text is not None}
    return {
        path.removeprefix(place): text for path, text in texts.items() if mended.get(path, text) is not None
    }


def _differing(there: dict[str, str], here: dict[str, str]) -> list[Differing]:
    paths = [path for path in dict.fromkeys([*there, *here]) if there.get(path) != here.get(path)]
    return [Differing(path, there.get(path), here.get(path)) for path in paths[:MOST_LEAVES]]


def _material(at: Any, maps: Sequence[Map]) -> Material:
    """What was received at a place, read as it was then, from a copy that is gone when this ends.

    :raises WrongMending: nothing there can be put right field by field, or its map is not here
    """
    if at.place == "(document)":
        raise WrongMending(_NO_FIELDS)
    used = [each for each in maps if f" {each.name}/{each.version} " in f"{at.format} "]
    with scratch(IN_MEMORY if at.length <= SMALL else None) as folder:
        path = folder / "delivery"
        with path.open("wb") as sink:
            sink.writelines(intake_queries.delivery_bytes(at.delivery))
        source = Source(at.name, str(path), at.folder, {"received": at.received_at.isoformat()})
        came = material(source, at.place, used)
    if isinstance(came, Rejected):
        raise WrongMending(
            f"The map that this table was read with is not here ({at.format.partition(' ')[2]}). "
            "Put it into the maps of this home again, or name it with --map."
        )
    if came is None:
        raise WrongMending(_NO_FIELDS)
    return came


def _tried(
    settle: Callable[Concatenate[Actor, int, P], R],
) -> Callable[Concatenate[Actor, int, P], R]:
    """Most is refused while the entry is read, before there is an act: that leaves its trace too."""

    @wraps(settle)
    def tried(actor: Actor, number: int, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with attempt(actor, "settle held entry", {"entry": number}):
            return settle(actor, number, *args, **kwargs)

    return tried


@_tried
def mend(
    actor: Actor, number: int, changes: Mapping[str, str | None], reason: str, maps: Sequence[Map] = ()
) -> Settled:
    """Take a held entry in with fields of it put right, or left out (None, or nothing in it).

    A field that reads as it came is no change.

    :raises WrongMending: it cannot be done so, or it still would be held (``StillHeld``)
    :raises AlreadySettled: somebody else settled it first
    :raises NoEntry: there is no such entry
    """
    opening = _Opening.of(actor, number, reason)
    came = _material(opening.row, maps)
    changes = _changed(came, changes)
    if not changes:
        raise WrongMending("Change a field, or leave one out: as it came it cannot be taken in.")
    _check_texts(changes)
    kind = "mended" if any(text is not None for text in changes.values()) else "left out"
    entry = opening.read(came, changes)
    return opening.settle(prepare(entry, None, {}), kind, _kept(came, changes))


@_tried
def take_as_later(actor: Actor, number: int, against: int, reason: str, maps: Sequence[Map] = ()) -> Settled:
    """Register a held entry as the later version of a report, ``against``, as the officer was shown it."""
    opening = _Opening.of(actor, number, reason)
    entry = opening.read(_material(opening.row, maps), {})
    if not isinstance(entry, ReadReport):
        raise WrongMending("This entry is no version of a report.")

    def still_against() -> None:
        current = _current(entry)
        if current is None or current.id != against:
            raise WrongMending(
                f"Report {against} is no longer the one that this entry contradicts. "
                "Nothing was changed: compare it again."
            )
        if _is_older(entry, current):
            raise WrongMending(
                "What is known of today is never replaced from history. Register this old case as a report of its "
                "own, or set it aside."
            )

    prepared = prepare(entry, None, {})._replace(later=True)
    return opening.settle(prepared, "later version", [], still_against)


@_tried
def take_as_own(actor: Actor, number: int, reason: str, maps: Sequence[Map] = ()) -> Settled:
    """Register a held entry as a report of its own, without the reference that another report has."""
    opening = _Opening.of(actor, number, reason)
    came = _material(opening.row, maps)
    entry = opening.read(came, {})
    if _current(entry) is None or not isinstance(entry, ReadReport):
        raise WrongMending("There is no other report with its reference: mend it, or set it aside.")
    changes = {came.reference: None} if came.reference else {}
    return opening.settle(
        prepare(replace(entry, reference=None), None, {}), "own report", _kept(came, changes)
    )


@_tried
def add_to(actor: Actor, number: int, report: int, reason: str, maps: Sequence[Map] = ()) -> Settled:
    """Add a held addition to one of the reports that have the reference it names."""
    opening = _Opening.of(actor, number, reason)
    entry = opening.read(_material(opening.row, maps), {})
    hosts = intake.reports_by_reference([entry.reference]) if isinstance(entry, ReadAddition) else []
    host = next((each for each in hosts if each.id == report), None)
    if host is None or not people.mentions_open_to(actor, report):
        raise WrongMending(f"Report {report} is not one of those that this may belong to.")
    prepared = prepare(entry, None, {})._replace(home=intake.key_of_report(report))
    return opening.settle(prepared, "added", [])


@_tried
def set_aside(actor: Actor, number: int, reason: str) -> Settled:
    """Refuse a held entry, with a reason and the officer's name. It stays in its delivery, and in the sum."""
    opening = _Opening.of(actor, number, reason)
    said = Rejected(opening.row.place, "refused", f"set aside by {actor.full_name}: {opening.reason}")
    return opening.settle(prepare(said, None, {}), "set aside", [])


@dataclass
class _Opening:
    """A held entry that an officer is about to settle."""

    actor: Actor
    row: Any
    reason: str

    @classmethod
    def of(cls, actor: Actor, number: int, reason: str) -> _Opening:
        actor.require(Power.IMPORT)
        row = intake_queries.held_entry(number)
        if row is None:
            raise NoEntry(number)
        if row.retracted_by is not None:
            raise AlreadySettled(number)
        if not reason.strip():
            raise WrongMending("Say why: a reason is kept with what you decide.")
        return cls(actor, row, reason.strip()[:LONGEST_TEXT])

    def read(self, came: Material, changes: Changes) -> ReadReport | ReadAddition:
        """The entry with these changes.

        :raises StillHeld: it could not be registered
        """
        try:
            entry = _as_brought(self.row, came.read(changes))
        except NoSuchLeaf as wrong:
            raise WrongMending(str(wrong)) from wrong
        except ValueError as wrong:  # what the format itself cannot carry
            raise WrongMending(
                "A field holds something that its format cannot carry. Nothing was changed."
            ) from wrong
        if isinstance(entry, ReadReport | ReadAddition):
            return entry
        if isinstance(entry, Rejected):
            raise StillHeld(entry.reason, entry.field)
        raise StillHeld("no report is in it")

    def settle(
        self,
        prepared: Prepared,
        kind: str,
        changes: Sequence[dict[str, str | None]],
        check: Callable[[], None] | None = None,
    ) -> Settled:
        """Record what becomes of the entry in its stead: one act, or nothing."""
        with act(self.actor, _VERBS[kind], Power.IMPORT, entry=self.row.id) as opened:
            if not intake.supersede_entry(opened, self.row.id):
                raise AlreadySettled(self.row.id)
            _check_open(opened, self.row, prepared)
            if check is not None:
                check()
            ((_, became),) = register(opened, [(self.row.delivery, self.row.received_at, prepared)])
            if became.state == "held":
                raise StillHeld(became.reason or "", became.field)
            entry = intake.write_mending(opened, self.row.id, kind, changes, self.reason)
        return Settled(entry, became.state, became.reason, became.report)


_VERBS = {
    "mended": "mend held entry",
    "left out": "release held entry",
    "later version": "take held entry as later version",
    "own report": "take held entry as own report",
    "added": "say where held entry belongs",
    "set aside": "set held entry aside",
}


def _check_open(opened: OpenAct, row: Any, prepared: Prepared) -> None:
    """Nobody settles what speaks of somebody closed to them, or changes a report that does."""
    reference = getattr(prepared.entry, "reference", None)
    meant = intake.reports_by_reference([reference]) if reference else []
    if people.hides_somebody(opened, row.delivery):
        raise NoEntry(row.id)
    if any(people.hides_somebody(opened, host.delivery) for host in meant):
        raise WrongMending(_NOT_HERE)


def as_typed(text: str) -> str:
    """A text as a form gives it back: one kind of line break, and nothing that no form can carry."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNTYPEABLE.sub("\ufffd", lines)


def _changed(came: Material, changes: Changes) -> dict[str, str | None]:
    """The changes among what was sent: a field with other text, or None for one that is left out or emptied."""
    there = {leaf.path: as_typed(leaf.text) for leaf in came.leaves}
    return {
        path: text if text and text.strip() else None
        for path, text in changes.items()
        if text is None or as_typed(text) != there.get(path)
    }


def _check_texts(changes: Changes) -> None:
    """What is typed is held to the same rule as what comes: no media, no digest."""
    for path, text in changes.items():
        if text is None:
            continue
        if len(text) > LONGEST_TEXT:
            raise WrongMending(f"{path}: a field takes {LONGEST_TEXT:,} characters. Nothing was changed.")
        if "\ufffd" in as_typed(text):
            raise WrongMending(f"{path}: there is a control character in it. Nothing was changed.")
        if looks_like_digest(text) or without_digests(text) != text:
            raise WrongMending(
                f"{path}: this is a digest, and Threshold never takes one. Nothing was changed."
            )
        if len(text) >= _SHORTEST_MEDIA:
            cut = cut_media(BytesIO(text.encode("utf-8", "replace")), BytesIO())
            if cut.cuts or cut.whole_file_is_media:
                raise WrongMending(
                    f"{path}: this looks like media, which is never taken. Nothing was changed."
                )


def _kept(came: Material, changes: Changes) -> list[dict[str, str | None]]:
    """The changes as they are kept: what was received beside what it was mended to."""
    received = {leaf.path: leaf.text[:LONGEST_TEXT] if leaf.stated else None for leaf in came.leaves}
    return [{"path": path, "received": received.get(path), "mended": text} for path, text in changes.items()]

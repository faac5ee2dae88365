"""Files to prepared entries, before anything is written: media cut, format read, identifiers normalised.

Knows no database. ``read_files`` does it here; ``read_ahead`` does the same in a process of its own, so that
reading goes on while the rows of earlier entries are written.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import stat
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from threshold.enquiries import drafting as statement_drafting
from threshold.enquiries.drafting import DraftStatement
from threshold.intake import readers
from threshold.intake.archives import (
    DAMAGED,
    BrokenMember,
    Kind,
    Member,
    OpenArchives,
    keep_contents,
    refused_members,
)
from threshold.intake.conversation import lone_reference
from threshold.intake.drafting import DraftAddition, DraftDelivery, DraftReport, content_key, draft_report
from threshold.intake.maps import Map
from threshold.intake.media import CutResult, cut_media
from threshold.intake.reading import (
    ControlPart,
    Entry,
    ReadAddition,
    ReadMention,
    ReadReport,
    Rejected,
    Source,
)
from threshold.intake.workbooks import UnreadableWorkbook, keep_as_text
from threshold.people.drafting import DraftMention, draft_mention

# A file up to this size (bytes) is cleaned in memory and recorded in the same act as its entries.
SMALL = 1024 * 1024
# A folder with more files than this is a store of deliveries, not one conversation with a sender.
CONVERSATION = 200
# Entries handed over at a time, and how many such hand-overs may wait.
AT_ONCE = 100
WAITING = 20


class Incoming(NamedTuple):
    """One file as somebody brings it: its name, the folder it came in, where it lies, its size in bytes.

    ``unread`` says why it is not read at all. ``inside`` leads to a member of the archive at ``path``. ``kind``
    names an archive that is opened here; ``members`` are what is in it. ``named`` is its path as whoever brings it
    named it.
    """

    name: str
    folder: str
    path: Path
    size: int
    unread: str | None = None
    inside: tuple[int, ...] = ()
    kind: Kind | None = None
    members: tuple[Member, ...] = ()
    named: str = ""


class Person(NamedTuple):
    """One mention ready to be written, with what is said of it."""

    draft: DraftMention
    said: tuple[DraftStatement, ...]


class Prepared(NamedTuple):
    """One entry ready to be written. ``home`` is the content key of the report an addition came together with.

    ``later``: an officer decided that this is the later version of the report whose reference it has.
    """

    entry: DraftReport | DraftAddition | Rejected
    key: bytes | None
    people: tuple[Person, ...] = ()
    home: bytes | None = None
    later: bool = False


class Began(NamedTuple):
    """A file was cleaned and its reading begins."""

    number: int
    incoming: Incoming
    draft: DraftDelivery


class Found(NamedTuple):
    """Entries of a file, in order."""

    number: int
    prepared: tuple[Prepared, ...]


class Ended(NamedTuple):
    """The file was read to its end."""

    number: int


Message = Began | Found | Ended


@dataclass(frozen=True, slots=True)
class Places:
    """Where cleaned copies lie: small ones in memory where the system offers that, large ones on disk."""

    small: Path
    large: Path


class ReadingStopped(Exception):
    """The process that reads ended before the files did."""

    def __init__(self) -> None:
        super().__init__(
            "Reading stopped before the files ended (the system may have run out of memory). "
            "What was done is done: bring the same files again to go on."
        )


def files_under(paths: Iterable[Path]) -> Iterator[Incoming]:
    """Every file named or found in a folder, in order of name. Links to elsewhere are named and not followed."""
    for path in paths:
        if path.is_dir():
            yield from _within(path, path.resolve().name, path)
        else:
            found = path.resolve()
            yield _incoming(found.parent.name, found, found.lstat(), path)


def _within(folder: Path, shown: str, named: Path) -> Iterator[Incoming]:
    """The files of a folder, together, then those of each folder in it."""
    found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    folders = [entry for entry in found if entry.is_dir(follow_symlinks=False)]
    for entry in found:
        if not entry.is_dir(follow_symlinks=False):
            yield _incoming(shown, Path(entry), entry.stat(follow_symlinks=False), named / entry.name)
    for entry in folders:
        yield from _within(Path(entry), f"{shown}/{entry.name}", named / entry.name)


def _incoming(folder: str, path: Path, found: os.stat_result, as_named: Path) -> Incoming:
    """Names on a disk can hold bytes that are no text; these are shown as question marks."""
    name, folder, named = (
        part.encode("utf-8", "replace").decode("utf-8") for part in (path.name, folder, str(as_named))
    )
    unread, size = None, found.st_size
    if stat.S_ISLNK(found.st_mode):
        unread, size = "a link to elsewhere, which is not followed", 0
    elif not stat.S_ISREG(found.st_mode):
        unread, size = "not a file that can be read (a pipe, a device or the like)", 0
    elif found.st_dev in _devices_of_the_system():
        unread, size = "not a file that is stored: the system makes it up while it is read", 0
    return Incoming(name, folder, path, size, unread, named=named)


@cache
def _devices_of_the_system() -> frozenset[int]:
    """Where files have no size, or one that is not so, and some can be read without end."""
    return frozenset(path.stat().st_dev for path in (Path("/proc"), Path("/sys")) if path.is_mount())


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: maps for tables, by which road they came, when the force had them, where copies lie.

    ``history``: these are old cases, for which no clock starts.
    """

    maps: Sequence[Map]
    road: str
    received_at: datetime
    places: Places
    history: bool = False


def read_files(files: Iterable[Incoming], how: Reading) -> Iterator[Message]:
    """Messages for each file, in order. Never raises for what a file holds: that becomes an entry."""
    number = 0
    with OpenArchives() as archives:
        for folder in _folders(files, archives):
            cleaned = []
            for incoming in folder:
                number += 1
                cleaned.append(_clean(number, incoming, how, archives))
            if all(began.incoming.size <= SMALL for began in cleaned):
                yield from _conversation(cleaned, how)
            else:
                for began in cleaned:
                    yield from _alone(began, how)


def _folders(files: Iterable[Incoming], archives: OpenArchives) -> Iterator[list[Incoming]]:
    """Files of one folder together; after them, as folders of their own, what is in the archives among them."""
    for folder in _by_folder(files):
        opened = [_look_inside(incoming, archives) for incoming in folder]
        yield opened
        for archive in opened:
            if archive.kind == "zip":
                yield from _folders(_members(archive), archives)


def _by_folder(files: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """Files of one folder together, while they are few enough to be a conversation."""
    together: list[Incoming] = []
    for incoming in files:
        if together and (incoming.folder != together[0].folder or len(together) >= CONVERSATION):
            yield together
            together = []
        together.append(incoming)
    if together:
        yield together


def _look_inside(incoming: Incoming, archives: OpenArchives) -> Incoming:
    """The same, with what is in it where it is an archive that is opened here."""
    if incoming.unread:
        return incoming
    try:
        kind = archives.kind(incoming.path, incoming.inside)
        if kind == "damaged":
            return incoming._replace(kind=kind)
        if kind == "workbook":
            # What it unpacks to is what will be kept and read of it.
            unpacked = archives.unpacked(incoming.path, incoming.inside)
            return incoming._replace(kind=kind, size=max(incoming.size, unpacked))
        if kind == "zip" and len(incoming.inside) > 1:
            return incoming._replace(unread="an archive in an archive in an archive: unpack it first")
        if kind == "zip":
            return incoming._replace(kind=kind, members=archives.members(incoming.path, incoming.inside))
    except (OSError, BrokenMember) as failed:
        return incoming._replace(unread=_why(failed))
    return incoming


def _members(archive: Incoming) -> Iterator[Incoming]:
    for member in archive.members:
        if member.problem is None:
            folder, _, name = member.name.rpartition("/")
            within = "/".join(part for part in (archive.folder, archive.name, folder) if part)
            yield Incoming(
                name,
                within,
                archive.path,
                member.size,
                inside=(*archive.inside, member.number),
                named=f"{archive.named or archive.name}/{member.name}",
            )


def _clean(number: int, incoming: Incoming, how: Reading, archives: OpenArchives) -> Began:
    cleaned = (how.places.small if incoming.size <= SMALL else how.places.large) / str(number)
    unread = incoming.unread
    cut = CutResult(None, 0, (), False)
    if not unread:
        try:
            with cleaned.open("wb") as sink:
                cut = _keep(incoming, sink, archives)
        except UnreadableWorkbook as failed:
            # As of any archive that stays closed, what is kept is how long it was.
            unread = _why(failed)
            with cleaned.open("wb") as sink, archives.stream(incoming.path, incoming.inside) as source:
                cut = cut_media(source, sink)
        except (OSError, BrokenMember) as failed:
            unread = _why(failed)
            cleaned.write_bytes(b"")
    else:
        cleaned.write_bytes(b"")
    if unread:
        draft = DraftDelivery(
            incoming.name, incoming.folder, how.road, "", str(cleaned), cut, history=how.history
        )
        return Began(number, incoming._replace(unread=unread), draft)
    found = "zip" if incoming.kind == "zip" else readers.sniff(_source(incoming, cleaned))
    name = found if isinstance(found, str) and not cut.whole_file_is_media else ""
    if name in ("table", "workbook"):
        # Read with other maps it is another reading of the same bytes.
        name = " ".join([name, *sorted(f"{m.name}/{m.version}" for m in how.maps)])
    draft = DraftDelivery(
        incoming.name, incoming.folder, how.road, name, str(cleaned), cut, history=how.history
    )
    return Began(number, incoming, draft)


def _keep(incoming: Incoming, sink: BinaryIO, archives: OpenArchives) -> CutResult:
    """Write to *sink* what is kept of a file: all but media; of a workbook its cells; of a ZIP what is in it."""
    if incoming.kind == "workbook":
        with archives.whole(incoming.path, incoming.inside) as source:
            return keep_as_text(source, sink)
    with archives.stream(incoming.path, incoming.inside) as source:
        if incoming.kind == "zip":
            return keep_contents(source, incoming.members, sink)
        return cut_media(source, sink)


def _why_media(cut: CutResult) -> str:
    if cut.cuts[0].kind == "pdf":
        return (
            "a PDF document: it may hold pictures, so it is not read and nothing of it was kept. Ask the sender for "
            "the report as XML, JSON, CSV or an Excel workbook, or type it in as a referral"
        )
    return "the file is itself an image or video: Threshold holds metadata only, and nothing of it was kept"


def _why(failed: Exception) -> str:
    return f"it cannot be read: {(failed.strerror if isinstance(failed, OSError) else None) or failed}"


def _source(incoming: Incoming, cleaned: Path) -> Source:
    return Source(incoming.name, str(cleaned), incoming.folder)


def _entries(began: Began, how: Reading) -> Iterator[Entry]:
    if began.incoming.unread:
        yield Rejected("(document)", "refused", began.incoming.unread)
        return
    if began.incoming.kind == "zip":
        yield from refused_members(began.incoming.members)
        return
    if began.incoming.kind == "damaged":
        yield Rejected("(document)", "refused", DAMAGED)
        return
    if began.draft.cut.whole_file_is_media:
        yield Rejected("(document)", "refused", _why_media(began.draft.cut))
        return
    hints = {"received": how.received_at.isoformat()}
    source = Source(began.draft.name, began.draft.cleaned, began.draft.folder, hints)
    for entry in readers.read(source, how.maps):
        yield replace(entry, history=True) if how.history and isinstance(entry, ReadReport) else entry


def _conversation(files: list[Began], how: Reading) -> Iterator[Message]:
    entries = [list(_entries(began, how)) for began in files]
    together = [entry for found in entries for entry in found]
    inferred = lone_reference(together) if len(files) > 1 else None
    homes = _homes(together, inferred)
    for began, found in zip(files, entries, strict=True):
        notes = [entry.note for entry in found if isinstance(entry, ControlPart)]
        yield began._replace(draft=began.draft._replace(note="; ".join(notes)))
        prepared = [prepare(e, inferred, homes) for e in found if not isinstance(e, ControlPart)]
        for start in range(0, len(prepared), AT_ONCE):
            yield Found(began.number, tuple(prepared[start : start + AT_ONCE]))
        yield Ended(began.number)


def _alone(began: Began, how: Reading) -> Iterator[Message]:
    yield began
    some: list[Prepared] = []
    for entry in _entries(began, how):
        if isinstance(entry, ControlPart):
            continue
        some.append(prepare(entry, None, {}))
        if len(some) >= AT_ONCE:
            yield Found(began.number, tuple(some))
            some = []
    yield Found(began.number, tuple(some))
    yield Ended(began.number)


def _homes(entries: Iterable[Entry], inferred: str | None) -> dict[str, bytes]:
    """Reference -> content key, for each reference that exactly one report of the folder bears."""
    found: dict[str, list[bytes]] = {}
    for entry in entries:
        if isinstance(entry, ReadReport) and (reference := entry.reference or inferred):
            found.setdefault(reference, []).append(content_key(entry))
    return {reference: keys[0] for reference, keys in found.items() if len(keys) == 1}


def prepare(
    entry: ReadReport | ReadAddition | Rejected, inferred: str | None, homes: dict[str, bytes]
) -> Prepared:
    """Everything about an entry that can be worked out without the database."""
    match entry:
        case Rejected():
            return Prepared(entry, None)
        case ReadAddition():
            host = ReadReport(entry.place, entry.sender, (entry.about,))
            added = (_person(host, entry.about, statement_drafting.added(entry.about)),)
            draft = DraftAddition(entry.place, entry.reference)
            return Prepared(draft, content_key(entry), added, homes.get(entry.reference))
        case ReadReport():
            # The key is of what the report itself says, so that it is known again without its conversation.
            key = content_key(entry)
            if entry.reference is None and inferred is not None:
                entry = replace(entry, reference=inferred)
            said = statement_drafting.from_mention
            people = tuple(_person(entry, m, said(entry, m)) for m in entry.mentions)
            return Prepared(draft_report(entry), key, people)


def _person(report: ReadReport, mention: ReadMention, said: list[DraftStatement]) -> Person:
    return Person(draft_mention(report, mention), tuple(said))


# --- the same in a process of its own


def read_ahead(files: Sequence[Incoming], how: Reading) -> Iterator[Message]:
    """``read_files`` in another process; at most a few hundred entries wait at a time.

    :raises ReadingStopped: that process ended before it was done
    """
    context = multiprocessing.get_context("spawn")
    messages: Any = context.Queue(maxsize=WAITING)
    theirs, ours = context.Pipe(duplex=False)
    reader = context.Process(target=_read_into, args=(messages, theirs), daemon=True)
    reader.start()
    theirs.close()
    # What is to be read may be long. Sent with the start it would fill a pipe of which this process has both ends,
    # and wait for ever for a reader that has ended; this pipe breaks.
    try:
        ours.send((files, how))
    except OSError:
        reader.join()
        raise ReadingStopped from None
    finally:
        ours.close()
    # Messages are unpacked in a thread, while the database writes those before.
    unpacked: queue.Queue[list[Message] | ReadingStopped | None] = queue.Queue(maxsize=2)
    threading.Thread(target=_unpack, args=(messages, reader, unpacked), daemon=True).start()
    try:
        while (some := unpacked.get()) is not None:
            if isinstance(some, ReadingStopped):
                raise some
            yield from some
    finally:
        reader.terminate()
        reader.join()


def _unpack(messages: Any, reader: Any, unpacked: Any) -> None:
    try:
        while (some := _next(messages, reader)) is not None:
            unpacked.put(some)
        unpacked.put(None)
    except ReadingStopped as stopped:
        unpacked.put(stopped)


def _read_into(messages: Any, orders: Any) -> None:
    # Ctrl-C is for the process that writes; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    files, how = orders.recv()
    some: list[Message] = []
    for message in read_files(files, how):
        some.append(message)
        if len(some) >= AT_ONCE:
            messages.put(some)
            some = []
    messages.put(some)
    messages.put(None)


def _end_with_parent() -> None:
    """A process that writes and is killed cannot end this one, which would wait for it for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _next(messages: Any, reader: Any) -> list[Message] | None:
    while True:
        try:
            some: list[Message] | None = messages.get(timeout=1)
            return some
        except queue.Empty:
            if not reader.is_alive() and messages.empty():
                raise ReadingStopped from None

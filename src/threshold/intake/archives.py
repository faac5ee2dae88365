"""ZIP archives, opened without trusting what they say: what is in one, and the bytes of a member as they come.

A member that must not or cannot be read is named with its reason, and the others go on. Nothing is unpacked to
a disk: a member is a stream, and media is cut out of it before anything is written.
"""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar, cast

from threshold.intake.media import CutResult, cut_media
from threshold.intake.reading import Rejected
from threshold.intake.texts import without_digests

MOST_MEMBERS = 20_000
# All members of one archive together, with those of the archives in it (bytes).
MOST_UNPACKED = 4 * 1024**3
# Honest tables shrink to a fiftieth; from this size on, one that shrank to less than this is a bomb.
MOST_RATIO = 200
RATIO_COUNTS_FROM = 8 * 1024**2
# What has to lie in memory as a whole to be opened: an archive or a workbook inside an archive (bytes).
MOST_IN_MEMORY = 64 * 1024**2
LONGEST_NAME = 300
DAMAGED = (
    "a ZIP archive, or a workbook or document that is one, but damaged or cut off: its list of contents "
    "cannot be read. Ask the sender for it again, or unpack it and bring the files"
)

Kind = Literal["zip", "workbook", "damaged"]

# Parts that make an archive a document of an office program; what is in it is not a delivery each.
_DOCUMENT = frozenset({"[Content_Types].xml", "mimetype", "META-INF/manifest.xml"})
_WORKBOOK = "xl/workbook.xml"
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")


class BrokenMember(Exception):
    """A member of an archive does not hold what the archive says of it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its number in the archive, its name as shown, its size as stated; why it is not read, if so."""

    number: int
    name: str
    size: int
    problem: str | None = None

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]


def members(archive: zipfile.ZipFile, most_bytes: int = MOST_UNPACKED) -> tuple[Member, ...]:
    """Every member but folders, by folder and name, those that are not read with the reason."""
    found = [(n, info) for n, info in enumerate(archive.infolist()) if not info.is_dir() or info.file_size]
    if len(found) > MOST_MEMBERS:
        why = f"{len(found):,} members, and at most {MOST_MEMBERS:,} are read: unpack it and bring the files"
        return (Member(0, "(document)", 0, why),)
    times = Counter(info.filename for _, info in found)
    left = most_bytes
    listed = []
    for number, info in found:
        problem = _problem(info, times[info.filename])
        if problem is None and info.file_size > left:
            problem = f"with it the archive unpacks to more than {MOST_UNPACKED:,} bytes: bring it by itself"
        if problem is None:
            left -= info.file_size
        listed.append(Member(number, shown(info.filename), info.file_size, problem))
    return tuple(sorted(listed, key=lambda member: (member.folder, member.name, member.number)))


def keep_contents(stream: BinaryIO, found: Sequence[Member], sink: BinaryIO) -> CutResult:
    """Write to *sink* what is kept of an archive: a list of its members. The digest is of the archive itself."""
    digest = hashlib.sha256()
    length = 0
    while piece := stream.read(1024 * 1024):
        digest.update(piece)
        length += len(piece)
    lines = [
        f"A ZIP archive of {length} bytes with {len(found)} members. What is read of it came as deliveries."
    ]
    lines += [
        f"{member.size} bytes: {member.name}" + (f" (not read: {member.problem})" if member.problem else "")
        for member in found
    ]
    cut = cut_media(BytesIO("\n".join([*lines, ""]).encode("utf-8", "replace")), sink)
    return CutResult(digest.hexdigest(), length, cut.cuts, False)


def refused_members(found: Sequence[Member]) -> Iterator[Rejected]:
    """An entry for each member that is not read: it is not lost in silence."""
    for member in found:
        if member.problem:
            yield Rejected(member.name, "refused", member.problem)
    if not found:
        yield Rejected("(document)", "refused", "an archive with nothing in it")


def shown(name: str) -> str:
    """A member's name to be kept: many files are named by their digest, which is not taken out."""
    return without_digests(name.encode("utf-8", "replace").decode("utf-8"))[-LONGEST_NAME:]


def _problem(info: zipfile.ZipInfo, times: int) -> str | None:
    name = info.orig_filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    if _ABSOLUTE.match(name) or ".." in name.split("/") or "\x00" in name or not name.strip("/ ."):
        return "its name leads out of the archive: rename it, or bring it by itself"
    if stat.S_ISLNK(kind):
        return "a link to elsewhere, which is not followed: bring the file that it points to"
    if kind and not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        return "not a file (a device, a pipe or the like)"
    if times > 1:
        return f"{times} members have this name, so which is meant is not known: bring each by itself"
    if info.flag_bits & 0x1:
        return "encrypted: unpack it with its password and bring the files"
    if info.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_BZIP2,
        zipfile.ZIP_LZMA,
    ):
        return "packed in a way that is not read here: unpack it and bring the files"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > MOST_RATIO * max(info.compress_size, 1):
        return (
            f"it says that {info.compress_size:,} bytes unpack to {info.file_size:,}, as a bomb does: "
            "unpack it and bring the files"
        )
    return None


class MemberStream:
    """The bytes of one member; ends in ``BrokenMember`` where they are not what the archive says."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self.info = info
        self.read_so_far = 0
        self.stream = _guarded(lambda: archive.open(info))

    def close(self) -> None:
        self.stream.close()

    def __enter__(self) -> MemberStream:
        return self

    def __exit__(self, *failed: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        piece = _guarded(lambda: self.stream.read(size))
        self.read_so_far += len(piece)
        if not piece and size and self.read_so_far != self.info.file_size:
            raise BrokenMember(
                f"the archive says that it has {self.info.file_size:,} bytes, and it has {self.read_so_far:,}"
            )
        return piece


_T = TypeVar("_T")


def _guarded(work: Callable[[], _T]) -> _T:
    try:
        return work()
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise BrokenMember(
            "the archive is damaged here. Ask the sender for it again, or unpack it and bring the files"
        ) from None
    # So says zipfile of a compression that it does not know, and of what is encrypted.
    except (NotImplementedError, RuntimeError):
        raise BrokenMember(
            "it is packed in a way that is not read here: unpack it and bring the files"
        ) from None


class OpenArchives:
    """The archives that are being read: one at each depth is kept open, so that its members need no search."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[tuple[Path, tuple[int, ...]], zipfile.ZipFile]] = {}
        self._left: dict[Path, int] = {}

    def __enter__(self) -> OpenArchives:
        return self

    def __exit__(self, *failed: object) -> None:
        for _, archive in self._open.values():
            archive.close()

    def kind(self, path: Path, inside: tuple[int, ...]) -> Kind | None:
        """What kind of archive lies there, if it is one that is opened here; *damaged* is refused as that."""
        with self.stream(path, inside) as stream:
            if stream.read(4) not in _BEGINNINGS:
                return None
        if inside and self._info(path, inside).file_size > MOST_IN_MEMORY:
            raise BrokenMember("an archive larger than is opened inside another: bring it by itself")
        try:
            names = set(self.archive(path, inside).namelist())
        # What zipfile answers to a table of contents that lies about lengths, offsets, versions or dates.
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
            return "damaged"
        if _WORKBOOK in names:
            return "workbook"
        return None if names & _DOCUMENT else "zip"

    def members(self, path: Path, inside: tuple[int, ...]) -> tuple[Member, ...]:
        """What is in the archive there; what one file unpacks to, at every depth, is counted together."""
        left = self._left.get(path, MOST_UNPACKED)
        found = members(self.archive(path, inside), left)
        self._left[path] = left - sum(member.size for member in found if member.problem is None)
        return found

    def unpacked(self, path: Path, inside: tuple[int, ...]) -> int:
        return sum(info.file_size for info in self.archive(path, inside).infolist())

    def _info(self, path: Path, inside: tuple[int, ...]) -> zipfile.ZipInfo:
        return self.archive(path, inside[:-1]).infolist()[inside[-1]]

    def archive(self, path: Path, inside: tuple[int, ...]) -> zipfile.ZipFile:
        """The archive that lies at *path*, or is the member of it that the numbers *inside* lead to."""
        known = self._open.get(len(inside))
        if known is not None and known[0] == (path, inside):
            return known[1]
        if known is not None:
            known[1].close()
        archive = zipfile.ZipFile(self.whole(path, inside))
        self._open[len(inside)] = ((path, inside), archive)
        return archive

    def stream(self, path: Path, inside: tuple[int, ...]) -> BinaryIO:
        """A file, or a member of an archive, to be read once from its start to its end."""
        if not inside:
            return path.open("rb")
        return cast(BinaryIO, MemberStream(self.archive(path, inside[:-1]), self._info(path, inside)))

    def whole(self, path: Path, inside: tuple[int, ...]) -> BinaryIO:
        """The same, to be read in any order; a member then lies in memory."""
        if not inside:
            return path.open("rb")
        size = self._info(path, inside).file_size
        if size > MOST_IN_MEMORY:
            raise BrokenMember(
                f"{size:,} bytes, more than are opened inside another archive: bring it by itself"
            )
        member = self.stream(path, inside)
        return BytesIO(b"".join(iter(lambda: member.read(1024 * 1024), b"")))

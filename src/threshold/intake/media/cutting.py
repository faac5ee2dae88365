"""Copies what was sent and cuts media out of it, unread, before anything is written.

Media hides in a delivery as base64 (in XML, JSON, CSV, mail, in UTF-8 and UTF-16), as hex digits, as the file
members of an upload, as raw bytes, as the file itself, or taken apart: as numbers, as escapes, a line an element.
So a text goes through two: ``RunCutter`` cuts unbroken runs, ``PieceCutter`` what is written in pieces. Each
leaves a short marker; where media stood, what it seemed to be and how long it was are kept; a digest of it never
is (design.md section 3, rule 1).

A stream of any length goes through in one pass with a few chunks in memory. Ordinary text is copied byte for
byte. In doubt the cut is made: a lost line can be asked for again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from threshold.intake.media.encodings import wide_encoding
from threshold.intake.media.kinds import media_kind, opaque_kind
from threshold.intake.media.markers import marker
from threshold.intake.media.pieces import PieceCutter
from threshold.intake.media.runs import RunCutter
from threshold.intake.media.uploads import MULTIPART, MultipartCutter
from threshold.intake.reading import Cut

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CutResult:
    """What went through. The digest is of the container as it came; None where that was media itself."""

    sha256_of_container: str | None
    length: int
    cuts: tuple[Cut, ...]
    whole_file_is_media: bool


def cut_media(source: BinaryIO, sink: BinaryIO) -> CutResult:
    """Copies *source* to *sink* without the media in it."""
    digest = hashlib.sha256()
    head = _read_full(source, CHUNK)
    kind = media_kind(head[:64])
    if kind is not None:
        length = len(head) + _drain(source, None)
        return CutResult(None, length, (Cut(0, kind, length),), whole_file_is_media=True)
    digest.update(head)
    name = None if MULTIPART.match(head) else opaque_kind(head)
    if name is not None:
        length = len(head) + _drain(source, digest)
        sink.write(marker(name, length))
        return CutResult(digest.hexdigest(), length, (Cut(0, name, length),), whole_file_is_media=False)

    cutter = _cutter_for(head, sink)
    length = 0
    chunk = head
    while chunk:
        length += len(chunk)
        cutter.feed(chunk)
        chunk = source.read(CHUNK)
        digest.update(chunk)
    cuts = cutter.finish()
    # A file of nothing but one base64 text is that image in another writing, and so would be its digest.
    only_media = bool(cuts) and cutter.only_white_space
    return CutResult(None if only_media else digest.hexdigest(), length, cuts, only_media)


def _read_full(source: BinaryIO, size: int) -> bytes:
    """The first *size* bytes, however small the pieces are that the source gives."""
    pieces: list[bytes] = []
    while size > 0 and (piece := source.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _drain(source: BinaryIO, digest: hashlib._Hash | None) -> int:
    length = 0
    while chunk := source.read(CHUNK):
        length += len(chunk)
        if digest is not None:
            digest.update(chunk)
    return length


class Cutter(Protocol):
    @property
    def only_white_space(self) -> bool: ...

    def feed(self, chunk: bytes) -> None: ...

    def finish(self) -> tuple[Cut, ...]: ...


def _cutter_for(head: bytes, sink: BinaryIO) -> Cutter:
    upload = MULTIPART.match(head)
    encoding = None if upload else wide_encoding(head)
    text = RunCutter(PieceCutter(sink, encoding), encoding)
    return MultipartCutter(upload[1], text) if upload else text

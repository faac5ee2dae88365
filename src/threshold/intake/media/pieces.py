"""Cuts media that is written in pieces: as numbers, as escapes, a line an element, in rarer encodings.

``RunCutter`` has cut unbroken runs already. Here each finder looks for one way to take a run apart, in a view of
the text with one byte a character; what it finds is cut, and the markup between the pieces stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from threshold.intake.media.blocks import Block, Finder
from threshold.intake.media.datauris import DataUris
from threshold.intake.media.dense import Dense
from threshold.intake.media.encodings import alphabet
from threshold.intake.media.escapes import Escapes
from threshold.intake.media.markers import marker, says
from threshold.intake.media.numbers import number_finders
from threshold.intake.media.words import AfterCut, word_finders
from threshold.intake.reading import Cut

WORK = 64 * 1024  # bytes that come before it is worth looking
TAIL = 4096  # characters at the end in which a block may begin that cannot be seen yet
MARGIN = (
    1536  # characters after a block that may still belong to it: the longest that stands between two pieces
)
CONTEXT = 1024  # characters already written that are still looked at

_NUMBER = re.compile(rb"-?[0-9]")
_VALUE_OF_JSON = re.compile(rb"[\[:,]\s{0,16}\Z")
# A number of JSON up to where a cut was made in it, and what may follow the cut in the same number.
_NUMBER_BEGUN = re.compile(rb"(?<=[\[:,\s])-?[0-9]{0,64}(?:\.[0-9]{0,64})?(?:[eE][+-]?)?\Z")
_NUMBER_ENDS = re.compile(rb"[0-9.eE+-]*")


@dataclass(slots=True)
class _Open:
    """A cut that may go on. ``kept`` is what stood between its latest pieces, not yet written."""

    finder: Finder
    offset: int
    kind: str
    length: int
    kept: list[bytes]


class PieceCutter:
    """The last through which a text goes: writes what is left to the sink and keeps the list of cuts."""

    def __init__(self, sink: BinaryIO, encoding: str | None) -> None:
        self.sink = sink
        self.cuts: list[Cut] = []
        self.encoding = encoding
        self.alphabet = alphabet(encoding)
        self.width = self.alphabet.width
        self.finders: tuple[Finder, ...] = ()
        self.buffer = b""
        self.base = 0  # where the buffer starts in the container
        self.marks: list[
            tuple[int, int]
        ] = []  # where in the buffer a marker ends, how much longer the cut was
        self.written = 0
        self.looked = 0
        self.new = 0
        self.left = 0  # bytes that say something and were not cut
        self.in_number = False  # a cut was made in a number, and the rest of it is still to come
        self.open: _Open | None = None

    def feed(self, text: bytes) -> None:
        text = self._after_number(text)
        self.left += says(text)
        self._add(text)

    def skip(self, kind: str, offset: int, length: int, *, digits: bool = False) -> None:
        """A cut that was made before: only its marker comes through here.

        ``digits``: what was cut could stand in a number. Where a number may stand in JSON no marker may, so the
        whole number goes and leaves a null.
        """
        begun = self._number_begun() if digits else None
        if begun is None:
            sign = self.alphabet.widen(marker(kind, length))
        else:
            sign = self.alphabet.widen(b"null")
            self.left -= says(self.buffer[len(self.buffer) - begun :])
            self.buffer = self.buffer[: len(self.buffer) - begun]
            offset, length = offset - begun, length + begun
            self.in_number = True
        self.cuts.append(Cut(offset, kind, length))
        self.marks.append((len(self.buffer) + len(sign), length - len(sign)))
        self._add(sign)

    def _number_begun(self) -> int | None:
        """How many bytes of a number of JSON stand before a cut; None where no number can stand."""
        view = self._view()
        if not _is_json(view, self.finders):
            return None
        begun = _NUMBER_BEGUN.search(view, max(len(view) - 160, 0))
        if begun is None or not _VALUE_OF_JSON.search(view, max(begun.start() - 24, 0), begun.start()):
            return None
        width = (len(view) - begun.start()) * self.width
        return width if len(self.buffer) - width >= self.written else None

    def _after_number(self, text: bytes) -> bytes:
        """What follows a cut in a number, without what is left of the number."""
        if not self.in_number or not text:
            return text
        rest = _NUMBER_ENDS.match(self.alphabet.narrow(text))
        taken = rest.end() * self.width if rest else 0
        self.in_number = taken == len(text)
        cut = self.cuts[-1]
        self.cuts[-1] = Cut(cut.offset, cut.kind, cut.length + taken)
        self.marks.append((len(self.buffer), taken))
        return text[taken:]

    def finish(self) -> tuple[Cut, ...]:
        self._work(last=True)
        return tuple(sorted(self.cuts, key=lambda cut: cut.offset))

    @property
    def only_white_space(self) -> bool:
        return self.left == 0

    def _add(self, text: bytes) -> None:
        self.buffer += text
        self.new += len(text)
        if self.new >= WORK:
            self._work(last=False)

    def _work(self, *, last: bool) -> None:
        self.new = 0
        view = self._view()
        if not self.finders:
            self.finders = _finders(view)
        near = len(view) + 1 if last else len(view) - MARGIN
        held = self._search(view, near, last)
        until = len(view) if last else max(min(held, len(view) - TAIL), self.looked)
        if self.open is not None and last:
            self._close()
        if self.open is None:
            self._write(until)
            self.looked = max(self.looked, until)
        self._shift()

    def _search(self, view: bytes, near: int, last: bool) -> int:
        """Cuts what can be cut, and says from where on it cannot be told yet."""
        found: dict[int, Block | None] = {}
        while True:
            if self.open is not None:
                if not last and len(view) - self.looked < TAIL:
                    return self.looked
                block = self.open.finder.go_on(view, self.looked, near)
                if block is None:
                    self._close()
                    continue
                if block.kind is None:
                    return self.looked
                self._cut(view, block, self.open.finder)
                continue
            for number, finder in enumerate(self.finders):
                known = found.get(number)
                if number not in found or (known is not None and known.start < self.looked):
                    found[number] = finder.find(view, self.looked, near)
            blocks = [(block.start, number) for number, block in found.items() if block is not None]
            if not blocks:
                return len(view)
            start, number = min(blocks)
            block = found[number]
            assert block is not None
            if block.kind is None:
                return start
            self._cut(view, block, self.finders[number])

    def _cut(self, view: bytes, block: Block, finder: Finder) -> None:
        """Takes the spans of a block out; the marker waits until the length is known."""
        length = sum(end - start for start, end in block.spans) * self.width
        if self.open is None:
            self._write(block.spans[0][0])
            self.open = _Open(finder, self._offset(block.spans[0][0]), block.kind or "data", 0, [])
        else:
            self.sink.write(b"".join(self.open.kept))
        self.open.length += length
        before = self.looked if self.open.kept else block.spans[0][0]
        kept: list[bytes] = []
        for start, end in block.spans:
            kept.append(self._bytes(before, start))
            number = _NUMBER.match(view, start) and _VALUE_OF_JSON.search(view, max(start - 24, 0), start)
            kept.append(self.alphabet.widen(b"null") if number else b"")
            self.left -= says(self._bytes(start, end))
            before = end
        self.open.kept = kept
        self.written = before * self.width
        self.looked = before

    def _close(self) -> None:
        """The marker goes into the first place of the last block, unless only a number may stand there."""
        cut = self.open
        assert cut is not None
        sign = self.alphabet.widen(marker(cut.kind, cut.length))
        places = [at for at in range(1, len(cut.kept), 2) if not cut.kept[at]]
        if places:
            cut.kept[places[0]] = sign
        self.sink.write(b"".join(cut.kept))
        self.cuts.append(Cut(cut.offset, cut.kind, cut.length))
        self.open = None

    def _write(self, until: int) -> None:
        """Writes up to a character of the view."""
        if until * self.width > self.written:
            self.sink.write(self.buffer[self.written : until * self.width])
            self.written = until * self.width

    def _bytes(self, start: int, end: int) -> bytes:
        return self.buffer[start * self.width : end * self.width]

    def _offset(self, at: int) -> int:
        at *= self.width
        return self.base + at + sum(longer for end, longer in self.marks if end <= at)

    def _shift(self) -> None:
        drop = max(self.written // self.width - CONTEXT, 0) * self.width
        self.base += drop + sum(longer for end, longer in self.marks if end <= drop)
        self.marks = [(end - drop, longer) for end, longer in self.marks if end > drop]
        self.buffer = self.buffer[drop:]
        self.written -= drop
        self.looked -= drop // self.width

    def _view(self) -> bytes:
        """The text with one byte a character; what is not Latin-1 is a question mark."""
        if self.encoding is None:
            return self.buffer
        text = bytearray(self.buffer[: len(self.buffer) // 2 * 2])
        high = 1 if self.encoding == "utf-16-le" else 0
        text[high::2] = bytes(text[high::2]).translate(_NO_SURROGATES)
        return text.decode(self.encoding).encode("latin-1", "replace")


# The two halves of a rare character would become one.
_NO_SURROGATES = bytes(0x20 if 0xD8 <= byte <= 0xDF else byte for byte in range(256))
_XML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s?]*<")
_JSON = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s?]*[\[{]")


def _is_json(view: bytes, finders: tuple[Finder, ...]) -> bool:
    """By how the text opens, which the finders were chosen by once that was written."""
    known = next((finder.kind for finder in finders if isinstance(finder, Dense)), None)
    return known == "json" if known else bool(_JSON.match(view))


def _finders(opening: bytes) -> tuple[Finder, ...]:
    kind = "xml" if _XML.match(opening) else "json" if _JSON.match(opening) else "text"
    return (DataUris(), Escapes(kind), *number_finders(), *word_finders(), AfterCut(), Dense(kind))

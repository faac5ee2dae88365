"""Cuts unbroken runs of base64 and hex, and raw media, out of a text in one encoding.

What is left goes on to ``PieceCutter``, with a marker in place of each cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from threshold.intake.media.candidates import (
    BACK,
    CONTEXT,
    LONGEST_LINE,
    MARGIN,
    MAY_JOIN_BEFORE,
    SHORTEST_LINE,
    SHORTEST_WITH_MAGIC,
    Candidates,
)
from threshold.intake.media.encodings import alphabet
from threshold.intake.media.judging import letters_signature
from threshold.intake.media.kinds import OPENINGS, RAW, media_kind
from threshold.intake.media.pieces import PieceCutter
from threshold.intake.reading import Cut

LONGEST_RUN = 1024  # significant characters of base64 that no text needs
LONGEST_HEX = 2048
_ESCAPES = re.compile(rb"\\/|\\u002[fFbB]|%2[fFbB]|&#x2[fFbB];|&#4[37];")
_HEX_ONLY = re.compile(rb"[0-9A-Fa-f]+")
_DIGITS = re.compile(rb"[0-9eE+-]+")
_ALPHANUMERIC = re.compile(rb"[A-Za-z0-9]")
_UPPER = re.compile(rb"[A-Z]")
_LOWER = re.compile(rb"[a-z]")
_HEADER = re.compile(rb"data:(?:[\w.+-]{1,40}/)?([\w.+-]{1,60})[^,\s]{0,60},\Z", re.IGNORECASE)


@dataclass(slots=True)
class _Run:
    """A run of base64 or hex: [start, end). ``kind`` None: not media. ``goes_on``: it touches the end so far."""

    start: int
    end: int
    kind: str | None
    goes_on: bool
    line: int = 0  # the length of its first line


@dataclass(slots=True)
class _OpenCut:
    offset: int
    kind: str
    length: int
    line: int
    digits: bool = False  # nothing in it that a number could not have


class RunCutter:
    """Cuts base64, hex and raw media out of a text in one encoding."""

    def __init__(self, rest: PieceCutter, encoding: str | None = None) -> None:
        self.rest = rest
        self.alphabet = alphabet(encoding)
        self.buffer = b""
        self.base = 0  # where the buffer starts in the container
        self.written = 0  # how much of the buffer is written or cut
        self.looked = 0  # how much of it needs no second look
        self.open: _OpenCut | None = None
        self.raw: _OpenCut | None = None

    def feed(self, chunk: bytes) -> None:
        self.buffer += chunk
        self._work(last=False)

    def finish(self) -> tuple[Cut, ...]:
        self.flush()
        return self.rest.finish()

    @property
    def only_white_space(self) -> bool:
        return self.rest.only_white_space

    def flush(self) -> None:
        """Everything that came so far is all there is of this text."""
        self._work(last=True)
        if self.raw is not None:
            self._close(self.raw)
            self.raw = None

    def skip(self, kind: str, length: int) -> None:
        """A cut that somebody else made, after ``flush``: a file member of an upload."""
        self._close(_OpenCut(self.base, kind, length, 0))
        self.base += length

    def _work(self, *, last: bool) -> None:
        if self.raw is None and self.open is not None:
            self._continue(last)
        if self.raw is None and self.open is None:
            self._search(last)
        if self.raw is not None:
            self.raw.length += len(self.buffer) - self.written
            self.written = self.looked = len(self.buffer)
        self._shift(0 if last else CONTEXT)

    def _shift(self, context: int) -> None:
        drop = max(self.written - context, 0)
        drop -= (self.base + drop) % self.alphabet.width
        if drop > 0:
            self.buffer = self.buffer[drop:]
            self.base += drop
            self.written -= drop
            self.looked = max(self.looked - drop, self.written)

    def _write(self, until: int) -> None:
        if until > self.written:
            self.rest.feed(self.buffer[self.written : until])
            self.written = until

    def _close(self, cut: _OpenCut) -> None:
        self.rest.skip(cut.kind, cut.offset, cut.length, digits=cut.digits)

    def _search(self, last: bool) -> None:
        text = self.buffer
        runs = Candidates(text, self.alphabet)
        at = max(self.looked, self.written)
        raw = self._raw_start(at)
        held: int | None = None
        while (found := runs.after(at)) is not None:
            start, header = found
            if raw is not None and raw <= start:
                break
            run = self._judge(start, header, last)
            if run is None:
                held = self._start(start)
                break
            at = max(run.end, start + self.alphabet.width)
            if run.kind is None:
                continue
            self._write(run.start)
            beginning = self._narrow(run.start, min(run.end, run.start + 1024))
            digits = _DIGITS.fullmatch(beginning) is not None
            cut = _OpenCut(self.base + run.start, run.kind, run.end - run.start, run.line, digits)
            self.written = run.end
            if run.goes_on:
                self.open = cut
                self.looked = run.end
                return
            self._close(cut)
        if raw is not None and held is None:
            self._write(raw)
            kind = media_kind(text[raw : raw + 64]) or "media"
            self.raw = _OpenCut(self.base + raw, kind, 0, 0)
            return
        until = len(text) if last else (runs.safe_end(at) if held is None else held)
        self._write(until)
        self.looked = max(at if held is None else held, self.written)

    def _raw_start(self, at: int) -> int | None:
        """Where the stream stops being text: it is cut from there to its end."""
        if self.alphabet.width == 2:
            return None
        found = []
        for signature in RAW:
            where = self.buffer.find(signature, at)
            if signature == b"ftyp":
                while where >= 0 and not (where >= 4 and self.buffer[where - 4 : where - 2] == b"\x00\x00"):
                    where = self.buffer.find(signature, where + 1)
                where = max(where - 4, self.written) if where >= 0 else where
            if where >= 0:
                found.append(where)
        return min(found) if found else None

    def _start(self, start: int) -> int:
        """Where a run truly starts: after the letter of an escape, or before short pieces joined by escapes."""
        if self._narrow(max(start - self.alphabet.width, 0), start) not in MAY_JOIN_BEFORE:
            return start
        start = self._off_escape(start)
        begin = max(self.written, start - BACK * self.alphabet.width)
        back = self.alphabet.back_from(self.buffer, begin, start)
        return self._off_escape(back) if back < start else start

    def _off_escape(self, start: int) -> int:
        """``\\n`` before base64 looks as if an *n* belonged to it; ``\\/`` does belong to it."""
        width = self.alphabet.width
        before = self._narrow(max(start - 8 * width, 0), start)
        after = self._narrow(start, start + 5 * width)
        slashes = len(before) - len(before.rstrip(b"\\"))
        if slashes % 2:
            if after[:1] == b"/" or after.lower() in (b"u002f", b"u002b"):
                return start - width if start - width >= self.written else start
            return start + (5 * width if after[:1] == b"u" else width)
        if before.endswith(b"%") and _HEX_ONLY.fullmatch(after[:2]):
            joined = after[:2].lower() in (b"2f", b"2b") and start - width >= self.written
            return start - width if joined else start + 2 * width
        return start

    def _narrow(self, start: int, end: int) -> bytes:
        return self.alphabet.narrow(self.buffer[start:end])

    def _judge(self, found: int, header: bool, last: bool) -> _Run | None:
        """The run that starts here, and whether it is media; None while too little of it has come to tell."""
        text, alphabet = self.buffer, self.alphabet
        width = alphabet.width
        near = len(text) + 1 if last else len(text) - MARGIN * width
        start = self._start(found)
        kind: str | None = None
        if header:
            kind = self._header_kind(found)
            gap = alphabet.gap.match(text, found)
            start = gap.end() if gap else found
        elif len(text) - start >= 4 * SHORTEST_WITH_MAGIC * width or last:
            kind = self._magic(start)
        elif not last:
            return None
        line = alphabet.line.match(text, start)
        end = line.end() if line else start
        first = self._narrow(start, min(end, start + 8192))
        length = first_line = (end - start) // width
        hexadecimal = bool(_HEX_ONLY.fullmatch(first))
        limit = LONGEST_HEX if hexadecimal else LONGEST_RUN
        if not _ALPHANUMERIC.search(first) and kind is None:
            return _Run(start, end, None, goes_on=False)
        likely = hexadecimal or (_UPPER.search(first) is not None and _LOWER.search(first) is not None)
        walked = self._lines(end, length, length, near, limit, kind is not None, likely, hexadecimal)
        end, length, touched = walked
        if kind is None and length > limit:
            kind = "hex" if hexadecimal else "base64"
        if kind is None and touched:
            return None
        if kind is not None and not touched:
            end = self._padding(end)
        if end == start and not touched:
            kind = None
        return _Run(start, end, kind, touched, first_line)

    def _lines(
        self,
        end: int,
        length: int,
        first: int,
        near: int,
        limit: int,
        decided: bool,
        likely: bool,
        hexadecimal: bool,
    ) -> tuple[int, int, bool]:
        """Follows a run from line to line: where it ends, how many characters it has, whether it touches the end."""
        text, alphabet = self.buffer, self.alphabet
        width = alphabet.width
        while True:
            if end >= near:
                return end, length, True
            decided = decided or length > limit
            gap = alphabet.gap.match(text, end) if decided or likely else None
            if gap is None:
                return end, length, False
            line = alphabet.line.match(text, gap.end())
            stop = line.end() if line else gap.end()
            size = (stop - gap.end()) // width
            if stop >= near and size < SHORTEST_LINE:
                return end, length, True
            if size == 0:
                return end, length, False
            if size < SHORTEST_LINE and size != first:
                # The last line of a run is short; a boundary of a mail starts with two hyphens, and what
                # follows on the same line is more likely words.
                broken = bool(self._narrow(gap.start(), gap.end()).strip(b" \t"))
                is_tail = (
                    decided
                    and broken
                    and size < first <= LONGEST_LINE
                    and self._narrow(gap.end(), gap.end() + 2 * width) != b"--"
                )
                return (stop, length + size, stop >= near) if is_tail else (end, length, False)
            if not decided:
                words = self._narrow(gap.end(), min(stop, gap.end() + 512))
                like = (
                    _HEX_ONLY.fullmatch(words)
                    if hexadecimal
                    else _UPPER.search(words) and _LOWER.search(words)
                )
                if not like:
                    return end, length, False
            end, length = stop, length + size

    def _continue(self, last: bool) -> None:
        cut = self.open
        assert cut is not None
        text, alphabet = self.buffer, self.alphabet
        near = len(text) + 1 if last else len(text) - MARGIN * alphabet.width
        line = alphabet.line.match(text, self.written)
        end = line.end() if line else self.written
        end, _, touched = self._lines(end, 0, cut.line, near, 0, True, True, False)
        if not touched:
            end = self._padding(end)
        cut.length += end - self.written
        self.written = self.looked = end
        if not touched:
            self._close(cut)
            self.open = None

    def _padding(self, end: int) -> int:
        match = self.alphabet.padding.match(self.buffer, end)
        return match.end() if match else end

    def _header_kind(self, start: int) -> str:
        before = self._narrow(max(start - 160 * self.alphabet.width, 0), start)
        header = _HEADER.search(before.replace(b"\\/", b"/"))
        return header[1].decode("ascii", "replace").lower() if header else "data"

    def _magic(self, start: int) -> str | None:
        """The kind of media whose signature the run decodes to, in whatever letters."""
        alphabet = self.alphabet
        opening = self._narrow(start, start + 2 * alphabet.width)
        if opening not in OPENINGS and opening[:1] not in MAY_JOIN_BEFORE:
            return None
        sample = self.buffer[start : start + 6 * SHORTEST_WITH_MAGIC * alphabet.width]
        pieces: list[bytes] = []
        at = size = 0
        while size < SHORTEST_WITH_MAGIC:
            line = alphabet.line.match(sample, at)
            if line is None or line.end() == at:
                break
            piece = _ESCAPES.sub(_unescape, alphabet.narrow(line[0]))
            pieces.append(piece)
            size += len(piece)
            gap = alphabet.gap.match(sample, line.end())
            if gap is None:
                break
            at = gap.end()
        return letters_signature(b"".join(pieces)) if size >= SHORTEST_WITH_MAGIC else None


def _unescape(match: re.Match[bytes]) -> bytes:
    return b"+" if match[0].lower().rstrip(b";").endswith((b"2b", b"43")) else b"/"

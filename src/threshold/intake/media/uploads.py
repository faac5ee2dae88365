"""Cuts the file members out of an upload."""

from __future__ import annotations

import re

from threshold.intake.media.kinds import media_kind
from threshold.intake.media.runs import RunCutter
from threshold.intake.reading import Cut

LONGEST_HEADERS = 64 * 1024
MULTIPART = re.compile(
    rb"(?:\r?\n)?--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n){0,20}?Content-Disposition:[ \t]*form-data",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class MultipartCutter:
    """Cuts every file member of an upload whole, whatever it holds; its form fields pass through as text."""

    def __init__(self, boundary: bytes, text: RunCutter) -> None:
        self.text = text
        self.delimiter = b"--" + boundary
        self.buffer = b""
        self.file: tuple[str, int] | None = None  # kind and length of the member being cut

    @property
    def only_white_space(self) -> bool:
        return False

    def feed(self, chunk: bytes) -> None:
        self.buffer += chunk
        while self._step(last=False):
            pass

    def finish(self) -> tuple[Cut, ...]:
        while self._step(last=True):
            pass
        self._end_file()
        return self.text.finish()

    def _step(self, *, last: bool) -> bool:
        """Takes one part of the buffer away; False when more has to come first."""
        found = self._next_delimiter()
        if found is None:
            keep = 0 if last else len(self.delimiter) + 4
            self._take(max(len(self.buffer) - keep, 0))
            return False
        blank = _BLANK_LINE.search(self.buffer, found)
        if blank is None and not last and len(self.buffer) - found < LONGEST_HEADERS:
            self._take(found)
            return False
        self._take(found)
        self._end_file()
        size = blank.end() - found if blank else len(self.buffer)
        headers, self.buffer = self.buffer[:size], self.buffer[size:]
        self.text.feed(headers)
        if _is_file(headers):
            self.text.flush()
            self.file = ("", 0)
        return True

    def _next_delimiter(self) -> int | None:
        at = self.buffer.find(self.delimiter)
        while at >= 0:
            if at == 0 or self.buffer[at - 1 : at] == b"\n":
                start = at - 2 if self.buffer[max(at - 2, 0) : at] == b"\r\n" else max(at - 1, 0)
                return start if at else 0
            at = self.buffer.find(self.delimiter, at + 1)
        return None

    def _take(self, size: int) -> None:
        piece, self.buffer = self.buffer[:size], self.buffer[size:]
        if self.file is None:
            self.text.feed(piece)
        elif piece:
            kind, length = self.file
            self.file = (kind or media_kind(piece[:64]) or "file", length + len(piece))

    def _end_file(self) -> None:
        if self.file is not None:
            kind, length = self.file
            self.file = None
            if length:
                self.text.skip(kind, length)


def _is_file(headers: bytes) -> bool:
    told = headers.lower()
    return b"filename" in told or (b"content-type:" in told and b"content-type: text/plain" not in told)

"""Where in a text an unbroken run of base64 or hex might start: a fast search that decides nothing."""

from __future__ import annotations

from threshold.intake.media.encodings import Alphabet

_SIGNIFICANT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_AS_ONE = bytes(65 if byte in _SIGNIFICANT else 32 for byte in range(256))
_AS_ONE_WIDE = b"A" + _AS_ONE[1:]  # the NUL beside each character goes along
_MAY_GO_ON = frozenset(b"\\%&=\r\n \t")
MAY_JOIN_BEFORE = frozenset((b"\\", b"%", b";", b"&"))
SHORTEST_WITH_MAGIC = 64
LONGEST_LINE = 160  # of base64 that is wrapped: a run on one line has no short last line
SHORTEST_LINE = 24  # base64 is wrapped at 60 to 76; words and names alone on a line are shorter than this
BACK = 512  # characters before a run that short pieces of it may take up, joined by escapes
CONTEXT = 1280  # bytes already written that are still looked at
TAIL = 256  # bytes not yet written at the end of what has come
MARGIN = 48  # an escape, a line break or a padding may be cut in two at the end of what has come


class Candidates:
    """Finds, fast, where a run might start: so many characters of base64 in a row, or ``;base64,``."""

    def __init__(self, text: bytes, alphabet: Alphabet) -> None:
        self.text = text
        self.alphabet = alphabet
        self.as_one = text.translate(_AS_ONE if alphabet.width == 1 else _AS_ONE_WIDE)
        self.needle = b"A" * (SHORTEST_LINE * alphabet.width)
        self.next_header = -1
        self.no_more_headers = False
        self.next_run: int | None = -1

    def after(self, at: int) -> tuple[int, bool] | None:
        header = self._header(at)
        if self.next_run is not None and self.next_run < at:
            self.next_run = self._run(at)
        run = self.next_run
        if header is not None and (run is None or header <= run + len(self.needle)):
            return header, True
        return (run, False) if run is not None else None

    def _header(self, at: int) -> int | None:
        if self.next_header < at and not self.no_more_headers:
            sign = self.alphabet.data_uri
            found = self.text.find(sign, max(at - len(sign), 0))
            self.no_more_headers = found < 0
            self.next_header = found + len(sign) if found >= 0 else -1
            if 0 <= self.next_header < at:
                self.next_header = -1
                return None
        return self.next_header if self.next_header >= at and not self.no_more_headers else None

    def _run(self, at: int) -> int | None:
        width = self.alphabet.width
        while True:
            start = self.as_one.find(self.needle, at)
            if start < 0:
                return None
            end = self.as_one.find(b" ", start + len(self.needle))
            # Most hits are single long words: too short to matter and with nothing that could join them on.
            if end < 0 or end - start >= SHORTEST_WITH_MAGIC * width or self.text[end] in _MAY_GO_ON:
                return start + start % width
            at = end

    def safe_end(self, at: int) -> int:
        """How far the text may be written when more is to come: not into what may turn out to be a run."""
        width = self.alphabet.width
        end = max(len(self.text) - TAIL * width, min(at, len(self.text)))
        end -= end % width
        # Back over short pieces that escapes join, and over an escape that may be cut in two.
        for _ in range(8):
            start = self.alphabet.back_from(self.text, max(end - BACK * width, 0), end)
            if start >= width and self.alphabet.narrow(self.text[start - width : start]) in MAY_JOIN_BEFORE:
                start -= width
            if start == end:
                break
            end = start
        return end

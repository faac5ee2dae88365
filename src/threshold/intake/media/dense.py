"""Finds base85, ascii85 and uuencode: stretches without blanks in which every sign of the keyboard turns up."""

from __future__ import annotations

import re

from threshold.intake.media.blocks import Block

WINDOW = 256
_STEP = 128
_RARE = b"!#$*^"  # all of them are in every such alphabet; ordinary text rarely has four so near together
_SIGNS = bytes(byte for byte in range(33, 127) if not chr(byte).isalnum())
_NO_RARE = bytes(set(range(256)) - set(_RARE))
_NO_SIGN = bytes(set(range(256)) - set(_SIGNS))
_FEWEST_SIGNS = 16
_MOST_BLANKS = 16
_LONGEST_BLOCK = 4096

_PROSE = rb"|(?:[A-Za-z]{2,}[,.]? ){3}"
_NEXT_LINE_IS_SHORT = rb"|[\r\n]++(?![^ \r\n]{20})"
_ENDS = {
    "xml": re.compile(rb"<" + _PROSE),
    "json": re.compile(rb"(?<!\\)(?:\\\\)*+\"" + _PROSE),
    "cell": re.compile(rb"(?<!\")(?:\"\")*+\"(?!\")" + _PROSE),
    "text": re.compile(rb"\Z." + _NEXT_LINE_IS_SHORT + _PROSE),
    "field": re.compile(rb"," + _NEXT_LINE_IS_SHORT + _PROSE),
}
_BEGINS = {
    "xml": re.compile(rb".*<[^<>]{1,200}>|.*>(?=[^<>]*+\Z)", re.DOTALL),
    "json": re.compile(rb".*[\[{:,]\s*\"", re.DOTALL),
    "cell": re.compile(rb"(?:.*[,;\t\r\n]|\A)\"(?!\")", re.DOTALL),
    "text": re.compile(rb".*(?:[,\t]|[\r\n](?![^ \r\n]{40}))", re.DOTALL),
}
# Where a stretch may be taken in two: not inside an escape, a reference or a character.
_BETWEEN = re.compile(rb"(?<=[A-Z0-9])(?=[A-Z])")


class Dense:
    """``kind``: xml, json or text, which says where a piece of text ends."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.ends = _ENDS[kind]
        self.ended = False

    def find(self, text: bytes, at: int, near: int) -> Block | None:
        for start in range(at - at % _STEP, len(text) - WINDOW + 1, _STEP):
            if not _is_dense(text[start : start + WINDOW]):
                continue
            begin = self._begin(text, at, start)
            if block := self._block(text, begin, near):
                return block
        return None

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        return None if self.ended else self._block(text, at, near)

    def _begin(self, text: bytes, at: int, start: int) -> int:
        """Where the text in which this window lies begins; that also says how it ends."""
        begin = max(0, start - 4 * WINDOW)  # what is written already still says where it began
        found = None
        if self.kind == "text":
            found = _BEGINS["cell"].match(text, begin, start + _STEP)
            window = text[start + _STEP : start + WINDOW]
            self.ends = _ENDS["cell" if found else "text" if b"," in window else "field"]
        found = found or _BEGINS[self.kind].match(text, begin, start + _STEP)
        if found:
            return max(found.end(), at)
        between = _BETWEEN.search(text, max(begin, at))
        return between.start() if between else max(begin, at)

    def _block(self, text: bytes, start: int, near: int) -> Block | None:
        # Beyond the longest block lies what tells a quotation mark that ends a cell from one that is doubled.
        found = self.ends.search(text, start, start + _LONGEST_BLOCK + 64)
        if found and found.end() > start + _LONGEST_BLOCK:
            found = None
        end = found.start() if found else start + _LONGEST_BLOCK
        while not found and text[end - 1 : end] in (b"\\", b'"') and end > start:
            end -= 1  # an escape is not taken in two
        if found and found[0].endswith(b'"'):
            end = found.end() - 1
        self.ended = found is not None
        if end >= near:
            self.ended = False
            return Block(start, end, None, ())
        return Block(start, end, "base85", ((start, end),)) if end > start else None


def _is_dense(window: bytes) -> bool:
    if len(set(window.translate(None, _NO_RARE))) < 4 or not window.isascii() or window.count(b"\\u00") > 3:
        return False
    blanks = len(window) - len(window.translate(None, b" \t\r\n"))
    return blanks <= _MOST_BLANKS and len(set(window.translate(None, _NO_SIGN))) >= _FEWEST_SIGNS

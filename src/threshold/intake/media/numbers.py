"""Finds bytes written as numbers: a list in JSON, a cell of decimals, hex pairs between blanks or colons."""

from __future__ import annotations

import re

from threshold.intake.media.blocks import GLUE, Block, merged
from threshold.intake.media.judging import numbers_kind

FEWEST = 24  # numbers in a row: even a signature with its headers has more
_DECIMAL = rb"-?[0-9]{1,3}(?![\w.%-])"
_PAIR = rb"(?:0[xX])?[0-9A-Fa-f]{2}(?![\w%])"
# The first character comes before the look behind it: so the search skips fast to where one stands.
_STARTS = rb"(?<![\w.&#\\%/+-][\s\S])"
_FIRST_DECIMAL = b"[0-9-]" + _STARTS + rb"(?:(?<=-)[0-9])?[0-9]{0,2}(?![\w.%-])"
_FIRST_DOTTED = b"[0-9]" + _STARTS + rb"[0-9]{0,2}(?=\.)"
_FIRST_PAIR = b"[0-9A-Fa-f]" + _STARTS + rb"(?:(?<=0)[xX][0-9A-Fa-f])?[0-9A-Fa-f](?![\w%])"


class Numbers:
    """One way to write a byte as a number, and what may stand between two of them."""

    def __init__(self, first: bytes, token: bytes, gap: bytes, base: int) -> None:
        self.base = base
        self.run = re.compile(first + b"(?:" + gap + token + b"){%d,255}+" % (FEWEST - 1))
        self.more = re.compile(b"(?:" + gap + token + b"){1,256}+")
        self.token = re.compile(b"(?:" + gap + b")?+(" + token + b")")

    def find(self, text: bytes, at: int, near: int) -> Block | None:
        for found in self.run.finditer(text, at):
            if found.end() >= near:
                return Block(found.start(), found.end(), None, ())
            if block := self._judge(text, found, FEWEST):
                return block
        return None

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        found = self.more.match(text, at)
        if found is None:
            return None
        if found.end() >= near:
            return Block(at, found.end(), None, ())
        return self._judge(text, found, 0)

    def _judge(self, text: bytes, found: re.Match[bytes], fewest: int) -> Block | None:
        spans = [token.span(1) for token in self.token.finditer(text, found.start(), found.end())]
        values = [int(text[start:end], self.base) for start, end in spans]
        if not all(-128 <= value <= 255 for value in values):
            return self._without_large(text, values, spans, fewest)
        return self._block(text, values, spans, fewest)

    def _without_large(
        self, text: bytes, values: list[int], spans: list[tuple[int, int]], fewest: int
    ) -> Block | None:
        """The first stretch without a number that is no byte, if that is media."""
        first = 0
        for last in range(len(values) + 1):
            if last < len(values) and -128 <= values[last] <= 255:
                continue
            if block := self._block(text, values[first:last], spans[first:last], fewest):
                return block
            if not fewest:
                return None
            first = last + 1
        return None

    def _block(
        self, text: bytes, values: list[int], spans: list[tuple[int, int]], fewest: int
    ) -> Block | None:
        if len(values) < max(fewest, 1) or (self.base == 16 and not _evenly(text, spans)):
            return None
        content = bytes(value & 255 for value in values)
        kind = numbers_kind(content) or (None if fewest or len(values) > 64 else "bytes")
        return Block(spans[0][0], spans[-1][1], kind, merged(text, spans)) if kind else None


def _evenly(text: bytes, spans: list[tuple[int, int]]) -> bool:
    """The same sign between nearly all pairs: in a list of network cards every sixth is another."""
    gaps = [text[spans[n][1] : spans[n + 1][0]].strip() for n in range(len(spans) - 1)]
    return not gaps or max(map(gaps.count, set(gaps))) * 10 >= len(gaps) * 9


def number_finders() -> tuple[Numbers, ...]:
    """Decimals in lists, cells and elements; decimals joined by dots alone; pairs of hex digits."""
    return (
        Numbers(_FIRST_DECIMAL, _DECIMAL, GLUE, 10),
        Numbers(_FIRST_DOTTED, rb"[0-9]{1,3}(?![\w%-])", rb"\.", 10),
        Numbers(_FIRST_PAIR, _PAIR, b"(?:" + GLUE + rb"|[-._])", 16),
    )

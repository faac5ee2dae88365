"""Finds base64, base32 and hex in pieces: a line an element, a list of lines, short groups between blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from threshold.intake.media.blocks import GLUE_OF_LINES, Block, merged
from threshold.intake.media.judging import changes, letters_kind
from threshold.intake.media.markers import MARKER

_ANY = rb"[A-Za-z0-9+/_-]{1,1400}+={0,2}+"


Seed = Callable[[bytes, int], Iterator[int]]


def _turns(text: bytes, at: int) -> Iterator[int]:
    """Where lower case turns to upper case and goes on as no name does."""
    return (found.start() for found in _TURN.finditer(text, at))


@lru_cache
def _long(alphabet: bytes) -> Seed:
    """Where so many letters of an alphabet stand in a row."""
    as_one = bytes(65 if byte in alphabet else 32 for byte in range(256))

    def places(text: bytes, at: int) -> Iterator[int]:
        flat = text.translate(as_one)
        place = flat.find(_SIXTEEN, at)
        while place >= 0:
            yield place
            place = flat.find(_SIXTEEN, place + 16)

    return places


_TURN = re.compile(rb"[a-z][A-Z][A-Z0-9+/_-]")
_SIXTEEN = b"A" * 16


class Words:
    """Words over one alphabet. ``seed`` finds, fast, what hardly stands in a text of people."""

    def __init__(self, seed: Seed, seeds: int, word: bytes, *, long_only: bool = False) -> None:
        self.seed = seed
        self.seeds = seeds
        self.long_only = long_only
        self.run = re.compile(word + b"(?:" + GLUE_OF_LINES + word + b"){0,256}+")
        self.more = re.compile(b"(?:" + GLUE_OF_LINES + word + b"){1,256}+")
        self.word = re.compile(b"(?:" + GLUE_OF_LINES + b")?+(" + word + b")")
        self.usual = 0  # the length of a piece of what is being cut

    def find(self, text: bytes, at: int, near: int) -> Block | None:
        seeds: list[int] = []
        for place in self.seed(text, at):
            if place < at:
                continue
            seeds.append(place)
            if len(seeds) < self.seeds or seeds[-1] - seeds[-self.seeds] > 768:
                continue
            run = self._run(text, max(at, seeds[-self.seeds] - 1500), seeds[-1])
            if run is None:
                continue
            if run.end() >= near:
                return Block(run.start(), run.end(), None, ())
            spans = self._spans(text, run.start(), run.end())
            if block := self._judge(text, spans):
                return block
            at = run.end()
        return None

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        found = self.more.match(text, at)
        if found is None:
            return None
        if found.end() >= near:
            return Block(at, found.end(), None, ())
        spans = []
        for start, end in self._spans(text, at, found.end()):
            if not self._belongs(text[start:end]):
                break
            spans.append((start, end))
        return self._block(text, spans, "base64") if spans else None

    def _run(self, text: bytes, begin: int, seed: int) -> re.Match[bytes] | None:
        """The words around a seed that only markup and blanks hold apart."""
        for run in self.run.finditer(text, begin):
            if run.end() > seed:
                return run if run.start() <= seed else None
        return None

    def _spans(self, text: bytes, start: int, end: int) -> list[tuple[int, int]]:
        return [word.span(1) for word in self.word.finditer(text, start, end)]

    def _judge(self, text: bytes, spans: list[tuple[int, int]]) -> Block | None:
        words = [text[start:end].rstrip(b"=") for start, end in spans]
        kind = letters_kind(words)
        if kind == "hex" and self.long_only and min(map(len, words[:-1] or words)) <= 40:
            kind = None
        if kind is None:
            return None
        lengths = sorted(map(len, words))
        self.usual = lengths[len(lengths) // 2]
        keep = [number for number, (start, end) in enumerate(spans) if self._belongs(text[start:end])]
        if not keep:
            return None
        return self._block(text, spans[keep[0] : keep[-1] + 1], kind)

    def _belongs(self, word: bytes) -> bool:
        letters = word.rstrip(b"=")
        likely = 0.2 if self.long_only else 0.36
        return len(letters) == self.usual or (len(letters) >= 4 and changes(letters) >= likely)

    def _block(self, text: bytes, spans: list[tuple[int, int]], kind: str) -> Block:
        return Block(spans[0][0], spans[-1][1], kind, merged(text, spans))


class AfterCut:
    """Finds the lines that follow one which was cut for its signature, in elements or items of their own."""

    def __init__(self) -> None:
        self.words = Words(_turns, 1, _ANY)

    def find(self, text: bytes, at: int, near: int) -> Block | None:
        for sign in _SIGN.finditer(text, at):
            first = _FIRST.match(text, sign.end())
            if sign.end() + 512 >= near:
                return Block(sign.end(), sign.end(), None, ())
            if first and _is_line(first[1]):
                self.words.usual = len(first[1])
                if block := self.words.go_on(text, sign.end(), near):
                    return block
        return None

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        return self.words.go_on(text, at, near)


def _is_line(letters: bytes) -> bool:
    if _HEX_LINE.fullmatch(letters):
        return changes(letters) >= 0.25
    return bool(_BASE64_LINE.match(letters)) and changes(letters) >= 0.5


_SIGN = re.compile(MARKER)
_HEX_LINE = re.compile(rb"[0-9a-f]{32,}|[0-9A-F]{32,}")
_BASE64_LINE = re.compile(rb"(?=[^A-Z]*+[A-Z])(?=[^a-z]*+[a-z])")
_FIRST = re.compile(GLUE_OF_LINES + rb"([A-Za-z0-9+/_-]{16,})")


def word_finders() -> tuple[Words, ...]:
    alone = rb"(?:(?<![A-Za-z0-9+/_-])|(?<=\\[nrt]))"
    capitals = alone + rb"(?:[A-Z2-7]{16,1400}+|[a-z2-7]{16,1400}+)={0,6}+(?![A-Za-z0-9+/_-])"
    digits = alone + rb"[0-9A-Fa-f]{16,1400}+(?![A-Za-z0-9+/_-])"
    return (
        Words(_turns, 4, _ANY),
        Words(_long(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 2, capitals, long_only=True),
        Words(_long(b"0123456789abcdefABCDEF"), 2, digits, long_only=True),
    )

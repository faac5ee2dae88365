"""Finds bytes and letters written one by one as escapes: ``&#255;``, ``\\u00ff``, ``\\xff``, ``%FF``, ``=FF``."""

from __future__ import annotations

import re

from threshold.intake.media.blocks import Block
from threshold.intake.media.judging import escaped_kind, is_text

_ESCAPE = re.compile(
    rb"[&\\%=](?:"  # one set of first characters, which a search skips to fast
    rb"(?<=&)#0{0,4}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[0-9]?[0-9]);"
    rb"|(?<=\\)\\*([0-3][0-7]{2})(?![0-9])"
    rb"|(?<=&)#[xX]0{0,4}([0-9a-fA-F]{1,2});"
    rb"|(?<=\\)\\*u00([0-9a-fA-F]{2})"
    rb"|(?<=\\)\\*u\{0{0,4}([0-9a-fA-F]{1,2})\}"
    rb"|(?<=\\)\\*x([0-9a-fA-F]{2})"
    rb"|(?<=%)(?:25|u00)?([0-9a-fA-F]{2})"
    rb"|(?<==)([0-9A-F]{2})"
    rb")"
)
_T = re.sub(rb"\((?!\?)", b"(?:", _ESCAPE.pattern)
# What an escaped text leaves as it is: most of ASCII, what only the document made it escape, Latin-1 in UTF-8.
_ELSEWISE = (
    rb"(?<!\\)(?:\\\\)++(?!\\|u00|u\{|x[0-9a-fA-F]|[0-3][0-7]{2})"
    rb"|&(?:amp|lt|gt|quot|apos);|&(?!#[0-9xX]|[a-z]{2,4};)|[\xc2\xc3][\x80-\xbf]"
    rb"|=(?:(?<!\\)(?:\\r)?\\n|&#1[03];|\r|\n)|=(?![0-9A-F]{2})|%(?![0-9a-fA-F]{2}|u00)"
)
# Angle brackets hold an XML document together; quotation marks are doubled in a cell.
_BACKSLASH = rb"|\\(?!u00|u\{|x[0-9a-fA-F]|[0-3][0-7]{2})"
_MORE_ELSEWISE = {
    "xml": _BACKSLASH + rb"|(?<!=)\"(?![\s/>?])",
    "json": rb"|[<>]|(?<!\\)\\(?:\\\\)*+[\"/bfnrt]",
    "text": _BACKSLASH + rb"|[<>]|(?<![,;\t\r\n])\"\"|\"\"(?![,;\t\r\n])",
}
_BEFORE = re.compile(rb"(?<!\\)[^&\\%=\"<>,;:'\x00-\x20\x80-\xff]{1,64}\Z")
_DECODED = re.compile(
    _ESCAPE.pattern + rb"|\\+([\"\\/bfnrt])|&(amp|lt|gt|quot|apos);|([\xc2\xc3][\x80-\xbf])"
)
_FROM = len(re.findall(rb"\((?!\?)", _ESCAPE.pattern))
_WORDS = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Escapes:
    """``kind``: xml, json or text, which says what an escaped text may leave as it is."""

    def __init__(self, kind: str) -> None:
        plain = _ELSEWISE + _MORE_ELSEWISE[kind] + b")"
        likely = b"(?:" + rb"[^&\\%=\"<>\x00-\x08\x0b\x0c\x0e-\x1f\x80-\xff]|" + plain
        close = b"(?:" + rb"[^&\\%=\"<>,;'\x00-\x20\x80-\xff]|" + plain
        tail = close + b"{0,128}+"
        self.run = re.compile(_T + b"(?:" + likely + b"{0,128}+" + _T + b"){7,400}+" + tail)
        self.more = re.compile(b"(?:" + likely + b"{0,128}+" + _T + b"){8,400}+" + tail)
        self.tail = re.compile(b"(?:" + close + b"{0,64}+" + _T + b"){1,7}+" + tail)

    def find(self, text: bytes, at: int, near: int) -> Block | None:
        for found in self.run.finditer(text, at):
            if found.end() >= near:
                return Block(self._start(text, at, found.start()), found.end(), None, ())
            content, escapes = _read(text, found.start(), found.end())
            if kind := escaped_kind(content, escapes):
                start = self._start(text, at, found.start())
                return Block(start, found.end(), kind, ((start, found.end()),))
        return None

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        found = self.more.match(text, at)
        if found:
            content, _ = _read(text, at, found.end())
            if found.end() < near and is_text(content):
                return None
        else:
            found = self.tail.match(text, at)
        if found is None:
            return None
        if found.end() >= near:
            return Block(at, found.end(), None, ())
        return Block(at, found.end(), "bytes", ((at, found.end()),))

    def _start(self, text: bytes, at: int, start: int) -> int:
        """Letters right before the first escape belong to it: ``GIF89a%01``."""
        before = _BEFORE.search(text, max(at, start - 64), start)
        return before.start() if before else start


def _read(text: bytes, start: int, end: int) -> tuple[bytes, int]:
    """What a stretch of text says, and how many escapes it takes to say it."""
    escapes = 0

    def read(found: re.Match[bytes]) -> bytes:
        nonlocal escapes
        which = found.lastindex or 0
        spelled = found[which]
        if which <= _FROM:
            escapes += 1
            return bytes([int(spelled, 10 if which == 1 else 8 if which == 2 else 16)])
        if which == _FROM + 3:
            return spelled.decode("utf-8").encode("latin-1")
        return _WORDS.get(spelled) or _CONTROLS.get(spelled, spelled)

    return _DECODED.sub(read, text[start:end]), escapes

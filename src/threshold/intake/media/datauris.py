"""Finds data URIs of media that are written without base64: percent-encoded bytes, or an SVG as it stands."""

from __future__ import annotations

import re

from threshold.intake.media.blocks import Block

_BEGIN = re.compile(
    rb"data:(?:image|video|audio)(?:/|%2[fF]|\\/)([\w.+-]{1,40})(?:(?:;|%3[bB])(?!base64)[\w.=-]{1,40}){0,4}(?:,|%2[cC])",
    re.IGNORECASE,
)
_SVG = re.compile(rb"(?:%20|\s){0,16}(?:<|%3[cC]|&lt;|\\u003[cC])(?:[?!]|svg)", re.IGNORECASE)
_SVG_ENDS = re.compile(rb"(?:<|%3[cC]|&lt;|\\u003[cC])\\?(?:/|%2[fF])svg(?:>|%3[eE]|&gt;|\\u003[eE])")
_ENDS = re.compile(rb"[\s\"'<>]|\\[\"nrt]|&(?:quot|apos|lt);|\[media cut")
_LONGEST_BLOCK = 4096


class DataUris:
    def __init__(self) -> None:
        self.svg = False

    def find(self, text: bytes, at: int, near: int) -> Block | None:
        for found in _BEGIN.finditer(text, at):
            start = found.end()
            if start + 64 >= near:
                return Block(found.start(), start, None, ())
            self.svg = _SVG.match(text, start) is not None
            kind = found[1].decode("ascii").lower()
            if block := self._block(text, start, kind, near):
                return block
        return None

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        return self._block(text, at, "data", near)

    def _block(self, text: bytes, start: int, kind: str, near: int) -> Block | None:
        longest = start + _LONGEST_BLOCK
        if self.svg:
            found = _SVG_ENDS.search(text, start, longest + 16)
            end = found.end() if found else longest
            self.svg = found is None
        else:
            found = _ENDS.search(text, start, longest)
            end = found.start() if found else longest
        if end >= near:
            self.svg = self.svg or _SVG_ENDS.search(text, start, longest + 16) is not None
            return Block(start, end, None, ())
        return Block(start, end, kind, ((start, end),)) if end > start else None

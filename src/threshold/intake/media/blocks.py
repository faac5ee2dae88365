"""What a finder of media in pieces hands over, and what may stand between two pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from threshold.intake.media.markers import MARKER

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text with media in *spans* of it; what stands between the spans is kept.

    ``kind`` None: it reaches the end of what has come, and is looked at again when more is there.
    """

    start: int
    end: int
    kind: str | None
    spans: Spans


class Finder(Protocol):
    def find(self, text: bytes, at: int, near: int) -> Block | None:
        """The first block of media from *at* on; one that ends beyond *near* may be longer than it seems."""
        ...

    def go_on(self, text: bytes, at: int, near: int) -> Block | None:
        """More of the media that was cut up to *at*."""
        ...


_ITEM = b"|".join(
    (
        MARKER,
        rb"\\*\"[^\"\\<>]{0,40}\\*\"\s{0,8}:",  # a key
        rb"</?[A-Za-z_][^<>]{0,80}>",
        rb"/?><[A-Za-z_][^<>=]{0,60}=",  # from one attribute to that of the next element
        rb"\\+[nrt\"'/]",
        rb"&(?:#10|#13|#32|#44|#x[0aAdD]{1,2}|#x20|quot|amp|apos);",
        rb"[\s,;:|\"'(){}\[\]]",
    )
)
_NUMBERED = rb"\\*\"[^\"\\<>]{0,40}\\*\"\s{0,8}:\s{0,8}[0-9]{1,9}\s{0,8},|(?<=[\r\nnr])[0-9]{1,9}[,;\t]|"
GLUE = b"(?:" + _ITEM + b"){1,24}+"
# Lines may be numbered, where numbers are not themselves what is looked for.
GLUE_OF_LINES = b"(?:" + _NUMBERED + _ITEM + b"){1,24}+"
# Between two spans that become one: nothing that holds a document together.
_INNER = re.compile(rb"(?:[\s,;:|._-]|\\+[nrt]|&#(?:10|13|32|x[0aAdD]{1,2}|x20);)*+")


def merged(text: bytes, spans: list[tuple[int, int]]) -> Spans:
    """Spans with nothing but blanks and commas between them become one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and _INNER.fullmatch(text, joined[-1][1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)

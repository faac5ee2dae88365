"""Walks a JSON document of any size and hands over its top-level objects one by one.

Numbers come as the text that stood there, so that 0070, 1e3 or a twenty-digit account is never rounded
(the library readers turn them into numbers, which is why they are not used). Memory holds one object.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LARGEST_OBJECT = 16 * 1024 * 1024
CHUNK = 256 * 1024

_SPACE = re.compile(r"[ \t\n\r]*")
_BETWEEN = re.compile(r"[ \t\n\r,]*")
# A fault so close to the end of what has been read may only mean that the rest is still to come.
_MAY_CONTINUE = 16


class Number(str):
    """A number as it was written. Where text was expected, leading zeros may have been lost before."""

    __slots__ = ()


Json = str | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Value:
    """One top-level value; ``twice`` names keys that stood in one object with two different values."""

    place: str
    value: Json
    twice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the document stops making sense. ``last``: nothing after it can be read."""

    place: str
    reason: str
    last: bool


Pairs = list[tuple[str, Json]]


class Decoder:
    """Texts to values. ``objects`` makes an object of its members in another way than ``object`` does."""

    def __init__(self, objects: Callable[[Pairs], dict[str, Json]] | None = None) -> None:
        self.twice: list[str] = []
        self._decoder = json.JSONDecoder(
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
            strict=True,
            object_pairs_hook=objects or self.object,
        )

    def object(self, pairs: Pairs) -> dict[str, Json]:
        """An object of its members; keys that stand twice with different values are named in ``twice``."""
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: dict[str, Json] = {}
            for key, value in pairs:
                if key in seen and seen[key] != value:
                    self.twice.append(key[:100])
                seen.setdefault(key, value)
        return found

    def decode(self, text: str, at: int) -> tuple[Json, int]:
        self.twice = []
        value, end = self._decoder.raw_decode(text, at)
        return value, end


class _Text:
    """A window over the document's text: what is not yet read, up to the largest object."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.buffer = ""
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        size = max(
            CHUNK, len(self.buffer) - self.at
        )  # doubling, so that a large object is not tried too often
        chunk = self.file.read(size)
        self.buffer = self.buffer[self.at :] + chunk
        self.at = 0
        self.ended = not chunk
        return bool(chunk)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Past everything that matches; answers with the next character, "" at the end."""
        while True:
            match = pattern.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def skip_to_object(self) -> bool:
        """To the next line that starts with an object, where each line is one; False when there is none."""
        while True:
            end = self.buffer.find("\n{", self.at)
            if end >= 0:
                self.at = end + 1
                return True
            self.at = max(len(self.buffer) - 1, self.at)  # the line break may be the last character so far
            if not self.more():
                return False


def encoding_of(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[:1] != b"\x00" and head[1:2] == b"\x00":
        return "utf-16-le"
    if head[:1] == b"\x00" and head[1:2] != b"\x00":
        return "utf-16-be"
    return "utf-8-sig"


def values(path: str, decoder: Decoder | None = None) -> Iterator[Value | Fault]:
    """The objects of a list, of a run of objects (one a line or not), or the one object there is."""
    with Path(path).open("rb") as raw:
        encoding = encoding_of(raw.read(4))
        raw.seek(0)
        file = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="")
        try:
            yield from _values(_Text(file), decoder or Decoder())
        except UnicodeError as error:
            yield Fault(
                "(document)", f"it is not valid {encoding.upper().removesuffix('-SIG')}: {error}"[:200], True
            )


def _values(text: _Text, decoder: Decoder) -> Iterator[Value | Fault]:
    first = text.skip(_SPACE)
    if not first:
        yield Fault("(document)", "the file is empty", True)
        return
    in_list = first == "["
    if in_list:
        text.at += 1
    number = 0
    while True:
        following = text.skip(_BETWEEN if in_list or number else _SPACE)
        if in_list and following == "]":
            text.at += 1
            if text.skip(_SPACE):
                yield Fault("(document)", "there is something after the end of the list", True)
            return
        if not following:
            if in_list:
                yield Fault(f"[{number}]", "the file ends before the list does", True)
            return
        place = f"[{number}]"
        number += 1
        found = _next(text, decoder, place, in_list)
        if isinstance(found, Fault):
            yield found
            if found.last or not text.skip_to_object():
                return
        elif not in_list and not isinstance(found.value, dict):
            yield Fault(place, "neither an object nor a list of objects", True)
            return
        else:
            yield found


def _next(text: _Text, decoder: Decoder, place: str, in_list: bool) -> Value | Fault:
    while True:
        try:
            value, end = decoder.decode(text.buffer, text.at)
        except json.JSONDecodeError as error:
            unfinished = error.pos > len(text.buffer) - _MAY_CONTINUE or error.msg.startswith(
                "Unterminated string"
            )
            if unfinished and not text.ended:
                if len(text.buffer) - text.at > LARGEST_OBJECT:
                    return Fault(
                        place, f"one object is larger than {LARGEST_OBJECT // 1024 // 1024} MB", True
                    )
                text.more()
                continue
            reason = f"not valid JSON: {error.msg} (character {error.pos - text.at} of it)"
            return Fault(
                place, f"{reason}; nothing after it can be read" if in_list else reason, last=in_list
            )
        except RecursionError:
            return Fault(place, "it is nested too deeply", last=in_list)
        # A bare number may go on in the next chunk; an object cannot.
        if isinstance(value, Number) and end == len(text.buffer) and not text.ended and text.more():
            continue
        text.at = end
        return Value(place, value, tuple(decoder.twice))

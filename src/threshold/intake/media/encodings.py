"""The ways one text can be written: in one byte a character or two, and base64 with its escapes in either."""

from __future__ import annotations

import re
from functools import lru_cache


def wide_encoding(head: bytes) -> str | None:
    """UTF-16, by its byte-order mark or by the NUL beside its first ASCII characters."""
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    if len(head) >= 8 and head[1:8:2] == b"\x00\x00\x00\x00" and all(head[0:8:2]):
        return "utf-16-le"
    if len(head) >= 8 and head[0:8:2] == b"\x00\x00\x00\x00" and all(head[1:8:2]):
        return "utf-16-be"
    return None


_IN_A_RUN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-\\%&#;\x00"


@lru_cache
def alphabet(encoding: str | None) -> Alphabet:
    """The patterns for an encoding; the same for every file."""
    return Alphabet(encoding)


class Alphabet:
    """The patterns of one way to write text: one byte a character, or two.

    *significant* is base64 in both alphabets; an escaped slash, plus or minus counts as one. *line* is an
    unbroken stretch of it, *gap* a line break in any spelling, *padding* the equals signs at the end.
    """

    def __init__(self, encoding: str | None) -> None:
        self.encoding = encoding or "ascii"
        self.width = 1 if encoding is None else 2

        def char(options: bytes) -> bytes:
            """One character of a set."""
            if encoding is None:
                return b"[" + options + b"]"
            return (
                b"(?:[" + options + b"]\\x00)" if encoding == "utf-16-le" else b"(?:\\x00[" + options + b"])"
            )

        def word(*characters: bytes) -> bytes:
            return b"(?:" + b"".join(char(one) for one in characters) + b")"

        significant = char(rb"A-Za-z0-9+/_-")
        escaped = b"|".join(
            (
                word(rb"\\", rb"/"),
                word(rb"\\", b"u", b"0", b"0", b"2", b"fFbB"),
                word(b"%", b"2", b"fFbB"),
                word(b"&", b"#", b"x", b"2", b"fFbB", b";"),
                word(b"&", b"#", b"4", b"37", b";"),
            )
        )
        equals = b"|".join(
            (
                char(b"="),
                word(rb"\\", b"u", b"0", b"0", b"3", b"dD"),
                word(b"%", b"3", b"dD"),
                word(b"&", b"#", b"x", b"3", b"dD", b";"),
                word(b"&", b"#", b"6", b"1", b";"),
            )
        )
        breaks = b"|".join(
            (
                char(rb"\r\n"),
                word(rb"\\", b"nr"),
                word(rb"\\", b"u", b"0", b"0", b"0", b"aAdD"),
                word(b"%", b"0", b"aAdD"),
                word(b"&", b"#", b"1", b"03", b";"),
                word(b"&", b"#", b"x", b"aAdD", b";"),
                word(b"&", b"#", b"x", b"0", b"aAdD", b";"),
                word(b"=", rb"\r\n"),  # the soft break of quoted-printable
            )
        )
        blank = char(rb" \t")
        self.line = re.compile(significant + b"*+(?:(?:" + escaped + b")" + significant + b"*+)*+")
        # A line break becomes a space where an attribute is normalised.
        margin = blank + b"{0,16}+"
        gap = margin + b"(?:" + breaks + b"){1,3}+" + margin + b"|" + blank + b"{1,16}+"
        self.gap = re.compile(gap)
        self.padding = re.compile(b"(?:(?:" + gap + b")?(?:" + equals + b")){0,3}")
        self.back = re.compile(b"(?:" + significant + b"|" + escaped + rb")*\Z")
        self.data_uri = self.widen(b";base64,")

    def back_from(self, text: bytes, begin: int, end: int) -> int:
        """Where the unbroken stretch of base64, escapes and all, that ends here starts; *end* if none does."""
        # Tried at every place, the pattern would take the square of the time.
        before = text[begin:end] if begin < end else b""
        begin += len(before.rstrip(_IN_A_RUN))
        begin += begin % self.width
        found = self.back.search(text, begin, end) if begin < end else None
        return found.start() if found else end

    def narrow(self, text: bytes) -> bytes:
        return text if self.width == 1 else text.replace(b"\x00", b"")

    def widen(self, text: bytes) -> bytes:
        return text if self.width == 1 else text.decode("ascii").encode(self.encoding)

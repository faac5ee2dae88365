"""What stands in the text where media was cut, and whether anything else stands there."""

from __future__ import annotations

# How every cut begins in the text that is kept.
BEGINS = "[media cut: "


def marker(kind: str, length: int) -> bytes:
    """What stands in place of a cut: safe inside XML, JSON strings and CSV cells."""
    return f"{BEGINS}{kind} of {length} bytes]".encode("ascii")


MARKER = rb"\[media cut: [^\[\]<>\"]{1,80} bytes\]"

_SAYS_NOTHING = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe[](){}<>,;:\"'"


def says(text: bytes) -> int:
    """How many bytes of a text are more than blanks, quotes and brackets."""
    return len(text.translate(None, _SAYS_NOTHING))

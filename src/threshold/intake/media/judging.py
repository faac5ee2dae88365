"""Are these bytes, or these letters, media? By signature, or because no text looks like that. Nothing is kept."""

from __future__ import annotations

import base64
import binascii
import re

from threshold.intake.media.kinds import CONTROL, OPENINGS, STRONG, media_kind

LONGEST_LETTERS = 1024  # letters of base64 or base32 that no text needs
LONGEST_DIGITS = 2048  # the same of hex
SHORTEST_WITH_MAGIC = 64
_WINDOW = 64

_EIGHTHS = bytes(byte // 32 for byte in range(256))
_CLASSES = bytes(
    b"U"[0]
    if 65 <= byte <= 90
    else b"l"[0]
    if 97 <= byte <= 122
    else b"d"[0]
    if 48 <= byte <= 57
    else b"s"[0]
    for byte in range(256)
)
_STRETCHES = re.compile(rb"U+|l+|d+|s+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+")
_BASE32 = re.compile(rb"[A-Z2-7]+|[a-z2-7]+")
_HEX_OR_UUID = re.compile(rb"[0-9a-f-]+|[0-9A-F-]+")
_HEX = re.compile(rb"[0-9A-Fa-f]+")


def numbers_kind(values: bytes) -> str | None:
    """The kind of media that a list of small numbers spells; None for a table of ages, counts or times."""
    if kind := signature(values):
        return kind
    for at in range(0, len(values) - _WINDOW + 1, _WINDOW):
        if _spread(values[at : at + _WINDOW]):
            return "bytes"
    return None


def _spread(values: bytes) -> bool:
    """Compressed media fills the whole range of a byte evenly; what people count or measure does not."""
    eighths = values.translate(_EIGHTHS)
    counts = [eighths.count(eighth) for eighth in range(8)]
    return counts.count(0) <= 1 and max(counts) * 5 <= len(values) * 2


def escaped_kind(content: bytes, escapes: int) -> str | None:
    """The kind of media in what so many escapes and the letters between them spell; None for text."""
    if kind := signature(content):
        return kind
    if escapes * 2 >= len(content):
        letters = b"".join(content.split()).rstrip(b"=")
        if len(letters) >= 32 and (kind := letters_signature(letters)):
            return kind
        if len(letters) >= 200 and _HEX.fullmatch(letters) and changes(letters) > 0.25:
            return "hex"
        if len(letters) >= 200 and _like_base64(letters):
            return "base64"
    control = len(content) - len(content.translate(None, CONTROL))
    high = len(content) - len(content.decode("ascii", "ignore"))
    if len(content) < 48 or control < 2 or control * 25 < len(content) or high * 6 < len(content):
        return None
    return "bytes"


def is_text(content: bytes) -> bool:
    """Words, after media: neither control characters nor letters and signs that take turns as in base64."""
    return (
        len(content) >= 256
        and len(content) == len(content.translate(None, CONTROL))
        and changes(content) < 0.45
    )


def letters_kind(words: list[bytes]) -> str | None:
    """The kind of media in words that markup or blanks hold apart."""
    for first, word in enumerate(words[:32]):
        if word[:2] in OPENINGS and (kind := letters_signature(b"".join(words[first : first + 64]))):
            return kind
    mixed = [word for word in words if not _HEX_OR_UUID.fullmatch(word)]
    return _random_letters(b"".join(mixed or words), LONGEST_LETTERS)


def letters_signature(letters: bytes) -> str | None:
    """The kind of media whose signature these letters open with: as hex, base64 or base32."""
    letters = letters[:SHORTEST_WITH_MAGIC]
    letters = letters[: len(letters) // 8 * 8]
    if _HEX.fullmatch(letters) and (kind := media_kind(bytes.fromhex(letters.decode("ascii")))):
        return kind
    try:
        if _BASE32.fullmatch(letters) and (kind := media_kind(base64.b32decode(letters.upper()))):
            return kind
        return media_kind(base64.b64decode(letters.translate(bytes.maketrans(b"-_", b"+/")), validate=True))
    except binascii.Error:
        return None


def _random_letters(letters: bytes, longest: int) -> str | None:
    if len(letters) <= longest or not _BASE64.fullmatch(letters):
        return None
    if _HEX.fullmatch(letters):
        return "hex" if len(letters) > min(LONGEST_DIGITS, 2 * longest) else None
    if _BASE32.fullmatch(letters):
        return "base32" if 0.2 < changes(letters) < 0.45 else None
    # Identifiers made of letters and digits alone come in long lists, and are not base64.
    special = len(letters) - len(letters.translate(None, b"+/-_"))
    return "base64" if special * 128 >= len(letters) and _like_base64(letters) else None


def _like_base64(letters: bytes) -> bool:
    """Both cases, taking turns."""
    classes = letters.translate(_CLASSES)
    fewer = min(classes.count(b"U"), classes.count(b"l"))
    return bool(_BASE64.fullmatch(letters)) and fewer * 7 >= len(letters) and changes(letters) > 0.5


def changes(letters: bytes) -> float:
    """How often upper case, lower case, digits and signs take turns: rarely in words, mostly in base64."""
    return len(_STRETCHES.findall(letters.translate(_CLASSES))) / max(len(letters), 1)


def signature(content: bytes) -> str | None:
    """A signature at the start, or one that no text or table holds anywhere."""
    found = STRONG.search(content)
    if not found:
        return None
    start = max(found.start() - 4, 0) if found[0] == b"ftyp" else found.start()
    return media_kind(content[start : start + 64]) or ("mp4" if found[0] == b"ftyp" else None)

"""What kind of media, archive or binary file begins with given bytes: by the signature alone, nothing is decoded."""

from __future__ import annotations

import base64
import re

from threshold.intake.media.encodings import wide_encoding


def media_kind(head: bytes) -> str | None:
    """What kind of media begins with these bytes, by the signature alone; None for anything else."""
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp" and head[:2] == b"\x00\x00":
        return "heic" if head[8:12] in _HEIC else "mp4"
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00" and len(head) >= 14:
        return "bmp"
    return None


SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x1a\x45\xdf\xa3", "mkv"),
    (b"%PDF-", "pdf"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpegxl"),
    (b"\xff\x0a", "jpegxl"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"8BPS\x00", "psd"),
)
_RIFF = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}
_HEIC = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}
# An archive may hold media that cannot be seen without unpacking it, so none of it is written.
_ARCHIVES = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a", "rar"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
# Signatures that no text holds: from here on a stream is not text.
RAW = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x1a\x45\xdf\xa3", b"ftyp")


def opaque_kind(head: bytes) -> str | None:
    """An archive, or a binary file in which nobody could say what is media."""
    for signature, name in _ARCHIVES:
        if head.startswith(signature):
            return f"{name} archive"
    if wide_encoding(head):
        return None
    sample = head[:65536]
    control = len(sample) - len(sample.translate(None, CONTROL))
    return "binary file" if len(sample) > 512 and control * 10 > len(sample) else None


CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
# What no text, and no table of small numbers, holds anywhere.
STRONG = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n|GIF8[79]a|RIFF....(?:WEBP|AVI |WAVE)|ftyp|\x1a\x45\xdf\xa3|%PDF-",
    re.DOTALL,
)


def _openings() -> frozenset[bytes]:
    """The first two characters of every signature, as base64 in both alphabets and as hex."""
    heads = [signature[:2] for signature, _ in SIGNATURES]
    heads += [b"RI", b"BM", b"\x00\x00"]
    found = set()
    for head in heads:
        letters = base64.b64encode(head)[:2]
        found |= {letters, letters.translate(bytes.maketrans(b"+/", b"-_"))}
        digits = head.hex()[:2].encode("ascii")
        found |= {digits, digits.upper(), digits.capitalize(), digits[:1] + digits[1:].upper()}
    return frozenset(found)


OPENINGS = _openings()

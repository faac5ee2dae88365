"""Text on its way from a document into a value: trimmed, capped, safe to store, and never a digest.

A digest identifies an image as surely as the image does, so none is ever taken out of a delivery
(design.md section 3, rule 1). What is replaced says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from threshold.intake.reading import LONGEST_TEXT, Kept

# PostgreSQL stores neither NUL nor half a surrogate pair, and a JSON escape can carry both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DIGEST = re.compile(
    r"(?:[0-9a-f]{2}[:\s-]?){15}[0-9a-f]{2}"  # MD5, 16 bytes
    r"(?:(?:[:\s-]?[0-9a-f]{2}){4}|(?:[:\s-]?[0-9a-f]{2}){16}|(?:[:\s-]?[0-9a-f]{2}){32}"
    r"|(?:[:\s-]?[0-9a-f]{2}){48})?",  # SHA-1, SHA-256, SHA-384, SHA-512
    re.IGNORECASE,
)
_DIGEST_WITHIN = re.compile(
    r"(?<![0-9A-Za-z])"
    r"(?:[0-9A-Fa-f]{128}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})"
    r"(?![0-9A-Za-z])"
)
# Binary digests are also written as base64: 22, 27, 43 or 86 characters and their padding.
_DIGEST_BASE64 = re.compile(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==")
_DIGEST_NAME = re.compile(
    r"hash|digest|checksum|photo_?dna|pdna|(?<![a-z])md_?-?5|(?<![a-z])sha_?-?(?:1|2|256|384|512)|\bpdq\b|ed2k|tth",
    re.IGNORECASE,
)

MOST_KEPT = 200
NO_DIGEST = "[digest not taken out of the delivery]"


def clean(text: str | None) -> str:
    """The text without surrounding space, storable, and no longer than one field may be."""
    if not text:
        return ""
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    if not text.isascii() or "\x00" in text:
        text = _UNSTORABLE.sub("\ufffd", text)
    return text


def without_digests(text: str) -> str:
    """Free text and file names with the digests in them left out: many files are named by theirs."""
    return _DIGEST_WITHIN.sub(NO_DIGEST, text) if len(text) >= 32 else text


def looks_like_digest(text: str) -> bool:
    text = text.strip()
    return bool(_DIGEST.fullmatch(text) or _DIGEST_BASE64.fullmatch(text))


def names_a_digest(name: str) -> bool:
    return bool(_DIGEST_NAME.search(name))


def same_words(text: str) -> str:
    """One spelling for comparing a sender's fixed words: letters and digits, single spaces, lower case."""
    return " ".join(text.casefold().split())


class Keeping:
    """Collects what a reader does not act on; capped in number, so that no document can flood a page."""

    __slots__ = ("items", "left_out")

    def __init__(self) -> None:
        self.items: list[Kept] = []
        self.left_out = 0

    def keep(self, path: str, text: str | None) -> None:
        text = clean(text)
        if not text:
            return
        if len(self.items) >= MOST_KEPT:
            self.left_out += 1
            return
        # Sixteen characters is the shortest thing worth testing: most kept values are short words.
        if len(text) > 15 and (looks_like_digest(text) or names_a_digest(path.rsplit("/", 1)[-1])):
            text = NO_DIGEST
        text = without_digests(text)
        self.items.append(Kept(path[:500], text))

    def all(self) -> tuple[Kept, ...]:
        if not self.left_out:
            return tuple(self.items)
        more = Kept("(more)", f"{self.left_out} further elements are not shown; the delivery holds them")
        return (*self.items, more)


def joined(parts: Iterable[str], by: str = "\n") -> str:
    return clean(by.join(part for part in parts if part))

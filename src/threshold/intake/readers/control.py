"""The parts of a sender's conversation that hold no report: log-ins, uploads, receipts, content types."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs

from threshold.intake.reading import ControlPart, Entries, Source

LONGEST = 64 * 1024

_CONTENT_TYPE = re.compile(rb"\s*[\w.+-]+/[\w.+-]+\s*(?:;[^\r\n<>{}]*)?\s*")
_REQUEST = re.compile(rb"\s*(?:GET|POST|PUT|DELETE) /\S* HTTP/\d(?:\.\d)?\s")
_STATUS = re.compile(rb"\s*HTTP/\d(?:\.\d)? \d{3}\b")
_MULTIPART = re.compile(rb"(?:\r?\n)?--[^\r\n]{1,200}\r?\nContent-Disposition: *form-data", re.IGNORECASE)
_FORM = re.compile(rb"\s*(?:[\w.%-]{1,100}=[^\s&=<>{}\"]*)(?:&[\w.%-]{1,100}=[^\s&=<>{}\"]*)*\s*")
_ID_FIELD = re.compile(
    rb'form-data; *name="id"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n *(\d{1,20}) *\r?\n', re.IGNORECASE
)
_DIGITS = re.compile(r"\d{1,20}")


def note_for(head: bytes) -> str | None:
    """What the part is, by its first bytes; None when it is no part of a conversation."""
    if _REQUEST.match(head):
        return "a request without a report"
    if _STATUS.match(head):
        return "an answer without a report"
    if _MULTIPART.match(head):
        return "an upload or a receipt in several parts; media in it was cut"
    if len(head) < 1024 and _CONTENT_TYPE.fullmatch(head):
        return "a content type"
    if len(head) < 4096 and (b"id=" in head) and _FORM.fullmatch(head):
        return "a receipt"
    return None


def read(source: Source) -> Entries:
    with Path(source.path).open("rb") as file:
        head = file.read(LONGEST)
    yield ControlPart("(document)", note_for(head) or "a part without a report", _reference(head))


def _reference(head: bytes) -> str | None:
    if found := _ID_FIELD.search(head):
        return found[1].decode("ascii")
    if _FORM.fullmatch(head):
        for value in parse_qs(head.decode("ascii", "replace").strip()).get("id", []):
            if _DIGITS.fullmatch(value):
                return value
    return None

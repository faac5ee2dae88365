"""One module a format. A new format is a module with ``read`` and one line in ``READERS``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from threshold.intake.maps import Map
from threshold.intake.readers import control, ispws, police_json, table, typed, workbook
from threshold.intake.reading import Entries, Rejected, Source
from threshold.intake.texts import looks_like_digest

READERS: dict[str, Callable[[Source, Sequence[Map]], Entries]] = {
    "ispws": lambda source, maps: ispws.read(source),
    "police-json": lambda source, maps: police_json.read(source),
    "table": table.read,
    "workbook": workbook.read,
    "typed": lambda source, maps: typed.read(source),
    "control": lambda source, maps: control.read(source),
}

NOT_READ = "not a format that Threshold reads"
OLD_OFFICE = "an old office document (XLS, DOC, MSG), or one with a password: save it as XLSX without one"
EMAIL = "an e-mail: save what is attached to it and bring that, or type what it says as a referral"
HEAD = 64 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ARCHIVES = (
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
)


# How an e-mail begins that was saved as a file.
_EMAIL = re.compile(r"(?:[A-Za-z][A-Za-z-]{1,40}: .*(?:\r?\n[ \t].*)*\r?\n){2}")
_EMAIL_SAYS = re.compile(r"^(?:From|Received|MIME-Version|Message-ID): ", re.MULTILINE | re.IGNORECASE)
_ONLY_A_CUT = re.compile(rb"\s*\[media cut: ([\w .+-]{1,80}) of \d+ bytes\]\s*")


def sniff(source: Source) -> str | Rejected:
    """The name of the format by what stands at the start of the file; never by what the file is called."""
    with Path(source.path).open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        return Rejected("(document)", "refused", "the file is empty, or held nothing but media")
    if whole := _ONLY_A_CUT.fullmatch(head):
        return Rejected("(document)", "refused", _why_cut(whole[1].decode("ascii")))
    for magic, name in _ARCHIVES:
        if head.startswith(magic):
            return Rejected(
                "(document)",
                "refused",
                f"a {name} archive (or a workbook or document that is one): unpack it first, or save it as CSV",
            )
    if head.startswith(_OLD_OFFICE):
        return Rejected("(document)", "refused", OLD_OFFICE)
    if head.startswith(workbook.BEGINNING):
        return "workbook"
    text = _text(head)
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "<":
        return "ispws"
    if control.note_for(head):
        return "control"
    if typed.begins(text):
        return "typed"
    if start in ("{", "["):
        return "police-json"
    lines = [line for line in text.splitlines()[:200] if line.strip()][:-1] or [text.strip()]
    if sum(map(looks_like_digest, lines)) * 2 > len(lines):
        return Rejected("(document)", "refused", police_json.HASH_SET)
    if _EMAIL.match(text) and _EMAIL_SAYS.search(text):
        return Rejected("(document)", "refused", EMAIL)
    if "\x00" in lines[0] or not _is_delimited(lines):
        return Rejected("(document)", "refused", NOT_READ)
    return "table"


def _is_delimited(lines: list[str]) -> bool:
    """Whether the first line has a delimiter; or, below a title, most lines have as many of one."""
    for delimiter in ",;\t|":
        times = [line.count(delimiter) for line in lines]
        usual = max(set(times), key=times.count)
        if times[0] or (usual and times.count(usual) * 2 > len(times)):
            return True
    return False


def _why_cut(kind: str) -> str:
    if kind.endswith(" archive"):
        return f"a {kind} (or a workbook or document that is one): unpack it first, or save it as CSV"
    if kind == "hex":
        return "nothing but hex digits: media, or a set of digests, and neither is taken"
    return NOT_READ if kind == "binary file" else "the file held nothing but media"


def _text(head: bytes) -> str:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[len(bom) : len(head) // 2 * 2].decode(encoding, "replace")
    if head[1:2] == b"\x00" and head[:1] != b"\x00":
        return head[: len(head) // 2 * 2].decode("utf-16-le", "replace")
    if head[:1] == b"\x00" and head[1:2] != b"\x00":
        return head[: len(head) // 2 * 2].decode("utf-16-be", "replace")
    return head.decode("latin-1")


def read(source: Source, maps: Sequence[Map] = ()) -> Entries:
    """Every entry of one file. It never raises for what a file holds: what cannot be read is an entry too."""
    found = sniff(source)
    if isinstance(found, Rejected):
        yield found
        return
    anything = False
    try:
        for entry in READERS[found](source, maps):
            anything = True
            yield entry
        if not anything:
            yield Rejected("(document)", "refused", "there is no report in it")
    except Exception as error:  # a fault of ours must cost one file, never the import
        yield Rejected("(document)", "refused", f"Threshold failed to read it: {type(error).__name__}")

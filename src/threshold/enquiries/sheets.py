"""The request sheet for connections, and the file of answers that comes back. Pure; ``printing.py`` makes the PDF.

Errors in resolving connections have led to the arrest of unconnected people, most often by a wrong date, time or
zone (formats.md section 7). So nothing is typed again: every line carries address, port, UTC and UK time with GMT
or BST written out, and the text as the source had it; an answer is matched by our reference and compared with it.
"""

from __future__ import annotations

import csv
import io
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from threshold.cells import plain, safe_cell
from threshold.times import UK

Result = Literal["answered", "no_trace", "refused", "cannot_be_resolved"]
RESULTS: tuple[Result, ...] = ("answered", "no_trace", "refused", "cannot_be_resolved")

COLUMNS = (
    "our_reference",
    "address",
    "port",
    "utc",
    "uk",
    "note",
    "event",
    "address_in_source",
    "port_in_source",
    "time_in_source",
    "source_report",
    "source_place",
    "source_sha256",
    "authority",
    "application",
)
# What the provider fills in, and sends back with our reference.
ANSWER_COLUMNS = (
    "our_reference",
    "result",
    "looked_up_address",
    "looked_up_port",
    "looked_up_utc",
    "subscriber",
    "installation_address",
    "billing_address",
    "address_not_said_which",
    "words",
)
LARGEST_FILE, MOST_LINES = 5_000_000, 10_000


class WrongSheet(Exception):
    """A file of answers cannot be read at all. ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One connection as it is asked about, with what the source said of it."""

    reference: str
    address: str
    port: int | None
    at: datetime
    event: str
    address_in_source: str
    port_in_source: str
    time_in_source: str
    report: int | None
    place: str
    sha256: str
    authority: str
    applied: str

    def cells(self) -> tuple[str, ...]:
        """The line's cells, in the order of ``COLUMNS``."""
        return (
            self.reference,
            self.address,
            "" if self.port is None else str(self.port),
            utc_exact(self.at),
            uk_exact(self.at),
            clock_change_note(self.at),
            self.event,
            self.address_in_source,
            self.port_in_source,
            self.time_in_source,
            "" if self.report is None else f"report {self.report}",
            self.place,
            self.sha256,
            self.authority,
            self.applied,
        )

    def exact(self) -> bytes:
        """The exact bytes asked: this line alone, under its heads."""
        return as_csv([self])


def utc_exact(moment: datetime) -> str:
    """``2026-11-09 21:14:05 UTC``, with the part of a second where there is one."""
    return f"{_to_the_second(moment.astimezone(UTC))} UTC"


def uk_exact(moment: datetime) -> str:
    """``2026-11-09 21:14:05 GMT``: the same instant on a UK clock, GMT or BST written out."""
    local = moment.astimezone(UK)
    return f"{_to_the_second(local)} {local.tzname()}"


def _to_the_second(moment: datetime) -> str:
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    return f"{text}.{moment:%f}" if moment.microsecond else text


def clock_change_note(moment: datetime) -> str:
    """A warning where UK clocks changed within an hour of the instant ("": they did not)."""
    hour = timedelta(hours=1)
    if (moment - hour).astimezone(UK).tzname() != (moment + hour).astimezone(UK).tzname():
        return "UK clocks changed within an hour of this time"
    return ""


def as_csv(lines: Sequence[Line]) -> bytes:
    """A line a connection, in UTF-8 with the mark that spreadsheets look for. No cell is taken for a formula."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([safe_cell(plain(cell)) for cell in line.cells()])
    return sink.getvalue().encode("utf-8-sig")


def instead(unfit: str) -> str:
    """What can be asked where a connection cannot be resolved; ``unfit`` says why it cannot."""
    for reason, ask in _INSTEAD.items():
        if reason in unfit:
            return ask
    return _INSTEAD["no time given"]


_INSTEAD = {
    "no port": "Ask the sender for the source port at that time, or for other connections of the same account with "
    "their ports: behind one address there may be thousands of homes.",
    "not attributable": "Ask the sender for the public address: this one exists inside a network only.",
    "not an internet address": "Ask the sender what this text is, and for the address, port and time.",
    "no time given": "Ask the sender in which time zone it states this time, or for the time in UTC. Nothing is "
    "taken for granted: one hour out is another home.",
}


# --- what comes back


@dataclass(frozen=True, slots=True)
class Back:
    """One line of an answer file: what it says, or why it cannot be taken (``problem``)."""

    number: int
    reference: str
    result: Result | None = None
    address: str = ""
    port: int | None = None
    at: datetime | None = None
    subscriber: str = ""
    installation: str = ""
    billing: str = ""
    unsaid: str = ""
    words: str = ""
    problem: str = ""


def read_answers(content: bytes) -> list[Back]:
    """Every line of an answer file, in order; a line that cannot be taken says why.

    :raises WrongSheet: it is too large, not text, or has not the two columns without which nothing can be matched
    """
    if len(content) > LARGEST_FILE:
        raise WrongSheet(f"The file is larger than {LARGEST_FILE:,} bytes. Send it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise WrongSheet("The file is not UTF-8 text. Save it as CSV UTF-8, and read it again.") from wrong
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as wrong:
        raise WrongSheet(f"The file is not CSV that can be read: {wrong}.") from wrong
    heads = [head.strip().casefold().replace(" ", "_") for head in rows[0]] if rows else []
    if "our_reference" not in heads or "result" not in heads:
        raise WrongSheet("The first line must name the columns our_reference and result.")
    if len(set(heads)) != len(heads):
        raise WrongSheet("A column stands there twice. Keep one of each.")
    if len(rows) > MOST_LINES + 1:
        raise WrongSheet(f"The file has more than {MOST_LINES:,} lines. Send it in parts.")
    return list(_backs(heads, rows[1:]))


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _backs(heads: list[str], rows: list[list[str]]) -> Iterator[Back]:
    for number, row in enumerate(rows, start=2):
        if any(cell.strip() for cell in row):
            yield _back(number, heads, row)


def _back(number: int, heads: list[str], row: list[str]) -> Back:
    cells = {head: _unquoted(cell) for head, cell in zip(heads, row, strict=False)}
    reference = cells.get("our_reference", "")
    if len(row) > len(heads):
        return Back(number, reference, problem="it has more cells than the first line names")
    result = _result(cells.get("result", ""))
    words = cells.get("words", "")
    if not reference:
        return Back(number, reference, problem="it has no reference of ours")
    if result is None:
        return Back(number, reference, problem=f"the result is none of: {', '.join(RESULTS)}")
    if result != "answered":
        return Back(number, reference, result, words=words)
    port_text = cells.get("looked_up_port", "")
    port = int(port_text) if port_text.isascii() and port_text.isdigit() and len(port_text) < 6 else None
    if port_text and (port is None or not 0 < port < 65_536):
        return Back(number, reference, problem="the port that was looked up is not a port")
    at = zoned(cells.get("looked_up_utc", ""))
    address = cells.get("looked_up_address", "")
    if not address:
        return Back(number, reference, problem="it does not say which address was looked up")
    if at is None:
        return Back(number, reference, problem="it does not say which time was looked up, with its zone")
    places = {key: cells.get(column, "") for key, column in _PLACES.items()}
    if not any(places.values()):
        return Back(number, reference, problem="it is called answered and gives no address")
    return Back(
        number,
        reference,
        result,
        address,
        port,
        at,
        cells.get("subscriber", ""),
        places["installation"],
        places["billing"],
        places["unsaid"],
        words,
    )


_PLACES = {
    "installation": "installation_address",
    "billing": "billing_address",
    "unsaid": "address_not_said_which",
}


def _unquoted(cell: str) -> str:
    """A cell without the mark that keeps a spreadsheet from taking it for a formula."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text


def _result(text: str) -> Result | None:
    plain_text = text.strip().casefold().replace(" ", "_")
    return next((result for result in RESULTS if result == plain_text), None)


def zoned(text: str) -> datetime | None:
    """An instant that names its zone: ``2026-11-09 21:14:05 UTC``, ``...Z`` or with an offset; else None."""
    typed = text.strip()
    if typed.upper().endswith(" UTC"):
        typed = f"{typed[:-4]}+00:00"
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def differences(
    address: str,
    port: int | None,
    at: datetime,
    other_address: str,
    other_port: int | None,
    other_at: datetime,
) -> list[str]:
    """In what two records of a connection differ, each as "what: one, the other"; empty: they agree.

    Spellings of one address are the same address; a port that one of them lacks is a difference.
    """
    found = []
    if not _same_address(address, other_address):
        found.append(f"address: {address}, {other_address}")
    if port != other_port:
        found.append(f"port: {port or 'none'}, {other_port or 'none'}")
    if at != other_at:
        found.append(f"time: {utc_exact(at)}, {utc_exact(other_at)}")
    return found


def _same_address(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one.strip().strip("[]")) == ipaddress.ip_address(
            other.strip().strip("[]")
        )
    except ValueError:
        return False

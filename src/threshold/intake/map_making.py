"""A map of a table made from an officer's answers: what to show, what to ask, what to suggest. Pure.

Nothing is decided here that the table leaves open. A suggestion is shown as one; a question is asked only
where the values in the table can be read in two ways.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import yaml

from threshold.intake.maps import DAY_NUMBERS, DELIMITERS, MOST_HEADER_ROW, Map, MapError, read_map
from threshold.intake.readers import workbook
from threshold.intake.readers.table import joined_header, named_columns
from threshold.intake.readers.table_rows import Row, rows
from threshold.intake.readers.table_times import (
    contradicts_order,
    counted_day,
    day_in_order,
    is_day_number,
    read_table_moment,
)
from threshold.intake.readers.times import NO_ZONE
from threshold.intake.reading import Source
from threshold.intake.texts import clean, names_a_digest

ROWS_TRIED = 1_000
# Of a column whose values need a meaning each, so many are asked about; a row with another value is held.
MOST_VALUES = 40

# What a column of the report as a whole can be, in the words of the page.
OF_REPORT = {
    "reference": "The sender's number for the report",
    "earlier_reference": "The number of an earlier report on the same people",
    "package": "The number of the package that several rows belong to",
    "covering_grade": "The grade that covers the package",
    "urgency": "The sender's own priority",
    "happened": "When it happened",
    "reached_clearing_house": "When it reached the clearing house",
    "reached_agency": "When it reached the national agency",
    "sender_keeps": "The time from which the sender keeps its data",
    "service": "The service or platform",
    "activity": "What was done",
    "words": "Remarks in words",
}
# What a column about one person can be.
OF_PERSON = {
    "account": "Account",
    "email": "E-mail",
    "email_verified": "When the sender verified the e-mail",
    "phone": "Telephone",
    "phone_verified": "When the sender verified the telephone",
    "device": "Device",
    "screen_name": "Screen name",
    "display_name": "Display name",
    "profile_url": "Profile address",
    "name": "Whole name",
    "first_name": "First name",
    "last_name": "Last name",
    "born": "Date of birth",
    "age": "Age in years",
    "address": "Address, or a part of it",
    "connection_address": "Internet (IP) address",
    "connection_port": "Port of the internet address",
    "connection_at": "Time of the internet address",
    "connection_event": "What happened at the internet address",
}
SEVERAL = {"account", "email", "phone", "device", "screen_name", "display_name", "profile_url", "address"}
NEEDS = {
    "email_verified": "email",
    "phone_verified": "phone",
    "connection_port": "connection_address",
    "connection_at": "connection_address",
    "connection_event": "connection_address",
}
IGNORED = "ignore"
# A column that answers a yes-or-no question of the policy is "fact:" and the fact's name.
FACT = "fact:"
TIMES = {
    "happened",
    "reached_clearing_house",
    "reached_agency",
    "sender_keeps",
    "connection_at",
    "email_verified",
    "phone_verified",
}
ORDERS = {
    "dmy": "day first",
    "mdy": "month first",
    "ymd": "year first",
    "iso": "year first, as in 2026-03-29",
}
CONNECTION_TIME = "Is the time at which it happened also the time of the internet address?"
CONNECTION_TIMES = (
    ("yes", "Yes: it was used at that time"),
    ("no", "No, or not known: then it cannot be resolved to a subscriber"),
)
ZONES = (
    ("Europe/London", "UK time (GMT in winter, BST in summer)"),
    ("UTC", "UTC, all year"),
    ("Europe/Dublin", "Irish time"),
    ("Europe/Paris", "Central European time"),
    ("Europe/Helsinki", "Eastern European time"),
    ("America/New_York", "US Eastern time"),
    ("America/Chicago", "US Central time"),
    ("America/Denver", "US Mountain time"),
    ("America/Los_Angeles", "US Pacific time"),
    ("Asia/Kolkata", "Indian time"),
    ("Asia/Singapore", "Singapore time"),
    ("Asia/Tokyo", "Japanese time"),
    ("Australia/Sydney", "Sydney time"),
)
NOT_KNOWN = "none"


class WrongMap(Exception):
    """The answers do not make a map yet. ``problems`` says why, each with what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table as they came. ``names`` gives its column names for the header's rows."""

    encoding: str
    delimiter: str
    sheets: tuple[str, ...]
    sheet: str | None
    rows: tuple[Row, ...]
    names: Callable[[Sequence[int]], list[str]]

    def header(self, at: Sequence[int]) -> list[str]:
        return named_columns(self.names(at))

    def body(self, at: Sequence[int]) -> list[Row]:
        """The rows below the header that can be read and hold anything."""
        found = (row for row in self.rows if row.number > at[-1] and not row.problem and any(row.cells))
        return list(islice(found, ROWS_TRIED))


@dataclass(frozen=True, slots=True)
class Column:
    """What an officer says of one column. ``role`` empty: the one whom most columns describe."""

    what: str = ""
    role: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that an officer says of a table; the texts are empty where nothing was said."""

    columns: Mapping[int, Column] = field(default_factory=dict)
    sender: str = ""
    name: str = ""
    whose: str = ""
    service: str = ""
    date_order: str = ""
    time_zone: str = ""
    clock: str = ""
    day_numbers: str = ""
    connection_time: str = ""
    grade_model: str = ""
    keeps_years: str = ""
    not_held: str = ""
    official: bool = False
    history: bool = False
    header_rows: tuple[int, ...] = (1,)
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column seems to be, and by what it seems so. An officer says whether it is."""

    what: str
    role: str
    because: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the table leaves open. ``example`` is the value that can be read in two ways."""

    key: str
    text: str
    options: tuple[tuple[str, str], ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How times are read: what the table itself settles (with the words for it), and what is to be asked."""

    date_order: str
    time_zone: str
    clock: str
    day_numbers: str
    questions: tuple[Question, ...]
    settled: tuple[str, ...]


# --- the table


def table_sample(path: str) -> Sample:
    """The first rows of a delimited text; its encoding and delimiter are seen in it."""
    encoding = _encoding(Path(path))
    found = max(DELIMITERS.values(), key=lambda each: _even_width(rows(path, encoding, each)))
    first = tuple(islice(rows(path, encoding, found), ROWS_TRIED + MOST_HEADER_ROW))

    def names(at: Sequence[int]) -> list[str]:
        return joined_header([[clean(c) for c in row.cells[:500]] for row in first if row.number in at])

    return Sample(encoding, found, (), None, first, names)


def workbook_sample(source: Source, sheet: str | None) -> Sample:
    sheets, first, names = workbook.first_of_sheet(source, sheet, ROWS_TRIED + MOST_HEADER_ROW)
    return Sample("utf-8", ",", tuple(sheets), sheet, tuple(first), names)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024 * 1024)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        # Of a longer text the last character may be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < 1024 * 1024)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8-sig" if head.startswith(b"\xef\xbb\xbf") else "utf-8"


def _even_width(found: Iterator[Row]) -> tuple[int, int]:
    """How many of the first rows have the width that most have, and that width; nothing for a single column."""
    widths = [len(row.cells) for row in islice(found, 30) if row.cells]
    usual = max(set(widths), key=widths.count, default=0)
    return (widths.count(usual), usual) if usual > 1 else (0, 0)


def likely_header(sample: Sample) -> tuple[int, ...]:
    """The first row that is as full as the fullest and holds names; rather one with a different name in each cell.

    The first row of all where none is.
    """
    first = [row for row in sample.rows[:20] if not row.problem]
    cells = {row.number: [cell.strip() for cell in row.cells if cell.strip()] for row in first}
    widest = max(map(len, cells.values()), default=0)
    full = [number for number, filled in cells.items() if filled and len(filled) * 5 >= widest * 4]
    names = [number for number in full if not any(map(is_data, cells[number]))]
    different = (number for number in names if len(set(cells[number])) == len(cells[number]))
    return (next(different, names[0] if names else 1),)


_DATA = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+"
    r"|\d{1,3}(?:\.\d{1,3}){3}"
    r"|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}(?:[ T].*)?"
    r"|\+?\d[\d ()-]{5,}\d"
)


def is_data(cell: str) -> bool:
    """Whether a text is plainly an e-mail, an internet address, a date or a telephone number: no column's name."""
    return _DATA.fullmatch(cell.strip()) is not None


def values_of(body: Sequence[Row], number: int) -> list[str]:
    """What a column says, each text once, in the order in which it comes."""
    return list(
        dict.fromkeys(said for row in body if number < len(row.cells) and (said := clean(row.cells[number])))
    )


# --- suggestions

_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"\bport\b", "connection_port"),
    (r"\bip\b.*\b(?:date|time)|(?:date|time).*\bip\b", "connection_at"),
    (r"\bip\b|\bip ?address|internet address", "connection_address"),
    (r"e-?mail.*verif", "email_verified"),
    (r"(?:phone|mobile).*verif", "phone_verified"),
    (r"e-?mail", "email"),
    (r"phone|mobile|\btel\b|msisdn", "phone"),
    (r"\bimei\b|\bdevice", "device"),
    (r"birth|\bdob\b|\bborn\b", "born"),
    (r"\bage\b", "age"),
    (r"post ?code|\bzip\b|\btown\b|\bcity\b|\bstreet\b|\bhouse\b|address", "address"),
    (r"first ?name|given ?name|forename", "first_name"),
    (r"surname|last ?name|family ?name", "last_name"),
    (r"display ?name|nick ?name", "display_name"),
    (r"user ?name|screen ?name|\bhandle\b", "screen_name"),
    (r"profile|\burl\b", "profile_url"),
    (r"account|user ?id", "account"),
    (r"service|platform", "service"),
    (r"package", "package"),
    (r"cover.*grade|grade.*package", "covering_grade"),
    (r"priority|urgency", "urgency"),
    (r"remark|comment|narrative|\bnotes?\b", "words"),
    (r"(?:earlier|previous|related).*(?:ref|report|number)", "earlier_reference"),
    (r"\bref(?:erence)?\b|report (?:no|number|id)\b", "reference"),
    (r"agency.*(?:date|time)|(?:date|time).*agency", "reached_agency"),
    (r"clearing.*(?:date|time)|(?:date|time).*clearing", "reached_clearing_house"),
    (r"\bdate\b|\btime\b|\bwhen\b", "happened"),
    (r"activity|\bdone\b|\bdid\b|behaviour|conduct|offen[cs]e", "activity"),
    (r"\bname\b", "name"),
)
_BY_VALUE: tuple[tuple[str, str, str], ...] = (
    (
        r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]+",
        "connection_address",
        "an internet address",
    ),
    (r"[^@\s]+@[^@\s]+\.[^@\s]+", "email", "an e-mail address"),
)
_ROLE_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"child|victim|harmed", "harmed"),
    (r"recipient", "recipient"),
    (r"reporter|informant|complainant", "reporter"),
    (r"suspect|offender|nominal|reported person", "reported"),
)


def suggestion(name: str, values: Sequence[str]) -> Suggestion | None:
    """What a column seems to be by its name, or by its values where the name says nothing."""
    if names_a_digest(name):
        return Suggestion(IGNORED, "", "its name says that it holds digests, which are never taken in")
    low = re.sub(r"[_\-./]+", " ", name.replace("e-mail", "email").replace("E-mail", "email")).casefold()
    role = next((role for pattern, role in _ROLE_BY_NAME if re.search(pattern, low)), "")
    for pattern, what in _BY_NAME:
        if re.search(pattern, low):
            return Suggestion(what, role if what in OF_PERSON else "", "by its name")
    some = values[:50]
    for pattern, what, called in _BY_VALUE:
        if some and all(re.fullmatch(pattern, value, re.IGNORECASE) for value in some):
            return Suggestion(what, role, f"each value is {called}")
    done = {suggested_meaning("activity", value) for value in some}
    if "" not in done and done - {"not_stated"}:
        return Suggestion("activity", "", "each value says what was done")
    return None


_ANSWERS = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"} | dict.fromkeys(
    ("unknown", "not known", "n/k", "nk", "not checked"), "not_known"
)


def suggested_meaning(what: str, value: str) -> str:
    """The meaning that a value plainly has: *yes* is yes, and *viewed* viewed; nothing where it is not plain."""
    said = value.casefold()
    if what == "activity":
        kinds = ("viewed", "downloaded", "shared", "produced", "solicited", "groomed", "contact")
        return said if said in kinds else "not_stated" if said in ("not stated", "unknown") else ""
    return _ANSWERS.get(said, "")


# --- what is asked

_CLOCK = re.compile(r"\b(\d{1,2}):\d\d")
_AM_PM = re.compile(r"\d ?[ap]\.?m\b", re.IGNORECASE)


def reading_of(body: Sequence[Row], answers: Answers) -> Reading:
    """How the times of this table are read; where it leaves that open, the question and the value that shows it."""
    left_out = {clean(text).casefold() for text in answers.not_held.split(",")}
    texts: list[str] = []
    counts: list[tuple[str, bool]] = []
    from_cells = False
    for number, column in answers.columns.items():
        if column.what not in TIMES and column.what != "born":
            continue
        for row in body:
            said = clean(row.cells[number]) if number < len(row.cells) else ""
            if not said or said.casefold() in left_out:
                continue
            if row.kind(number) == "date":
                from_cells = from_cells or (":" in said and column.what in TIMES)
            elif row.kind(number) in ("text", "number") and is_day_number(said):
                counts.append((said, column.what in TIMES))
            elif row.kind(number) == "text":
                texts.append(said)
    texts = list(dict.fromkeys(texts))
    questions: list[Question] = []
    settled: list[str] = []
    order = _order(texts, answers, questions, settled)
    clock = _clock(texts, order, answers, questions, settled)
    day_numbers = _day_numbers([text for text, _ in counts], answers, questions)
    from_cells = from_cells or (day_numbers != "" and any(timed and "." in text for text, timed in counts))
    zone = _zone(texts, from_cells, order, answers, questions, settled)
    return Reading(order, zone, clock, day_numbers, tuple(questions), tuple(settled))


def _day_numbers(counts: list[str], answers: Answers, questions: list[Question]) -> str:
    """From which year numbers among the dates count days; empty where nobody knows, or there is none."""
    if not counts:
        return ""
    example = next((text for text in counts if "." in text), counts[0])
    options = (
        ("1900", f"{_as_counted(example, '1900')}: counted in days from 1900, as spreadsheets do"),
        (
            "1904",
            f"{_as_counted(example, '1904')}: counted in days from 1904, as old spreadsheets of Apple's do",
        ),
        (NOT_KNOWN, "Not known: such a number is kept, and is no date"),
    )
    questions.append(Question("day_numbers", f"Which date is the number “{example}”?", options, example))
    return answers.day_numbers if answers.day_numbers in DAY_NUMBERS else ""


def _as_counted(text: str, counted_from: str) -> str:
    at = datetime.fromisoformat(counted_day(text, counted_from))
    return f"{at.day} {at:%B %Y, %H:%M}" if "." in text else f"{at.day} {at:%B %Y}"


def _order(texts: list[str], answers: Answers, questions: list[Question], settled: list[str]) -> str:
    dated = [text for text in texts if re.match(r"\d{1,4}[/.\- ]\d{1,2}[/.\- ]\d{1,4}(?!\d)", text)]
    possible = [
        order for order in ("iso", "dmy", "mdy", "ymd") if not any(contradicts_order(t, order) for t in dated)
    ]
    if not dated or "iso" in possible:
        return "iso"
    if len(possible) == 1:
        other = "mdy" if possible[0] == "dmy" else "dmy"
        shown = next((text for text in dated if contradicts_order(text, other)), dated[0])
        settled.append(f"Dates are read {ORDERS[possible[0]]}: “{shown}” can be nothing else.")
        return possible[0]
    example = next((text for text in dated if _two_days(text)), dated[0])
    choices = possible or ["dmy", "mdy", "ymd"]
    problem = "" if possible else " No order fits every date here, so rows that contradict it will be held."
    options = tuple((order, _as_day(example, order)) for order in choices)
    questions.append(Question("date_order", f"Which date is “{example}”?{problem}", options, example))
    return answers.date_order if answers.date_order in choices else choices[0]


def _two_days(text: str) -> bool:
    days = {day_in_order(text, order) for order in ("dmy", "mdy")}
    return len(days) == 2 and None not in days


def _as_day(text: str, order: str) -> str:
    day = day_in_order(text, order)
    words = f"{day.day} {day:%B %Y}" if isinstance(day, date) else "no day that exists"
    return f"{words} ({ORDERS[order]})"


def _clock(
    texts: list[str], order: str, answers: Answers, questions: list[Question], settled: list[str]
) -> str:
    if order == "iso":
        return "24"
    hours = {text: int(found[1]) for text in texts if (found := _CLOCK.search(text))}
    if with_mark := next((text for text in texts if _AM_PM.search(text)), None):
        settled.append(f"Times are on the 12-hour clock: “{with_mark}”.")
        return "12"
    if not hours:
        return "24"
    if plain := next((text for text, hour in hours.items() if hour == 0 or hour > 12), None):
        settled.append(f"Times are on the 24-hour clock: “{plain}”.")
        return "24"
    example = next(iter(hours))
    options = (
        ("24", "The 24-hour clock: the time as it stands"),
        ("12", "The 12-hour clock without AM or PM: morning or evening is not known"),
    )
    questions.append(Question("clock", f"Which clock is “{example}” on?", options, example))
    return answers.clock if answers.clock in ("12", "24") else "24"


def _zone(
    texts: list[str],
    from_cells: bool,
    order: str,
    answers: Answers,
    questions: list[Question],
    settled: list[str],
) -> str:
    def without_zone(text: str) -> bool:
        clock = "12" if _AM_PM.search(text) else "24"
        return read_table_moment(text, order, "stated", clock).problem == NO_ZONE

    example = next(filter(without_zone, texts), None)
    if example is None and not from_cells:
        if any(_CLOCK.search(text) for text in texts):
            settled.append("Each time says its own zone.")
        return "stated"
    shown = f"“{example}” says" if example else "the dates of a spreadsheet say"
    known = {zone for zone, _ in ZONES}
    here = ((answers.time_zone, answers.time_zone),) if answers.time_zone not in {*known, "", "none"} else ()
    options = (
        *ZONES,
        *here,
        (NOT_KNOWN, "Not known: then no time here is fit for resolving a connection"),
    )
    text = f"In which time zone does this sender write? ({shown} none.)"
    questions.append(Question("time_zone", text, options, example or ""))
    return answers.time_zone if answers.time_zone != "stated" else ""


def other_questions(answers: Answers) -> list[Question]:
    """What else is asked, because of what the columns were said to be."""
    used = {column.what for column in answers.columns.values()}
    asked = []
    if {"connection_address", "happened"} <= used and "connection_at" not in used:
        asked.append(Question("connection_time", CONNECTION_TIME, CONNECTION_TIMES))
    if "account" in used and "service" not in used:
        asked.append(
            Question("service", "On which service are the accounts? An account number is unique only there.")
        )
    if "covering_grade" in used:
        options = (("uk", "The UK's A, B, C"), ("industry", "Industry's A1, A2, B1, B2"))
        asked.append(Question("grade_model", "On which scale is the grade that covers a package?", options))
    if "sender_keeps" in used:
        asked.append(
            Question("keeps_years", "For how many years from that time does the sender keep its data?")
        )
    return asked


def asks_values(what: str) -> bool:
    """Whether each value of such a column needs a meaning."""
    return what == "activity" or what.startswith(FACT)


# --- the map


def written_map(answers: Answers, sample: Sample, reading: Reading, version: str) -> str:
    """The map as YAML, checked by reading it.

    :raises WrongMap: something is not said yet, or contradicts something else
    """
    header = sample.header(answers.header_rows)
    used = {n: c for n, c in answers.columns.items() if c.what and n < len(header)}
    problems = [*_problems(answers, header, used), *_unanswered(answers, reading)]
    if problems:
        raise WrongMap(problems)
    plain: dict[str, object] = {
        "name": answers.name,
        "version": version,
        "sender": answers.sender,
        "encoding": sample.encoding,
        "delimiter": next(name for name, sign in DELIMITERS.items() if sign == sample.delimiter),
        "time_zone": reading.time_zone,
        "date_order": reading.date_order,
        "clock": reading.clock,
    }
    if reading.day_numbers:
        plain["day_numbers"] = reading.day_numbers
    if sample.sheets and answers.sheet not in (None, sample.sheets[0]):
        plain["sheet"] = answers.sheet
    plain["header_row"] = [str(number) for number in answers.header_rows]
    plain["header"] = header
    if answers.history:
        plain["history"] = "yes"
    if words := [text for part in answers.not_held.split(",") if (text := part.strip())]:
        plain["not_held"] = words
    plain |= _report(answers, header, used)
    plain["people"] = _people(answers, header, used)
    if ignored := [header[n] for n, column in used.items() if column.what == IGNORED]:
        plain["ignore"] = ignored
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    try:
        read_map(text, answers.name)
    except MapError as wrong:
        raise WrongMap([f"{wrong.problem[:1].upper()}{wrong.problem[1:]}. {wrong.remedy}."]) from wrong
    return text


def _problems(answers: Answers, header: Sequence[str], used: Mapping[int, Column]) -> Iterator[str]:
    if not header:
        yield "There is no header in that row. Say in which row the names of the columns stand."
        return
    if data := next(filter(is_data, header), None):
        yield (
            f"The row of names seems to hold a report (“{data}”), which would not be read. Say in which row the "
            "names of the columns stand; if there is none, put one above the table and bring it again."
        )
    if not answers.sender.strip():
        yield "Say who sends tables of this layout."
    if not answers.name.strip():
        yield "Give the map a name."
    if not any(column.what != IGNORED for column in used.values()):
        yield "Say of at least one column what it is."
    seen: dict[tuple[str, str], str] = {}
    for number, column in used.items():
        name, what = header[number], column.what
        role = column.role or answers.whose if what in OF_PERSON or what.startswith(FACT) else ""
        if (what in OF_PERSON or what.startswith(FACT)) and not role:
            yield f"Say whom the column {name} describes, or whom most columns describe."
        if names_a_digest(name) and what != IGNORED:
            yield f"The column {name} holds digests, which are never taken in. Leave it out."
        if what not in SEVERAL and what != IGNORED and (what, role) in seen:
            yield f"The columns {seen[what, role]} and {name} are said to be the same thing. Choose one."
        seen.setdefault((what, role), name)
        if asks_values(what) and not any(column.values.values()):
            yield f"Say what at least one value of the column {name} means, then try again."
    for (what, role), name in seen.items():
        if what in NEEDS and (NEEDS[what], role) not in seen:
            yield f"The column {name} belongs to another: say which column is “{OF_PERSON[NEEDS[what]]}”."
        if what == "name" and {("first_name", role), ("last_name", role)} & seen.keys():
            yield f"Use the whole name ({name}) or its parts, and not both."


def _unanswered(answers: Answers, reading: Reading) -> Iterator[str]:
    for question in (*reading.questions, *other_questions(answers)):
        said = getattr(answers, question.key)
        if not said.strip() or (question.options and said not in {value for value, _ in question.options}):
            yield f"Not answered yet: {question.text}"
    if answers.keeps_years and not answers.keeps_years.isdecimal():
        yield "Write the number of years as a whole number, such as 1."


def _report(answers: Answers, header: Sequence[str], used: Mapping[int, Column]) -> dict[str, object]:
    said: dict[str, object] = {}
    for number, column in used.items():
        name = header[number]
        match column.what:
            case "covering_grade":
                said["covering_grade"] = {"model": answers.grade_model, "column": name}
            case "sender_keeps":
                said["sender_keeps"] = {"years": answers.keeps_years, "from": name}
            case "activity":
                meanings = {value: kind for value, kind in column.values.items() if kind}
                said["activity"] = {"column": name, "values": meanings}
            case what if what in OF_REPORT:
                said[what] = name
    return said


def _people(answers: Answers, header: Sequence[str], used: Mapping[int, Column]) -> list[dict[str, object]]:
    roles: dict[str, list[tuple[str, Column]]] = {}
    for number, column in used.items():
        if column.what in OF_PERSON or column.what.startswith(FACT):
            roles.setdefault(column.role or answers.whose, []).append((header[number], column))
    report = {column.what: header[n] for n, column in used.items() if column.what in ("service", "happened")}
    # Of whom the columns say nothing is the reported person; every report has one.
    roles.setdefault("reported", [])
    return [_person(role, found, answers, report) for role, found in roles.items()]


def _person(
    role: str, found: Sequence[tuple[str, Column]], answers: Answers, report: Mapping[str, str]
) -> dict[str, object]:
    columns: dict[str, object] = {}
    claims: dict[str, object] = {}
    one = {column.what: name for name, column in found}
    where = {"service_column": report["service"]} if "service" in report else {"service": answers.service}
    if accounts := [name for name, column in found if column.what == "account"]:
        columns["account"] = [{"column": name, **where} for name in accounts]
    for kind in ("email", "phone", "device", "screen_name", "display_name", "profile_url", "address"):
        if names := [name for name, column in found if column.what == kind]:
            columns[kind] = names
        if verified := one.get(f"{kind}_verified"):
            columns[kind] = [{"column": name, "verified_at": verified} for name in names]
    columns |= {key: one[key] for key in ("name", "first_name", "last_name", "born", "age") if key in one}
    if "connection_address" in one:
        keys = ("address", "port", "at", "event")
        if answers.connection_time == "yes" and "happened" in report:
            one.setdefault("connection_at", report["happened"])
        columns["connection"] = {key: one[at] for key in keys if (at := f"connection_{key}") in one}
    for name, column in found:
        if column.what.startswith(FACT):
            meant = {
                answer: [value for value, means in column.values.items() if means == answer]
                for answer in ("yes", "no", "not_known")
            }
            claims[column.what.removeprefix(FACT)] = {
                "column": name,
                **{answer: values for answer, values in meant.items() if values},
            }
    said: dict[str, object] = {"role": role, "columns": columns}
    if claims:
        said["claims"] = claims
    if answers.official:
        said["official"] = "yes"
    return said


def answers_from(by: Map, header: Sequence[str]) -> Answers:
    """What a known map says, for a table with other columns: each column of the same name is what it was."""
    known: dict[str, Column] = {}

    def put(name: str | None, what: str, role: str = "", values: Mapping[str, str] | None = None) -> None:
        if name is not None:
            known.setdefault(name, Column(what, role, values or {}))

    for what in OF_REPORT:
        if what not in ("covering_grade", "sender_keeps", "activity"):
            put(getattr(by, what), what)
    put(by.covering_column, "covering_grade")
    put(by.sender_keeps.column if by.sender_keeps else None, "sender_keeps")
    if by.activity:
        put(by.activity.column, "activity", values=by.activity.values)
    service = connection_time = ""
    for who in by.people:
        for account in who.accounts:
            put(account.column, "account", who.role)
            put(account.service_column, "service")
            service = service or account.service
        for plain in who.plain:
            put(plain.column, plain.kind, who.role)
            put(plain.verified_at, f"{plain.kind}_verified", who.role)
        parts = ("name",) if len(who.name) == 1 else ("first_name", "last_name")
        for name, what in zip(who.name, parts, strict=False):
            put(name, what, who.role)
        put(who.born, "born", who.role)
        put(who.age, "age", who.role)
        for name in who.address:
            put(name, "address", who.role)
        for seen in who.connections[:1]:
            connection_time = "yes" if seen.at is not None and seen.at == by.happened else "no"
            for key in ("address", "port", "at", "event"):
                put(getattr(seen, key), f"connection_{key}", who.role)
        for claim in who.claims:
            values = {
                text: answer
                for answer in ("yes", "no", "not_known")
                for text in sorted(getattr(claim, answer))
            }
            put(claim.column, f"{FACT}{claim.fact}", who.role, values)
    for name in by.ignore:
        put(name, IGNORED)
    roles = [column.role for column in known.values() if column.role]
    return Answers(
        columns={n: known[name] for n, name in enumerate(header) if name in known},
        whose=max(roles, key=roles.count, default=""),
        sender=by.sender,
        name=by.name,
        service=service,
        date_order=by.date_order,
        time_zone=by.time_zone,
        clock=by.clock,
        day_numbers=by.day_numbers or "",
        connection_time=connection_time,
        grade_model=by.covering_model or "",
        keeps_years=str(by.sender_keeps.years) if by.sender_keeps else "",
        not_held=", ".join(sorted(by.not_held)),
        official=any(who.official for who in by.people),
        history=by.history,
        header_rows=by.header_rows,
        sheet=by.sheet,
    )

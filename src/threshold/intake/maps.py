"""The map of a table: a small YAML file that says what each column means. Nothing is guessed.

Every scalar is read as text (a column called ``no`` or ``0070`` stays itself). A fault in a map is raised
as ``MapError`` with the file, the line, the key and what to do about it. ``docs/maps.md`` describes each key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from threshold.intake.reading import ActivityKind, IdentifierKind, Role
from threshold.intake.texts import names_a_digest

ENCODINGS = ("utf-8", "utf-8-sig", "windows-1252", "utf-16")
DATE_ORDERS = ("dmy", "mdy", "ymd", "iso")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ROLES: tuple[str, ...] = get_args(Role)
ACTIVITIES: tuple[str, ...] = get_args(ActivityKind)

TOP_KEYS = (
    "name",
    "version",
    "sender",
    "encoding",
    "delimiter",
    "time_zone",
    "date_order",
    "clock",
    "day_numbers",
    "sheet",
    "header_row",
    "header",
    "history",
    "not_held",
    "reference",
    "earlier_reference",
    "package",
    "covering_grade",
    "urgency",
    "happened",
    "reached_clearing_house",
    "reached_agency",
    "sender_keeps",
    "service",
    "words",
    "people",
    "activity",
    "ignore",
)
# The years from which spreadsheets count days.
DAY_NUMBERS = ("1900", "1904")
YES_NO = ("yes", "no", "true", "false")
PERSON_KEYS = ("role", "columns", "claims", "official")
COLUMN_KEYS = (
    "account",
    "email",
    "phone",
    "device",
    "screen_name",
    "display_name",
    "profile_url",
    "name",
    "first_name",
    "last_name",
    "born",
    "age",
    "address",
    "connection",
)
PLAIN: tuple[IdentifierKind, ...] = ("email", "phone", "device", "screen_name", "display_name", "profile_url")
PLAIN_KEYS = ("column", "verified_at")
VERIFIED = ("email", "phone")
ACCOUNT_KEYS = ("column", "service", "service_column")
CONNECTION_KEYS = ("address", "port", "at", "event")
CLAIM_KEYS = ("column", "yes", "no", "not_known")
GRADE_KEYS = ("model", "column")
ACTIVITY_KEYS = ("column", "values")
KEEPS_KEYS = ("years", "from")
MOST_HEADER_ROW = 200
ALL_KEYS = frozenset(
    {
        *TOP_KEYS,
        *PERSON_KEYS,
        *COLUMN_KEYS,
        *PLAIN_KEYS,
        *KEEPS_KEYS,
        *ACCOUNT_KEYS,
        *CONNECTION_KEYS,
        *CLAIM_KEYS,
        *GRADE_KEYS,
        *ACTIVITY_KEYS,
    }
)


@dataclass
class MapError(Exception):
    """A fault in a map: where it stands and what would mend it."""

    path: str
    line: int
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}, {self.key}: {self.problem}. {self.remedy}."


@dataclass(frozen=True, slots=True)
class AccountColumns:
    column: str
    service: str = ""
    service_column: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionColumns:
    address: str
    port: str | None = None
    at: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """One identifier of a kind. ``verified_at``: the column with the time at which its sender verified it."""

    kind: IdentifierKind
    column: str
    verified_at: str | None = None


@dataclass(frozen=True, slots=True)
class KeepsColumn:
    """For how many years from the time in a column a sender keeps what it has."""

    years: int
    column: str


@dataclass(frozen=True, slots=True)
class ClaimColumn:
    fact: str
    column: str
    yes: frozenset[str]
    no: frozenset[str]
    not_known: frozenset[str]


@dataclass(frozen=True, slots=True)
class PersonMap:
    """One person of each row."""

    role: Role
    accounts: tuple[AccountColumns, ...]
    plain: tuple[PlainColumn, ...]
    name: tuple[str, ...]
    born: str | None
    age: str | None
    address: tuple[str, ...]
    connections: tuple[ConnectionColumns, ...]
    claims: tuple[ClaimColumn, ...]
    official: bool


@dataclass(frozen=True, slots=True)
class ActivityMap:
    column: str
    values: Mapping[str, ActivityKind]


@dataclass(frozen=True, slots=True)
class Map:
    name: str
    version: str
    sender: str
    encoding: str
    delimiter: str
    time_zone: str
    date_order: str
    clock: str
    header: tuple[str, ...]
    people: tuple[PersonMap, ...]
    reference: str | None = None
    package: str | None = None
    covering_model: str | None = None
    covering_column: str | None = None
    urgency: str | None = None
    happened: str | None = None
    service: str | None = None
    words: str | None = None
    activity: ActivityMap | None = None
    ignore: frozenset[str] = frozenset()
    sheet: str | None = None
    header_rows: tuple[int, ...] = (1,)
    history: bool = False
    not_held: frozenset[str] = frozenset()
    earlier_reference: str | None = None
    reached_clearing_house: str | None = None
    reached_agency: str | None = None
    sender_keeps: KeepsColumn | None = None
    day_numbers: str | None = None

    @property
    def layout(self) -> tuple[tuple[str, ...], str | None, tuple[int, ...], str]:
        """By what a table is known as one of this map's: its columns, where they stand, and what parts them."""
        return self.header, self.sheet, self.header_rows, self.delimiter


def load_map(path: str | Path) -> Map:
    text = Path(path).read_text(encoding="utf-8-sig")
    return read_map(text, Path(path).name)


def load_maps(folder: str | Path) -> list[Map]:
    """All maps of a folder, by file name; two of one name are a fault."""
    maps: dict[str, Map] = {}
    for path in sorted(Path(folder).glob("*.yaml")):
        found = load_map(path)
        if found.name in maps:
            raise MapError(
                path.name, 1, "name", f"{found.name!r} is taken by another map", "Give it another name"
            )
        maps[found.name] = found
    return list(maps.values())


def read_map(text: str, path: str = "map") -> Map:
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MapError(path, line, "(file)", f"not valid YAML: {error.problem}", "Mend the layout") from None
    except yaml.YAMLError as error:
        raise MapError(path, 1, "(file)", f"not valid YAML: {error}"[:200], "Mend the layout") from None
    if root is None:
        raise MapError(path, 1, "(file)", "the map is empty", "Start from sample/maps")
    return _Reader(path).map(_Node(path, "(file)", root))


@dataclass(frozen=True, slots=True)
class _Node:
    """A YAML node with the key that led to it, so that every fault can be placed."""

    path: str
    key: str
    node: yaml.Node

    def fault(self, problem: str, remedy: str) -> MapError:
        return MapError(self.path, self.node.start_mark.line + 1, self.key, problem, remedy)

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            raise self.fault("a text is needed here", "Write one value after the colon")
        return str(self.node.value)

    def items(self) -> list[_Node]:
        """A list; one value alone counts as a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [_Node(self.path, f"{self.key}[{n}]", one) for n, one in enumerate(self.node.value, 1)]
        return [self]

    def texts(self) -> list[str]:
        return [item.text() for item in self.items()]

    def members(self, allowed: Iterable[str] | None = None, needed: Iterable[str] = ()) -> dict[str, _Node]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault("keys and values are needed here", "Write `key: value` lines below it")
        prefix = "" if self.key == "(file)" else f"{self.key}."
        found: dict[str, _Node] = {}
        known = None if allowed is None else tuple(allowed)
        for key_node, value_node in self.node.value:
            key = str(key_node.value)
            member = _Node(self.path, f"{prefix}{key}", value_node)
            if known is not None and key not in known:
                raise member.fault("this key is not known", f"Use one of {', '.join(known)}")
            if key in found:
                raise member.fault("this key stands twice", "Keep one of them")
            found[key] = member
        for key in needed:
            if key not in found:
                raise self.fault(f"the key {key!r} is missing", "Add it")
        return found


def _words(node: _Node) -> frozenset[str]:
    """Texts as they are compared: without case and surrounding space."""
    return frozenset(text.strip().casefold() for text in node.texts())


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.header: tuple[str, ...] = ()

    def map(self, root: _Node) -> Map:
        needed = (
            "name",
            "version",
            "sender",
            "encoding",
            "delimiter",
            "time_zone",
            "date_order",
            "header",
            "people",
        )
        keys = root.members(TOP_KEYS, needed)
        self.header = self._header(keys["header"])
        delimiter = keys["delimiter"].text() if keys["delimiter"].node.value != "\t" else "\t"
        covering = keys["covering_grade"].members(GRADE_KEYS, GRADE_KEYS) if "covering_grade" in keys else {}
        found = Map(
            name=keys["name"].text(),
            version=keys["version"].text(),
            sender=keys["sender"].text(),
            encoding=self._one_of(keys["encoding"], ENCODINGS),
            delimiter=DELIMITERS.get(delimiter, delimiter),
            time_zone=self._zone(keys["time_zone"]),
            date_order=self._one_of(keys["date_order"], DATE_ORDERS),
            clock=self._clock(keys, root),
            header=self.header,
            people=tuple(self._person(item) for item in keys["people"].items()),
            reference=self._optional(keys, "reference"),
            package=self._optional(keys, "package"),
            covering_model=covering["model"].text() if covering else None,
            covering_column=self._column(covering["column"]) if covering else None,
            urgency=self._optional(keys, "urgency"),
            happened=self._optional(keys, "happened"),
            service=self._optional(keys, "service"),
            words=self._optional(keys, "words"),
            activity=self._activity(keys["activity"]) if "activity" in keys else None,
            ignore=frozenset(self._columns(keys["ignore"], digests=True))
            if "ignore" in keys
            else frozenset(),
            sheet=keys["sheet"].text() if "sheet" in keys else None,
            header_rows=self._header_rows(keys["header_row"]) if "header_row" in keys else (1,),
            history="history" in keys and self._one_of(keys["history"], YES_NO) in ("yes", "true"),
            not_held=_words(keys["not_held"]) if "not_held" in keys else frozenset(),
            earlier_reference=self._optional(keys, "earlier_reference"),
            reached_clearing_house=self._optional(keys, "reached_clearing_house"),
            reached_agency=self._optional(keys, "reached_agency"),
            sender_keeps=self._keeps(keys["sender_keeps"]) if "sender_keeps" in keys else None,
            day_numbers=self._one_of(keys["day_numbers"], DAY_NUMBERS) if "day_numbers" in keys else None,
        )
        if found.delimiter not in DELIMITERS.values():
            raise keys["delimiter"].fault("not a delimiter", "Use comma, semicolon, tab or pipe")
        return found

    def _clock(self, keys: Mapping[str, _Node], root: _Node) -> str:
        if "clock" in keys:
            return self._one_of(keys["clock"], ("12", "24"))
        if keys["date_order"].text() == "iso":  # ISO 8601 knows no other clock than the 24-hour one
            return "24"
        raise root.fault("the key 'clock' is missing", "Say whether times are on the 12 or the 24-hour clock")

    def _header_rows(self, node: _Node) -> tuple[int, ...]:
        """The row of the header; or the first and the last of two."""
        rows = [int(text) if text.isdecimal() else 0 for text in node.texts()]
        follow = len(rows) == 1 or (len(rows) == 2 and rows[1] == rows[0] + 1)
        if not follow or not all(0 < row <= MOST_HEADER_ROW for row in rows):
            raise node.fault(
                f"not the number of a row from 1 to {MOST_HEADER_ROW}, or of two that follow each other",
                "Write 1, or 3, or [3, 4]",
            )
        return tuple(rows)

    def _keeps(self, node: _Node) -> KeepsColumn:
        keys = node.members(KEEPS_KEYS, KEEPS_KEYS)
        years = keys["years"].text()
        if not years.isdecimal() or not 0 < int(years) < 100:
            raise keys["years"].fault("not a number of whole years", "Write 1, or 5")
        return KeepsColumn(int(years), self._column(keys["from"]))

    def _header(self, node: _Node) -> tuple[str, ...]:
        names = tuple(node.texts())
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise node.fault(f"the column {twice!r} stands twice", "Every column needs a name of its own")
        return names

    def _zone(self, node: _Node) -> str:
        zone = node.text()
        if zone in ("stated", "none"):
            return zone
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise node.fault(
                f"{zone!r} is not a time zone", "Use a name such as Europe/London, or stated, or none"
            ) from None
        return zone

    def _one_of(self, node: _Node, allowed: Sequence[str]) -> str:
        value = node.text()
        if value not in allowed:
            raise node.fault(f"{value!r} is not possible here", f"Use one of {', '.join(allowed)}")
        return value

    def _optional(self, keys: Mapping[str, _Node], key: str) -> str | None:
        return self._column(keys[key]) if key in keys else None

    def _columns(self, node: _Node, *, digests: bool = False) -> tuple[str, ...]:
        return tuple(self._column(item, digests=digests) for item in node.items())

    def _column(self, node: _Node, *, digests: bool = False) -> str:
        name = node.text()
        if name not in self.header:
            raise node.fault(f"the column {name!r} is not in the header", "Write it as the header does")
        if not digests and names_a_digest(name):
            raise node.fault(
                f"{name!r} is a column of digests, which are never taken in", "Put it under ignore"
            )
        return name

    def _person(self, node: _Node) -> PersonMap:
        keys = node.members(PERSON_KEYS, ("role", "columns"))
        role = next((role for role in get_args(Role) if role == keys["role"].text()), None)
        if role is None:
            raise keys["role"].fault("not a role", f"Use one of {', '.join(ROLES)}")
        columns = keys["columns"].members(COLUMN_KEYS)
        plain = [
            self._plain(kind, item) for kind in PLAIN if kind in columns for item in columns[kind].items()
        ]
        names = ("name",) if "name" in columns else ("first_name", "last_name")
        claims = keys["claims"].members() if "claims" in keys else {}
        official = keys.get("official")
        return PersonMap(
            role=role,
            accounts=tuple(self._account(item) for item in columns["account"].items())
            if "account" in columns
            else (),
            plain=tuple(plain),
            name=tuple(self._column(columns[key]) for key in names if key in columns),
            born=self._optional(columns, "born"),
            age=self._optional(columns, "age"),
            address=self._address(columns["address"]) if "address" in columns else (),
            connections=tuple(self._connection(item) for item in columns["connection"].items())
            if "connection" in columns
            else (),
            claims=tuple(self._claim(fact, claim) for fact, claim in claims.items()),
            official=official is not None and self._one_of(official, ("yes", "no")) == "yes",
        )

    def _plain(self, kind: IdentifierKind, node: _Node) -> PlainColumn:
        if isinstance(node.node, yaml.ScalarNode):
            return PlainColumn(kind, self._column(node))
        keys = node.members(PLAIN_KEYS, PLAIN_KEYS)
        if kind not in VERIFIED:
            raise node.fault("nobody verifies this", f"Use verified_at with one of {', '.join(VERIFIED)}")
        return PlainColumn(kind, self._column(keys["column"]), self._column(keys["verified_at"]))

    def _account(self, node: _Node) -> AccountColumns:
        if isinstance(node.node, yaml.ScalarNode):
            raise node.fault(
                "an account needs its service: it is unique only there",
                "Write {column: ..., service: ...} or {column: ..., service_column: ...}",
            )
        keys = node.members(ACCOUNT_KEYS, ("column",))
        if ("service" in keys) == ("service_column" in keys):
            raise node.fault("one of service and service_column is needed", "Keep just one")
        return AccountColumns(
            self._column(keys["column"]),
            keys["service"].text() if "service" in keys else "",
            self._optional(keys, "service_column"),
        )

    def _address(self, node: _Node) -> tuple[str, ...]:
        if isinstance(node.node, yaml.MappingNode):
            return tuple(self._column(part) for part in node.members().values())
        return self._columns(node)

    def _connection(self, node: _Node) -> ConnectionColumns:
        keys = node.members(CONNECTION_KEYS, ("address",))
        return ConnectionColumns(
            self._column(keys["address"]),
            self._optional(keys, "port"),
            self._optional(keys, "at"),
            self._optional(keys, "event"),
        )

    def _claim(self, fact: str, node: _Node) -> ClaimColumn:
        keys = node.members(CLAIM_KEYS, ("column",))
        words: dict[str, frozenset[str]] = {
            key: _words(keys[key]) if key in keys else frozenset() for key in ("yes", "no", "not_known")
        }
        if not any(words.values()):
            raise node.fault("no value has a meaning", "List values under yes, no or not_known")
        both = (
            (words["yes"] & words["no"])
            | (words["yes"] & words["not_known"])
            | (words["no"] & words["not_known"])
        )
        if both:
            raise node.fault(f"{min(both)!r} has two meanings", "Keep it under one of yes, no, not_known")
        return ClaimColumn(fact, self._column(keys["column"]), words["yes"], words["no"], words["not_known"])

    def _activity(self, node: _Node) -> ActivityMap:
        keys = node.members(ACTIVITY_KEYS, ACTIVITY_KEYS)
        values: dict[str, ActivityKind] = {}
        for text, meaning in keys["values"].members().items():
            kind = next((kind for kind in get_args(ActivityKind) if kind == meaning.text()), None)
            if kind is None:
                raise meaning.fault("not a kind of activity", f"Use one of {', '.join(ACTIVITIES)}")
            values[text.strip().casefold()] = kind
        return ActivityMap(self._column(keys["column"]), values)

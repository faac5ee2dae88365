"""How a report describes a person: with what is missing, misspelt, unclear, or somebody else's."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from threshold.sample import fiction
from threshold.sample import frequencies as often
from threshold.sample.world import Account, Company, Person, pick

UK = ZoneInfo("Europe/London")
INDECENT_IMAGES = "Child Pornography (possession, manufacture, and distribution)"
ENTICEMENT = "Online Enticement of Children for Sexual Acts"
UNSOLICITED = "Unsolicited Obscene Material Sent to a Child"
MOLESTATION = "Child Sexual Molestation"
_YEARS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen")


@dataclass(frozen=True, slots=True)
class Seen:
    """A connection; ``at`` is what truly happened when, and each format writes it in its own way."""

    ip: str
    port: int | None
    at: datetime
    event: str


@dataclass(frozen=True, slots=True)
class Described:
    """One person as one report describes them: a mention. ``person`` is the truth."""

    person: Person
    role: str
    account: Account | None = None
    screen_name: str = ""
    name: tuple[str, str] = ("", "")
    born: str = ""
    age: str = ""
    age_said: str = ""
    emails: tuple[tuple[str, bool], ...] = ()
    phones: tuple[tuple[str, bool], ...] = ()
    address: tuple[str, str, str] | None = None
    device: str = ""
    seen: tuple[Seen, ...] = ()
    compromised: bool = False
    prior: str = ""
    lives_with_children: str = ""
    access_to_children: bool | None = None
    planted: str = ""  # what in this description belongs to somebody else


@dataclass(frozen=True, slots=True)
class File:
    """What a sender says of one file. There is no file, and no digest of one."""

    number: str
    viewed: str
    public: bool
    grade: str
    sign: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What one sender tells of one incident, before any format. ``at`` is when it happened."""

    company: Company
    reference: str
    incident: str
    at: datetime
    people: tuple[Described, ...]
    done: str = "not stated"  # in the words of a table
    annotations: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    urgent: str = ""
    words: str = ""
    batched: bool = False
    peer_to_peer: bool = False
    version: int = 1

    @property
    def reported(self) -> list[Described]:
        return [each for each in self.people if each.role == "reported"]

    @property
    def only_xml(self) -> bool:
        """Whether only the clearing house's own format can say all of it."""
        return (
            self.batched
            or self.peer_to_peer
            or bool(self.annotations)
            or any(each.compromised or each.role == "associated" for each in self.people)
        )


@dataclass(slots=True)
class Teller:
    """Describes people as reports do; each draw is a chance of ``frequencies``."""

    chance: random.Random

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def moment(self, today: datetime, back: int = 100) -> datetime:
        """A time in the days before; now and then within an hour of a change of the clocks."""
        if self.often(often.NEAR_A_CHANGE_OF_CLOCKS):
            change = last_change_of_clocks(today - timedelta(days=1))
            if change > today - timedelta(days=back):
                return change + timedelta(minutes=self.chance.randint(-59, 59))
        return today - timedelta(days=self.chance.randint(1, back), seconds=self.chance.randint(0, 86_399))

    def seen(self, person: Person, at: datetime, *, ip: str | None = None) -> tuple[Seen, ...]:
        if not self.often(often.SAYS_CONNECTION):
            return ()
        found = []
        for number in range(pick(self.chance, often.LOGINS)):
            where = ip or (
                fiction.unattributable(self.chance)
                if self.often(often.PRIVATE_OR_SHARED)
                else person.household.ip
            )
            port = None if self.often(often.NO_PORT) else self.chance.randint(1024, 65_535)
            when = at - timedelta(seconds=self.chance.randint(20, 4000) * (number + 1))
            found.append(Seen(where, port, when, self.chance.choice(("Login", "Upload", "Registration"))))
        return tuple(found)

    def describe(self, person: Person, role: str, at: datetime, account: Account | None) -> Described:
        """As much as this sender happens to know, and in the spelling it happens to have."""
        if person.earliest is None or at < person.earliest:
            person.earliest = at
        person.harmed = person.harmed or role == "harmed"
        if account and self.often(often.SCREEN_NAME_ALONE):
            return Described(person, role, screen_name=account.screen_name)
        born, age, age_said = self._age(person, at)
        return Described(
            person,
            role,
            account,
            account.screen_name if account and self.often(often.SAYS_SCREEN_NAME) else "",
            self._name(person) if self.often(often.SAYS_NAME) else ("", ""),
            born,
            age,
            age_said,
            ((person.email, self.often(often.EMAIL_VERIFIED)),) if self.often(often.SAYS_EMAIL) else (),
            self._phones(person),
            person.household.address if self.often(often.SAYS_ADDRESS) else None,
            person.device if self.often(often.SAYS_DEVICE) else "",
            self.seen(person, at) if account else (),
            access_to_children=self.chance.choice((None, None, None, True, False)),
            lives_with_children=self.chance.choice(("", "", "yes", "no", "unknown")),
        )

    def bare_child(self, person: Person, at: datetime, role: str = "harmed") -> Described:
        """A harmed child of whom a first name or an age is known, or nothing."""
        full = self.describe(person, role, at, None)
        return Described(person, role, name=(full.name[0], ""), age=full.age, age_said=full.age_said)

    def file(self, number: int, at: datetime, *, public: bool = False) -> File:
        return File(
            # As the clearing house numbers files; no digest of anything, for there is nothing to digest.
            f"{number:032x}",
            pick(self.chance, often.VIEWED_BY_SENDER),
            public,
            pick(self.chance, often.GRADES),
            pick(self.chance, often.FILE_SIGNS),
            at,
        )

    def _name(self, person: Person) -> tuple[str, str]:
        if self.often(often.MISSPELT):
            return person.first, fiction.misspelt(self.chance, person.last)
        return person.first, person.last

    def _phones(self, person: Person) -> tuple[tuple[str, bool], ...]:
        if not person.phone or not self.often(often.SAYS_PHONE):
            return ()
        return ((fiction.written_phone(self.chance, person.phone), self.often(often.PHONE_VERIFIED)),)

    def _age(self, person: Person, at: datetime) -> tuple[str, str, str]:
        """Date of birth and age as texts, and in a word what was said."""
        years = person.age_on(at.date())
        said = pick(self.chance, often.AGE_OF_CHILD if years < 18 else often.AGE_OF_ADULT)
        if years >= 18 and person.story == "groomed" and self.often(often.CLAIMS_TO_BE_A_CHILD):
            return "", str(self.chance.randint(13, 17)), "claims to be a child"
        born, age = "", ""
        match said:
            case "born":
                born = person.born.isoformat()
            case "year":
                born = str(person.born.year)
            case "unclear":
                born = f"{person.born.day:02d}/{person.born.month:02d}/{person.born.year}"
            case "age":
                age = str(years)
            case "about":
                age = f"about {years}"
            case "words":
                age = _YEARS[years - 10] if 10 <= years < 18 else "an adult"
            case "adult":
                age, said = str(self.chance.randint(18, 25)), "claims to be an adult"
        return born, age, said


def last_change_of_clocks(before: datetime) -> datetime:
    """The instant at which the United Kingdom last changed its clocks: 01:00 UTC on a last Sunday."""
    changes = [
        datetime(year, month, 31 - (datetime(year, month, 31, tzinfo=UTC).weekday() + 1) % 7, 1, tzinfo=UTC)
        for year in (before.year - 1, before.year)
        for month in (3, 10)
    ]
    return max(change for change in changes if change <= before)


def stamp(chance: random.Random, at: datetime) -> str:
    """A time as senders of XML write it: with Z, with an offset, or without any zone."""
    match pick(chance, often.TIME_FORMS):
        case "+00:00":
            return f"{_plain(at)}+00:00"
        case "+01:00":
            return f"{_plain(at + timedelta(hours=1))}+01:00"
        case "-05:00":
            return f"{_plain(at - timedelta(hours=5))}-05:00"
        case "fraction":
            return f"{_plain(at)}.{chance.randint(0, 999):03d}Z"
        case "no zone":
            return _plain(at)
    return f"{_plain(at)}Z"


def zulu(at: datetime) -> str:
    return f"{_plain(at)}Z"


def _plain(at: datetime) -> str:
    return at.isoformat()[:19]


def uk_table_time(chance: random.Random, at: datetime) -> str:
    """Local time, day first; now and then on a 12-hour clock, month first unseen, or a bare date."""
    local = at.astimezone(UK)
    day, month = f"{local.day:02d}", f"{local.month:02d}"
    match pick(chance, often.TABLE_TIME_FORMS):
        # Month first where nobody can see it; where the day gives it away, the row would be held.
        case "mdy" if local.day <= 12:
            return f"{month}/{day}/{local.year} {local.hour:02d}:{local.minute:02d}"
        case "12-hour":
            return f"{day}/{month}/{local.year} {twelve(local)}"
        case "no time":
            return f"{day}/{month}/{local.year}"
    return f"{day}/{month}/{local.year} {local.hour:02d}:{local.minute:02d}:{local.second:02d}"


def twelve(at: datetime, *, half: bool = True) -> str:
    """The time of day on a 12-hour clock; without AM or PM where ``half`` is not said."""
    said = f"{at.hour % 12 or 12:02d}:{at.minute:02d}"
    return f"{said} {'AM' if at.hour < 12 else 'PM'}" if half else said

"""The true people: households, accounts, devices, and whose each is."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from threshold.sample import fiction
from threshold.sample import frequencies as often


@dataclass(frozen=True, slots=True)
class Company:
    """A sender with its service. ``style`` is how it numbers accounts."""

    name: str
    service: str
    domain: str
    style: str


COMPANIES = (
    Company("Fictional Chat Ltd", "Fictional Chat", "chat.example", "u-{n}"),
    Company("Example Photo plc", "Example Photo", "photo.example", "p{n}x"),
    # Its account numbers begin with noughts, which are part of them.
    Company("Example Vault Inc", "Example Vault", "vault.example", "{n:010d}"),
    Company("Example Games", "Example Games", "games.example", "storm_{n}"),
    Company("Fictional Drive Ltd", "Fictional Drive", "drive.example", "{n}"),
)
NOUGHTS = COMPANIES[2]


@dataclass(frozen=True, slots=True)
class Account:
    company: Company
    name: str
    screen_name: str


@dataclass(slots=True)
class Household:
    number: int
    ipv6: bool
    ip: str
    device: str  # shared by those who live there, where a story says so

    @property
    def address(self) -> tuple[str, str, str]:
        return fiction.address(self.number)


@dataclass(slots=True)
class Person:
    number: int
    household: Household
    first: str
    last: str
    born: date
    email: str
    phone: str
    device: str
    story: str
    accounts: list[Account] = field(default_factory=list)
    harmed: bool = False
    earliest: datetime | None = None  # of what is told of them

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    def age_on(self, day: date) -> int:
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    @property
    def route(self) -> str:
        """A child is who was under 18 at the earliest thing told of them."""
        assert self.earliest is not None
        return "child" if self.age_on(self.earliest.date()) < 18 else "adult"


T = TypeVar("T")


def pick(chance: random.Random, shares: dict[T, int]) -> T:
    return chance.choices(list(shares), list(shares.values()))[0]


class World:
    """Makes people one after another; holds counters and nobody, so that memory stays flat."""

    def __init__(self, chance: random.Random, wanted: int) -> None:
        self.chance = chance
        self.wanted = wanted
        self.people = self.households = self.phones = self.references = 0
        # There are only so many numbers for drama. They are shared out evenly, none is given to two people.
        self.has_phone = min(often.HAS_PHONE, 0.95 * fiction.NUMBERS / wanted)

    @property
    def left(self) -> int:
        return self.wanted - self.people

    def household(self) -> Household:
        self.households += 1
        by_v6 = self.chance.random() < often.IPV6
        ip = fiction.ipv6(self.households) if by_v6 else fiction.ipv4(self.chance)
        return Household(self.households, by_v6, ip, f"{self.chance.getrandbits(40):010x}-shared")

    def adult(self, story: str, today: datetime, at: Household | None = None) -> Person:
        return self._person(story, today, self.chance.randint(*often.AGES_OF_ADULTS), at)

    def child(self, story: str, today: datetime, at: Household | None = None) -> Person:
        return self._person(story, today, self.chance.randint(*often.AGES_OF_CHILDREN), at)

    def _person(self, story: str, today: datetime, age: int, at: Household | None) -> Person:
        chance = self.chance
        self.people += 1
        first, last = self._name()
        # Between their birthdays, and far enough from the next that no report makes them older.
        born = (today - timedelta(days=round(age * 365.25) + chance.randint(130, 360))).date()
        if age >= 18 and chance.random() < often.ADULT_SINCE_THE_REPORT:
            born = today.date().replace(year=today.year - 18, day=min(today.day, 28))
        phone = ""
        if chance.random() < self.has_phone and self.phones < fiction.NUMBERS:
            phone = fiction.phone(self.phones)
            self.phones += 1
        told = f"{first}.{last}" if f"{first}{last}".isascii() and len(last) < 20 else "user"
        return Person(
            self.people,
            at or self.household(),
            first,
            last,
            born,
            f"{told}.{self.people}@{chance.choice(fiction.MAIL_DOMAINS)}",
            phone,
            f"{chance.getrandbits(44):011x}-{self.people}" if chance.random() < often.HAS_DEVICE else "",
            story,
        )

    def _name(self) -> tuple[str, str]:
        kind = self.chance.random()
        if kind < often.LONG_NAME:
            return self.chance.choice(fiction.LONG)
        if kind < often.LONG_NAME + often.RIGHT_TO_LEFT_NAME:
            return self.chance.choice(fiction.RIGHT_TO_LEFT)
        return self.chance.choice(fiction.FIRST_NAMES), fiction.surname(self.chance)

    def account(self, person: Person, company: Company | None = None) -> Account:
        """A new account of this person, numbered by the person and by how many they have."""
        company = company or self.chance.choice(COMPANIES)
        n = person.number * 20 + len(person.accounts)
        screen_name = self.chance.choice(
            (f"{n:06d}", f"{n}e3", f"user_{n}", f"{person.first.lower()}{n}", f"фокс{n}", f"x{n}x")
        )
        made = Account(company, company.style.format(n=n), screen_name)
        person.accounts.append(made)
        return made

    def reference(self) -> str:
        """A number of the clearing house."""
        self.references += 1
        return str(900_000_000 + self.references)

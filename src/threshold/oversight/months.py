"""A month of the United Kingdom. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from threshold.times import start_of_uk_day, uk_day


class WrongMonth(ValueError):
    """The text is not a month."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:40]!r} is not a month. Write year and month: 2026-10.")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month, and the instants between which it was."""

    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> Self:
        """The month written 2026-10.

        :raises WrongMonth: it is none
        """
        found = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", text.strip(), re.ASCII)
        if not found:
            raise WrongMonth(text)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def at(cls, moment: datetime) -> Self:
        day = uk_day(moment)
        return cls(day.year, day.month)

    def before(self, months: int = 1) -> Self:
        number = self.year * 12 + self.month - 1 - months
        return type(self)(number // 12, number % 12 + 1)

    @property
    def start(self) -> datetime:
        return start_of_uk_day(date(self.year, self.month, 1))

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self.before(-1).start

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def title(self) -> str:
        """``October 2026``."""
        return f"{date(self.year, self.month, 1):%B %Y}"

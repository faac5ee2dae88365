"""When the calendar alone changes what is known: birthdays that move an age. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol


class Born(Protocol):
    born_from: date
    born_to: date


def turns(births: Iterable[Born], today: date) -> Iterator[date]:
    """The next birthday of each end of each birth interval, after today."""
    for birth in births:
        for end in {birth.born_from, birth.born_to}:
            yield next_birthday(end, today)


def next_birthday(born: date, today: date) -> date:
    """The first anniversary after ``today``; somebody born on 29 February has it on 1 March in a common year."""
    for year in (today.year, today.year + 1):
        try:
            anniversary = born.replace(year=year)
        except ValueError:
            anniversary = date(year, 3, 1)
        if anniversary > today:
            return anniversary
    raise AssertionError("one of two consecutive years holds an anniversary after today")

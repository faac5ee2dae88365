"""Which of three routes a person is on: adult established; child, or signs of a child; age not established.

An age that was stated is a claim. It can open the children's route, and never the adult's: that takes an
officer's act. What is said after that act can open the children's route again. A birthday changes nothing
by itself: somebody who was under 18 at the earliest activity stays on the children's route.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Route = Literal["adult", "child", "age_not_established"]

ADULT_AGE = 18


@dataclass(frozen=True, slots=True)
class Birth:
    """Somebody stated an age or a date of birth: born between these two days. ``number`` is its statement."""

    earliest: date
    latest: date
    number: int


def route_of(
    births: Sequence[Birth],
    earliest_activity: date | None,
    today: date,
    signs: Iterable[int] = (),
    adult_established: Iterable[int] = (),
) -> tuple[Route, str]:
    """The route, and the reason for it in plain words.

    :param signs: numbers of the statements that say there is a sign of a child
    :param adult_established: numbers of the officers' statements that this person is an adult
    """
    established = max(adult_established, default=0)
    day = min(today, earliest_activity) if earliest_activity else today
    if any(number > established for number in signs):
        return "child", "There are signs that this person is a child." + _since(established)
    if any(birth.number > established and oldest_age(birth, day) < ADULT_AGE for birth in births):
        when = "now" if day == today else "at the earliest activity"
        return "child", f"An age that was stated makes this person under 18 {when}.{_since(established)}"
    if established:
        return "adult", "An officer has established that this person is an adult."
    if any(youngest_age(birth, day) < ADULT_AGE for birth in births):
        return "age_not_established", "The age stated could be under 18 or over it."
    if births:
        return "age_not_established", "An adult age was stated, but nobody has established it."
    return "age_not_established", "No age is known."


def oldest_age(birth: Birth, day: date) -> int:
    """The most that somebody born so can be on a day, in whole years."""
    return age_on(birth.earliest, day)


def youngest_age(birth: Birth, day: date) -> int:
    return age_on(birth.latest, day)


def age_on(born: date, day: date) -> int:
    """Whole years; somebody born on 29 February grows older on 1 March in a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _since(established: int) -> str:
    return " This was said after an officer had established an adult." if established else ""

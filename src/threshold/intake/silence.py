"""When a sender is silent for longer than is usual for that sender: something to ask about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median


@dataclass(frozen=True, slots=True)
class Rule:
    """Silent: longer than the longest of its last ``gaps`` gaps, and than ``times_median`` times their median.

    With fewer than ``fewest`` gaps nothing is usual yet. A gap is from one day with a report to the next.
    """

    gaps: int = 10
    fewest: int = 3
    times_median: int = 3


RULE = Rule()


@dataclass(frozen=True, slots=True)
class Silence:
    """A sender that has sent nothing for longer than usual (in days)."""

    sender: str
    last: date
    days: int
    longest: int
    median: float


def silence(sender: str, days: Sequence[date], today: date, rule: Rule = RULE) -> Silence | None:
    """Whether a sender is silent. ``days``: those on which something came, the latest first, each once."""
    gaps = [(later - earlier).days for later, earlier in pairwise(days)][: rule.gaps]
    if len(gaps) < rule.fewest:
        return None
    quiet, usual = (today - days[0]).days, median(gaps)
    if quiet <= max(gaps) or quiet <= rule.times_median * usual:
        return None
    return Silence(sender, days[0], quiet, max(gaps), usual)

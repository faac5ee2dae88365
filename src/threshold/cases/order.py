"""Why somebody stands where they stand in a list, in plain words. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

# Evidence that may be deleted within this time rises in *Find out*; the list's SQL says the same.
SOON = timedelta(days=30)
BAND_WORDS = ["Not graded", "Low", "Medium", "High", "Very high"]


class Placed(Protocol):
    @property
    def known(self) -> int: ...
    @property
    def could_be(self) -> int: ...
    @property
    def due(self) -> datetime | None: ...
    @property
    def breached(self) -> bool: ...
    @property
    def urgency(self) -> str | None: ...
    @property
    def first_received(self) -> datetime: ...
    @property
    def evidence_until(self) -> datetime | None: ...


def band_words(known: int, could_be: int) -> str:
    """The band as a page says it: "Medium, could be very high"."""
    if could_be <= known:
        return BAND_WORDS[known]
    return f"{BAND_WORDS[known]}, could be {BAND_WORDS[could_be].lower()}"


def span(length: timedelta) -> str:
    """A length of time as a person says it: the larger unit only."""
    minutes = int(length.total_seconds() // 60)
    for size, word in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return "less than a minute"


def place_reason(list_name: str, place: Placed, now: datetime) -> str:
    """The keys that the list is ordered by, as a sentence."""
    parts = [band_words(place.known, place.could_be)]
    if list_name != "find-out" and place.breached and place.due:
        parts.append(f"clock passed {span(now - place.due)} ago")
    if list_name != "act" and place.urgency:
        parts.append("the sender says it is urgent")
    if list_name == "find-out" and place.evidence_until and place.evidence_until - now <= SOON:
        parts.append(f"evidence may be deleted in {span(place.evidence_until - now)}")
    parts.append(f"with the force for {span(now - place.first_received)}")
    return "; ".join(parts)

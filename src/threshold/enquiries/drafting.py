"""From what a report says to statements that policy can read. Pure.

Only what is said becomes a statement: silence makes none, so it stays unknown. A sender's word is marked
*intelligence*; it is a claim with a source, never a finding. It is true as of the sender's own date where one is
given (of what was done, of the incident, or when others first had the report); where none is, of the day on which
the force received it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from threshold.intake.reading import Activity, Claim, Moment, ReadMention, ReadReport
from threshold.times import start_of_uk_day

# Models whose grades are the bands of the United Kingdom's sentencing guideline; no other is ever converted.
UK_MODELS = {"uk", "caid_uk", "england and wales", "sentencing council"}


class DraftStatement(NamedTuple):
    """A statement about one mention, ready to be written. Fields as in the row ``Statement``."""

    fact: str
    known: bool
    truth: bool | None = None
    low: int | None = None
    high: int | None = None
    choice: str | None = None
    born_from: date | None = None
    born_to: date | None = None
    as_of: datetime | None = None
    expires: datetime | None = None
    words: str = ""
    place: str = ""


def from_mention(report: ReadReport, mention: ReadMention) -> list[DraftStatement]:
    """Every statement that this report makes about one of its people."""
    happened = _no_later_than(report)
    drafts = [*_from_activities(mention), *map(_from_claim, mention.claims), *_ages(mention)]
    if mention.role == "reported":
        if report.urgency:
            drafts.append(DraftStatement("sender_says_urgent", True, truth=True, words=report.urgency))
        if mention.compromised:
            drafts.append(DraftStatement("compromised_account", True, truth=True, place=mention.place))
    drafts = _dated(drafts, happened)
    return drafts + list(_sightings(mention.activities, happened)) if mention.role == "reported" else drafts


def _dated(drafts: Iterable[DraftStatement], day: datetime | None) -> list[DraftStatement]:
    """The same, those without a date of their own as of this one."""
    return [draft._replace(as_of=draft.as_of or day) for draft in drafts]


def _no_later_than(report: ReadReport) -> datetime | None:
    """When it happened; failing that, when others first had the report, which was not before."""
    moments = (report.happened, report.reached_clearing_house, report.reached_agency)
    return next((at for moment in moments if (at := _when(moment))), None)


def _when(moment: Moment | None) -> datetime | None:
    """The instant, or the start of the day that is named without one: a sighting is counted and dated by days."""
    if moment is None:
        return None
    return moment.utc or (start_of_uk_day(moment.day) if moment.day else None)


def added(mention: ReadMention) -> list[DraftStatement]:
    """What an addition to a report says of a person who was already seen in it: no new sighting."""
    when = next((at for activity in mention.activities if (at := _when(activity.at))), None)
    return _dated([*_from_activities(mention), *map(_from_claim, mention.claims), *_ages(mention)], when)


def _from_activities(mention: ReadMention) -> Iterator[DraftStatement]:
    for activity in mention.activities:
        at = _when(activity.at)
        if activity.kind != "not_stated":
            yield DraftStatement(
                activity.kind, True, truth=True, as_of=at, words=activity.words, place=activity.place
            )
        for grade in activity.grades:
            if grade.model.casefold() in UK_MODELS and grade.grade.upper() in ("A", "B", "C"):
                yield DraftStatement(
                    "worst_grade", True, choice=grade.grade.upper(), as_of=at, place=activity.place
                )


def _from_claim(claim: Claim) -> DraftStatement:
    match claim.value:
        case None:
            return DraftStatement(claim.fact, False, words=claim.words, place=claim.place)
        case bool():
            return DraftStatement(claim.fact, True, truth=claim.value, words=claim.words, place=claim.place)
        case int():
            return DraftStatement(
                claim.fact, True, low=claim.value, high=claim.high, words=claim.words, place=claim.place
            )
        case text:
            return DraftStatement(claim.fact, True, choice=text, words=claim.words, place=claim.place)


def _ages(mention: ReadMention) -> Iterator[DraftStatement]:
    for age in mention.ages:
        if age.earliest is not None and age.latest is not None:
            yield DraftStatement(
                "age",
                True,
                born_from=age.earliest,
                born_to=age.latest,
                words=f"stated: {age.received}",
                place=age.place,
            )
        else:
            yield DraftStatement(
                "age", False, words=f"stated, but not readable: {age.received}", place=age.place
            )


def _sightings(activities: tuple[Activity, ...], happened: datetime | None) -> Iterator[DraftStatement]:
    """One *times_seen* for each day on which something was done; at least one, for the report itself."""
    moments = [at for a in activities if (at := _when(a.at))] or ([happened] if happened else [])
    by_day = {moment.date(): moment for moment in sorted(moments, reverse=True)}
    if not by_day:
        yield DraftStatement("times_seen", True)
    for moment in sorted(by_day.values()):
        yield DraftStatement("times_seen", True, as_of=moment)

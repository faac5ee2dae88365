"""Volumes of one month: what reached the force, from whom, by which road, about what; each one plain sentence.

Counts of images are as the sender reported them, each grading model by itself: one is never turned into another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import query
from threshold.acts.verbs import OpenLook
from threshold.cases.order import BAND_WORDS
from threshold.oversight import counting
from threshold.oversight.counting import Reading, Scope
from threshold.oversight.definitions import ACTIVITIES, ROUTES
from threshold.oversight.months import Month
from threshold.oversight.queries import note
from threshold.oversight.small_cells import SMALL, to_hide

# A chart of more bars is no picture any more: the rest is one bar.
MOST_BARS = 15
MONTHS = 12
NOT_STATED = "Not stated"
ROADS = {"page": "Dropped or typed on a page", "import": "Imported by command"}


@dataclass(frozen=True, slots=True)
class Volume:
    """One division of a month: its bars, None where a number is hidden; ``total`` where the bars add up to one."""

    key: str
    title: str
    counts: str
    says: str
    sentence: str
    bars: tuple[tuple[str, int | None], ...]
    total: int | None = None
    adds_up: bool = True

    @property
    def hides(self) -> bool:
        return any(value is None for _, value in self.bars)


def volumes(look: OpenLook, reading: Reading, month: Month) -> list[Volume]:
    """Every volume of a month as known at a reading, as this reader may have it counted."""
    note(look, reading)
    look.body["month"] = month.year * 100 + month.month
    scope = Scope.of(look.actor)
    given = {**counting.parameters(look.actor, reading), "start": month.start, "end": month.end}
    found = [
        _by_sender(look, reading, month, given),
        _by_road(look, reading, month, given),
        _by_month(look, reading, month, given),
    ]
    if scope is not Scope.DELIVERIES:
        found += [
            _by_activity(look, reading, month, given),
            *_by_grade(look, reading, month, given),
            *_of_subjects(look, reading, month, given),
        ]
    return found


def when(reading: Reading, month: Month) -> str:
    """The month as a sentence names it."""
    return f"{month.title} so far" if reading.about < month.end else month.title


# --- reports

# Old cases were not news in the month in which they were written down here.
_IN_MONTH = "and r.received_at >= %(start)s and r.received_at < %(end)s and r.history is not true"
_REPORTS = "Reports that reached the force in the month, each version of one by itself. Old cases left out."


def _by_sender(look: OpenLook, reading: Reading, month: Month, given: dict[str, Any]) -> Volume:
    rows = query(
        f"""select r.sender as name, count(*) as n {counting.reports(look.actor, reading)} {_IN_MONTH}
            group by 1 order by 2 desc, 1""",
        given,
    )
    numbers = _most({row.name or NOT_STATED: row.n for row in rows}, "All other senders")
    return _divided(
        look, "sender", "By sender", f"{_REPORTS} By who sent it.", ("report", "reports"), numbers,
        f"reached the force in {when(reading, month)}",
    )  # fmt: skip


def _by_road(look: OpenLook, reading: Reading, month: Month, given: dict[str, Any]) -> Volume:
    rows = query(
        f"""select (select d.road from delivery d where d.id = r.delivery) as name, count(*) as n
            {counting.reports(look.actor, reading)} {_IN_MONTH} group by 1 order by 2 desc, 1""",
        given,
    )
    numbers = {ROADS.get(row.name, row.name or NOT_STATED): row.n for row in rows}
    return _divided(
        look, "road", "By road", f"{_REPORTS} By the road that its delivery came.", ("report", "reports"),
        numbers, f"reached the force in {when(reading, month)}",
    )  # fmt: skip


def _by_month(look: OpenLook, reading: Reading, month: Month, given: dict[str, Any]) -> Volume:
    months = [month.before(n) for n in reversed(range(MONTHS))]
    rows = query(
        f"""select date_trunc('month', r.received_at at time zone 'Europe/London') as month, count(*) as n
            {counting.reports(look.actor, reading)} {_IN_MONTH} group by 1""",
        {**given, "start": months[0].start},
    )
    counted = {(row.month.year, row.month.month): row.n for row in rows}
    numbers = {each: counted.get((each.year, each.month), 0) for each in months}
    if Scope.of(look.actor) is Scope.FORCE:
        numbers = {each: _not_small(n) for each, n in numbers.items()}
    bars = tuple((when(reading, each) if each == month else each.title, n) for each, n in numbers.items())
    return Volume(
        "month",
        "By month",
        "reports",
        "Reports by the month in which they reached the force: this one and the eleven before. Old cases left out.",
        _compared(when(reading, month), numbers[month], month.before().title, numbers[month.before()]),
        bars,
        adds_up=False,
    )


def _compared(now: str, this: int | None, then: str, last: int | None) -> str:
    if this is None:
        return f"The number of reports in {now} is too small to give."
    said = f"{_many(this, 'report', 'reports')} reached the force in {now}"
    if last is None:
        return f"{said}; the number of the month before is too small to give."
    if this == last:
        return f"{said}, as many as in {then}."
    more = "more" if this > last else "fewer"
    return f"{said}, {abs(this - last):,} {more} than in {then} ({last:,})."


# --- what reports say


def _said(look: OpenLook, reading: Reading, each: str = "") -> str:
    """SQL: activities in the month's reports, of people who may be counted for this reader; ``each``: of them."""
    scope = Scope.of(look.actor)
    return f"""from activity v join mention n on n.id = v.mention and {standing("n", reading.act)}
        join report r on r.id = n.report and {standing("r", reading.act)} {_IN_MONTH}
        join member m on m.mention = n.id and {standing("m", reading.act)} {each}
        where {standing("v", reading.act)} and {counting.seen("m.subject", reading, scope)}"""


def _by_activity(look: OpenLook, reading: Reading, month: Month, given: dict[str, Any]) -> Volume:
    rows = query(
        f"select v.kind as name, count(distinct r.id) as n {_said(look, reading)} group by 1 order by 2 desc, 1",
        given,
    )
    counted = {row.name: row.n for row in rows}
    numbers: dict[str, int | None] = {words: counted.get(kind, 0) for kind, words in ACTIVITIES.items()}
    if Scope.of(look.actor) is Scope.FORCE:
        numbers = {name: _not_small(n) for name, n in numbers.items()}
    leading = _leading(numbers)
    sentence = f"No report of {when(reading, month)} says what was done."
    if leading:
        reports = _many(leading[1], "report", "reports")
        sentence = f"Most often said of {when(reading, month)}: {leading[0].lower()}, in {reports}."
    elif any(n is None for n in numbers.values()):
        sentence = f"The numbers of {when(reading, month)} are too small to give."
    return Volume(
        "activity",
        "By what was done",
        "reports",
        "Reports of the month that say so. One report may say several things, so these do not add up.",
        sentence,
        tuple(numbers.items()),
        adds_up=False,
    )


def _by_grade(look: OpenLook, reading: Reading, month: Month, given: dict[str, Any]) -> list[Volume]:
    """For each grading model by itself: the reports that name a grade, and the images where they say how many."""
    rows = query(
        f"""select g ->> 'model' as model, g ->> 'grade' as grade, count(distinct r.id) as reports,
                   sum((g ->> 'count')::bigint)::bigint as images,
                   count(distinct r.id) filter (where g ->> 'count' is null) as without
            {_said(look, reading, "cross join jsonb_array_elements(v.grades) g")}
            group by 1, 2 order by 1, 2""",
        given,
    )
    force = Scope.of(look.actor) is Scope.FORCE
    by_model: dict[str, list[Any]] = {}
    for row in rows:
        by_model.setdefault(row.model or NOT_STATED, []).append(row)
    found = []
    for number, (model, graded) in enumerate(sorted(by_model.items()), start=1):
        found.append(_graded_reports(f"grade-{number}", model, graded, when(reading, month), force))
        said = [row for row in graded if row.images is not None]
        if said:
            found.append(_graded_images(f"images-{number}", model, said, when(reading, month), force))
    return found


def _graded_reports(key: str, model: str, rows: Sequence[Any], month: str, force: bool) -> Volume:
    bars = {f"Grade {row.grade}": _not_small(row.reports) if force else row.reports for row in rows}
    leading = _leading(bars)
    sentence = f"Some numbers of the model “{model}” in {month} are too small to give."
    if leading:
        named = _many(leading[1], "report", "reports")
        sentence = (
            f"Of grades by the model “{model}”, {leading[0].lower()} is named most in {month}: in {named}."
        )
    return Volume(
        key,
        f"Reports by grade: model “{model}”",
        "reports",
        "Reports of the month in which the sender names this grade of their own model. Models are not comparable and "
        "are never converted. One report may name several grades, so these do not add up.",
        sentence,
        tuple(bars.items()),
        adds_up=False,
    )


def _graded_images(key: str, model: str, rows: Sequence[Any], month: str, force: bool) -> Volume:
    # One report may say a large number of images: it is the reports behind a number that make it small.
    bars = {f"Grade {row.grade}": None if force and row.reports < SMALL else row.images for row in rows}
    if None in bars.values():
        sentence = f"Some numbers of the model “{model}” in {month} are too small to give."
    else:
        least = "at least " if any(row.without for row in rows) else ""
        images = _many(sum(row.images for row in rows), "image", "images")
        sentence = f"Senders who grade by the model “{model}” reported {least}{images} in {month}."
    return Volume(
        key,
        f"Images by grade, as reported: model “{model}”",
        "images",
        "Counts of images as the senders reported them, where they said how many. The same image may be reported "
        "more than once.",
        sentence,
        tuple(bars.items()),
        adds_up=False,
    )


# --- subjects


def _of_subjects(look: OpenLook, reading: Reading, month: Month, given: dict[str, Any]) -> list[Volume]:
    rows = query(
        f"""select a.known, a.could_be, a.route, count(*) as n from assessment a
            where {counting.counted(reading, Scope.of(look.actor))} and a.listed
              and a.first_received >= %(start)s and a.first_received < %(end)s
            group by 1, 2, 3""",
        given,
    )
    done = f"first reached the force in {when(reading, month)}"
    first = "Subjects whom a report first named as reported in the month"
    one = ("subject", "subjects")

    def added(names: Mapping[Any, str], column: str) -> dict[str, int]:
        return {
            words: sum(row.n for row in rows if getattr(row, column) == key) for key, words in names.items()
        }

    bands = {rank: BAND_WORDS[rank] for rank in reversed(range(len(BAND_WORDS)))}
    could = {rank: words for rank, words in bands.items() if rank}
    return [
        _divided(
            look, "band", "By band known", f"{first}, by the band that is known.", one, added(bands, "known"), done,
        ),
        _divided(
            look, "could-be", "By the band that they could be",
            f"{first}, by the highest band that what is not known leaves open.", one, added(could, "could_be"), done,
        ),
        _divided(look, "route", "By route", f"{first}, by their route.", one, added(ROUTES, "route"), done),
    ]  # fmt: skip


# --- numbers


def _divided(
    look: OpenLook,
    key: str,
    title: str,
    says: str,
    words: tuple[str, str],
    numbers: Mapping[str, int],
    done: str,
) -> Volume:
    """Bars that add up. Where the force is counted, small ones are hidden so that none can be worked out."""
    total: int | None = sum(numbers.values())
    bars: dict[str, int | None] = dict(numbers)
    if Scope.of(look.actor) is Scope.FORCE:
        bars, total = hidden_apart(numbers)
    if total is None:
        sentence = f"The number of {words[1]} that {done} is too small to give."
    else:
        sentence = f"{_many(total, *words) if total else f'No {words[0]}'} {done}"
        leading = _leading(bars)
        sentence += f". Most: {leading[0]} ({leading[1]:,})." if leading and len(numbers) > 1 else "."
    return Volume(key, title, words[1], says, sentence, tuple(bars.items()), total)


def hidden_apart(numbers: Mapping[str, int]) -> tuple[dict[str, int | None], int | None]:
    """Numbers that add up, and their sum, None where one must be hidden."""
    cells = {(place, ""): number for place, number in enumerate(numbers.values())}
    if not cells:
        return {}, 0
    each = {name: frozenset({(place, "")}) for place, name in enumerate(numbers)}
    everything = frozenset(cells)
    hidden = to_hide(cells, [*each.values(), everything])
    shown = {name: None if each[name] in hidden else number for name, number in numbers.items()}
    return shown, None if everything in hidden else sum(numbers.values())


def _not_small(number: int | None) -> int | None:
    return None if number is not None and 0 < number < SMALL else number


def _most(numbers: Mapping[str, int], others: str) -> dict[str, int]:
    """The largest of them, and all others together."""
    ordered = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    kept = dict(ordered[:MOST_BARS])
    rest = sum(number for _, number in ordered[MOST_BARS:])
    return {**kept, others: rest} if rest else kept


def _leading(numbers: Mapping[str, int | None]) -> tuple[str, int] | None:
    """The names and number of the largest; None where there is none, or a hidden one could be it."""
    shown = {name: number for name, number in numbers.items() if number}
    if not shown or None in numbers.values():
        return None
    most = max(shown.values())
    return " and ".join(name for name, number in shown.items() if number == most), most


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

"""Making a map of a table: its columns as they came, what they are, and a trial before it is saved.

From a table that is held for want of one; or a later version, from a table that was read by a map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse

from threshold.acts.access import Actor, NotVisible, Power
from threshold.acts.verbs import OpenLook
from threshold.intake import map_making
from threshold.intake import queries as intake
from threshold.intake.map_making import Answers, Column, WrongMap
from threshold.intake.maps import MOST_HEADER_ROW, MapError
from threshold.journey import mapping
from threshold.journey.mapping import Table
from threshold.pages import words
from threshold.pages.frame import Problem, Request, done, page
from threshold.people import queries as people

# How much of a table stands on the page.
ROWS_SHOWN = 10
COLUMNS_SHOWN = 40
# What a column without a name is called; while it is empty, too, there is nothing to say of it.
_NAMELESS = re.compile(r"\(column \d+\)")


@dataclass(frozen=True, slots=True)
class _Shown:
    """One column on the page: its first values, what it is said to be, and why that was suggested."""

    number: int
    name: str
    values: list[str]
    what: str
    role: str
    because: str
    meanings: list[tuple[str, str]]


class NoTable(NotVisible):
    """There is no table for this actor to make a map of."""

    def __init__(self, delivery: int) -> None:
        super().__init__(delivery)
        self.args = (f"There is no table in delivery {delivery} that waits for a map.",)


def maps(request: Request, look: OpenLook) -> HttpResponse:
    problem = None
    in_force: set[tuple[str, str]] = set()
    try:
        in_force = {(each.name, each.version) for each in intake.maps_in_force()}
    except MapError as wrong:
        problem = str(wrong)
    saved = intake.saved_maps(look)
    made = {(each.name, each.version) for each in saved}
    return page(
        request,
        "maps.html",
        saved=saved,
        in_force=in_force,
        in_folder=sorted(in_force - made),
        folder_problem=problem,
        may_import=look.actor.may(Power.IMPORT),
    )


def making(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """The first rows of a table, a question for each column, and what is tried of the answers."""
    found = intake.delivery(look, number)
    if found is None:
        raise Http404
    held = mapping.waiting(found) or mapping.read_by_map(found)
    if held is None or people.hides_somebody(look, number):
        raise NoTable(number)
    sheet = request.POST.get("sheet") or request.GET.get("sheet") or held.sheet
    table = mapping.table_of(found, sheet)
    facts = mapping.facts_asked()
    posted = request.method == "POST"
    answers = _answers(request.POST, sheet) if posted else mapping.first_answers(table)
    columns, answers = _columns(table, answers, suggesting=not posted)
    trial, problems = None, []
    if posted:
        try:
            trial = mapping.try_map(table, answers)
        except WrongMap as wrong:
            problems = list(wrong.problems)
            request.problem = request.problem or Problem(str(wrong), "map")
    reading = mapping.read_answers(table, answers)
    questions = [*reading.questions, *map_making.other_questions(answers)]
    return page(
        request,
        "map.html",
        delivery=found,
        held=held,
        table=table,
        answers=answers,
        filled=[column for column in columns if column.values],
        empty=[column for column in columns if not column.values and not _NAMELESS.fullmatch(column.name)],
        nameless=sum(1 for column in columns if not column.values and _NAMELESS.fullmatch(column.name)),
        rows=_first_rows(table, answers, columns),
        header_rows="-".join(map(str, answers.header_rows)),
        groups=_groups(facts),
        making=map_making,
        sheet_options=[(name, name) for name in table.sample.sheets],
        said={q.key: getattr(answers, q.key) for q in questions},
        questions=questions,
        settled=reading.settled,
        trial=trial,
        problems=problems,
    )


def _first_rows(table: Table, answers: Answers, columns: list[_Shown]) -> list[tuple[int, list[str]]]:
    numbers = [column.number for column in columns if column.values][:COLUMNS_SHOWN]
    return [
        (row.number, [row.cells[n] if n < len(row.cells) else "" for n in numbers])
        for row in table.sample.body(answers.header_rows)[:ROWS_SHOWN]
    ]


def _groups(facts: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can be, in groups, as a select offers it."""
    return [
        ("A person", [*map_making.OF_PERSON.items()]),
        ("The report", [*map_making.OF_REPORT.items()]),
        ("An answer, yes or no", [(map_making.FACT + name, asked) for name, asked in facts.items()]),
        ("Nothing", [(map_making.IGNORED, "Neither read nor kept")]),
    ]


def _columns(table: Table, answers: Answers, *, suggesting: bool) -> tuple[list[_Shown], Answers]:
    """Each column as it is shown; and the answers with the suggestions in them, where nobody has answered yet."""
    body = table.sample.body(answers.header_rows)
    shown: list[_Shown] = []
    said: dict[int, Column] = {}
    taken = {(column.what, column.role) for column in answers.columns.values()}
    for number, name in enumerate(table.sample.header(answers.header_rows)):
        values = map_making.values_of(body, number)
        column, because = answers.columns.get(number, Column()), ""
        if suggesting and column.what and table.known:
            because = f"as in map {table.known.name} {table.known.version}"
        elif suggesting and values:
            found = map_making.suggestion(name, values)
            if found and ((found.what, found.role) not in taken or found.what in map_making.SEVERAL):
                column, because = Column(found.what, found.role), found.because
                taken.add((found.what, found.role))
        meanings = _meanings(column, values) if map_making.asks_values(column.what) else []
        said[number] = Column(column.what, column.role, dict(meanings))
        shown.append(_Shown(number, name, values[:ROWS_SHOWN], column.what, column.role, because, meanings))
    return shown, replace(answers, columns=said)


def _meanings(column: Column, values: list[str]) -> list[tuple[str, str]]:
    """The values of a column with what each is said to mean, or plainly means; each spelling once."""
    once = {value.casefold(): value for value in (*values, *column.values)}
    known = {value.casefold(): meaning for value, meaning in column.values.items()}
    return [
        (value, known.get(low, "") if low in known else map_making.suggested_meaning(column.what, value))
        for low, value in list(once.items())[: map_making.MOST_VALUES]
    ]


def _answers(posted: Any, sheet: str | None) -> Answers:
    """What was typed and chosen on the page."""
    columns = {}
    for key, what in posted.items():
        if found := re.fullmatch(r"what-(\d{1,3})", key):
            start = f"value-{found[1]}:"
            values = {name.removeprefix(start): posted[name] for name in posted if name.startswith(start)}
            columns[int(found[1])] = Column(what, posted.get(f"role-{found[1]}", ""), values)

    def said(name: str) -> str:
        return str(posted.get(name, ""))[:500].strip()

    return Answers(
        columns=columns,
        sender=said("sender"),
        name="-".join((said("name") or said("sender")).split()),
        whose=said("whose"),
        service=said("service"),
        date_order=said("date_order"),
        time_zone=said("time_zone"),
        clock=said("clock"),
        day_numbers=said("day_numbers"),
        connection_time=said("connection_time"),
        grade_model=said("grade_model"),
        keeps_years=said("keeps_years"),
        not_held=said("not_held"),
        official=said("official") == "yes",
        history=said("history") == "yes",
        header_rows=_header_rows(said("header-rows")),
        sheet=sheet,
    )


def _header_rows(typed: str) -> tuple[int, ...]:
    """ "3", or "3-4" where the header takes two rows."""
    found = re.fullmatch(r"(\d{1,3})(?:\s*-\s*(\d{1,3}))?", typed)
    if not found or not 0 < int(found[1]) <= MOST_HEADER_ROW:
        return (1,)
    first = int(found[1])
    return (first, first + 1) if found[2] and int(found[2]) == first + 1 else (first,)


def save(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Save the map that was tried; then the delivery offers to be read with it."""
    found, sheet = _held(actor, number), request.POST.get("sheet") or None
    table = mapping.table_of(found, sheet)
    answers = _answers(request.POST, sheet)
    made = mapping.save_map(actor, table, answers, request.POST.get("tried", ""))
    now = "Now the table can be read with it."
    if mapping.waiting(found) is None:
        now = "What comes from now on is read with it. Bring this file again to have it read with it, too."
    return done(
        request,
        f"Saved as version {made.version}. {now}",
        "delivery",
        number=number,
    )


def read_again(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Read a held table with the maps in force."""
    counts = mapping.read_again(actor, _held(actor, number), request.POST.get("map", ""))
    parts = " + ".join(f"{counts[state]} {word.lower()}" for state, word in words.STATES.items())
    return done(
        request,
        f"Read: {words.plural(counts.total(), 'entry', 'entries')} = {parts}.",
        "delivery",
        number=number,
    )


def _held(actor: Actor, number: int) -> Any:
    actor.require(Power.IMPORT)
    found = intake.standing_delivery(number)
    if found is None:
        raise Http404
    return found

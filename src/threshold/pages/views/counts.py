"""How many people we are aware of: the numbers, the rows behind each, and the answers that were given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from django.http import Http404, HttpResponse
from markupsafe import Markup

from threshold.acts.access import Actor
from threshold.acts.verbs import OpenLook
from threshold.oversight import definitions, queries, verbs, volumes
from threshold.oversight.charts import bar_chart
from threshold.oversight.counting import Reading, ReadingName, Scope
from threshold.oversight.months import Month, WrongMonth
from threshold.oversight.sentences import WHYS, sentence
from threshold.oversight.verbs import WrongAnswer
from threshold.pages import words
from threshold.pages.frame import Request, WrongFilter, done, page, pages_of, whole_number, with_query


def _reading(request: Request, look: OpenLook) -> Reading:
    """As the address asks: a date, and which of the two readings of it."""
    at = look.moment if look.as_at is not None else None
    return Reading.of(request.GET.get("reading", ""), at)


def _kept(request: Request) -> dict[str, str]:
    """What of the address goes on to the pages behind."""
    return {name: request.GET[name] for name in ("reading", "as-at") if request.GET.get(name)}


def counts(request: Request, look: OpenLook) -> HttpResponse:
    reading = _reading(request, look)
    found = queries.counts(look, reading)
    return page(
        request,
        "counts.html",
        found=found,
        sentence=sentence(found),
        lists=found.scope is not Scope.FORCE,
        own=found.scope is Scope.DELIVERIES,
        suffix=with_query("", **_kept(request)),
        readings=definitions.READINGS,
        division=definitions.DIVISION,
        total=definitions.TOTAL,
        people=definitions.PEOPLE,
        beside=definitions.BESIDE,
        rungs=definitions.RUNGS,
        routes=definitions.ROUTES,
    )


def counted(request: Request, look: OpenLook, key: str) -> HttpResponse:
    number = whole_number(request.GET.get("page"), most=1_000_000)
    reading = _reading(request, look)
    found = queries.behind(look, reading, definitions.ALL[key], number)
    return page(
        request,
        "counted.html",
        found=found,
        reading=reading,
        suffix=with_query("", **_kept(request)),
        page_number=number,
        pagination=pages_of(request.path, number, found.total, queries.PAGE, **_kept(request)),
    )


def monthly(request: Request, look: OpenLook) -> HttpResponse:
    """The volumes of a month, each a chart with its table."""
    reading = _reading(request, look)
    current = Month.at(look.moment)
    month = _month(request) or current
    found = volumes.volumes(look, reading, month)
    bars = {each.key: [(words.visible(name), number) for name, number in each.bars] for each in found}
    return page(
        request,
        "volumes.html",
        month=month,
        when=volumes.when(reading, month),
        reading=reading,
        scope=Scope.of(look.actor),
        volumes=found,
        charts={
            each.key: Markup(bar_chart(each.key, each.title, each.sentence, bars[each.key])) for each in found
        },
        months=[(str(each), each.title) for each in _choice(current, month)],
        as_at=look.moment if look.as_at is not None else None,
    )


def _month(request: Request) -> Month | None:
    typed = request.GET.get("month", "")
    try:
        return Month.of(typed) if typed else None
    except WrongMonth as wrong:
        raise WrongFilter("the month", typed, ["2026-10", "2026-11"]) from wrong


def _choice(current: Month, chosen: Month) -> list[Month]:
    """The last two years, and the month that is shown."""
    return sorted({*(current.before(n) for n in range(24)), chosen}, reverse=True)


def save(request: Request, actor: Actor) -> HttpResponse:
    reading = _shown_reading(request)
    number = verbs.save_answer(actor, reading, request.POST.get("given-for", ""))
    return done(request, "The answer is saved under your name.", "answer", number=number)


def _shown_reading(request: Request) -> Reading:
    """The reading whose numbers the officer had before them: that is what is saved.

    :raises WrongAnswer: the form does not say which
    """
    asked = request.POST
    act = asked.get("act", "")
    name = next((each for each in get_args(ReadingName) if each == asked.get("reading")), None)
    try:
        about = datetime.fromisoformat(asked.get("about", "")).astimezone(UTC)
    except ValueError as wrong:
        raise WrongAnswer("Open the page of counts again, and save from there.") from wrong
    reading = Reading.of("today", None)
    if name is None or not act.isdigit() or int(act) > reading.act or about > reading.about:
        raise WrongAnswer("Open the page of counts again, and save from there.")
    return Reading(name, int(act), about, about if name == "now-known" else None)


def answers(request: Request, look: OpenLook) -> HttpResponse:
    number = whole_number(request.GET.get("page"), most=1_000_000)
    rows, total = queries.answers(look, number)
    return page(
        request,
        "answers.html",
        rows=rows,
        total=total,
        page_number=number,
        pagination=pages_of(request.path, number, total, queries.PAGE),
    )


def answer(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """A saved answer, and what changed since: up to now, or up to a later answer."""
    found = queries.answer(look, number)
    if found is None:
        raise Http404
    with_ = whole_number(request.GET.get("with"), 0)
    other = queries.answer(look, with_) if with_ else None
    if other is not None and other.at_act < found.at_act:
        found, other = other, found
    changed = queries.since(look, found, other)
    first = whole_number(request.GET.get("page"), most=1_000_000)
    shown = changed.changes[(first - 1) * queries.PAGE : first * queries.PAGE]
    look.show([change.subject for change in shown])
    return page(
        request,
        "answer.html",
        answer=found,
        other=other,
        changed=changed,
        shown_rows=shown,
        whys=WHYS,
        definitions=definitions,
        others=[row for row in queries.answers(look)[0] if row.id != found.id],
        pagination=pages_of(
            request.path, first, len(changed.changes), queries.PAGE, **({"with": with_} if with_ else {})
        ),
    )

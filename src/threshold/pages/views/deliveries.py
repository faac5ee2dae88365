"""What arrived, what became of it, and dropping files in."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse

from threshold.acts.access import Actor, NotVisible, Power
from threshold.acts.verbs import OpenLook
from threshold.enquiries.verbs import WrongStatement
from threshold.intake import queries as intake
from threshold.intake.maps import Map, MapError
from threshold.journey import mapping
from threshold.journey import subjects as journey
from threshold.journey.importing import Incoming, Receipt, take_in
from threshold.pages import words
from threshold.pages.frame import Request, chosen, done, page, pages_of, whole_number, with_query
from threshold.pages.uploads import MOST, lying_in_memory, too_large
from threshold.people import queries as people
from threshold.people.versions import differences


def deliveries(request: Request, look: OpenLook) -> HttpResponse:
    number = whole_number(request.GET.get("page"), most=1_000_000)
    rows, total = intake.deliveries(look, number)
    return page(
        request,
        "deliveries.html",
        rows=rows,
        total=total,
        page_number=number,
        may_import=look.as_at is None and look.actor.may(Power.IMPORT),
        as_at=_as_at(look),
        pagination=pages_of(request.path, number, total, intake.PAGE, as_at=request.GET.get("as-at")),
    )


def _as_at(look: OpenLook) -> datetime | None:
    """When the page is of, where that is not now."""
    return look.moment if look.as_at is not None else None


def delivery(request: Request, look: OpenLook, number: int) -> HttpResponse:
    found = intake.delivery(look, number)
    if found is None:
        raise Http404
    state = chosen(request, "state", words.STATES)
    page_number = whole_number(request.GET.get("page"), most=1_000_000)
    rows, total = intake.entries(look, number, state, page_number)
    closed = people.hides_somebody(look, found.same_as or number)
    # Of a delivery with somebody closed to the reader neither the text nor what was wrong with an entry is shown;
    # docs/security.md says what that tells.
    text, whole = ("", True) if closed else intake.beginning_of(number)
    mendings = [] if closed else intake.mendings_in(look, number)
    may_map = look.as_at is None and look.actor.may(Power.IMPORT) and not closed
    waiting = mapping.waiting(found) if may_map else None
    return page(
        request,
        "delivery.html",
        delivery=found,
        sum=intake.sum_of(number, look.as_at),
        opens=people.reports_that_open(look, [row.report for row in rows if row.report]),
        shown=not closed,
        rows=rows,
        total=total,
        state=state,
        page_number=page_number,
        text=text,
        whole=whole,
        mendings=mendings,
        waiting=waiting,
        mapped=may_map and waiting is None and mapping.read_by_map(found) is not None,
        as_at=_as_at(look),
        only=lambda state: with_query(request.path, state=state, as_at=request.GET.get("as-at")),
        pagination=pages_of(
            request.path, page_number, total, intake.PAGE, state=state, as_at=request.GET.get("as-at")
        ),
    )


def report(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """A report for whoever may see the delivery that it came in, or anybody in it."""
    look.body["report"] = number
    found = intake.report(look, number)
    if found is None:
        raise Http404
    mentions = people.mentions_of_report(look, number)
    if not mentions:
        raise NoReport(number)
    identifiers = people.identifiers_of_mentions(look, [mention.id for mention in mentions])
    hides = people.hides_somebody(look, found.delivery)
    stands = intake.standing_of(look, number)
    return page(
        request,
        "report.html",
        report=found,
        hides=hides,
        stands=stands,
        mendings=[] if hides else intake.mendings_behind(look, number),
        changed=_changed(look, stands.earlier, found) if stands.earlier and not hides else None,
        mentions=mentions,
        identifiers={m.id: [i for i in identifiers if i.mention == m.id] for m in mentions},
        may_deliveries=look.actor.may(Power.SEE_DELIVERIES),
        may_withdraw=look.as_at is None and look.actor.may(Power.IMPORT),
        as_at=_as_at(look),
    )


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a later version says otherwise: of the report (field, before, now), and of its people."""

    fields: list[tuple[str, str, str]]
    people: list[tuple[str, str, str, str]]


def _changed(look: OpenLook, earlier: int, found: Any) -> _Changed | None:
    before = intake.report(look, earlier)
    if before is None or people.hides_somebody(look, before.delivery):
        return None
    return _Changed(intake.fields_changed(before, found), differences(earlier, found.id))


def withdraw(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Record that the sender withdrew the report."""
    journey.withdraw(
        actor, number, request.POST.get("source", "")[:500], request.POST.get("words", "")[:4_000]
    )
    return done(request, "Recorded. The report stays, marked as withdrawn.", "report", number=number)


class NoReport(NotVisible):
    """There is no such report for this actor."""

    def __init__(self, report: int) -> None:
        super().__init__(report)
        self.args = (f"There is no report {report}.",)


def adding(request: Request, look: OpenLook) -> HttpResponse:
    return page(request, "add.html", most=MOST // (1024 * 1024))


def add(request: Request, actor: Actor) -> HttpResponse:
    """Take the files in that were dropped; then show what arrived."""
    files = [(f.name, f.read()) for f in request.FILES.getlist("files") if f.name]
    if large := too_large(request):
        raise WrongStatement(
            f"{', '.join(large)}: too large for this page, which takes {MOST // (1024 * 1024)} MB together. "
            "Nothing was taken in. Bring it with the command: threshold import."
        )
    if not files:
        raise WrongStatement("Choose a file.")
    maps = maps_of_home()
    with ExitStack() as stack:
        incoming = [
            Incoming(name, "", stack.enter_context(lying_in_memory(content)), len(content))
            for name, content in files
        ]
        receipt = take_in(actor, incoming, maps, road="page", keep_told=False)
    if len(files) == 1 and len(receipt.deliveries) == 1:
        return done(request, _sum(receipt), "delivery", number=receipt.deliveries[0])
    return done(request, _sum(receipt), "deliveries")


def maps_of_home(*, superseded: bool = False) -> list[Map]:
    """The maps by which tables are read here."""
    try:
        return intake.maps_in_force(superseded=superseded)
    except MapError as wrong:
        raise WrongStatement(f"A map in this home cannot be read, so nothing was done. {wrong}") from wrong


def _sum(receipt: Receipt) -> str:
    counts = receipt.counts
    parts = " + ".join(f"{counts[state]} {word.lower()}" for state, word in words.STATES.items())
    return (
        f"{words.plural(receipt.received, 'entry', 'entries')} received = {parts}. {receipt.going_on}".strip()
    )

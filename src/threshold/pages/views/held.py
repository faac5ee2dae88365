"""What is held; one entry of it with what was received beside the fields, and what an officer does with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.enquiries.verbs import WrongStatement
from threshold.intake.maps import Map
from threshold.intake.queries import PAGE, WANTS_A_MAP
from threshold.intake.readers.leaves import Leaf
from threshold.journey import mending
from threshold.journey.mending import HeldEntry, Settled, WrongMending, as_typed
from threshold.pages import words
from threshold.pages.frame import Request, done, page, pages_of, whole_number
from threshold.pages.views.deliveries import maps_of_home

# The form names each field by its path, and the box that leaves it out likewise.
_LEAF, _OUT = "leaf ", "out "
# A longer text is not changed on a page (the command does it); it can be left out.
LONGEST_TYPED = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """A leaf on the page, and what stands in its field; ``typed_here``: it can be changed on the page."""

    leaf: Leaf
    value: str
    at_fault: bool
    left_out: bool
    typed_here: bool


def held(request: Request, look: OpenLook) -> HttpResponse:
    number = whole_number(request.GET.get("page"), most=1_000_000)
    rows, total = mending.held_entries(look, number)
    return page(
        request,
        "held.html",
        rows=rows,
        may_import=look.as_at is None and look.actor.may(Power.IMPORT),
        as_at=look.moment if look.as_at is not None else None,
        wants_a_map=WANTS_A_MAP,
        total=total,
        page_number=number,
        pagination=pages_of(request.path, number, total, PAGE, as_at=request.GET.get("as-at")),
    )


def entry(request: Request, look: OpenLook, number: int) -> HttpResponse:
    maps: list[Map] = []
    # A map that cannot be read is said where it is needed: the entry's own map is then not here.
    with suppress(WrongStatement):
        maps = maps_of_home(superseded=True)
    found = mending.held_entry(look, number, maps)
    return page(
        request,
        "held_entry.html",
        held=found,
        rows=_rows(request, found),
        may=look.actor.may(Power.IMPORT),
        hosts=[(str(host), f"Report {host}") for host in found.hosts],
    )


def _rows(request: Request, found: HeldEntry) -> list[Row]:
    """The leaves as form fields, with what was typed when the page is shown again."""
    again = request.problem is not None and any(name.startswith(_LEAF) for name in request.POST)
    return [
        Row(
            leaf,
            request.POST.get(_LEAF + leaf.path, "") if again else as_typed(leaf.text),
            leaf.path in found.at_fault,
            again and _OUT + leaf.path in request.POST,
            not (leaf.fixed or len(leaf.text) > LONGEST_TYPED)
            and as_typed(leaf.path).replace("\n", " ") == leaf.path,
        )
        for leaf in found.leaves
    ]


def mend(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Take the entry in with the fields as they were sent; those that read as they came are no change."""
    sent = request.POST
    changes: dict[str, str | None] = {
        path: sent[name] for name in sent if (path := name.removeprefix(_LEAF)) != name
    }
    changes |= {path: None for name in sent if (path := name.removeprefix(_OUT)) != name}
    return _settled(
        request,
        number,
        mending.mend(actor, number, changes, sent.get("reason", ""), maps_of_home(superseded=True)),
    )


def decide(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Later version, report of its own, or which of several reports it belongs to."""
    reason = request.POST.get("reason", "")
    report = whole_number(request.POST.get("report"), 0, 2**62)
    match request.POST.get("decision"):
        case "later":
            settled = mending.take_as_later(actor, number, report, reason, maps_of_home(superseded=True))
        case "own":
            settled = mending.take_as_own(actor, number, reason, maps_of_home(superseded=True))
        case "added":
            settled = mending.add_to(actor, number, report, reason, maps_of_home(superseded=True))
        case "aside":
            settled = mending.set_aside(actor, number, reason)
        case _:
            raise WrongMending("Choose what this entry is.")
    return _settled(request, number, settled)


def set_aside(request: Request, actor: Actor, number: int) -> HttpResponse:
    return _settled(request, number, mending.set_aside(actor, number, request.POST.get("reason", "")))


def _settled(request: Request, number: int, settled: Settled) -> HttpResponse:
    """Back to the entry, which says what became of it."""
    told = f"Done: {words.STATES[settled.state].lower()}. What the entry was is kept beside it."
    return done(request, told, "held-entry", number=number)

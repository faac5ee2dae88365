"""How a route is served: reads inside a look, writes by POST only, and what every page shows around itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from threshold.acts.access import Actor, Power
from threshold.acts.closing import WrongClosure
from threshold.acts.officers import SignInFailed, WrongAccount
from threshold.acts.verbs import attempt, look
from threshold.cases.casebook import WrongCase
from threshold.cases.verbs import AlreadyTaken, NoNotice, NotTaken
from threshold.enquiries.asking import WrongEnquiry
from threshold.enquiries.sheets import WrongSheet
from threshold.enquiries.tools import WrongTool
from threshold.enquiries.verbs import WrongStatement
from threshold.home import Home
from threshold.intake.map_making import WrongMap
from threshold.intake.referral import WrongReferral
from threshold.intake.verbs import WrongReport
from threshold.journey.mapping import NotATable
from threshold.journey.mending import AlreadySettled, WrongMending
from threshold.journey.subjects import ChangedMeanwhile
from threshold.oversight.verbs import WrongAnswer, WrongAudit
from threshold.pages.moments import WrongMoment, read_moment
from threshold.people.premises import WrongPremises
from threshold.people.verbs import WrongPair

# What an officer can mend on the page itself: it is shown there, with what was typed.
SAID_ON_THE_PAGE = (
    WrongStatement,
    WrongTool,
    WrongPair,
    WrongCase,
    WrongAccount,
    WrongClosure,
    WrongAnswer,
    WrongAudit,
    WrongMoment,
    AlreadyTaken,
    NotTaken,
    NoNotice,
    WrongReport,
    WrongMending,
    AlreadySettled,
    WrongMap,
    WrongReferral,
    NotATable,
    SignInFailed,
    ChangedMeanwhile,
    WrongEnquiry,
    WrongSheet,
    WrongPremises,
)


_SOMEBODY_WAS_FIRST = (ChangedMeanwhile, AlreadyTaken, NotTaken, AlreadySettled)


class WrongFilter(Exception):
    """An address asks for a part of a list that does not exist. Nothing is shown: a whole list would mislead."""

    def __init__(self, name: str, typed: str, values: Collection[str]) -> None:
        super().__init__(
            f"The address asks for {name} “{typed[:40]}”, which there is not. "
            f"There is: {', '.join(values)}. Go back and choose again."
        )


class NotDated(Exception):
    """An address asks as known at a date for a page that knows no dates. Nothing is shown: it would be of today."""

    def __init__(self) -> None:
        super().__init__(
            "This page always shows what is known now, and the address asks for it as known at a date. "
            "Take the date out of the address to see what is known now."
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the page is shown again: the words, and the form (its id) that they are about."""

    text: str
    form: str = ""
    status: int = 422


class Request(HttpRequest):
    """A request as the gate passes it on."""

    actor: Actor | None
    # Why there is no actor any more (a key of ``gate.ENDED``).
    ended: str | None
    problem: Problem | None
    # The date that the address asks for is still to come.
    to_come: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One address. *read* is run inside a look; *write* by POST only, and belongs to the read route ``page``.

    ``powers``: any one of them is enough. ``dated``: the page can be asked as known at a date. ``asked``: the
    read takes a POST too, so that what is typed never stands in an address.
    """

    path: str
    name: str
    view: Callable[..., HttpResponse]
    kind: Literal["open", "read", "write"]
    powers: tuple[Power, ...] = ()
    page: str = ""
    dated: bool = False
    asked: bool = False

    def power_of(self, actor: Actor) -> Power:
        """The power by which this actor comes in; the first where there is none (and is refused)."""
        return next((power for power in self.powers if actor.may(power)), self.powers[0])


def served(route: Route, table: Mapping[str, Route]) -> Callable[..., HttpResponse]:
    """The route as Django calls it."""

    def view(request: Request, **args: Any) -> HttpResponse:
        match route.kind:
            case "open":
                return route.view(request, **args)
            case "read":
                methods = ["GET", "HEAD", "POST"] if route.asked else ["GET", "HEAD"]
                if request.method not in methods:
                    return HttpResponseNotAllowed(methods)
                return _read(route, request, args)
            case "write":
                return _write(route, table[route.page], request, args)

    # Django calls a plain function; the gate and the tests read its route from it.
    view.route = route  # type: ignore[attr-defined]  # mypy knows no fields of functions
    return view


def _read(route: Route, request: Request, args: dict[str, Any]) -> HttpResponse:
    assert request.actor is not None, "the gate lets nobody else in"
    if "as-at" in request.GET and not route.dated:
        raise NotDated
    wrong_date = None
    try:
        as_at = _as_at(request) if route.dated else None
    except WrongMoment as wrong:
        as_at, wrong_date = None, Problem(str(wrong), "as-at")
    with look(request.actor, route.name, route.power_of(request.actor), as_at=as_at) as opened:
        if wrong_date is not None:
            request.problem = wrong_date
            response = _no_date(request)
        else:
            response = route.view(request, opened, **args)
    if request.problem is not None:
        response.status_code = request.problem.status
    return response


def _as_at(request: Request) -> datetime | None:
    """The date that the address asks for; None for the present, and for what is still to come, which the page says.

    :raises WrongMoment: it cannot be read
    """
    moment = read_moment(request.GET.get("as-at", ""))
    # The end of today, too, is asked by typing today's date.
    request.to_come = moment is not None and moment > datetime.now(UTC)
    return None if request.to_come else moment


def _no_date(request: Request) -> HttpResponse:
    """The date cannot be read: the question again, and nothing beside it that could be taken for its answer."""
    keep = {name: value for name, value in request.GET.items() if name not in ("as-at", "page")}
    return page(request, "no_date.html", keep=keep, now=with_query(request.path, **keep))


def _write(route: Route, page: Route, request: Request, args: dict[str, Any]) -> HttpResponse:
    assert request.actor is not None, "the gate lets nobody else in"
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(reverse(page.name, kwargs=args))
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        with attempt(request.actor, route.name, about(route, args)):
            request.actor.require(route.power_of(request.actor))
            return route.view(request, request.actor, **args)
    except SAID_ON_THE_PAGE as wrong:
        status = 409 if isinstance(wrong, _SOMEBODY_WAS_FIRST) else 422
        request.problem = Problem(str(wrong), form_of(request), status)
    return _read(page, request, args)


def about(route: Route, args: dict[str, Any]) -> dict[str, Any]:
    """The number in the address, by the name that the record has for it."""
    return {"subject": args["number"]} if route.path.startswith("subjects/") else args


def form_of(request: HttpRequest) -> str:
    """The id of the form that was sent, as it says itself."""
    named = request.POST.get("form", "")
    return named if re.fullmatch(r"[a-z0-9_-]{1,80}", named) else ""


def done(request: HttpRequest, text: str, name: str, fragment: str = "", **args: Any) -> HttpResponse:
    """After a write: go to a page, which says once what was done. ``text`` holds no content of a case."""
    request.session["told"] = text
    where = reverse(name, kwargs=args or None)
    return HttpResponseRedirect(f"{where}#{fragment}" if fragment else where, status=303)


def page(request: Request, template: str, **context: Any) -> HttpResponse:
    """A page with everything that stands around it."""
    typed = request.POST if request.problem and request.method == "POST" else {}
    around = {
        "actor": request.actor,
        "navigation": _navigation(request),
        "home": _home(str(Home.default_path())),
        "problem": request.problem,
        "typed": typed,
        "told": request.session.pop("told", None) if request.actor else None,
        "path": request.path,
        "as_at_typed": request.GET.get("as-at", ""),
        "to_come": getattr(request, "to_come", False),
    }
    return render(request, template, around | context)


@lru_cache(maxsize=4)
def _home(path: str) -> Home | None:
    return Home.at(path) if Home.exists(Path(path)) else None


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the navigation."""

    text: str
    href: str
    here: bool


_WAYS = [
    ("Act", "/lists/act", Power.SEE_SUBJECTS),
    ("Find out", "/lists/find-out", Power.SEE_SUBJECTS),
    ("Children", "/lists/children", Power.SEE_SUBJECTS),
    ("Enquiries", "/enquiries", Power.SEE_SUBJECTS),
    ("Cases", "/cases", Power.SEE_SUBJECTS),
    ("Search", "/search", Power.SEE_SUBJECTS),
    ("Deliveries", "/deliveries", Power.SEE_DELIVERIES),
    ("Counts", "/counts", Power.COUNT),
    ("Policy", "/policy", Power.SIGN_IN),
    ("Record", "/record", Power.SIGN_IN),
    ("Accounts", "/accounts", Power.SEE_OFFICERS),
]


def _navigation(request: Request) -> list[Way]:
    if request.actor is None:
        return []
    return [
        Way(text, href, request.path == href or request.path.startswith(href + "/"))
        for text, href, power in _WAYS
        if request.actor.may(power)
    ]


def with_query(path: str, **values: object) -> str:
    """An address with those of the values that are given."""
    given = {
        name.replace("_", "-"): value for name, value in values.items() if value not in (None, "", False)
    }
    return f"{path}?{urlencode(given)}" if given else path


def whole_number(text: str | None, usual: int = 1, most: int = 2**31 - 1) -> int:
    """A whole number of an address or form, or the usual one: no page falls over for a bad number."""
    return int(text) if text and text.isascii() and text.isdigit() and 0 < int(text) <= most else usual


def chosen(request: Request, name: str, values: Collection[str]) -> str | None:
    """A filter's value as the address says it; None where it says none.

    :raises WrongFilter: it is not one of the values
    """
    typed = request.GET.get(name, "")
    if typed and typed not in values:
        raise WrongFilter(name, typed, values)
    return typed or None


def pages_of(path: str, page_number: int, total: int, size: int, **values: object) -> dict[str, Any] | None:
    """What GOV.UK's pagination needs; None where everything fits on one page."""
    last = max(1, -(-total // size))
    if last == 1:
        return None

    def href(number: int) -> str:
        return with_query(path, **values, page=number if number > 1 else None)

    near = sorted({1, last, *range(max(1, page_number - 1), min(last, page_number + 1) + 1)})
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "href": href(number), "current": number == page_number})
    made: dict[str, Any] = {"items": items}
    if page_number > 1:
        made["previous"] = {"href": href(page_number - 1)}
    if page_number < last:
        made["next"] = {"href": href(page_number + 1)}
    return made

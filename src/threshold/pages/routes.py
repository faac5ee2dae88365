"""Every address of the site, in one table. What is not in it does not exist; tests walk it."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter, StringConverter, get_converters

from threshold.acts.access import Power
from threshold.pages.frame import Route, served
from threshold.pages.views import (
    home,
    lists,
    sign_in,
    subject_acts,
    subjects,
)

_SIGNED_IN = (Power.SIGN_IN,)
_SUBJECTS = (Power.SEE_SUBJECTS,)
_STATE = (Power.STATE,)
_LINK = (Power.LINK,)
_TAKE = (Power.TAKE,)

ROUTES: list[Route] = [
    Route("health", "health", home.health, "open"),
    Route("sign-in", "sign-in", sign_in.sign_in, "open"),
    Route("sign-out", "sign-out", sign_in.sign_out, "write", _SIGNED_IN, page="home"),
    Route("password", "password", sign_in.password, "read", _SIGNED_IN),
    Route("password/change", "password-change", sign_in.change, "write", _SIGNED_IN, page="password"),
    Route("", "home", home.home, "read", _SIGNED_IN),
    # lists
    Route("lists/<listname:name>", "list", lists.listing, "read", _SUBJECTS, dated=True),
    Route("search", "search", lists.searching, "read", _SUBJECTS, dated=True, asked=True),
    # subjects
    Route("subjects/<whole:number>", "subject", subjects.overview, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/activity", "activity", subjects.activity, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/identity", "identity", subjects.identity, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/said", "said", subjects.said, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/reports", "reports", subjects.reports, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/history", "history", subjects.history, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/state", "state", subject_acts.state, "write", _STATE, page="subject"),
    Route("subjects/<whole:number>/say", "say", subject_acts.say, "write", _STATE, page="said"),
    Route("subjects/<whole:number>/take-back", "take-back", subject_acts.take_back, "write", _STATE, page="said"),
    Route("subjects/<whole:number>/take", "take", subject_acts.take, "write", _TAKE, page="subject"),
    Route("subjects/<whole:number>/let-go", "let-go", subject_acts.let_go, "write", _TAKE, page="subject"),
    Route("subjects/<whole:number>/same", "same", subject_acts.same, "write", _LINK, page="identity"),
    Route("subjects/<whole:number>/different", "different", subject_acts.different, "write", _LINK, page="identity"),
    Route("subjects/<whole:number>/undo", "undo", subject_acts.undo, "write", _LINK, page="identity"),
]


class ListName(StringConverter):
    """The three lists, as a part of an address."""

    regex = "act|find-out|children"


class Whole(IntConverter):
    """A record's number: no larger than the database can hold."""

    regex = "[1-9][0-9]{0,17}"


def urls() -> list[URLPattern]:
    """The table as Django's resolver takes it."""
    for name, converter in (("listname", ListName), ("whole", Whole)):
        if name not in get_converters():
            register_converter(converter, name)
    table = {route.name: route for route in ROUTES}
    assert len(table) == len(ROUTES), "every route has its own name"
    return [path(route.path, served(route, table), name=route.name) for route in ROUTES]

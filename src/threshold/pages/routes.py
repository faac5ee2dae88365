"""Every address of the site, in one table. What is not in it does not exist; tests walk it."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter, StringConverter, get_converters

from threshold.acts.access import Power
from threshold.oversight.definitions import ALL
from threshold.pages.frame import Route, served
from threshold.pages.views import (
    accounts,
    audit,
    cases,
    counts,
    deliveries,
    enquiries,
    held,
    home,
    lists,
    maps,
    premises,
    reconciliation,
    record,
    referrals,
    replays,
    sign_in,
    subject_acts,
    subjects,
    tools,
    visits,
)

_SIGNED_IN = (Power.SIGN_IN,)
_SUBJECTS = (Power.SEE_SUBJECTS,)
_STATE = (Power.STATE,)
_LINK = (Power.LINK,)
_CLOSE = (Power.CLOSE_ACCESS,)
_TAKE = (Power.TAKE,)
_DECIDE = (Power.DECIDE,)
_SUPERVISE = (Power.SUPERVISE,)
_COUNT = (Power.COUNT,)
_DELIVERIES = (Power.SEE_DELIVERIES,)
_IMPORT = (Power.IMPORT,)
_OFFICERS = (Power.SEE_OFFICERS,)
_MANAGE = (Power.MANAGE_OFFICERS,)
_AUDIT = (Power.SEE_ALL_ACTS,)
_VERIFY = (Power.VERIFY,)

ROUTES: list[Route] = [
    Route("health", "health", home.health, "open"),
    Route("sign-in", "sign-in", sign_in.sign_in, "open"),
    Route("sign-out", "sign-out", sign_in.sign_out, "write", _SIGNED_IN, page="home"),
    Route("password", "password", sign_in.password, "read", _SIGNED_IN),
    Route("password/change", "password-change", sign_in.change, "write", _SIGNED_IN, page="password"),
    Route("password/token", "own-token", sign_in.token, "write", _SIGNED_IN, page="password"),
    Route("password/revoke-token", "own-token-revoke", sign_in.revoke, "write", _SIGNED_IN, page="password"),
    Route("", "home", home.home, "read", _SIGNED_IN),
    Route("notices/seen", "notice-seen", home.see_notice, "write", _TAKE, page="home"),
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
    Route(
        "subjects/<whole:number>/take-back", "take-back", subject_acts.take_back, "write", _STATE, page="said"
    ),
    Route("subjects/<whole:number>/take", "take", subject_acts.take, "write", _TAKE, page="subject"),
    Route("subjects/<whole:number>/let-go", "let-go", subject_acts.let_go, "write", _TAKE, page="subject"),
    Route("subjects/<whole:number>/same", "same", subject_acts.same, "write", _LINK, page="identity"),
    Route(
        "subjects/<whole:number>/different",
        "different",
        subject_acts.different,
        "write",
        _LINK,
        page="identity",
    ),
    Route("subjects/<whole:number>/undo", "undo", subject_acts.undo, "write", _LINK, page="identity"),
    Route(
        "subjects/<whole:number>/close",
        "close-access",
        subject_acts.close_access,
        "write",
        _CLOSE,
        page="history",
    ),
    Route(
        "subjects/<whole:number>/open",
        "open-access",
        subject_acts.open_access,
        "write",
        _CLOSE,
        page="history",
    ),
    Route("subjects/<whole:number>/replay", "replay", replays.replayed, "read", _SUBJECTS, dated=True),
    Route("subjects/<whole:number>/tools", "tools", tools.tools, "read", _SUBJECTS, dated=True),
    Route(
        "subjects/<whole:number>/tools/work-out",
        "tool-work-out",
        tools.work_out,
        "write",
        _STATE,
        page="tools",
    ),
    Route("subjects/<whole:number>/tools/bring", "tool-bring", tools.bring, "write", _STATE, page="tools"),
    Route(
        "subjects/<whole:number>/tools/take-back",
        "tool-take-back",
        tools.take_back,
        "write",
        _STATE,
        page="tools",
    ),
    # enquiries and premises
    Route(
        "subjects/<whole:number>/enquiries", "enquiries-of", enquiries.of_one, "read", _SUBJECTS, dated=True
    ),
    Route("subjects/<whole:number>/ask", "ask", enquiries.ask, "write", _STATE, page="enquiries-of"),
    Route(
        "subjects/<whole:number>/ask-connections",
        "ask-connections",
        enquiries.ask_connections,
        "write",
        _STATE,
        page="enquiries-of",
    ),
    Route("subjects/<whole:number>/lead", "lead", premises.add, "write", _STATE, page="identity"),
    Route(
        "subjects/<whole:number>/take-back-lead",
        "take-back-lead",
        premises.take_back_lead,
        "write",
        _STATE,
        page="identity",
    ),
    Route("subjects/<whole:number>/climb", "climb", premises.climb, "write", _STATE, page="identity"),
    Route("enquiries", "enquiries", enquiries.waiting, "read", _SUBJECTS),
    Route("enquiries/sheet", "sheet", enquiries.sheet, "read", _SUBJECTS),
    Route(
        "enquiries/read-answers", "read-answers", enquiries.read_answers, "write", _STATE, page="enquiries"
    ),
    Route("enquiries/near-misses", "near-misses", enquiries.near_misses, "read", _SUBJECTS),
    Route("enquiries/<whole:number>", "enquiry", enquiries.enquiry, "read", _SUBJECTS),
    Route("enquiries/<whole:number>/document", "answer-document", enquiries.document, "read", _SUBJECTS),
    Route("enquiries/<whole:number>/chase", "chase", enquiries.chase, "write", _STATE, page="enquiry"),
    Route(
        "enquiries/<whole:number>/answer", "enquiry-answer", enquiries.answer, "write", _STATE, page="enquiry"
    ),
    Route(
        "enquiries/<whole:number>/withdraw",
        "enquiry-withdraw",
        enquiries.withdraw,
        "write",
        _STATE,
        page="enquiry",
    ),
    Route(
        "enquiries/<whole:number>/take-back",
        "answer-take-back",
        enquiries.take_back,
        "write",
        _STATE,
        page="enquiry",
    ),
    Route("enquiries/<whole:number>/compare", "compare", enquiries.compare, "write", _STATE, page="enquiry"),
    Route(
        "enquiries/<whole:number>/take-back-comparison",
        "comparison-take-back",
        enquiries.take_back_comparison,
        "write",
        _STATE,
        page="enquiry",
    ),
    Route("premises/<whole:number>", "premises", premises.premises, "read", _SUBJECTS),
    Route("premises/<whole:number>/settle", "settle", premises.settle, "write", _STATE, page="premises"),
    Route("premises/<whole:number>/left", "left", premises.left, "write", _STATE, page="premises"),
    Route(
        "premises/<whole:number>/take-back-occupant",
        "occupant-take-back",
        premises.take_back_occupant,
        "write",
        _STATE,
        page="premises",
    ),
    # cases
    Route("cases", "cases", cases.docket, "read", _SUBJECTS),
    Route("cases/reassign", "case-reassign", cases.reassign, "write", _SUPERVISE, page="cases"),
    Route("cases/<whole:number>", "case", cases.case, "read", _SUBJECTS),
    Route("cases/<whole:number>/contact", "case-contact", cases.before_contact, "read", _SUBJECTS),
    Route("cases/<whole:number>/decide", "case-decide", cases.deciding, "read", _SUBJECTS),
    Route("cases/<whole:number>/visit", "case-visit", visits.preparing, "read", _SUBJECTS),
    Route("cases/<whole:number>/letter", "letter-preview", visits.preview, "read", _SUBJECTS),
    Route(
        "subjects/<whole:number>/open-case", "case-open", cases.open_case, "write", _DECIDE, page="subject"
    ),
    Route("cases/<whole:number>/hand-over", "case-hand-over", cases.hand_over, "write", _DECIDE, page="case"),
    Route(
        "cases/<whole:number>/crime-number",
        "case-crime-number",
        cases.crime_number,
        "write",
        _DECIDE,
        page="case",
    ),
    Route("cases/<whole:number>/park", "case-park", cases.park, "write", _SUPERVISE, page="case"),
    Route(
        "cases/<whole:number>/open-again", "case-open-again", cases.open_again, "write", _DECIDE, page="case"
    ),
    Route(
        "cases/<whole:number>/watch-again",
        "case-watch-again",
        cases.watch_again,
        "write",
        _DECIDE,
        page="case",
    ),
    Route("cases/<whole:number>/carry-out", "case-carry-out", cases.carry_out, "write", _DECIDE, page="case"),
    Route("cases/<whole:number>/close", "case-close", cases.close, "write", _DECIDE, page="case"),
    Route("cases/<whole:number>/merge", "case-merge", cases.merge, "write", _DECIDE, page="case"),
    Route("cases/<whole:number>/split", "case-split", cases.split, "write", _DECIDE, page="case"),
    Route("cases/<whole:number>/confirm", "case-confirm", cases.confirm, "write", _DECIDE, page="case"),
    Route("cases/<whole:number>/task-done", "case-task-done", cases.task_done, "write", _DECIDE, page="case"),
    Route("cases/<whole:number>/task-move", "case-task-move", cases.task_move, "write", _DECIDE, page="case"),
    Route(
        "cases/<whole:number>/move-clock",
        "case-move-clock",
        cases.move_clock,
        "write",
        _SUPERVISE,
        page="case",
    ),
    Route("cases/<whole:number>/answer", "case-answer", cases.answer, "write", _DECIDE, page="case-contact"),
    Route(
        "cases/<whole:number>/trigger", "case-trigger", cases.trigger, "write", _DECIDE, page="case-contact"
    ),
    Route(
        "cases/<whole:number>/support", "case-support", cases.support, "write", _DECIDE, page="case-contact"
    ),
    Route("cases/<whole:number>/take", "case-take", cases.decide, "write", _DECIDE, page="case-decide"),
    Route(
        "cases/<whole:number>/approve", "case-approve", cases.approve, "write", _SUPERVISE, page="case-decide"
    ),
    Route(
        "cases/<whole:number>/letter/make",
        "letter-make",
        visits.make_letter,
        "write",
        _DECIDE,
        page="case-visit",
    ),
    Route(
        "cases/<whole:number>/letter/sign-translation",
        "translation-sign",
        visits.sign_translation,
        "write",
        _SUPERVISE,
        page="case-visit",
    ),
    Route("cases/<whole:number>/visit/sign", "visit-sign", visits.sign, "write", _DECIDE, page="case-visit"),
    Route("letters/<whole:number>", "letter", visits.letter, "read", _SUBJECTS),
    Route("visits", "visits", visits.counted, "read", (Power.COUNT_FORCE, Power.SEE_SUBJECTS)),
    Route("visits/<whole:number>", "visit", visits.visit, "read", _SUBJECTS),
    Route("visits/<whole:number>/record", "visit-record", visits.record, "write", _DECIDE, page="visit"),
    # intake
    Route("deliveries", "deliveries", deliveries.deliveries, "read", _DELIVERIES, dated=True),
    Route("deliveries/add", "add", deliveries.adding, "read", _IMPORT),
    Route("deliveries/take-in", "take-in", deliveries.add, "write", _IMPORT, page="add"),
    Route("deliveries/<whole:number>", "delivery", deliveries.delivery, "read", _DELIVERIES, dated=True),
    Route("deliveries/<whole:number>/map", "map-make", maps.making, "read", _IMPORT, asked=True),
    Route("deliveries/<whole:number>/map/save", "map-save", maps.save, "write", _IMPORT, page="map-make"),
    Route(
        "deliveries/<whole:number>/read-again",
        "read-again",
        maps.read_again,
        "write",
        _IMPORT,
        page="delivery",
    ),
    Route("referrals/new", "refer", referrals.typing, "read", _IMPORT, asked=True),
    Route("referrals/take-in", "refer-take-in", referrals.take_in, "write", _IMPORT, page="refer"),
    Route("reconciliation", "reconciliation", reconciliation.reconciliation, "read", _DELIVERIES),
    Route("maps", "maps", maps.maps, "read", _DELIVERIES),
    Route("held", "held", held.held, "read", _DELIVERIES, dated=True),
    Route("held/<whole:number>", "held-entry", held.entry, "read", _DELIVERIES),
    Route("held/<whole:number>/mend", "mend", held.mend, "write", _IMPORT, page="held-entry"),
    Route("held/<whole:number>/decide", "decide", held.decide, "write", _IMPORT, page="held-entry"),
    Route("held/<whole:number>/set-aside", "set-aside", held.set_aside, "write", _IMPORT, page="held-entry"),
    Route(
        "reports/<whole:number>",
        "report",
        deliveries.report,
        "read",
        (Power.SEE_DELIVERIES, Power.SEE_SUBJECTS),
        dated=True,
    ),
    Route(
        "reports/<whole:number>/withdraw", "withdraw", deliveries.withdraw, "write", _IMPORT, page="report"
    ),
    # counts
    Route("counts", "counts", counts.counts, "read", _COUNT, dated=True),
    Route("counts/save", "answer-save", counts.save, "write", _COUNT, page="counts"),
    Route("counts/<countkey:key>", "counted", counts.counted, "read", _COUNT, dated=True),
    Route("volumes", "volumes", counts.monthly, "read", _COUNT, dated=True),
    Route("answers", "answers", counts.answers, "read", _COUNT),
    Route("answers/<whole:number>", "answer", counts.answer, "read", _COUNT),
    # policy and record
    Route("policy", "policy", record.policy, "read", _SIGNED_IN, dated=True),
    Route("record", "record", record.acts, "read", _SIGNED_IN),
    Route("record/looks", "record-looks", record.looks, "read", _SIGNED_IN),
    # for auditors
    Route("record/who-looked", "who-looked", audit.who_looked, "read", _AUDIT),
    Route("record/officers", "audits", audit.audits, "read", _AUDIT),
    Route("record/officers/begin", "audit-begin", audit.begin, "write", _AUDIT, page="audits"),
    Route("record/officers/<whole:number>", "audit", audit.looks_of, "read", _AUDIT),
    Route("record/unusual", "unusual", audit.unusual_looking, "read", _AUDIT),
    Route("record/heads", "heads", audit.heads, "read", _VERIFY, asked=True),
    # accounts
    Route("accounts", "accounts", accounts.accounts, "read", _OFFICERS),
    Route("accounts/make", "account-make", accounts.make, "write", _MANAGE, page="accounts"),
    Route("accounts/reset", "account-reset", accounts.reset, "write", _MANAGE, page="accounts"),
    Route("accounts/token", "token", accounts.token, "write", _MANAGE, page="accounts"),
    Route("accounts/revoke-token", "token-revoke", accounts.revoke, "write", _MANAGE, page="accounts"),
    Route("accounts/end", "account-end", accounts.end, "write", _MANAGE, page="accounts"),
    Route("accounts/ask", "role-ask", accounts.ask, "write", _MANAGE, page="accounts"),
    Route("accounts/approve", "role-approve", accounts.approve, "write", _MANAGE, page="accounts"),
    Route("accounts/decline", "role-decline", accounts.decline, "write", _MANAGE, page="accounts"),
    Route("accounts/take-role", "role-take", accounts.take_role, "write", _MANAGE, page="accounts"),
]


class ListName(StringConverter):
    """The three lists, as a part of an address."""

    regex = "act|find-out|children"


class CountKey(StringConverter):
    """The key of a number, as a part of an address."""

    regex = "|".join(ALL)


class Whole(IntConverter):
    """A record's number: no larger than the database can hold."""

    regex = "[1-9][0-9]{0,17}"


def urls() -> list[URLPattern]:
    """The table as Django's resolver takes it."""
    for name, converter in (("listname", ListName), ("countkey", CountKey), ("whole", Whole)):
        if name not in get_converters():
            register_converter(converter, name)
    table = {route.name: route for route in ROUTES}
    assert len(table) == len(ROUTES), "every route has its own name"
    return [path(route.path, served(route, table), name=route.name) for route in ROUTES]

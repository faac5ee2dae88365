"""The plain words of pages for the values that rooms keep. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from threshold.acts.access import Power
from threshold.cases.order import span as span
from threshold.oversight.definitions import ACTIVITIES as ACTIVITIES
from threshold.visible import visible as visible

ROUTES = {
    "adult": "Adult established",
    "child": "Child, or signs of a child",
    "age_not_established": "Age not established",
}
RUNGS = {
    1: "Account only",
    2: "Connection resolved to premises",
    3: "Candidate at premises",
    4: "Identified and confirmed by an officer",
}
ROLES = {
    "reported": "Reported person",
    "harmed": "Child who was harmed",
    "recipient": "Recipient",
    "associated": "Associated person",
    "reporter": "Reporter",
}
KINDS = {
    "account": "Account",
    "email": "E-mail",
    "phone": "Telephone",
    "device": "Device",
    "screen_name": "Screen name",
    "display_name": "Display name",
    "profile_url": "Profile address",
    "name": "Name",
    "name_dob": "Name and date of birth",
    "address": "Address",
    "connection": "Connection",
    "report": "Report number",
    "package": "Package number",
}
ORIGINS = {
    "self": "the account's own description",
    "captured": "the sender's systems",
    "official": "an official record",
}
FORMATS = {
    "ispws": "the clearing house's XML",
    "police-json": "the JSON in which the police receive reports",
    "table": "a table of text",
    "workbook": "an Excel workbook",
    "typed": "a referral typed in here",
    "control": "a message of the transport, which holds no report",
    "zip": "a ZIP archive, whose members came as deliveries",
}
NOTICES = {
    "later version": "the sender sent it again with other content",
    "withdrawn": "the sender has withdrawn it",
    "seen again": "somebody who is watched was seen again, or may have been",
    "breach": "somebody who was warned was active after the warning",
    "enquiry answered": "the answer changed something",
    "answer lapsed": "what it was about was corrected, so it says nothing any more",
}
CHANGED = {"activity": "What was done", "said": "What is said"}
STATES = {"registered": "Registered", "duplicate": "Duplicate", "held": "Held", "refused": "Refused"}
MENDED = {
    "mended": "Mended",
    "left out": "Released without what could not be read",
    "later version": "Decided to be the later version of its report",
    "own report": "Registered as a report of its own",
    "added": "Said which report it belongs to",
    "set aside": "Set aside",
}
ASKED_STATES = {
    "open": "Asked",
    "overdue": "Overdue",
    "answered": "Answered",
    "no_trace": "No trace",
    "refused": "Refused",
    "cannot_be_resolved": "Cannot be resolved",
    "withdrawn": "Withdrawn",
    "lapsed": "Lapsed",
}
CAME_BACK = [
    (state, ASKED_STATES[state]) for state in ("answered", "no_trace", "refused", "cannot_be_resolved")
]
STAGES = {
    "asked": "What we asked is what the source says",
    "looked_up": "What the provider looked up is what we asked",
    "answered": "The answer is about what we asked, and about what the source says",
}
PREMISES_KINDS = {"home": "A home", "workplace": "A workplace", "not_known": "Not known"}
AGE_WORDS = {"adult": "Adult", "child": "Child", "not_known": "Age not known"}
MARKS = {"fact": "Fact", "intelligence": "Intelligence", "assessment": "Assessment"}
STRENGTHS = {"confirmed": "Confirmed by an officer", "automatic": "Made by rule", "possible": "Possible"}
LISTS = {"act": "Act", "find-out": "Find out", "children": "Children"}
LIST_TELLS = {
    "act": "Accounts and people with a known band, the gravest first. Then those past their clock, then "
    "the longest with the force.",
    "find-out": "Accounts and people who could be graver than is known. The gravest that they could be comes "
    "first, then those the sender calls urgent, then the longest with the force.",
    "children": "Children, and people with signs of being a child. What they need comes before what they did.",
}
LIST_CARDS = {
    "act": "known to be in a band",
    "find-out": "could be graver than is known",
    "children": "are children, or show signs of it",
}
CLOCK_HEADS = {"act": "Act by", "find-out": "Check by", "children": "Act or check by"}
BAND_OPTIONS = [
    ("", "Any"),
    ("very_high", "Very high"),
    ("high", "High"),
    ("medium", "Medium"),
    ("low", "Low"),
    ("not_graded", "Not graded"),
]
ROUTE_OPTIONS = [
    ("", "Any"),
    ("adult", ROUTES["adult"]),
    ("age_not_established", ROUTES["age_not_established"]),
]
RESPONSE_FOR = {
    "adult": "an adult, established by an officer",
    "premises": "a home",
    "child": "a child, or where there are signs of one",
    "anyone": "anybody",
}
SOURCE_MARKS = {
    "S": "read in a public source",
    "C": "worked out from a public source",
    "R": "public knowledge, text not yet checked",
    "I": "our own judgement",
}
ROLE_NAMES = {
    "intake": "Intake officer",
    "analyst": "Analyst",
    "investigator": "Investigator",
    "supervisor": "Supervisor",
    "safeguarding": "Safeguarding lead",
    "chief": "Chief officer",
    "auditor": "Auditor",
    "policy_owner": "Policy owner",
    "administrator": "Administrator",
    "disclosure": "Disclosure officer",
    "records": "Records manager",
    "sweep": "The calendar",
}
RECORD_TABS = [
    ("/record", "Acts", Power.SIGN_IN),
    ("/record/looks", "Looks", Power.SIGN_IN),
    ("/record/who-looked", "Who looked", Power.SEE_ALL_ACTS),
    ("/record/officers", "One officer", Power.SEE_ALL_ACTS),
    ("/record/unusual", "Unusual looking", Power.SEE_ALL_ACTS),
    ("/record/heads", "Signed heads", Power.VERIFY),
]
HEADS = {
    "agrees": "Agrees: it has this hash at this number",
    "contradicts": "Contradicts it: the record was rewritten, here or before",
    "missing": "There is no such number in this chain",
    "cut short": "The chain ends before it: what came after is gone, or the head is of another home",
}
CASE_STATES = {
    "open": "Open",
    "parked": "Parked",
    "watched": "Watched",
    "closed": "Closed",
    "merged": "Merged",
}
CASE_TABS = [
    ("", "case", "Case"),
    ("/contact", "case-contact", "Before and after contact"),
    ("/decide", "case-decide", "Decide"),
    ("/visit", "case-visit", "Visit and letter"),
]
WHOSE = [("mine", "Mine"), ("team", "My team's"), ("all", "All that I may see")]
LEVELS = {"person": "to a person", "address": "to an address"}
BAND_TAGS = {0: "grey", 1: "turquoise", 2: "yellow", 3: "orange", 4: "red"}


def kind(value: str) -> str:
    return KINDS.get(value) or ACTIVITIES.get(value) or value.replace("_", " ").capitalize()


def route(value: str) -> str:
    return ROUTES.get(value, value)


def rung(value: int) -> str:
    return RUNGS.get(value, str(value))


def role(value: str) -> str:
    return ROLES.get(value, value)


def read_as(format: str | None) -> str:
    """What a delivery was read as; of a table, by which maps (name/version)."""
    name, _, maps = (format or "").partition(" ")
    if not name:
        return "nothing that Threshold reads"
    by = f", with the map {maps.replace('/', ', version ')}" if maps and " " not in maps else ""
    return f"{FORMATS.get(name, name)}{by}"


def without_values(reason: str | None) -> str:
    """A reason without what it quotes of the delivery or of an officer's words."""
    told = re.sub(r"(set aside by [^:]*):.*", r"\1", reason or "", flags=re.DOTALL)
    return re.sub(r"'[^']*'|\"[^\"]*\"", "…", told)


def state(value: str) -> str:
    return STATES.get(value, value)


def plural(count: int, word: str, many: str | None = None) -> str:
    """ "1 check", "3 checks"."""
    return f"{count:,} {word if count == 1 else many or word + 's'}"


def starts(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def role_options(given: Iterable[str]) -> list[tuple[str, str]]:
    return [("", "Choose a role"), *((role, ROLE_NAMES[role]) for role in given)]


def failed(error: str) -> str:
    """Why a look ended without an answer, or a write was refused."""
    if error.startswith("Wrong"):
        return "it was against the rules of what may be recorded"
    return {
        "Refused": "roles did not allow it",
        "NotVisible": "no such subject for this person",
        "NoCase": "no such case for this person",
        "NoReport": "no such report for this person",
        "NoEntry": "no such held entry",
        "Http404": "nothing there",
        "SignInFailed": "the password was wrong",
        "ForgedOrOld": "the form did not come from a page of this session",
        "ChangedMeanwhile": "somebody else was first",
        "AlreadyTaken": "somebody else was first",
        "NotTaken": "somebody else was first",
        "AlreadySettled": "somebody else was first",
        "StillHeld": "it still could not be registered",
        "Busy": "it took too long",
        "QueryCanceled": "it took too long",
        "LockNotAvailable": "it took too long",
        "RaiseException": "a rule of the database did not allow it",
        "CheckViolation": "a rule of the database did not allow it",
        "UniqueViolation": "a rule of the database did not allow it",
        "InsufficientPrivilege": "a rule of the database did not allow it",
    }.get(error, "it failed")

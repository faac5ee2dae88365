"""The police-side JSON export of clearing-house reports (formats.md section 3).

Containers may be null, wrappers repeat their own name, lists stand where an object is expected and the
other way round: everything is asked for by ``objects`` and ``value_of``, which take all of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from threshold.intake.readers import meanings
from threshold.intake.readers.building import MentionInProgress
from threshold.intake.readers.json_values import Fault, Json, Number, Value, values
from threshold.intake.readers.times import age_from_birth, age_from_years, day_of, read_moment
from threshold.intake.reading import (
    Activity,
    ActivityKind,
    Entries,
    Entry,
    Grade,
    IdentifierKind,
    Moment,
    ReadReport,
    Rejected,
    Role,
    Source,
)
from threshold.intake.texts import (
    Keeping,
    clean,
    joined,
    looks_like_digest,
    names_a_digest,
    same_words,
    without_digests,
)

Object = dict[str, Json]

NOT_STATED = "not stated"
NO_PART = "an object without any part of a clearing-house report"
HASH_SET = "a set of digests: Threshold never takes one"
DEEPEST_KEPT = 12

KNOWN_PARTS = frozenset(
    {
        "reportId",
        "dateReceived",
        "reportedInformation",
        "automatedInformation",
        "additionalNcmecInformation",
        "lawEnforcementContactInformation",
    }
)
INCIDENT_SHARED = frozenset({"peerToPeerIncident", "peerToPeerIncidents", "peer2peerIncident"})
CAPTURED: dict[str, IdentifierKind] = {
    "device id": "device",
    "deviceid": "device",
    "profile url": "profile_url",
    "phone": "phone",
    "phone number": "phone",
    "email": "email",
    "e-mail": "email",
    "email address": "email",
    "screen name": "screen_name",
    "username": "screen_name",
    "display name": "display_name",
}


def read(source: Source) -> Entries:
    """The reports of one JSON file; the place of each is its number in the file."""
    for item in values(source.path):
        if isinstance(item, Fault):
            yield Rejected(
                item.place, "refused" if item.last else "held", f"the JSON cannot be read: {item.reason}"
            )
            continue
        refusal = refused_kind(item.value)
        if refusal:
            yield Rejected(item.place, *refusal)
            return
        yield from read_value(item, source)


def read_value(item: Value, source: Source) -> Iterator[Entry]:
    if item.twice:
        keys = ", ".join(dict.fromkeys(item.twice))
        yield Rejected(
            item.place, "held", f"keys that stand twice with different values: {keys}", item.twice[0]
        )
    elif not isinstance(item.value, dict):
        yield Rejected(item.place, "held", "not an object, so not a report")
    elif KNOWN_PARTS & item.value.keys():
        yield read_report(item.value, item.place, source)
    elif wrapped := wrapped_reports(item.value):
        key, reports = wrapped
        for number, report in enumerate(reports):
            yield read_wrapped(report, f"{item.place}/{key}[{number}]", source)
    else:
        yield Rejected(item.place, "held", NO_PART)


def read_wrapped(report: Json, place: str, source: Source) -> Entry:
    """One of the reports that stand in a list of a larger object."""
    if isinstance(report, dict) and KNOWN_PARTS & report.keys():
        return read_report(report, place, source)
    return Rejected(place, "held", NO_PART)


def wrapped_reports(value: Object) -> tuple[str, list[Json]] | None:
    for key, inner in value.items():
        if isinstance(inner, list) and any(
            isinstance(one, dict) and KNOWN_PARTS & one.keys() for one in inner
        ):
            return key[:100], inner
    return None


def refused_kind(value: Json) -> tuple[Literal["held", "refused"], str] | None:
    """Whole documents that are never taken: sets of digests; and case files that are not taken yet."""
    for _ in range(4):
        if not isinstance(value, list) or not value:
            break
        value = value[0]
    if isinstance(value, str):
        return ("refused", HASH_SET) if looks_like_digest(value) else None
    if not isinstance(value, dict):
        return None
    context = value.get("@odata.context")
    if isinstance(context, str) and "#Media" in context:
        return "refused", HASH_SET
    if isinstance(context, str) and "#Cases" in context:
        return "held", "a Project VIC case file is not taken yet"
    if KNOWN_PARTS & value.keys() or wrapped_reports(value):
        return None
    for key, inner in value.items():
        one = inner[0] if isinstance(inner, list) and inner else inner
        names = [key, *(one.keys() if isinstance(one, dict) else ())]
        if any(names_a_digest(name) for name in names) or (isinstance(one, str) and looks_like_digest(one)):
            return "refused", HASH_SET
    return None


def text_of(value: Json) -> str:
    """The text of a value; a wrapper with ``value`` or a list of one gives up what it wraps."""
    for _ in range(4):
        if isinstance(value, dict):
            value = value.get("value")
        elif isinstance(value, list) and len(value) == 1:
            value = value[0]
        else:
            break
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(value) if isinstance(value, str) else ""


def truth_of(value: Json) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        text_of(value).lower()
    )


def objects(value: Json, key: str) -> list[tuple[Json, str]]:
    """What a container holds, wherever the list is: ``x: [..]``, ``x: {x: [..]}``, ``x: {..}``, null."""
    path = key
    for _ in range(3):
        if isinstance(value, dict):
            inner = next((name for name in (key, *SINGULARS.get(key, ())) if name in value), None)
            if inner is None:
                break
            value, path = value[inner], f"{path}/{inner}"
        else:
            break
    if value is None:
        return []
    if isinstance(value, list):
        return [(one, f"{path}[{number}]") for number, one in enumerate(value) if one is not None]
    return [(value, path)]


# A wrapper usually repeats its own name; these are the ones that do not.
SINGULARS: dict[str, tuple[str, ...]] = {
    "reportedPeople": ("reportedPersons", "reportedPeople"),
    "childVictims": ("childVictim",),
    "intendedRecipients": ("intendedRecipient",),
    "uploadedFiles": ("uploadedFile", "files"),
    "espMetadata": ("metadatas",),
    "sourceInformation": ("sourceCaptures",),
    "lawEnforcementContactInformation": ("lawEnforcementContacts",),
    "ncmecTags": ("groups",),
    "screenNames": ("screenName",),
    "additionalInformations": ("additionalInformation",),
}


def member(value: Json, key: str) -> Json:
    """One member of an object; of a list of one object, that object's."""
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, dict)), None)
    return value.get(key) if isinstance(value, dict) else None


class Reader:
    """One report of the export, with what its parts share."""

    def __init__(self, report: Object, place: str, source: Source) -> None:
        self.report = report
        self.place = place
        self.source = source
        self.keeping = Keeping()
        self.said_on: tuple[date | None, ...] = ()

    def read(self) -> ReadReport:
        told = self.report.get("reportedInformation")
        summary = member(told, "incidentSummary")
        happened = self.moment(member(summary, "incidentDateTime"))
        arrived = self.moment(self.report.get("dateReceived"))
        self.said_on = (day_of(happened), day_of(arrived))
        if not any(self.said_on) and (received := self.source.hints.get("received")):
            # Nobody says when: it was said no later than the force had it.
            self.said_on = (datetime.fromisoformat(received).date(),)
        incident = text_of(member(summary, "incidentType"))
        service = text_of(member(summary, "platform"))
        at = f"{self.place}/reportedInformation"

        reported = self.people(told, "reportedPeople", "reported", at)
        harmed = self.people(told, "childVictims", "harmed", at)
        recipients = self.people(told, "intendedRecipients", "recipient", at)
        if not reported:
            reported.append(MentionInProgress("reported", self.place))

        meaning = meanings.INCIDENT_TYPES.get(same_words(incident), meanings.NOT_STATED)
        details = member(told, "incidentDetails")
        files = self.files(told, at, happened, reported)
        shared = self.shared(details) or (bool(recipients) and meaning is meanings.NOT_STATED)
        where = f"{at}/incidentSummary/incidentType"
        for mention in reported:
            kinds: list[ActivityKind] = (
                [] if shared and meaning.activity == "not_stated" else [meaning.activity]
            )
            kinds += ["shared"] if shared else []
            mention.activities.extend(Activity(kind, where, happened, incident) for kind in kinds)
            mention.activities.extend(files)
            for fact in meaning.claims:
                mention.claim(fact, True, where)

        self.keep_rest(self.report, self.place, KNOWN_PARTS)
        self.keep_rest(told, at, READ_OF_TOLD)
        self.keep_rest(summary, f"{at}/incidentSummary", READ_OF_SUMMARY)
        self.keep_any(details, f"{at}/incidentDetails")
        self.keep_any(self.report.get("automatedInformation"), f"{self.place}/automatedInformation")
        more = self.report.get("additionalNcmecInformation")
        self.keep_any(more, f"{self.place}/additionalNcmecInformation")
        contacts = self.report.get("lawEnforcementContactInformation")
        self.keep_any(contacts, f"{self.place}/lawEnforcementContactInformation")

        return ReadReport(
            place=self.place,
            sender=text_of(member(member(told, "reportingEsp"), "espName"))
            or self.source.hints.get("sender")
            or NOT_STATED,
            mentions=tuple(mention.finish() for mention in (*reported, *harmed, *recipients)),
            service=service,
            reference=self.as_text(self.report.get("reportId"), f"{self.place}/reportId", numbers_usual=True)
            or None,
            urgency=text_of(member(more, "priority")) or None,
            happened=happened,
            reached_clearing_house=arrived,
            reached_agency=self.reached_agency(contacts),
            incident=incident,
            words=without_digests(
                joined(
                    text_of(one)
                    for one, _ in objects(member(told, "additionalInformations"), "additionalInformations")
                )
            ),
            unknown=self.keeping.all(),
        )

    def moment(self, value: Json) -> Moment | None:
        text = text_of(value)
        return read_moment(text) if text else None

    def as_text(self, value: Json, place: str, *, numbers_usual: bool = False) -> str:
        """An identifying text. A number in its stead is taken as written, and the doubt is kept beside it."""
        if isinstance(value, Number) and not numbers_usual:
            self.keeping.keep(
                place, f"{value}: a number stood where text was expected; leading zeros may be lost"
            )
        return text_of(value)

    def reached_agency(self, contacts: Json) -> Moment | None:
        """When the first agency could fetch it: the earliest certain time, else the first one given."""
        found = [
            moment
            for contact, _ in objects(contacts, "lawEnforcementContactInformation")
            if (moment := self.moment(member(contact, "dateTimeMadeAvailable"))) is not None
        ]
        certain = [moment for moment in found if moment.utc is not None]
        return min(certain, key=lambda moment: str(moment.utc)) if certain else (found[0] if found else None)

    @staticmethod
    def shared(details: Json) -> bool:
        """Peer-to-peer means that files were offered to others."""
        if isinstance(details, list):
            return any(Reader.shared(one) for one in details)
        return isinstance(details, dict) and any(details.get(name) for name in INCIDENT_SHARED)

    def people(self, told: Json, container: str, role: Role, at: str) -> list[MentionInProgress]:
        found = objects(member(told, container), container)
        for one, path in found:
            if not isinstance(one, dict):
                # A person given as bare text: it may say who, and is shown as it came.
                self.keep_any(one, f"{at}/{path}")
        return [self.person(one, role, f"{at}/{path}") for one, path in found if isinstance(one, dict)]

    def person(self, told: Object, role: Role, place: str) -> MentionInProgress:
        mention = MentionInProgress(role, place)
        service = text_of(told.get("espService"))
        names = (text_of(told.get(key)) for key in ("firstName", "middleName", "lastName"))
        mention.identify("name", joined(names, " "), place)
        mention.identify("name", text_of(told.get("preferredName")), f"{place}/preferredName")
        for key, kind in PLAIN_IDENTIFIERS.items():
            self.identify(told.get(key), key, kind, mention, place, service)
        for one, path in objects(told.get("addresses"), "addresses"):
            self.address(one, mention, f"{place}/{path}")
        # An address beside the account, without a time: kept with the person as it came.
        mention.connect(text_of(told.get("ipAddress")), f"{place}/ipAddress")
        self.age(told, mention, place)
        self.questions(told, mention, place)
        for one, path in objects(told.get("sourceInformation"), "sourceInformation"):
            self.capture(one, mention, f"{place}/{path}", service)
        self.keep_rest(told, place, READ_OF_PERSON)
        return mention

    def questions(self, told: Object, mention: MentionInProgress, place: str) -> None:
        for key, question in meanings.POLICE_QUESTIONS.items():
            answer, words = truth_of(told.get(key)), text_of(told.get(key))
            # A null is not an answer; "unknown" in words is one, and says that it is not known.
            said = answer is True or (answer is False and question.no_means_no)
            if said or same_words(words) in ("unknown", "not known"):
                mention.claim(question.fact, answer, f"{place}/{key}", words)
        relation = text_of(told.get("relationshipToChildVictim"))
        if mention.role == "reported" and same_words(relation) in meanings.RELATIONS_WITH_ACCESS:
            mention.claim("access_to_children", True, f"{place}/relationshipToChildVictim", relation)

    def identify(
        self,
        value: Json,
        key: str,
        kind: IdentifierKind,
        mention: MentionInProgress,
        place: str,
        service: str,
    ) -> None:
        scoped = service if kind in ("account", "screen_name", "display_name", "profile_url") else ""
        for one, path in objects(value, key):
            inner = member(one, "value") if isinstance(one, dict) else one
            at = f"{place}/{path}"
            mention.identify(
                kind,
                self.as_text(inner, at),
                at,
                service=scoped,
                verified=truth_of(member(one, "verified")) if isinstance(one, dict) else None,
                origin="captured" if kind == "account" else "self",
            )
            if isinstance(one, dict):
                self.keep_rest(one, at, frozenset({"value", "verified"}))

    def address(self, told: Json, mention: MentionInProgress, place: str) -> None:
        keys = ("street1", "street2", "city", "state", "postalCode", "country")
        parts = [text_of(member(told, key)) for key in keys] if isinstance(told, dict) else [text_of(told)]
        mention.identify("address", joined(parts, ", "), place)
        self.keep_rest(told, place, frozenset(keys))

    def age(self, told: Object, mention: MentionInProgress, place: str) -> None:
        if born := text_of(told.get("dateOfBirth")):
            mention.ages.append(age_from_birth(born[:10] if "T" in born else born, f"{place}/dateOfBirth"))
        if said := text_of(told.get("approximateAge")):
            mention.ages.append(
                age_from_years(said, f"{place}/approximateAge", self.said_on, approximate=True)
            )

    def capture(self, told: Json, mention: MentionInProgress, place: str, service: str) -> None:
        kind = same_words(text_of(member(told, "captureType")))
        value = member(told, "value")
        event = text_of(member(told, "eventName"))
        at = self.moment(member(told, "dateTime"))
        if kind in ("ip address", "ip", "ipaddress"):
            mention.connect(
                text_of(value),
                place,
                port=text_of(member(told, "port")),
                at=at,
                event=event,
                possible_proxy=truth_of(member(told, "possibleProxy")),
            )
            self.keep_rest(told, place, READ_OF_CAPTURE)
        elif kind in CAPTURED:
            name = CAPTURED[kind]
            scoped = text_of(member(told, "valueType")) if name == "device" else service
            mention.identify(
                name,
                self.as_text(value, place),
                place,
                service=scoped if name not in ("phone", "email") else "",
                origin="captured",
            )
            self.keeping.keep(f"{place}/event", joined((event, at.received if at else ""), ", "))
            self.keep_rest(told, place, READ_OF_CAPTURE)
        else:
            self.keep_any(told, place)

    def files(
        self, told: Json, at: str, happened: Moment | None, reported: list[MentionInProgress]
    ) -> list[Activity]:
        """What is said of each file: grade, public or not, tags (claims about every reported person)."""
        found: list[Activity] = []
        for one, path in objects(member(told, "uploadedFiles"), "uploadedFiles"):
            if not isinstance(one, dict):
                continue
            place = f"{at}/{path}"
            grade = text_of(one.get("industryClassification"))
            public = truth_of(one.get("publiclyAvailable")) is True
            if grade or public:
                grades = (Grade(meanings.INDUSTRY_MODEL, grade, 1),) if grade else ()
                found.append(Activity("shared" if public else "not_stated", place, happened, "", grades))
            for group, _ in objects(one.get("ncmecTags"), "ncmecTags"):
                for tag, _ in objects(member(group, "tags"), "tags"):
                    fact = meanings.FILE_TAGS.get(same_words(text_of(tag)))
                    for mention in reported if fact else ():
                        mention.claim(str(fact), True, f"{place}/ncmecTags", text_of(tag))
            for captured, captured_path in objects(one.get("sourceInformation"), "sourceInformation"):
                where = f"{place}/{captured_path}"
                if len(reported) == 1:
                    self.capture(captured, reported[0], where, "")
                else:
                    self.keep_any(captured, where)
            self.keep_rest(one, place, READ_OF_FILE)
        return found

    def keep_rest(self, value: Json, place: str, read: frozenset[str]) -> None:
        """Keeps the members of an object that were not read; a null says nothing."""
        if isinstance(value, list):
            value = next((one for one in value if isinstance(one, dict)), value)
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in read and not names_a_digest(key):
                    self.keep_any(inner, f"{place}/{key[:100]}")
        else:
            # Text or a list where an object was expected.
            self.keep_any(value, place)

    def keep_any(self, value: Json, place: str, depth: int = 0) -> None:
        if isinstance(value, bool):
            self.keeping.keep(place, "true" if value else "false")
        elif isinstance(value, str):
            self.keeping.keep(place, value)
        elif depth >= DEEPEST_KEPT:
            self.keeping.keep(place, "(nested more deeply than is shown)" if value else "")
        elif isinstance(value, list):
            for number, one in enumerate(value):
                self.keep_any(one, f"{place}[{number}]", depth + 1)
        elif isinstance(value, dict):
            pair_is_digest = names_a_digest(text_of(value.get("name")))
            for key, inner in value.items():
                if not names_a_digest(key) and not (pair_is_digest and key == "value"):
                    self.keep_any(inner, f"{place}/{key[:100]}", depth + 1)


PLAIN_IDENTIFIERS: dict[str, IdentifierKind] = {
    "espUserId": "account",
    "screenName": "screen_name",
    "screenNames": "screen_name",
    "displayName": "display_name",
    "displayNames": "display_name",
    "emails": "email",
    "phones": "phone",
    "profileUrls": "profile_url",
}
READ_OF_TOLD = frozenset(
    {
        "reportingEsp",
        "incidentSummary",
        "incidentDetails",
        "reportedPeople",
        "childVictims",
        "intendedRecipients",
        "uploadedFiles",
        "additionalInformations",
    }
)
READ_OF_SUMMARY = frozenset({"incidentType", "platform", "incidentDateTime"})
READ_OF_PERSON = frozenset(
    {
        "firstName",
        "middleName",
        "lastName",
        "preferredName",
        "espService",
        "addresses",
        "ipAddress",
        "dateOfBirth",
        "approximateAge",
        "sourceInformation",
        *PLAIN_IDENTIFIERS,
    }
)
READ_OF_CAPTURE = frozenset(
    {"captureType", "value", "valueType", "eventName", "dateTime", "port", "possibleProxy"}
)
READ_OF_FILE = frozenset({"industryClassification", "sourceInformation", "verificationHash"})


def read_report(report: Object, place: str, source: Source) -> ReadReport:
    return Reader(report, place, source).read()

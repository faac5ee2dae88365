"""The clearing house's reporting XML (formats.md section 1): reports, file details, and its answers.

Read by what is there, not by the schema: senders run ahead of it and behind it, and what this version does
not know is kept and shown. The values of file hashes are never taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from threshold.intake.readers import meanings
from threshold.intake.readers.building import MentionInProgress
from threshold.intake.readers.ispws_person import (
    Reading,
    account_holder,
    children,
    connection,
    device,
    flag,
    keep,
    keep_attributes,
    moment_of,
    person,
    text_of,
)
from threshold.intake.readers.times import day_of, read_moment
from threshold.intake.readers.xml_entries import Part, UnreadableXmlError, parts
from threshold.intake.reading import (
    Activity,
    ActivityKind,
    ControlPart,
    Entries,
    Entry,
    Grade,
    Moment,
    ReadAddition,
    ReadReport,
    Rejected,
    Source,
)
from threshold.intake.texts import joined, names_a_digest, same_words, without_digests

ROOTS = frozenset({"report", "fileDetails", "reportResponse", "reportDoneResponse"})
NOT_STATED = "not stated"
NO_REPORT = (
    "XML, but no clearing-house report was found: neither as the document, nor directly in it, nor in a SOAP "
    "envelope"
)
MOST_STRANGERS = 100
# A company's standing text is often a page long; only a short line can be its name.
LONGEST_SENDER = 120

# Digests stay in the delivery (design.md section 3, rule 1).
PASSED_OVER = frozenset({"originalFileHash"})
REPORT_PARTS = frozenset(
    {
        "batchedReport",
        "incidentSummary",
        "internetDetails",
        "lawEnforcement",
        "reporter",
        "personOrUserReported",
        "intendedRecipient",
        "victim",
        "additionalInfo",
    }
)


def read(source: Source) -> Entries:
    """The entries of one XML file; the place of each is its path in the document."""
    found = 0
    # A wrapper of nothing that we know is another kind of document, not a hundred faulty entries.
    strangers: list[Entry] | None = []
    try:
        for part in parts(source.path, ROOTS):
            entry = read_part(part, source)
            if part.name in ROOTS:
                found += not isinstance(entry, ControlPart)
                yield from strangers or ()
                strangers = None
            elif strangers is not None and len(strangers) < MOST_STRANGERS:
                strangers.append(entry)
                continue
            elif strangers is not None:
                break
            yield entry
        if strangers is not None:
            yield Rejected("(document)", "refused", NO_REPORT)
    except UnreadableXmlError as problem:
        after = f" after {found} entries" if found else ""
        yield Rejected("(document)", "refused", f"the XML cannot be read{after}: {problem}")


def read_part(part: Part, source: Source) -> Entry:
    if part.name == "report":
        return read_report(part.element, part.place, source)
    if part.name == "fileDetails":
        return read_file_details(part.element, part.place, source)
    if part.name in ROOTS:
        return read_answer(part.element, part.place)
    if len(part.element) == 0:
        return ControlPart(part.place, f"<{part.name}> holds no report")
    return Rejected(part.place, "held", f"<{part.name}> is not an element that Threshold knows", part.name)


def read_answer(element: etree._Element, place: str) -> ControlPart:
    """The clearing house's answer to a sender. Its ``hash`` is passed over."""
    told = {name: text_of(child) for name, child, _ in children(element, place) if name != "hash"}
    code = told.get("responseCode", "")
    return ControlPart(
        place, f"answer of the clearing house, code {code or 'not given'}", told.get("reportId") or None
    )


def read_report(element: etree._Element, place: str, source: Source) -> Entry:
    sections: dict[str, list[tuple[etree._Element, str]]] = {}
    reading = Reading()
    reference = source.hints.get("reference")
    for name, child, at in children(element, place):
        if name in REPORT_PARTS:
            sections.setdefault(name, []).append((child, at))
        elif name == "reportId" and text_of(child):
            reference = text_of(child)
        else:
            keep(child, at, reading.keeping)
    if not sections:
        return Rejected(place, "refused", "a <report> without any part of a clearing-house report")
    keep_attributes(element, place, reading.keeping)

    batched = False
    for child, at in sections.get("batchedReport", []):
        batched = flag(child) is not False
        keep_attributes(child, at, reading.keeping)
    reported_people = sections.get("personOrUserReported", [])
    if len(reported_people) > 1 and not batched:
        return Rejected(
            place,
            "held",
            f"{len(reported_people)} reported people in a report that is not marked as batched: "
            "only a batched report may name several",
            "personOrUserReported",
        )

    summary = Summary(reading)
    for child, at in sections.get("incidentSummary", []):
        summary.read(child, at)
    reading.said_on = (day_of(summary.happened), _received_day(source))

    reported: list[MentionInProgress] = []
    others: list[MentionInProgress] = []
    for child, at in reported_people:
        first, *tied = account_holder(child, "reported", at, reading)
        reported.append(first)
        others.extend(tied)
    for child, at in sections.get("intendedRecipient", []):
        others.extend(account_holder(child, "recipient", at, reading))
    for child, at in sections.get("victim", []):
        others.extend(account_holder(child, "harmed", at, reading))
    if not reported:
        # Somebody did it, though nobody is named: without a mention the report would be graded for no one.
        reported.append(MentionInProgress("reported", place))

    shared_at = incident_details(sections.get("internetDetails", []), reported, reading)
    # With a recipient, material of an unclear kind of incident was sent to somebody.
    if shared_at is None and sections.get("intendedRecipient") and summary.meaning() is meanings.NOT_STATED:
        shared_at = sections["intendedRecipient"][0][1]
    for mention in reported:
        mention.activities.extend(summary.activities(shared_at))
        for fact, at in summary.claims:
            mention.claim(fact, True, at)

    sender = ""
    for child, at in sections.get("reporter", []):
        sender = sender or read_reporter(child, at, others, reading)
    for child, at in sections.get("lawEnforcement", []):
        keep(child, at, reading.keeping)

    return ReadReport(
        place=place,
        sender=sender or source.hints.get("sender") or NOT_STATED,
        mentions=tuple(mention.finish() for mention in (*reported, *others)),
        service=summary.platform,
        reference=reference,
        batched=batched,
        urgency=summary.urgency,
        happened=summary.happened,
        incident=summary.incident,
        words=without_digests(joined(text_of(child) for child, _ in sections.get("additionalInfo", []))),
        unknown=reading.keeping.all(),
    )


class Summary:
    """``incidentSummary``: the type of incident, when, how urgent the sender finds it, and its tags."""

    def __init__(self, reading: Reading) -> None:
        self.keeping = reading.keeping
        self.place = ""
        self.incident = ""
        self.platform = ""
        self.urgency: str | None = None
        self.happened: Moment | None = None
        self.annotated: list[tuple[ActivityKind, str]] = []
        self.claims: list[tuple[str, str]] = []

    def read(self, element: etree._Element, place: str) -> None:
        self.place = place
        for name, child, at in children(element, place):
            if name == "incidentType":
                self.incident = text_of(child)
            elif name == "platform":
                self.platform = text_of(child)
            elif name == "escalateToHighPriority":
                # Its presence is the escalation; the text is the reason.
                self.urgency = without_digests(text_of(child)) or "escalated, no reason given"
            elif name == "incidentDateTime":
                self.happened = moment_of(child)
            elif name == "reportAnnotations":
                self.annotations(child, at)
            else:
                keep(child, at, self.keeping)
        for fact in self.meaning().claims:
            self.claims.append((fact, f"{place}/incidentType"))

    def annotations(self, element: etree._Element, place: str) -> None:
        for name, child, at in children(element, place):
            if flag(child) is not True:
                keep(child, at, self.keeping)
            elif name in meanings.ANNOTATED_ACTIVITIES:
                self.annotated.append((meanings.ANNOTATED_ACTIVITIES[name], at))
            elif name in meanings.REPORT_ANNOTATIONS:
                self.claims.append((meanings.REPORT_ANNOTATIONS[name], at))
            else:
                keep(child, at, self.keeping)

    def meaning(self) -> meanings.IncidentMeaning:
        return meanings.INCIDENT_TYPES.get(same_words(self.incident), meanings.NOT_STATED)

    def activities(self, shared_at: str | None) -> Iterator[Activity]:
        kind = self.meaning().activity
        if shared_at is None or kind != "not_stated":
            yield Activity(kind, f"{self.place}/incidentType", self.happened, self.incident)
        if shared_at is not None:
            yield Activity("shared", shared_at, self.happened, self.incident)
        for annotated, at in self.annotated:
            yield Activity(annotated, at, self.happened, self.incident)


def incident_details(
    details: list[tuple[etree._Element, str]], reported: list[MentionInProgress], reading: Reading
) -> str | None:
    """Where it took place; answers with the path of a peer-to-peer incident, where files are shared."""
    shared_at: str | None = None
    for element, place in details:
        for name, child, at in children(element, place):
            if name == "peer2peerIncident":
                shared_at = shared_at or at
                peer_to_peer(child, at, reported, reading)
            else:
                # Whose e-mail address or telephone an incident names is not said: none becomes an identifier.
                keep(child, at, reading.keeping)
        keep_attributes(element, place, reading.keeping)
    return shared_at


def peer_to_peer(
    element: etree._Element, place: str, reported: list[MentionInProgress], reading: Reading
) -> None:
    for name, child, at in children(element, place):
        # Captured from the peer that offered the files: the reported person, when there is just one.
        if name == "ipCaptureEvent" and len(reported) == 1:
            connection(child, at, reported[0], reading)
        else:
            keep(child, at, reading.keeping)


def read_reporter(
    element: etree._Element, place: str, others: list[MentionInProgress], reading: Reading
) -> str:
    """The reporting person and the contact; answers with the sender's name as far as it is stated."""
    company = ""
    domain = ""
    for name, child, at in children(element, place):
        if name in ("reportingPerson", "contactPerson"):
            mention = MentionInProgress("reporter", at)
            person(child, mention, at, reading)
            others.append(mention)
            domain = domain or _domain(mention)
        else:
            if name == "companyTemplate":
                company = company or text_of(child)
            keep(child, at, reading.keeping)
    return company if company and "\n" not in company and len(company) <= LONGEST_SENDER else domain


def _domain(mention: MentionInProgress) -> str:
    for identifier in mention.identifiers:
        if identifier.kind == "email" and identifier.received.count("@") == 1:
            return identifier.received.rpartition("@")[2].strip().lower()
    return ""


def _received_day(source: Source) -> date | None:
    """The day the force received the delivery, where intake passes it: an age may be stated as of then."""
    received = source.hints.get("received")
    return day_of(read_moment(received)) if received else None


def read_file_details(element: etree._Element, place: str, source: Source) -> Entry:
    """What a sender says about one file: what it shows, whether it was public, where it was uploaded from."""
    reading = Reading()
    mention = MentionInProgress("reported", place)
    reference = file = ""
    words: list[str] = []
    uploaded: Moment | None = None
    grade: Grade | None = None
    public = False
    public_at = place
    for name, child, at in children(element, place):
        if name == "reportId":
            reference = text_of(child)
        elif name == "fileId":
            file = text_of(child)
        elif name == "publiclyAvailable":
            public = flag(child) is True
            public_at = at
            keep(child, at, reading.keeping)
        elif name == "uploadedToEspTimestamp":
            uploaded = moment_of(child)
        elif name == "industryClassification" and text_of(child):
            grade = Grade(meanings.INDUSTRY_MODEL, text_of(child), 1)
        elif name == "fileAnnotations":
            file_annotations(child, at, mention, reading)
        elif name == "potentialMeme":  # the older form stands outside fileAnnotations
            if flag(child) is True:
                mention.claim(meanings.FILE_ANNOTATIONS[name], True, at)
            else:
                keep(child, at, reading.keeping)
        elif name == "ipCaptureEvent":
            connection(child, at, mention, reading)
        elif name == "deviceId":
            device(child, at, mention, reading)
        elif name == "details":
            file_metadata(child, at, reading)
        elif name == "additionalInfo":
            words.append(text_of(child))
        elif name not in PASSED_OVER and not names_a_digest(name):
            keep(child, at, reading.keeping)
    keep_attributes(element, place, reading.keeping)

    if uploaded is None and mention.connections:
        uploaded = mention.connections[0].at
    mention.activities.append(
        Activity(
            "shared" if public else "not_stated",
            public_at if public else place,
            uploaded,
            without_digests(joined(words)),
            (grade,) if grade else (),
        )
    )
    reference = reference or source.hints.get("reference", "")
    sender = source.hints.get("sender") or NOT_STATED
    if not reference:
        return Rejected(place, "held", "file details that do not say which report they belong to", "reportId")
    return ReadAddition(place, sender, reference, mention.finish(), reading.keeping.all(), file)


def file_annotations(
    element: etree._Element, place: str, mention: MentionInProgress, reading: Reading
) -> None:
    for name, child, at in children(element, place):
        if name in meanings.FILE_ANNOTATIONS and flag(child) is True:
            mention.claim(meanings.FILE_ANNOTATIONS[name], True, at)
        else:
            keep(child, at, reading.keeping)


def file_metadata(element: etree._Element, place: str, reading: Reading) -> None:
    """EXIF is kept and shown; a block of hashes is passed over, and so is a pair that is one."""
    if (element.get("type") or "").upper() == "HASH":
        return
    for name, child, at in children(element, place):
        if name != "nameValuePair":
            keep(child, at, reading.keeping)
            continue
        pair = {part: text_of(value) for part, value, _ in children(child, at)}
        if not names_a_digest(pair.get("name", "")) and not names_a_digest(child.get("type") or ""):
            reading.keeping.keep(f"{at}/{pair.get('name', '')[:100]}", pair.get("value"))

"""The clearing house's reporting XML: reports, file details, and the answers of a conversation."""

from __future__ import annotations

import random
from xml.sax.saxutils import escape

from threshold.sample import frequencies as often
from threshold.sample.telling import Described, File, Report, Seen, stamp

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ELEMENTS = {"reported": "personOrUserReported", "recipient": "intendedRecipient", "harmed": "victim"}


def tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def report(chance: random.Random, told: Report) -> str:
    """The element ``report``."""
    parts = ["<report>"]
    if told.batched:
        parts.append('<batchedReport reason="VIRAL_POTENTIAL_MEME"/>')
    parts.append(
        "<incidentSummary>" + tag("incidentType", told.incident) + tag("platform", told.company.service)
    )
    parts.append(tag("escalateToHighPriority", told.urgent))
    if told.annotations:
        parts.append("<reportAnnotations>" + "".join(flag(chance, each) for each in told.annotations))
        parts.append("</reportAnnotations>")
    parts.append(tag("incidentDateTime", stamp(chance, told.at)) + "</incidentSummary>")
    if told.peer_to_peer:
        for seen in told.reported[0].seen[:1]:
            parts.append("<internetDetails><peer2peerIncident><client>Fictional Share 2</client>")
            parts.append(connection(chance, seen) + "<fileNames>three files</fileNames>")
            parts.append("</peer2peerIncident></internetDetails>")
    parts.append("<reporter><reportingPerson><firstName>Robin</firstName><lastName>Example</lastName>")
    parts.append(tag("email", f"safety@{told.company.domain}") + "</reportingPerson>")
    parts.append(tag("companyTemplate", told.company.name) + "</reporter>")
    service = told.company.service
    tied = "".join(associated(chance, each, service) for each in told.people if each.role == "associated")
    for role, element in ELEMENTS.items():
        for each in told.people:
            if each.role == role:
                inside = tied if each is told.reported[0] else ""
                parts.append(person(chance, each, element, service, inside))
    if chance.random() < often.UNKNOWN_ELEMENT:
        parts.append("<informational/>")
    parts.append(tag("additionalInfo", told.words) + "</report>")
    return "".join(parts)


def places(told: Report, place: str) -> list[tuple[Described, str]]:
    """Where each person stands in a ``report`` that stands at *place*."""
    found = []
    for role, element in ELEMENTS.items():
        of_role = [each for each in told.people if each.role == role]
        found += [(each, _numbered(f"{place}/{element}", n)) for n, each in enumerate(of_role, 1)]
    tied = [each for each in told.people if each.role == "associated"]
    under = f"{place}/{ELEMENTS['reported']}/associatedAccount"
    return found + [(each, _numbered(under, n)) for n, each in enumerate(tied, 1)]


def _numbered(place: str, number: int) -> str:
    return place if number == 1 else f"{place}[{number}]"


def flag(chance: random.Random, name: str) -> str:
    """A true flag is an empty element, or says so."""
    return f"<{name}>true</{name}>" if chance.random() < often.FLAG_AS_TEXT else f"<{name}/>"


def person(chance: random.Random, each: Described, element: str, service: str, inside: str = "") -> str:
    own = identity(each, with_name=True)
    return (
        f"<{element}><{element}Person>{own}</{element}Person>"
        + account(chance, each, service)
        + inside
        + f"</{element}>"
    )


def associated(chance: random.Random, each: Described, service: str) -> str:
    name = tag("firstName", each.name[0]) + tag("lastName", each.name[1])
    inside = identity(each, with_name=False) + account(chance, each, service)
    return f'<associatedAccount type="Linked">{name}{inside}</associatedAccount>'


def identity(each: Described, *, with_name: bool) -> str:
    parts = [tag("firstName", each.name[0]) + tag("lastName", each.name[1])] if with_name else []
    for number, verified in each.phones:
        code, rest = ("+44", number[3:].strip()) if number.startswith("+44 ") else ("", number)
        attribute = f' countryCallingCode="{code}"' if code else ""
        parts.append(f'<phone type="Mobile"{attribute}{_verified(verified)}>{rest}</phone>')
    parts += [f"<email{_verified(verified)}>{escape(text)}</email>" for text, verified in each.emails]
    if each.address:
        house, town, postcode = each.address
        parts.append(
            f"<address><address>{house}</address><city>{town}</city><zipCode>{postcode}</zipCode></address>"
        )
    # An associated account has no exact age.
    parts.append(tag("age" if with_name else "approximateAge", each.age))
    parts.append(tag("dateOfBirth", each.born))
    return "".join(parts)


def _verified(verified: bool) -> str:
    return ' verified="true"' if verified else ""


def account(chance: random.Random, each: Described, service: str) -> str:
    parts = [tag("espIdentifier", each.account.name)] if each.account else []
    parts.append(tag("espService", service if each.account or each.screen_name else ""))
    if each.compromised:
        parts.append(flag(chance, "compromisedAccount"))
    parts.append(tag("screenName", each.screen_name))
    parts += [connection(chance, seen) for seen in each.seen]
    if each.device:
        parts.append(f"<deviceId><idType>Installation</idType><idValue>{each.device}</idValue></deviceId>")
    parts.append(tag("priorCTReports", each.prior))
    return "".join(parts)


def connection(chance: random.Random, seen: Seen) -> str:
    return (
        f"<ipCaptureEvent><ipAddress>{seen.ip}</ipAddress><eventName>{seen.event}</eventName>"
        f"<dateTime>{stamp(chance, seen.at)}</dateTime>{tag('port', str(seen.port or ''))}</ipCaptureEvent>"
    )


def file_details(chance: random.Random, reference: str, file: File) -> str:
    sign = f"<fileAnnotations>{flag(chance, file.sign)}</fileAnnotations>" if file.sign else ""
    return (
        f"<fileDetails><reportId>{reference}</reportId><fileId>{file.number}</fileId>"
        "<originalFileName>file-1.jpg</originalFileName>"
        + tag("uploadedToEspTimestamp", stamp(chance, file.at))
        + tag("fileViewedByEsp", file.viewed)
        + f"<publiclyAvailable>{'true' if file.public else 'false'}</publiclyAvailable>"
        + "<fileRelevance>Reported</fileRelevance>"
        + sign
        + tag("industryClassification", file.grade)
        + "</fileDetails>"
    )


def answer(reference: str) -> str:
    return (
        "<reportResponse><responseCode>0</responseCode><responseDescription>Success</responseDescription>"
        f"<reportId>{reference}</reportId></reportResponse>"
    )


def done(reference: str, files: tuple[File, ...]) -> str:
    numbers = "".join(f"<fileId>{file.number}</fileId>" for file in files)
    return (
        f"<reportDoneResponse><responseCode>0</responseCode><reportId>{reference}</reportId>"
        f"<files>{numbers}</files></reportDoneResponse>"
    )

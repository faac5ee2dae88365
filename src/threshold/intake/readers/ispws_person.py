"""The people of a clearing-house report: who is reported, harmed, meant, associated, reporting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from threshold.intake.readers.building import MentionInProgress
from threshold.intake.readers.times import age_from_birth, age_from_years, read_moment
from threshold.intake.readers.xml_entries import local_name
from threshold.intake.reading import Moment, Role
from threshold.intake.texts import Keeping, clean, joined

TRUE = frozenset({"true", "1"})
FALSE = frozenset({"false", "0"})

# Kept and shown with the report, never acted on: descriptions, places and states of an account.
KEPT_OF_ACCOUNT = frozenset(
    {
        "vehicleDescription",
        "profileBio",
        "groupIdentifier",
        "accountTemporarilyDisabled",
        "accountPermanentlyDisabled",
        "estimatedLocation",
        "allEmailsReported",
        "schoolName",
        "additionalInfo",
        "platform",
    }
)


@dataclass(slots=True)
class Reading:
    """What the parts of one report share while it is read."""

    said_on: tuple[date | None, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)


def children(element: etree._Element, place: str) -> Iterator[tuple[str, etree._Element, str]]:
    """Name, element and place of each child; a repeated one is numbered."""
    seen: dict[str, int] = {}
    for child in element:
        name = local_name(child)
        number = seen.get(name, 0) + 1
        seen[name] = number
        yield name, child, f"{place}/{name}" if number == 1 else f"{place}/{name}[{number}]"


def text_of(element: etree._Element) -> str:
    """The element's own text; a child where none is expected does not hide it."""
    if len(element) == 0:
        return clean(element.text)
    return clean(" ".join(str(part) for part in element.itertext()))


def flag(element: etree._Element) -> bool | None:
    """True, False, or None where neither was said. An empty element is a true flag (formats.md section 1)."""
    text = clean(element.text).lower()
    if text in TRUE or not text:
        return True
    return False if text in FALSE else None


def attribute_flag(element: etree._Element, name: str) -> bool | None:
    text = clean(element.get(name)).lower()
    return True if text in TRUE else False if text in FALSE else None


def keep(element: etree._Element, place: str, keeping: Keeping, *, but: frozenset[str] = frozenset()) -> None:
    """Keeps an element whole: its texts, its attributes and everything below, each with its path."""
    if len(element) == 0:
        keep_attributes(element, place, keeping, but=but)
        keeping.keep(place, element.text or ("" if element.attrib else "(present, empty)"))
        return
    paths: dict[etree._Element, str] = {element: place}
    for part in element.iter():
        parent = part.getparent()
        path = place if part is element or parent is None else f"{paths[parent]}/{local_name(part)}"
        paths[part] = path
        keep_attributes(part, path, keeping, but=but)
        if len(part) == 0:
            keeping.keep(path, part.text or ("" if part.attrib else "(present, empty)"))
        else:
            keeping.keep(path, joined([part.text or "", *(child.tail or "" for child in part)]))


def keep_attributes(
    element: etree._Element, place: str, keeping: Keeping, *, but: frozenset[str] = frozenset()
) -> None:
    for name, value in element.attrib.items():
        local = str(name).rpartition("}")[2]
        # Where the schema lies says nothing about anybody.
        if local not in but and local not in ("noNamespaceSchemaLocation", "schemaLocation"):
            keeping.keep(f"{place}/@{local}", str(value))


def moment_of(element: etree._Element) -> Moment | None:
    text = text_of(element)
    return read_moment(text) if text else None


def account_holder(
    element: etree._Element, role: Role, place: str, reading: Reading
) -> list[MentionInProgress]:
    """One reported, meant or harmed person with the account; accounts that the sender ties to them follow."""
    mention = MentionInProgress(role, place)
    service = account_service(element)
    associated: list[MentionInProgress] = []
    for name, child, at in children(element, place):
        if name in ("personOrUserReportedPerson", "intendedRecipientPerson", "victimPerson"):
            person(child, mention, at, reading)
        elif name == "associatedAccount":
            associated.extend(associated_account(child, at, reading))
        elif not account_part(name, child, at, mention, service, reading):
            keep(child, at, reading.keeping)
    keep_attributes(element, place, reading.keeping)
    return [mention, *associated]


def associated_account(element: etree._Element, place: str, reading: Reading) -> list[MentionInProgress]:
    """A second account that the sender ties to the first: the sender's word, so a person of its own."""
    mention = MentionInProgress("associated", place)
    service = account_service(element)
    names: dict[str, str] = {}
    for name, child, at in children(element, place):
        if name in ("firstName", "middleName", "lastName"):
            names[name] = text_of(child)
        elif name in ("phone", "email", "address", "dateOfBirth", "approximateAge"):
            person_part(name, child, at, mention, reading)
        elif not account_part(name, child, at, mention, service, reading):
            keep(child, at, reading.keeping)
    mention.identify(
        "name", joined((names.get(key, "") for key in ("firstName", "middleName", "lastName")), " "), place
    )
    keep_attributes(element, place, reading.keeping)
    return [mention]


def account_service(element: etree._Element) -> str:
    """The scope of the account's identifiers: unique only inside one sender and service."""
    service = ""
    elsewhere = False
    for child in element:
        name = local_name(child)
        if name == "espService":
            service = service or text_of(child)
        elif name == "thirdPartyUserReported":
            elsewhere = flag(child) is True
    # An account of another company must not meet the sender's own account of the same number.
    return f"another company's service: {service or 'not named'}" if elsewhere else service


def account_part(
    name: str, child: etree._Element, place: str, mention: MentionInProgress, service: str, reading: Reading
) -> bool:
    """Reads one element that every kind of account has; False where the name is not one of them."""
    if name == "espIdentifier":
        mention.identify("account", text_of(child), place, service=service, origin="captured")
    elif name == "screenName":
        mention.identify("screen_name", text_of(child), place, service=service)
        keep_attributes(child, place, reading.keeping)
    elif name == "displayName":
        mention.identify("display_name", text_of(child), place, service=service)
    elif name == "profileUrl":
        mention.identify("profile_url", text_of(child), place, service=service)
    elif name == "ipCaptureEvent":
        connection(child, place, mention, reading)
    elif name == "deviceId":
        device(child, place, mention, reading)
    elif name in ("priorCTReports", "priorCTReport"):
        mention.add_prior(text_of(child))
    elif name == "compromisedAccount":
        # Anything but a plain *false* counts: an account that may be in other hands must not link by itself.
        mention.compromised = mention.compromised or flag(child) is not False
    elif name == "thirdPartyUserReported" or name in KEPT_OF_ACCOUNT:
        keep(child, place, reading.keeping)
    else:
        return name == "espService"
    return True


def connection(element: etree._Element, place: str, mention: MentionInProgress, reading: Reading) -> None:
    address = event = ""
    port: str | None = None
    at: Moment | None = None
    proxy: bool | None = None
    for name, child, child_place in children(element, place):
        if name == "ipAddress":
            address = text_of(child)
        elif name == "eventName":
            event = text_of(child)
        elif name == "dateTime":
            at = moment_of(child)
        elif name == "port":
            port = text_of(child)
        elif name == "possibleProxy":
            proxy = flag(child)
        else:
            keep(child, child_place, reading.keeping)
    if not address:
        keep(element, place, reading.keeping)
    mention.connect(address, place, port=port, at=at, event=event, possible_proxy=proxy)


def device(element: etree._Element, place: str, mention: MentionInProgress, reading: Reading) -> None:
    value = kind = ""
    rest: list[str] = []
    for name, child, child_place in children(element, place):
        if name == "idValue":
            value = text_of(child)
        elif name == "idType":
            kind = text_of(child)
        elif name in ("eventName", "dateTime"):
            rest.append(text_of(child))
        else:
            keep(child, child_place, reading.keeping)
    mention.identify("device", value, place, service=kind, origin="captured")
    reading.keeping.keep(place, joined([kind, *rest], ", "))


def person(element: etree._Element, mention: MentionInProgress, place: str, reading: Reading) -> None:
    first = last = ""
    for name, child, at in children(element, place):
        if name == "firstName":
            first = text_of(child)
        elif name == "lastName":
            last = text_of(child)
        elif not person_part(name, child, at, mention, reading):
            keep(child, at, reading.keeping)
    mention.identify("name", joined((first, last), " "), place)
    keep_attributes(element, place, reading.keeping)


def person_part(
    name: str, child: etree._Element, place: str, mention: MentionInProgress, reading: Reading
) -> bool:
    if name == "email":
        mention.identify("email", text_of(child), place, verified=attribute_flag(child, "verified"))
        keep_attributes(child, place, reading.keeping, but=frozenset({"verified"}))
    elif name == "phone":
        mention.identify("phone", phone_text(child), place, verified=attribute_flag(child, "verified"))
        keep_attributes(child, place, reading.keeping, but=frozenset({"verified"}))
    elif name == "address":
        mention.identify("address", address_text(child), place)
        keep_attributes(child, place, reading.keeping)
    elif name in ("age", "approximateAge"):
        if said := text_of(child):
            approximate = name == "approximateAge"
            mention.ages.append(age_from_years(said, place, reading.said_on, approximate=approximate))
    elif name == "dateOfBirth":
        if born := text_of(child):
            mention.ages.append(age_from_birth(born, place))
    else:
        return False
    return True


def phone_text(element: etree._Element) -> str:
    """The number, after the calling code that the sender put beside it unless it starts with one."""
    number = text_of(element)
    code = clean(element.get("countryCallingCode"))
    return f"{code} {number}" if code and number and not number.startswith(("+", "00")) else number


def address_text(element: etree._Element) -> str:
    return joined((text_of(child) for child in element), ", ") or clean(element.text)

"""The police-side JSON export: containers that are null, wrappers that repeat their name, booleans as texts."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from threshold.sample import frequencies as often
from threshold.sample.telling import Described, File, Report, zulu

Json = dict[str, Any]
CONTAINERS = {
    "reported": ("reportedPeople", "reportedPersons"),
    "harmed": ("childVictims", "childVictims"),
    "recipient": ("intendedRecipients", "intendedRecipients"),
}


def report(chance: random.Random, told: Report) -> Json:
    people = {role: [each for each in told.people if each.role == role] for role in CONTAINERS}
    said: Json = {
        "reportingEsp": {"espName": told.company.name},
        "incidentSummary": {
            "incidentType": told.incident,
            "platform": told.company.service,
            "incidentDateTime": zulu(told.at),
            "incidentDateTimeDescription": None,
        },
        "incidentDetails": {
            "chatIncident": [{"notes": [{"value": told.words}]}] if told.words else None,
            "emailIncident": None,
        },
    }
    for role, (outer, inner) in CONTAINERS.items():
        described = [person(chance, each) for each in people[role]]
        said[outer] = {inner: described} if described else _nothing(chance, inner)
    files = [file(chance, each) for each in told.files]
    said["uploadedFiles"] = (
        files if chance.random() < often.FILES_AS_LIST else {"uploadedFiles": files or None}
    )
    said["additionalInformations"] = None
    made_available = told.at + timedelta(days=chance.randint(1, 9))
    return {
        "reportId": int(told.reference) if chance.random() < 0.5 else told.reference,
        # A later version reached the clearing house later.
        "dateReceived": zulu(told.at + timedelta(hours=int(told.reference) % 29, days=told.version)),
        "reportedInformation": said,
        "automatedInformation": None,
        "additionalNcmecInformation": {
            "ncmecClassification": None,
            "priority": {"priorityId": 1, "value": "Urgent"} if told.urgent else None,
            "internationalCountry": "GB",
        },
        "lawEnforcementContactInformation": {
            "lawEnforcementContacts": [
                {"agency": "Fictional National Agency", "dateTimeMadeAvailable": zulu(made_available)}
            ]
        },
    }


def places(told: Report, place: str) -> list[tuple[Described, str]]:
    """Where each person stands in a report that stands at *place*."""
    found = []
    for role, (outer, inner) in CONTAINERS.items():
        of_role = [each for each in told.people if each.role == role]
        at = f"{place}/reportedInformation/{outer}/{inner}"
        found += [(each, f"{at}[{n}]") for n, each in enumerate(of_role)]
    return found


def _nothing(chance: random.Random, inner: str) -> Json | None:
    return None if chance.random() < often.NULL_CONTAINER else {inner: None}


def _boolean(chance: random.Random, value: bool | None) -> bool | str | None:
    if value is not None and chance.random() < often.BOOLEAN_AS_TEXT:
        return "true" if value else "false"
    return value


def person(chance: random.Random, each: Described) -> Json:
    number_as_number = each.account and each.account.name.isdecimal() and each.account.name[0] != "0"
    return {
        "firstName": each.name[0] or None,
        "lastName": each.name[1] or None,
        "dateOfBirth": each.born or None,
        "approximateAge": int(each.age) if each.age.isdecimal() else each.age or None,
        "espService": each.account.company.service if each.account else None,
        "espUserId": each.account
        and (int(each.account.name) if number_as_number and chance.random() < 0.3 else each.account.name),
        "screenName": {"value": each.screen_name} if each.screen_name else None,
        "emails": {
            "emails": [{"value": text, "verified": _boolean(chance, ok)} for text, ok in each.emails] or None
        },
        "phones": {"phones": [{"value": text, "verified": _boolean(chance, ok)} for text, ok in each.phones]},
        "addresses": _address(each),
        "accessToChildren": _boolean(chance, each.access_to_children) if each.role == "reported" else None,
        "sourceInformation": {
            "sourceCaptures": [
                {
                    "captureType": "IP Address",
                    "value": seen.ip,
                    "eventName": seen.event,
                    "dateTime": zulu(seen.at),
                    "port": seen.port,
                    "possibleProxy": None,
                }
                for seen in each.seen
            ]
            + ([{"captureType": "Device ID", "value": each.device}] if each.device else [])
        },
    }


def _address(each: Described) -> Json | None:
    if not each.address:
        return None
    house, town, postcode = each.address
    return {"addresses": [{"street1": house, "city": town, "postalCode": postcode, "country": "GB"}]}


def file(chance: random.Random, told: File) -> Json:
    viewed = {"true": True, "false": False}.get(told.viewed)
    return {
        "filename": "file-1.jpg",
        "viewedByEsp": _boolean(chance, viewed),
        "publiclyAvailable": told.public,
        "industryClassification": told.grade or None,
        "ncmecTags": {"groups": [{"tags": [{"value": "Viral"}]}]} if told.sign == "viral" else None,
    }

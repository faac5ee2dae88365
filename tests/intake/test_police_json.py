"""The police-side export: every shape its containers take, every number as it was written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from threshold.intake.reading import Grade, ReadMention, ReadReport, Rejected

CSAM = "Child Pornography (possession, manufacture, and distribution)"


def export(person: dict[str, Any] | None = None, **told: Any) -> dict[str, Any]:
    return {
        "reportId": 100001,
        "dateReceived": "2026-04-01T10:00:00Z",
        "reportedInformation": {
            "reportingEsp": {"espName": "Fictional Chat Ltd"},
            "incidentSummary": {
                "incidentType": CSAM,
                "platform": "Fictional Chat",
                "incidentDateTime": "2026-03-29T01:30:00Z",
                "incidentDateTimeDescription": None,
            },
            "reportedPeople": {
                "reportedPersons": [person if person is not None else {"espUserId": "u-1001"}]
            },
            "childVictims": None,
            "intendedRecipients": {"intendedRecipients": None},
            "uploadedFiles": None,
            **told,
        },
        "automatedInformation": None,
        "additionalNcmecInformation": {
            "priority": {"priorityId": 1, "value": "1"},
            "ncmecClassification": "x",
        },
        "lawEnforcementContactInformation": {
            "lawEnforcementContacts": [
                {"agency": "B", "dateTimeMadeAvailable": "2026-04-03T00:00:00Z"},
                {"agency": "A", "dateTimeMadeAvailable": "2026-04-02T00:00:00Z"},
            ]
        },
    }


@pytest.fixture
def one(entries):  # type: ignore[no-untyped-def]
    def read_one(content: Any) -> ReadReport:
        (found,) = entries(content if isinstance(content, str | bytes) else json.dumps(content))
        assert isinstance(found, ReadReport), found
        return found

    return read_one


def man(found: ReadReport) -> ReadMention:
    return next(mention for mention in found.mentions if mention.role == "reported")


def received(mention: ReadMention) -> list[tuple[str, str, str]]:
    return [(one.kind, one.received, one.service) for one in mention.identifiers]


def test_the_report_and_its_four_times(one) -> None:
    found = one(export())
    assert (found.reference, found.sender, found.service, found.incident) == (
        "100001",
        "Fictional Chat Ltd",
        "Fictional Chat",
        CSAM,
    )
    assert found.urgency == "1"
    assert found.happened is not None and found.happened.utc == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found.reached_clearing_house is not None
    assert found.reached_clearing_house.utc == datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert found.reached_agency is not None and found.reached_agency.utc == datetime(2026, 4, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "emails",
    [
        {"emails": [{"value": "a@mail.example", "verified": True}]},
        [{"value": "a@mail.example", "verified": True}],
        {"emails": {"value": "a@mail.example", "verified": True}},
        {"value": "a@mail.example", "verified": True},
        {"emails": {"emails": [{"value": "a@mail.example", "verified": "true"}, None]}},
    ],
)
def test_containers_are_read_in_any_shape(one, emails: Any) -> None:
    (identifier,) = man(one(export({"emails": emails}))).identifiers
    assert (identifier.kind, identifier.received, identifier.verified) == ("email", "a@mail.example", True)


@pytest.mark.parametrize(
    "emails", [None, [], {}, {"emails": None}, {"emails": []}, [None], "", 5, True, [[]]]
)
def test_empty_containers_say_nothing(one, emails: Any) -> None:
    assert [i for i in man(one(export({"emails": emails}))).identifiers if "@" in i.received] == []


@pytest.mark.parametrize("people", [None, [], {}, {"reportedPersons": None}, {"reportedPersons": []}, 3, "x"])
def test_without_people_somebody_is_still_reported(one, people: Any) -> None:
    assert [m.role for m in one(export(reportedPeople=people)).mentions] == ["reported"]


def test_every_container_null_still_reads(one) -> None:
    content = dict.fromkeys(export())
    content["reportId"] = "1"
    assert one(content).reference == "1"
    told = dict.fromkeys(export()["reportedInformation"])
    assert one({**export(), "reportedInformation": told}).sender == "not stated"


@pytest.mark.parametrize(
    "number", ["70", "1e3", "12345678901234567890", "1.122334455667789e+29", "-0", "NaN"]
)
def test_a_number_in_place_of_text_stays_as_written_and_is_doubted(one, number: str) -> None:
    content = json.dumps(export({"espUserId": "@@", "espService": "Chat"})).replace('"@@"', number)
    found = one(content)
    assert received(man(found)) == [("account", number, "Chat")]
    assert any(kept.text.startswith(f"{number}: a number stood where text") for kept in found.unknown)


def test_a_person_in_full(one) -> None:
    found = one(
        export(
            {
                "firstName": "Alex",
                "middleName": None,
                "lastName": "Testperson",
                "dateOfBirth": "1990-01-02",
                "approximateAge": 36,
                "espService": "Chat",
                "espUserId": "u-1001",
                "screenNames": {"screenNames": [{"value": "alex_t"}, {"value": "0070"}]},
                "displayNames": {"displayNames": ["Alex T"]},
                "phones": {"phones": [{"value": "+447700900123", "verified": False}]},
                "addresses": {
                    "addresses": [{"street1": "1 Test St", "city": "Town", "postalCode": "ZZ1 1ZZ"}]
                },
                "accessToChildVictim": False,
                "accessToChildren": True,
                "convictedSexOffender": "unknown",
                "accessToFirearms": None,
                "gangAffiliation": "none known",
                "sourceInformation": {
                    "sourceCaptures": [
                        {
                            "captureType": "IP Address",
                            "value": "203.0.113.7",
                            "port": 50123,
                            "eventName": "Login",
                            "dateTime": "2026-03-28T23:59:59Z",
                            "possibleProxy": False,
                        },
                        {"captureType": "Device ID", "value": "9774d56d682e549c", "valueType": "Android ID"},
                        {"captureType": "URL", "value": "https://chat.example/x"},
                    ]
                },
            }
        )
    )
    person = man(found)
    assert received(person) == [
        ("name", "Alex Testperson", ""),
        ("account", "u-1001", "Chat"),
        ("screen_name", "alex_t", "Chat"),
        ("screen_name", "0070", "Chat"),
        ("display_name", "Alex T", "Chat"),
        ("phone", "+447700900123", ""),
        ("address", "1 Test St, Town, ZZ1 1ZZ", ""),
        ("device", "9774d56d682e549c", "Android ID"),
    ]
    (connection,) = person.connections
    assert (connection.address, connection.port, connection.event, connection.possible_proxy) == (
        "203.0.113.7",
        "50123",
        "Login",
        False,
    )
    assert [(claim.fact, claim.value) for claim in person.claims] == [
        ("access_to_children", True),
        ("relevant_history", None),
    ]
    assert {"none known", "https://chat.example/x"} <= {kept.text for kept in found.unknown}


@pytest.mark.parametrize(
    ("key", "answer", "expected"),
    [
        ("accessToChildren", False, [("access_to_children", False)]),
        ("accessToChildVictim", True, [("access_to_children", True)]),
        ("accessToChildVictim", False, []),
        ("convictedSexOffender", True, [("relevant_history", True)]),
        ("convictedSexOffender", False, []),
        ("convictedSexOffender", None, []),
        ("accessToChildren", "", []),
        ("relationshipToChildVictim", "Father", [("access_to_children", True)]),
        ("relationshipToChildVictim", "Stranger", []),
    ],
)
def test_an_answer_claims_only_what_it_answers(
    one, key: str, answer: Any, expected: list[tuple[str, bool]]
) -> None:
    assert [(c.fact, c.value) for c in man(one(export({key: answer}))).claims] == expected


@pytest.mark.parametrize("shape", [lambda f: {"uploadedFiles": f}, lambda f: f, lambda f: f[0]])
def test_uploaded_files_in_each_shape_without_their_digests(one, shape: Any) -> None:
    md5 = "d41d8cd98f00b204e9800998ecf8427e"
    file = {
        "filename": "a.jpg",
        "verificationHash": md5,
        "viewedByEsp": None,
        "publiclyAvailable": True,
        "industryClassification": "A1",
        "ncmecTags": {"groups": [{"tags": [{"value": "Infant"}, {"value": "Something else"}]}]},
        "espMetadata": {"metadatas": [{"name": "MD5", "value": md5}, {"name": "Camera", "value": "TestCam"}]},
        "sourceInformation": {"sourceCaptures": [{"captureType": "IP Address", "value": "2001:db8::7"}]},
    }
    found = one(export(uploadedFiles=shape([file])))
    person = man(found)
    assert [(a.kind, a.grades) for a in person.activities] == [
        ("not_stated", ()),
        ("shared", (Grade("industry", "A1", 1),)),
    ]
    assert [(c.fact, c.value) for c in person.claims] == [("infant_material", True)]
    assert [c.address for c in person.connections] == ["2001:db8::7"]
    assert md5 not in repr(found)
    assert "TestCam" in repr(found.unknown)


def test_a_lookup_of_an_address_is_kept_and_no_fact(one) -> None:
    content = export()
    content["automatedInformation"] = {
        "autoGeneratedNotes": {
            "geoLookups": {"reportedPersonGeoLookups": [{"ipAddress": "203.0.113.7", "city": "T"}]}
        }
    }
    found = one(content)
    assert man(found).connections == ()
    assert any("geoLookups" in kept.path and kept.text == "T" for kept in found.unknown)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_unicode_encoding_is_read(one, encoding: str) -> None:
    content = json.dumps(export({"firstName": "Zoë"}), ensure_ascii=False).encode(encoding)
    assert received(man(one(content))) == [("name", "Zoë", "")]


def test_lists_lines_and_wrappers_of_reports(entries) -> None:
    single = json.dumps(export())
    pretty = json.dumps(export(), indent=2)
    for content in (
        f"[{single},\n{pretty}, {single}]",
        f"{single}\n{single}\r\n\n{single}\n",
        f"{pretty}\n{pretty}{single}",
        f'{{"reports": [{single}, {single}, {single}]}}',
    ):
        found = entries(content)
        assert [type(entry) for entry in found] == [ReadReport] * 3
        assert len({entry.place for entry in found}) == 3


def test_one_broken_line_costs_one_entry(entries) -> None:
    line = json.dumps(export())
    found = entries(f'{line}\n{{"reportId": 5, "x": tru}}\n{line}\n')
    assert [type(entry) for entry in found] == [ReadReport, Rejected, ReadReport]
    assert "not valid JSON" in found[1].reason


def test_a_broken_list_tells_where_and_that_the_rest_is_lost(entries) -> None:
    line = json.dumps(export())
    *read, broken = entries(f"[{line}, {line}, {line[:-5]}")
    assert [type(entry) for entry in read] == [ReadReport, ReadReport]
    assert isinstance(broken, Rejected)
    assert (broken.place, broken.state) == ("[2]", "refused")


def test_keys_that_stand_twice_hold_the_report(entries) -> None:
    content = json.dumps(export()).replace('"reportId": 100001', '"reportId": 100001, "reportId": 2')
    (found,) = entries(content)
    assert isinstance(found, Rejected)
    assert (found.state, found.field) == ("held", "reportId")


MD5S = ["d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661"]
REFUSED = {
    "hash set": {"@odata.context": "http://x/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media", "value": []},
    "list of digests": MD5S,
    "objects of digests": [{"MD5": one, "Category": 1} for one in MD5S],
    "wrapped digests": {"value": [{"MediaID": 1, "SHA1": "a" * 40}]},
    "digests under another name": {"known": MD5S},
}


@pytest.mark.parametrize("name", REFUSED)
def test_sets_of_digests_are_refused_whole(entries, name: str) -> None:
    (found,) = entries(json.dumps(REFUSED[name]))
    assert isinstance(found, Rejected)
    assert found.state == "refused"
    assert "digests" in found.reason


def test_a_case_file_of_project_vic_is_held_for_now(entries) -> None:
    (found,) = entries(json.dumps({"@odata.context": "http://x/$metadata#Cases", "value": [{"Media": []}]}))
    assert isinstance(found, Rejected)
    assert (found.state, "not taken yet" in found.reason) == ("held", True)


HOSTILE = {
    "deep": "[" * 100_000,
    "deep object": '{"a":' * 100_000,
    "deep in a report": '{"reportId": 1, "x": ' + "[" * 900 + "]" * 900 + "}",
    "NaN": "NaN",
    "scalar": "5",
    "text": '"hello"',
    "cut short": json.dumps(export())[:-10],
    "lone surrogate": '{"reportId": "\\ud800\\u0000x"}',
    "not utf-8": b'{"reportId": "\xff\xfe\xfa"}',
    "odd utf-16": '{"reportId": 1}'.encode("utf-16") + b"x",
    "nothing after a bracket": "[",
    "an empty list": "[]",
    "an empty object": "{}",
    "list in list": "[[[]]]",
    "long key": json.dumps({"reportId": 1, "k" * 100_000: "v"}),
    "long text": json.dumps({"reportId": "9" * 1_000_000}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_become_entries(entries, name: str) -> None:
    for found in entries(HOSTILE[name]):
        repr(found).encode()
        assert isinstance(found, ReadReport | Rejected)
        if isinstance(found, ReadReport):
            assert "\x00" not in (found.reference or "")
            assert len(found.reference or "") <= 4000

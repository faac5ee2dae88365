"""What a file is, is told by what is in it; whatever it is, it becomes entries."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threshold.intake.media import cut_media
from threshold.intake.readers import READERS, sniff
from threshold.intake.reading import ControlPart, Rejected, Source

XML = b"<report><incidentSummary><incidentType>x</incidentType></incidentSummary></report>"
JSON = b'{"reportId": 1}'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (XML, "ispws"),
        (b"\xef\xbb\xbf \n" + XML, "ispws"),
        (XML.decode().encode("utf-16"), "ispws"),
        (XML.decode().encode("utf-16-be"), "ispws"),
        (JSON, "police-json"),
        (b"\xef\xbb\xbf\n[" + JSON + b"]", "police-json"),
        (JSON.decode().encode("utf-16-le"), "police-json"),
        (b"a,b\n1,2\n", "table"),
        ("a;b\n".encode("utf-16"), "table"),
        (b"application/x-www-form-urlencoded", "control"),
        (b"multipart/form-data; boundary=----x", "control"),
        (b"id=4564654", "control"),
        (b"GET /ispws/status HTTP/1.1\r\n\r\n", "control"),
        (b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--x--\r\n', "control"),
    ],
)
def test_the_content_tells_the_format(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "anything.pdf"
    path.write_bytes(content)
    assert sniff(Source("anything.pdf", str(path))) == expected
    assert expected in READERS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Dear colleague\nplease find attached.\n", "not a format that Threshold reads"),
        (b"PK\x03\x04" + b"\x00" * 900, "unpack it first"),
        (b"\x1f\x8b" + b"\x00" * 900, "unpack it first"),
        (b"\x7fELF" + bytes(range(256)) * 9, "not a format that Threshold reads"),
        (b"[media cut: jpeg of 500 bytes]", "nothing but media"),
        ("\n".join(f"{n:032x}" for n in range(9)).encode(), "digests"),
    ],
)
def test_everything_else_is_refused_with_the_reason(entries, content: bytes, words: str) -> None:
    sink = io.BytesIO()
    cut_media(io.BytesIO(content), sink)
    for stored in (content, sink.getvalue()):
        (found,) = entries(stored)
        assert isinstance(found, Rejected)
        assert found.state == "refused"
        assert words in found.reason or stored.startswith((b"\x7fELF", b"[media cut: binary"))


@pytest.mark.parametrize(
    ("content", "reference"),
    [
        (b"id=4564654", "4564654"),
        (b"id=4564654&x=1\r\n", "4564654"),
        (b"id=none", None),
        (b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n4564654\r\n--x--\r\n', "4564654"),
        (
            b'--x\r\nContent-Disposition: form-data; name="id"\r\nContent-Type: text/plain\r\n\r\n4564654\r\n--x--\r\n',
            "4564654",
        ),
        (b"text/xml; charset=utf-8", None),
    ],
)
def test_parts_of_a_conversation_give_their_reference(entries, content: bytes, reference: str | None) -> None:
    (found,) = entries(content)
    assert isinstance(found, ControlPart)
    assert found.reference == reference


SEEDS = (
    XML,
    b'<?xml version="1.0"?><batch>' + XML * 3 + b"</batch>",
    b"<fileDetails><reportId>1</reportId><industryClassification>A1</industryClassification></fileDetails>",
    json.dumps(
        {"reportId": 1, "reportedInformation": {"reportedPeople": {"reportedPersons": [{"emails": []}]}}}
    ).encode(),
    b'[{"reportId": 1}, {"reportId": "2"}]',
    b'{"reportId": 1}\n{"reportId": 2}\n',
    b"a,b\n1,2\n",
    b"id=1&x=2",
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(SEEDS),
    st.integers(0, 2**32),
    st.integers(1, 6),
    st.sampled_from(["none", "utf-16", "utf-8-sig"]),
)
def test_mutated_documents_always_become_entries(
    entries, seed: bytes, dice: int, times: int, encoding: str
) -> None:
    chance = random.Random(dice)
    content = bytearray(seed)
    pieces = (
        b"<",
        b">",
        b"&",
        b'"',
        b"{",
        b"[",
        b"null",
        b"\x00",
        b"\xff",
        b"<!DOCTYPE x>",
        b"\xef\xbb\xbf",
        b"]]>",
        b",",
    )
    for _ in range(times):
        at = chance.randrange(len(content) + 1)
        if chance.random() < 0.5:
            content[at:at] = chance.choice(pieces)
        else:
            del content[at : at + chance.randrange(20)]
    final = bytes(content) if encoding == "none" else bytes(content).decode("latin-1").encode(encoding)
    for found in entries(final):
        repr(found).encode()


KEYS = [
    "reportedInformation",
    "reportedPeople",
    "reportedPersons",
    "emails",
    "value",
    "uploadedFiles",
    "ncmecTags",
    "groups",
    "tags",
    "sourceInformation",
    "sourceCaptures",
    "incidentSummary",
    "incidentDetails",
    "childVictims",
    "dateOfBirth",
    "approximateAge",
    "captureType",
    "addresses",
    "priority",
    "lawEnforcementContacts",
    "espUserId",
]
ANY_SHAPE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_SHAPE)
def test_any_shape_of_the_export_becomes_entries(entries, value: object) -> None:
    for found in entries(
        json.dumps({"reportId": "1", "reportedInformation": value, "additionalNcmecInformation": value})
    ):
        repr(found).encode("utf-8", "strict")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "save it as XLSX"),
        (
            b"From: desk@forum.example\r\nSubject: Referral; urgent\r\n\r\nSee attached, please.\r\n",
            "an e-mail",
        ),
        (
            b"Received: by mail.example;\r\n Wed, 1 Apr 2026\r\nMIME-Version: 1.0\r\nTo: a@b.example\r\n\r\nHello",
            "an e-mail",
        ),
    ],
)
def test_what_is_not_read_says_what_to_bring_instead(entries, content: bytes, words: str) -> None:
    (found,) = entries(content)
    assert isinstance(found, Rejected) and found.state == "refused" and words in found.reason


def test_a_table_may_stand_below_a_title_without_a_delimiter(entries) -> None:
    (found,) = entries("Referrals of April\n\nRef,Email\nA-1,al@mail.example\nA-2,bo@mail.example\n")
    assert isinstance(found, Rejected) and "needs a map" in found.reason
    (found,) = entries("Dear all\nplease see below, and answer\nor ring\nThanks\n")
    assert isinstance(found, Rejected) and found.state == "refused"

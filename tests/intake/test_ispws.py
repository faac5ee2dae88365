"""The clearing house's XML: every element where it belongs, every trap survived."""

from __future__ import annotations

from datetime import date

import pytest

from threshold.intake.drafting import content_key
from threshold.intake.reading import (
    Activity,
    Claim,
    ControlPart,
    Grade,
    ReadAddition,
    ReadMention,
    ReadReport,
    Rejected,
)

CSAM = "Child Pornography (possession, manufacture, and distribution)"
WHEN = "2026-03-29T01:30:00+01:00"


def report(
    people: str = "",
    *,
    kind: str = CSAM,
    summary: str = "",
    details: str = "",
    before: str = "",
    after: str = "",
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <report>{before}<incidentSummary><incidentType>{kind}</incidentType>{summary}
    <incidentDateTime>{WHEN}</incidentDateTime></incidentSummary>{details}
    <reporter><reportingPerson><email>safety@chat.example</email></reportingPerson></reporter>
    {people}{after}</report>"""


def reported(inside: str, person: str = "") -> str:
    return (
        f"<personOrUserReported><personOrUserReportedPerson>{person}</personOrUserReportedPerson>"
        f"<espIdentifier>u-1001</espIdentifier><espService>Chat</espService>{inside}</personOrUserReported>"
    )


@pytest.fixture
def one(entries):  # type: ignore[no-untyped-def]
    def read_one(content: str, **hints: str) -> ReadReport:
        (found,) = entries(content, **hints)
        assert isinstance(found, ReadReport), found
        return found

    return read_one


def man(found: ReadReport) -> ReadMention:
    return next(mention for mention in found.mentions if mention.role == "reported")


def kinds(found: ReadReport) -> list[str]:
    return [activity.kind for activity in man(found).activities]


def claims(mention: ReadMention) -> dict[str, object]:
    return {claim.fact: claim.value for claim in mention.claims}


def received(mention: ReadMention) -> list[tuple[str, str, str]]:
    return [(one.kind, one.received, one.service) for one in mention.identifiers]


@pytest.mark.parametrize(
    ("kind", "activity"),
    [
        (CSAM, "not_stated"),
        ("Online Enticement of Children for Sexual Acts", "groomed"),
        ("Child Sexual Molestation", "contact"),
        ("Child Sex Trafficking", "contact"),
        ("Child Sex Tourism", "contact"),
        ("Unsolicited Obscene Material Sent to a Child", "groomed"),
        ("Misleading Domain Name", "not_stated"),
        ("A kind of a later version", "not_stated"),
    ],
)
def test_the_type_of_incident_says_what_was_done_and_no_more(one, kind: str, activity: str) -> None:
    found = one(report(reported(""), kind=kind))
    assert kinds(found) == [activity]
    assert found.incident == kind
    assert claims(man(found)) == ({"exploitation": True} if "Trafficking" in kind else {})


def test_peer_to_peer_or_a_recipient_means_shared(one) -> None:
    peer = (
        "<internetDetails><peer2peerIncident><client>eMule</client><ipCaptureEvent>"
        "<ipAddress>203.0.113.9</ipAddress><port>4662</port></ipCaptureEvent></peer2peerIncident></internetDetails>"
    )
    found = one(report(details=peer))
    assert kinds(found) == ["shared"]
    assert [(c.address, c.port) for c in man(found).connections] == [("203.0.113.9", "4662")]
    recipient = "<intendedRecipient><espIdentifier>u-2</espIdentifier></intendedRecipient>"
    assert kinds(one(report(reported("") + recipient))) == ["shared"]
    enticed = one(report(reported("") + recipient, kind="Online Enticement of Children for Sexual Acts"))
    assert kinds(enticed) == ["groomed"]


def test_annotations_are_true_when_empty_or_true_and_nothing_when_false_or_absent(one) -> None:
    tags = (
        "<reportAnnotations><sextortion/><csamSolicitation> true </csamSolicitation><minorToMinorInteraction>1"
        "</minorToMinorInteraction><sadisticOnlineExploitation>false</sadisticOnlineExploitation>"
        "<aLaterTag/></reportAnnotations>"
    )
    found = one(report(reported(""), summary=tags))
    assert claims(man(found)) == {"coerced_a_child": True, "sign_of_child": True}
    assert kinds(found) == ["not_stated", "solicited"]
    kept = {one.path.rpartition("/")[2]: one.text for one in found.unknown}
    assert kept["sadisticOnlineExploitation"] == "false"
    assert "aLaterTag" in kept


def test_the_sender_is_stated_or_said_not_to_be(one, entries) -> None:
    assert one(report()).sender == "chat.example"
    company = report().replace(
        "</reporter>", "<companyTemplate>Fictional Chat Ltd</companyTemplate></reporter>"
    )
    assert one(company).sender == "Fictional Chat Ltd"
    standing_text = company.replace("Fictional Chat Ltd", "We answer legal process\nat " + "x" * 200)
    assert one(standing_text).sender == "chat.example"
    nobody = report().replace("safety@chat.example", "")
    assert one(nobody).sender == "not stated"
    assert one(nobody, sender="By post").sender == "By post"


def test_numbers_stay_text(one) -> None:
    inside = "<screenName>0070</screenName><displayName>1e3</displayName><displayName>Ａlex 𝕏</displayName>"
    found = one(report(reported(inside)))
    assert received(man(found)) == [
        ("account", "u-1001", "Chat"),
        ("screen_name", "0070", "Chat"),
        ("display_name", "1e3", "Chat"),
        ("display_name", "Ａlex 𝕏", "Chat"),
    ]


def test_phone_email_and_address_keep_what_the_sender_said_of_them(one) -> None:
    person = (
        '<firstName>Alex</firstName><lastName>Testperson</lastName><phone verified="true" countryCallingCode="+44" '
        'type="Mobile">07700900123</phone><phone>+44 7700 900124</phone><email verified="false">a@mail.example'
        "</email><address><address>1 Test Street</address><city>Testtown</city><country>GB</country></address>"
        "<dateOfBirth>1990-01-02</dateOfBirth>"
    )
    found = man(one(report(reported("", person))))
    assert [(i.kind, i.received, i.verified) for i in found.identifiers] == [
        ("phone", "+44 07700900123", True),
        ("phone", "+44 7700 900124", None),
        ("email", "a@mail.example", False),
        ("address", "1 Test Street, Testtown, GB", None),
        ("name", "Alex Testperson", None),
        ("account", "u-1001", None),
    ]
    assert [(age.earliest, age.latest) for age in found.ages] == [(date(1990, 1, 2), date(1990, 1, 2))]


def test_a_time_without_zone_is_kept_and_never_guessed(one) -> None:
    event = "<ipAddress>203.0.113.7</ipAddress><dateTime>2026-03-29T01:30:00</dateTime>"
    inside = f"<ipCaptureEvent>{event}</ipCaptureEvent>"
    (connection,) = man(one(report(reported(inside)))).connections
    assert connection.port is None
    assert connection.at is not None
    assert (connection.at.received, connection.at.utc) == ("2026-03-29T01:30:00", None)


def test_roles_and_associated_accounts_are_people_of_their_own(one) -> None:
    associated = (
        '<associatedAccount type="Parent/Guardian"><firstName>Kim</firstName><lastName>Testperson</lastName>'
        "<approximateAge>40</approximateAge><email>kim@mail.example</email><espIdentifier>u-3</espIdentifier>"
        "<priorCTReport>100003</priorCTReport></associatedAccount>"
    )
    inside = f"<priorCTReports>100001</priorCTReports><priorCTReports>100002</priorCTReports>{associated}"
    victim = "<victim><victimPerson><firstName>R</firstName><age>11</age></victimPerson></victim>"
    found = one(report(reported(inside) + victim))
    assert [mention.role for mention in found.mentions] == ["reported", "associated", "harmed", "reporter"]
    first, second, child, _ = found.mentions
    assert first.prior_references == ("100001", "100002")
    assert second.prior_references == ("100003",)
    assert ("name", "Kim Testperson", "") in received(second)
    assert ("account", "u-3", "") in received(second)
    assert [(age.earliest, age.latest) for age in child.ages] == [(date(2014, 3, 30), date(2015, 3, 29))]
    assert ("Parent/Guardian") in [kept.text for kept in found.unknown]


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<compromisedAccount/>", True),
        ("<compromisedAccount>true</compromisedAccount>", True),
        ("<compromisedAccount>perhaps</compromisedAccount>", True),
        ("<compromisedAccount>false</compromisedAccount>", False),
        ("<compromisedAccount>0</compromisedAccount>", False),
        ("", False),
    ],
)
def test_a_compromised_account_is_marked_unless_plainly_denied(one, element: str, expected: bool) -> None:
    assert man(one(report(reported(element)))).compromised is expected


def test_an_account_of_another_company_is_not_the_senders_own(one) -> None:
    found = man(one(report(reported("<thirdPartyUserReported/>"))))
    assert received(found) == [("account", "u-1001", "another company's service: Chat")]


def test_several_people_need_a_batched_report(one, entries) -> None:
    two = "<personOrUserReported><espIdentifier>a</espIdentifier></personOrUserReported>" * 2
    (held,) = entries(report(two))
    assert isinstance(held, Rejected)
    assert (held.state, held.field) == ("held", "personOrUserReported")
    batched = one(report(two, before='<batchedReport reason="VIRAL_POTENTIAL_MEME"/>'))
    assert batched.batched
    assert [mention.role for mention in batched.mentions] == ["reported", "reported", "reporter"]


def test_urgency_is_kept_in_the_senders_words(one) -> None:
    urgent = "<escalateToHighPriority>says that he has a child with him</escalateToHighPriority>"
    assert one(report(summary=urgent)).urgency == "says that he has a child with him"
    assert one(report(summary="<escalateToHighPriority/>")).urgency == "escalated, no reason given"
    assert one(report()).urgency is None


def test_what_is_unknown_is_kept_with_its_path_and_capped(one) -> None:
    strange = (
        '<informational/><later kind="x"><part>one</part><part>two</part></later><long>'
        + "y" * 9000
        + "</long>"
    )
    found = one(report(after=strange + "<many>z</many>" * 500))
    kept = [(one.path, one.text) for one in found.unknown]
    assert ("/report/informational", "(present, empty)") in kept
    assert ("/report/later/@kind", "x") in kept
    assert ("/report/later/part", "one") in kept
    assert len(kept) <= 201 and "further" in kept[-1][1]
    assert max(len(text) for _, text in kept) <= 4000


def test_no_digest_is_ever_taken_out(one, entries) -> None:
    md5, sha = (
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )
    details = f"""<fileDetails><reportId>4564654</reportId><fileId>{md5}</fileId>
    <originalFileHash hashType="MD5">{md5}</originalFileHash>
    <originalFileHash hashType="SHA256">{sha}</originalFileHash>
    <fileHash>{md5}</fileHash><details type="HASH"><nameValuePair><name>MD5</name><value>{md5}</value></nameValuePair>
    </details><details><nameValuePair><name>sha-256</name><value>{sha}</value></nameValuePair><nameValuePair>
    <name>Note</name><value>{md5}</value></nameValuePair></details>
    <later hash="{md5}">{sha.upper()}</later></fileDetails>"""
    (addition,) = entries(details)
    assert isinstance(addition, ReadAddition)
    assert md5 not in repr(addition) and sha not in repr(addition).lower()
    answer = f"<reportResponse><responseCode>0</responseCode><reportId>1</reportId><hash>{md5}</hash></reportResponse>"
    assert md5 not in repr(entries(answer))
    free = f"<additionalInfo>file {md5}.jpg, MD5: {md5}; SHA256={sha}</additionalInfo>"
    found = one(report(after=f"<contentHash>{md5}</contentHash><later>see {md5}</later>{free}"))
    assert sha not in repr(found)
    assert md5 not in repr(found)


def test_file_details_add_to_their_report(entries) -> None:
    (found,) = entries(
        """<fileDetails><reportId>4564654</reportId><fileId>b0754af766b426f2928a02c651ed4b99</fileId>
        <uploadedToEspTimestamp>2026-03-29T00:30:00Z</uploadedToEspTimestamp><fileViewedByEsp>true</fileViewedByEsp>
        <publiclyAvailable>true</publiclyAvailable><fileAnnotations><infant/><viral/><violenceGore/>
        <possibleSelfProduction/><animeDrawingVirtualHentai>false</animeDrawingVirtualHentai></fileAnnotations>
        <industryClassification>A1</industryClassification><ipCaptureEvent><ipAddress>2001:db8::7</ipAddress>
        <dateTime>2026-03-29T00:30:00Z</dateTime></ipCaptureEvent></fileDetails>"""
    )
    assert isinstance(found, ReadAddition)
    assert found.reference == "4564654"
    assert claims(found.about) == {
        "infant_material": True,
        "viral_material": True,
        "violent_material": True,
        "possible_self_produced": True,
    }
    (activity,) = found.about.activities
    assert isinstance(activity, Activity)
    assert (activity.kind, activity.grades) == ("shared", (Grade("industry", "A1", 1),))
    assert found.about.connections[0].address == "2001:db8::7"


def test_file_details_without_a_report_are_held(entries) -> None:
    (found,) = entries("<fileDetails><fileId>1</fileId></fileDetails>")
    assert isinstance(found, Rejected)
    assert (found.state, found.field) == ("held", "reportId")


def test_answers_are_control_parts_with_their_reference(entries) -> None:
    (answer,) = entries(
        "<reportResponse><responseCode>0</responseCode><reportId>4564654</reportId></reportResponse>"
    )
    (done,) = entries(
        "<reportDoneResponse><responseCode>0</responseCode><reportId>4564654</reportId><files/></reportDoneResponse>"
    )
    assert isinstance(answer, ControlPart) and isinstance(done, ControlPart)
    assert answer.reference == done.reference == "4564654"


def test_a_report_that_names_nobody_still_has_somebody_reported(one) -> None:
    found = one(report())
    assert kinds(found) == ["not_stated"]
    assert man(found).identifiers == ()


def test_a_wrapper_holds_many_and_says_what_it_does_not_know(entries) -> None:
    inner = report(reported("")).partition("?>")[2]
    found = entries(
        f"<x:batch xmlns:x='urn:x'><sent>today</sent>{inner}{inner}<other><a/></other>{inner}</x:batch>"
    )
    assert [type(entry).__name__ for entry in found] == [
        "ControlPart",
        "ReadReport",
        "ReadReport",
        "Rejected",
        "ReadReport",
    ]
    assert [entry.place for entry in found][1:3] == ["/batch/report[1]", "/batch/report[2]"]
    assert len({entry.place for entry in found}) == 5


def test_reports_before_a_break_are_read_and_the_break_is_told(entries) -> None:
    inner = report(reported("")).partition("?>")[2]
    *read, broken = entries(f"<batch>{inner}{inner}<report><incidentSummary>")
    assert [type(entry) for entry in read] == [ReadReport, ReadReport]
    assert isinstance(broken, Rejected)
    assert "after 2 entries" in broken.reason


def test_a_namespace_does_not_hide_the_report(one) -> None:
    content = report(reported("")).replace("<report>", '<n:report xmlns="urn:a" xmlns:n="urn:a">')
    assert received(man(one(content.replace("</report>", "</n:report>"))))


HOSTILE = {
    "billion laughs": '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><report>&b;</report>',
    "external entity": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><report>&x;</report>',
    "external dtd": '<!DOCTYPE report SYSTEM "http://192.0.2.1/x.dtd"><report/>',
    "doctype behind a comment": '<?xml version="1.0"?><!-- a > b --> \n<!DOCTYPE r><report/>',
    "undeclared entity": "<report><incidentSummary>&lol;</incidentSummary></report>",
    "deep": "<report>" + "<a>" * 100_000 + "</a>" * 100_000 + "</report>",
    "large attribute": '<report a="' + "x y " * 5_000_000 + '"/>',
    "cut short": report()[:-40],
    "nothing of ours": "<html><body><p>hello</p></body></html>",
    "an empty report": "<report/>",
    "another report": "<report><testcase/></report>",
    "two roots": "<report/><report/>",
    "NUL": report().replace("Child", "Ch\x00ld"),
    "unknown encoding": '<?xml version="1.0" encoding="cp037"?><report/>',
    "utf-7": '<?xml version="1.0" encoding="UTF-7"?>+ADw-report/>',
    "only a bracket": "<",
    "many strangers": "<x>" + "<y><z/></y>" * 5000 + "</x>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_a_reason(entries, name: str) -> None:
    (found,) = entries(HOSTILE[name])
    assert isinstance(found, Rejected)
    assert found.state == "refused"
    assert found.reason
    assert "root:" not in repr(found)


@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("real", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "windows-1252"])
def test_every_encoding_is_read_right_or_refused(entries, declared: str, real: str) -> None:
    content = report(reported("<displayName>Zoë</displayName>")).replace("UTF-8", declared)
    (found,) = entries(content.encode(real))
    if isinstance(found, ReadReport):
        matches = real.startswith(declared) or (real, declared) in (
            ("windows-1252", "iso-8859-1"),
            ("utf-16-be", "utf-16"),
        )
        names = [i.received for i in man(found).identifiers if i.kind == "display_name"]
        assert names == ["Zoë"] or not matches
    else:
        assert isinstance(found, Rejected)


def test_claims_say_where_they_stand(one) -> None:
    found = one(report(reported(""), summary="<reportAnnotations><sextortion/></reportAnnotations>"))
    assert man(found).claims == (
        Claim("coerced_a_child", True, "/report/incidentSummary/reportAnnotations/sextortion"),
    )


def enveloped(body: str) -> str:
    return f"""<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
      <s:Header><token>t</token></s:Header><s:Body>{body}</s:Body></s:Envelope>"""


def test_reports_in_a_soap_envelope_are_read(entries) -> None:
    inner = report(reported("")).partition("?>")[2]
    (found,) = entries(enveloped(inner))
    assert isinstance(found, ReadReport) and found.place == "/Envelope/Body/report[1]"
    both = entries(enveloped(f"<submit>{inner}{inner}</submit>"))
    assert [one.place for one in both] == [f"/Envelope/Body/submit/report[{n}]" for n in (1, 2)]
    (nothing,) = entries(enveloped("<submit/>"))
    assert isinstance(nothing, Rejected) and "nor in a SOAP envelope" in nothing.reason


BROKEN = {
    "<report><a>": "cut off",
    "<report><a></b></report>": "not the last to be opened",
    "<report>a & b</report>": "written &amp;",
    "<report>\x01</report>": "does not allow",
    "<report a='1' a='2'/>": "an attribute in it",
    "<n:report/>": "prefix",
    "<report/><report/>": "after its end",
}


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_wrong_with_xml_is_said_in_words(entries, content: str) -> None:
    (found,) = entries(content)
    assert isinstance(found, Rejected) and BROKEN[content] in found.reason


def test_files_of_which_the_same_is_said_are_told_apart_by_their_numbers(entries) -> None:
    details = "<fileDetails><reportId>1</reportId>{}<publiclyAvailable>true</publiclyAvailable></fileDetails>"
    keys = [
        content_key(one)
        for number in ("<fileId>a1</fileId>", "<fileId>b2</fileId>", "<fileId>a1</fileId>", "")
        for one in entries(details.format(number))
    ]
    assert keys[0] == keys[2] and len(set(keys)) == 3

"""Against what we did not write: two genuine senders' conversations, and the clearing house's own schema."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from lxml import etree

from threshold.intake.conversation import lone_reference
from threshold.intake.media import cut_media
from threshold.intake.readers import ispws, ispws_person, meanings, read, xml_entries
from threshold.intake.reading import ControlPart, ReadAddition, ReadReport, Source

FOLDER = (
    Path(os.environ.get("THRESHOLD_REFERENCE") or Path(__file__).parents[2] / ".." / "shared" / "reference")
    / "ncmec"
)
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the reference documents are not here: set THRESHOLD_REFERENCE to their folder",
)

CONVERSATIONS = ("py-ncmec-cybertip-0.1.1", "npm-civitai-cybertipline-tools-0.1.0")

# Elements that are kept and shown but never acted on: whose they are, or what they mean, is not said.
KEPT = ispws_person.KEPT_OF_ACCOUNT | {
    "webPageIncident", "emailIncident", "newsgroupIncident", "chatImIncident", "onlineGamingIncident",
    "cellPhoneIncident", "nonInternetIncident", "url", "emailAddress", "content", "name", "chatClient",
    "chatRoomName", "gameName", "console", "phoneNumber", "latitude", "longitude", "locationName",
    "incidentAddress", "client", "fileNames", "agencyName", "caseNumber", "officerContact", "reportedToLe",
    "servedLegalProcessDomestic", "servedLegalProcessInternational", "termsOfService", "legalURL",
    "incidentDateTimeDescription", "fileName", "originalFileName", "locationOfFile", "fileViewedByEsp",
    "exifViewedByEsp", "fileRelevance", "region", "countryCode", "value",
}  # fmt: skip
# Joined into one text, whatever the parts are called.
JOINED = {"city", "zipCode", "state", "nonUsaState", "country"}
PASSED_OVER = ispws.PASSED_OVER | {"hash", "responseDescription", "files"}


def conversation(name: str) -> list[Source]:
    return [Source(path.name, str(path), name) for path in sorted((FOLDER / name).iterdir())]


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_whole_conversation_reads_without_complaint(name: str) -> None:
    entries = [entry for source in conversation(name) for entry in read(source)]
    (report,) = [entry for entry in entries if isinstance(entry, ReadReport)]
    (details,) = [entry for entry in entries if isinstance(entry, ReadAddition)]
    assert all(isinstance(entry, ReadReport | ReadAddition | ControlPart) for entry in entries)
    assert lone_reference(entries) == details.reference == "4564654"
    man = report.mentions[0]
    assert man.role == "reported"
    assert ("account", "u-1001", "Fictional Chat") in [
        (i.kind, i.received, i.service) for i in man.identifiers
    ]
    assert [claim.fact for claim in man.claims] == ["coerced_a_child"]
    assert [grade.grade for activity in details.about.activities for grade in activity.grades] == ["B2"]
    assert [claim.fact for claim in details.about.claims] == ["possibly_generated"]


@pytest.mark.parametrize("name", ["6.1_submit_request_report.xml", "6.3_fileinfo_request_fileDetails.xml"])
def test_the_examples_of_the_documentation_read(name: str) -> None:
    (found,) = read(Source(name, str(FOLDER / name)))
    assert isinstance(found, ReadReport | ReadAddition)


def test_every_element_of_the_schema_is_read_or_knowingly_kept() -> None:
    tree = etree.parse(str(FOLDER / "cyber_tipline_2025-11.xsd"))
    names = {str(one.get("name")) for one in tree.iter("{*}element") if one.get("name")}
    source = "".join(
        Path(str(one.__file__)).read_text() for one in (ispws, ispws_person, meanings, xml_entries)
    )
    read_by_name = set(re.findall(r'"(\w+)"', source))
    assert sorted(names - read_by_name - KEPT - JOINED - PASSED_OVER) == []


def test_every_word_of_the_schema_has_a_meaning() -> None:
    tree = etree.parse(str(FOLDER / "cyber_tipline_2025-11.xsd"))

    def values(kind: str) -> set[str]:
        (found,) = [one for one in tree.iter("{*}simpleType") if one.get("name") == kind]
        return {str(one.get("value")) for one in found.iter("{*}enumeration")}

    def members(kind: str) -> set[str]:
        (found,) = [one for one in tree.iter("{*}complexType") if one.get("name") == kind]
        return {str(one.get("name")) for one in found.iter("{*}element")}

    assert {value.lower() for value in values("incidentType")} == set(meanings.INCIDENT_TYPES)
    assert values("fileClassification") == meanings.INDUSTRY_GRADES
    assert members("fileAnnotations") == set(meanings.FILE_ANNOTATIONS)
    assert members("reportAnnotations") == set(meanings.REPORT_ANNOTATIONS) | set(
        meanings.ANNOTATED_ACTIVITIES
    )


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.xml")))
def test_the_clearing_house_s_examples_lose_nothing_to_the_cutter(name: str) -> None:
    content, sink = (FOLDER / name).read_bytes(), io.BytesIO()
    assert cut_media(io.BytesIO(content), sink).cuts == ()
    assert sink.getvalue() == content


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_genuine_conversation_loses_only_its_uploaded_file(name: str) -> None:
    for path in sorted((FOLDER / name).iterdir()):
        content, sink = path.read_bytes(), io.BytesIO()
        result = cut_media(io.BytesIO(content), sink)
        assert [cut.kind for cut in result.cuts] == (["file"] if "upload.body" in path.name else [])
        assert result.cuts or sink.getvalue() == content

"""What the generator writes: the same bytes each time, and nothing that could be somebody's."""

from __future__ import annotations

import csv
import hashlib
import ipaddress
import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.sample import frequencies, write_sample
from threshold.sample.deliveries import NotEmpty
from threshold.sample.fiction import NUMBERS, phone
from threshold.sample.stories import TOLD
from threshold.sample.writers.tables import LAYOUTS

MAPS = Path(__file__).parents[2] / "sample" / "maps"
NETWORKS = [
    ipaddress.ip_network(text)
    for text in (
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32",
        "10.0.0.0/8", "192.168.0.0/16", "100.64.0.0/10",
    )
]  # fmt: skip
# Ofcom's numbers for drama in E.164: the number without its last three digits.
DRAMA = {
    "+447700900", "+442079460", "+441134960", "+441144960", "+441154960", "+441164960", "+441174960", "+441184960",
    "+441214960", "+441314960", "+441414960", "+441514960", "+441614960", "+441914980", "+441632960", "+442896496",
    "+442920180",
}  # fmt: skip
RESERVED = re.compile(r"(?:^|\.)(?:example|invalid|example\.(?:org|com|net))$", re.IGNORECASE)
POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}\b")
# An account is in its sender's own form and no number of a telephone; nor is a report's, a file's or a device's.
NO_TELEPHONES = re.compile(
    r"<(?:espIdentifier|reportId|fileId|screenName|priorCTReports|idValue)>[^<]*<|id=\d+"
    r'|"(?:espUserId|reportId)": "?[^",\n]*'
    r'|"screenName": \{\s*"value": "[^"]*"'
    r'|"captureType": "Device ID",\s*"value": "[^"]*"'
)


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def texts_under(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file's text, and that of whatever is in an archive; of a workbook, what stands in cells."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        if not zipfile.is_zipfile(path):
            yield path, path.read_text(encoding="utf-8-sig")
            continue
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                text = archive.read(name).decode("utf-8-sig")
                if path.suffix != ".xlsx":
                    yield path / name, text
                elif name.endswith("sheet1.xml"):
                    yield path / name, re.sub(r' xmlns="[^"]*"', "", text)


def reserved_only(folder: Path) -> None:
    """Scan every file for addresses, domains, postcodes and telephone numbers."""
    for path, text in texts_under(folder):
        for found in re.findall(
            r"(?<![\d.])\d+\.\d+\.\d+\.\d+(?![\d.])|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}", text
        ):
            address = ipaddress.ip_address(found)
            assert any(address in net for net in NETWORKS if net.version == address.version), (path, found)
        for found in re.findall(r"@([^\s<>\",;]+)", text):
            assert RESERVED.search(found), (path, found)
        for found in POSTCODE.findall(text):
            assert re.match(r"ZZ[1-9] ", found), (path, found)
        assert "://" not in text, path
        for found in telephones(path, text):
            number = phonenumbers.parse(found, "GB")
            plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            assert plain[:-3] in DRAMA, (path, found)


def telephones(path: Path, text: str) -> list[str]:
    """Whatever in a file could be rung: where telephones stand, and every figure elsewhere that might be one."""
    if path.name == "sheet1.xml":
        return re.findall(r'r="J(?!1")\d+" t="inlineStr"><is><t>([^<]*)', text)
    if path.suffix == ".csv":
        rows = list(csv.DictReader(text.splitlines(), delimiter=";" if path.stem == "hotline" else ","))
        if path.stem == "identifiers":
            return [row["value"] for row in rows if row["kind"] == "phone"]
        return [row["Telephone"] for row in rows if row.get("Telephone")]
    found = re.findall(r"<phone[^>]*>([^<]*)<", text)
    found += re.findall(r'"value": "([^"]*)",\s*"verified"', text)
    left = NO_TELEPHONES.sub("", text)
    matches = [match.raw_string for match in phonenumbers.PhoneNumberMatcher(left, "GB")]
    return [each for each in found if "@" not in each] + matches


def test_the_sample_holds_nothing_but_what_is_reserved_for_fiction(sample: Any) -> None:
    reserved_only(sample.folder)
    texts = [path.read_text("utf-8-sig") for path in sample.folder.rglob("*.xml")]
    assert sum(len(re.findall("<phone", text)) for text in texts) > 20


@pytest.mark.parametrize(
    "text",
    [
        "<email>somebody@mail.co.uk</email>", "<phone>07911 123456</phone>", "write to 07911 123456",
        "<ipAddress>8.8.8.8</ipAddress>", "2a00:1450:4009:81f::200e", "<zipCode>SW1A 1AA</zipCode>", "https://mail.test",
    ],
)  # fmt: skip
def test_the_scan_finds_what_could_be_somebody_s(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(f"<report>{text}</report>")
    with pytest.raises(AssertionError):
        reserved_only(tmp_path)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**64), people=st.integers(1, 120), start=st.dates(date(2000, 1, 1), date(2099, 1, 1))
)
def test_any_sample_comes_out_the_same_twice_and_holds_nothing_else(
    seed: int, people: int, start: date
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder) / "one", Path(folder) / "two"
        write_sample(one, people, seed, start)
        write_sample(two, people, seed, start)
        assert digest(one) == digest(two)
        reserved_only(one)
        told = (one / "truth" / "people.csv").read_text("utf-8").splitlines()
        assert len(told) == people + 1


def test_the_bytes_are_the_same_on_every_machine(tmp_path: Path) -> None:
    """Change this digest only with the generator: nothing else may."""
    write_sample(tmp_path / "out", 40, 7)
    whole = hashlib.sha256(repr(sorted(digest(tmp_path / "out").items())).encode()).hexdigest()
    assert whole == "338da3ba32dedf9b1036015ec1a337afbdc80a33fb668a214a82152e52fc6e01"


def test_no_telephone_number_is_given_twice(sample: Any) -> None:
    assert len({phone(number) for number in range(NUMBERS)}) == NUMBERS
    own = [row["value"] for row in sample.truth("identifiers") if row["kind"] == "phone"]
    assert len(own) == len(set(own)) > 50


def test_no_folder_holds_more_than_a_thousand(sample: Any) -> None:
    folders = [path for path in sample.folder.rglob("*") if path.is_dir()]
    assert max(len(list(folder.iterdir())) for folder in folders) <= 1000


def test_all_that_it_should_have_is_in_it(sample: Any) -> None:
    text = "".join(text for _, text in texts_under(sample.deliveries))
    wanted = [
        "<batchedReport", "<sextortion", "<minorToMinorInteraction", "<compromisedAccount", "<priorCTReports>",
        "<informational/>", "<escalateToHighPriority>", "<associatedAccount", "<peer2peerIncident>", "المثال",
        "Words only, no file", "100.64.7.", "2001:db8:", '"childVictims": null', '"verified": "true"', " PM",
        "<possibleSelfProduction", 'countryCallingCode="+44"', "-05:00",
    ]  # fmt: skip
    assert [each for each in wanted if each not in text] == []
    said = {row["age_said"] for row in sample.truth("mentions")}
    assert {"", "born", "age", "words", "about", "claims to be a child"} <= said
    marked = [p for p in sample.deliveries.rglob("*.xml") if p.read_bytes().startswith(b"\xef\xbb\xbf")]
    assert marked


def test_most_are_seen_once(sample: Any) -> None:
    stories = [row["story"] for row in sample.truth("people")]
    assert 0.25 < stories.count("seen_once") / len(stories) < 0.6
    assert 0 < stories.count("contact") / len(stories) < 0.05


def test_the_deck_is_a_hundred_stories_that_can_be_told() -> None:
    assert sum(frequencies.STORIES.values()) == 100
    assert set(frequencies.STORIES) == set(TOLD)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_table_has_the_columns_of_its_map(name: str) -> None:
    file = {
        "packages": "agency_packages.yaml",
        "hotline": "hotline.yaml",
        "workbook": "agency_packages.yaml",
    }[name]
    header = yaml.safe_load((MAPS / file).read_text("utf-8"))["header"]
    assert list(LAYOUTS[name].header) == header


def test_a_folder_that_holds_something_is_left_alone(sample: Any) -> None:
    with pytest.raises(NotEmpty):
        write_sample(sample.folder, 1, 1)

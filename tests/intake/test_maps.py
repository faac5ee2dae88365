"""Maps: every key documented, every fault placed with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.intake.maps import ALL_KEYS, MapError, load_maps, read_map

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "sample" / "maps" / "agency_packages.yaml").read_text()


def test_every_key_is_documented() -> None:
    documented = (ROOT / "docs" / "maps.md").read_text()
    assert [key for key in sorted(ALL_KEYS) if f"`{key}`" not in documented] == []


def test_the_sample_maps_load() -> None:
    assert [one.name for one in load_maps(ROOT / "sample" / "maps")] == ["agency-packages", "hotline"]


def test_every_scalar_is_text() -> None:
    found = read_map(
        SAMPLE.replace("sender: Example National Agency", "sender: 0070").replace('["yes", "Y"]', "[yes]")
    )
    assert found.sender == "0070"
    assert "yes" in found.people[0].claims[0].yes


FAULTS = [
    ("time_zone: Europe/London", "time_zone: Europe/Londinium", "time_zone", "not a time zone"),
    ("time_zone: Europe/London", "time_zone: ../../etc/passwd", "time_zone", "not a time zone"),
    ("date_order: dmy", "date_order: ymdd", "date_order", "not possible"),
    ('clock: "24"\n', "", "(file)", "'clock' is missing"),
    ("encoding: utf-8-sig", "encoding: latin-1", "encoding", "not possible"),
    ("delimiter: comma", "delimiter: space", "delimiter", "not a delimiter"),
    ("sender: Example National Agency\n", "", "(file)", "'sender' is missing"),
    ("sender: Example National Agency", "sender:", "sender", "text is needed"),
    ("urgency: Priority", "urgency: Prio", "urgency", "not in the header"),
    ("urgency: Priority", "urgency: File MD5", "urgency", "digests"),
    ("urgency: Priority", "urgencies: Priority", "urgencies", "not known"),
    ("urgency: Priority", "urgency: Priority\nurgency: Priority", "urgency", "stands twice"),
    ("role: harmed", "role: victim", "people[2].role", "not a role"),
    ("email: Account e-mail", "mail: Account e-mail", "people[1].columns.mail", "not known"),
    (
        "{column: Account, service_column: Service}",
        "Account",
        "people[1].columns.account",
        "needs its service",
    ),
    ("viewed: viewed", "viewed: seen", "activity.values.viewed", "not a kind of activity"),
    ('no: ["no", "N"]', 'no: ["no", "yes"]', "people[1].claims.lives_with_children", "two meanings"),
    ("  - Remarks\n", "  - Remarks\n  - Port\n", "header", "stands twice"),
    ("header:", "header: [", "(file)", "not valid YAML"),
]


@pytest.mark.parametrize(("before", "after", "key", "words"), FAULTS)
def test_a_fault_names_line_key_and_remedy(before: str, after: str, key: str, words: str) -> None:
    assert before in SAMPLE
    with pytest.raises(MapError) as raised:
        read_map(SAMPLE.replace(before, after, 1), "agency.yaml")
    fault = raised.value
    assert (fault.path, fault.key) == ("agency.yaml", key)
    assert words in fault.problem
    assert fault.line >= 1 and fault.remedy
    assert str(fault).startswith(f"agency.yaml, line {fault.line}, {key}: ")


def test_the_line_is_the_line_of_the_fault() -> None:
    with pytest.raises(MapError) as raised:
        read_map(SAMPLE.replace("role: harmed", "role: victim"))
    assert "role: harmed" in SAMPLE.splitlines()[raised.value.line - 1]


def test_two_maps_of_one_name_are_a_fault(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(SAMPLE)
    with pytest.raises(MapError, match="taken by another map"):
        load_maps(tmp_path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_map_is_a_map_or_a_map_error(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SAMPLE)))
    text = SAMPLE[:at] + data.draw(st.text(max_size=5)) + SAMPLE[at + data.draw(st.integers(0, 20)) :]
    try:
        read_map(text)
    except MapError as fault:
        assert fault.remedy

"""The commands for policies, as a person runs them."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import held_to_schema, threshold
from tests.force import Force

POLICIES = Path(__file__).parents[2] / "policies"
DEFAULT = POLICIES / "default.yaml"


def changed(path: Path, *pairs: tuple[str, str]) -> Path:
    text = DEFAULT.read_text(encoding="utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    return path


def test_check_proves_what_ships_and_needs_no_home() -> None:
    done = threshold(
        "policy",
        "check",
        DEFAULT,
        POLICIES / "three_bands.yaml",
        "--json",
        env={"THRESHOLD_HOME": "/nowhere"},
    )
    told = held_to_schema("policy-check", done.json)
    assert done.code == 0 and told["faults"] == 0
    assert len(told["proofs"]) == 25
    words = threshold("policy", "check", DEFAULT)
    assert words.out.count("proved") == 12 and words.out.endswith("0 faults\n")


def test_check_tells_a_fault_with_its_place_and_remedy(tmp_path: Path) -> None:
    path = changed(tmp_path / "mine.yaml", ("times_seen >= 5", "times_seen <= 5"))
    done = threshold("policy", "check", path, "--json")
    told = held_to_schema("policy-check", done.json)
    assert done.code == 1 and told["faults"] >= 1
    fault = next(f for proof in told["proofs"] for f in proof["faults"] if f["where"] == "clause seen_often")
    assert fault["path"] == str(path) and fault["story"] and "Turn the sign" in fault["remedy"]
    assert path.read_text().splitlines()[fault["line"] - 1].strip() == "condition: times_seen <= 5"
    assert f"{path}, line {fault['line']}, clause seen_often" in threshold("policy", "check", path).out


def test_check_tells_what_it_cannot_read_like_any_fault(tmp_path: Path) -> None:
    path = changed(tmp_path / "mine.yaml", ("condition: shared", "condition: shared IS NOT NULL"))
    done = threshold("policy", "check", path, "--json")
    (proof,) = held_to_schema("policy-check", done.json)["proofs"]
    assert done.code == 1
    assert proof["faults"][0]["where"] == "clause shared: condition" and proof["faults"][0]["line"] > 1


def test_check_finds_two_versions_from_one_instant(tmp_path: Path) -> None:
    path = changed(tmp_path / "mine.yaml", ('version: "3"', 'version: "4"'))
    done = threshold("policy", "check", DEFAULT, path)
    assert done.code == 1 and "from the same instant" in done.out


def test_test_runs_scenarios_and_names_clauses_without(tmp_path: Path) -> None:
    done = threshold("policy", "test", DEFAULT, "--json")
    told = held_to_schema("policy-test", done.json)
    assert done.code == 0 and told["failed"] == 0 and told["clauses_without"] == []
    mine = tmp_path / "mine.scenarios.yaml"
    mine.write_text("scenarios:\n  - {name: sharing, band: low, said: ['shared: yes'], clauses: [shared]}\n")
    done = threshold("policy", "test", DEFAULT, mine)
    assert done.code == 1
    assert f"{mine}, line 2, sharing: the band is high, could be very_high, not low." in done.out
    assert "clause contact: no scenario is decided by it" in done.out


def test_describe_is_for_people() -> None:
    done = threshold("policy", "describe", POLICIES / "three_bands.yaml")
    assert (
        done.code == 0 and done.out.startswith("Policy `three_bands`") and "### What may be done" in done.out
    )


def test_a_policy_comes_into_force_by_two_commands(force: Force, tmp_path: Path) -> None:
    path = changed(
        tmp_path / "mine.yaml",
        ('version: "3"', 'version: "4"'),
        ("id: shared\n    band: high", "id: shared\n    band: very_high"),
    )
    told = held_to_schema(
        "policy-impact",
        threshold("policy", "compare", "in-force", path, "--as", "policy_owner", "--json").json,
    )
    assert told["subjects"] >= 1 and told["new"]["version"] == "4"
    assert "subjects on the lists of work" in threshold("policy", "compare", "in-force", path).out
    assert threshold("policy", "compare", "in-force", path, "--as", "analyst").code == 2
    assert threshold("policy", "propose", path, "--as", "policy_owner").code == 0
    listed = held_to_schema("policy-list", threshold("policy", "list", "--json").json)
    (proposal,) = listed["proposals"]
    own = threshold("policy", "approve", proposal["number"], "--as", "policy_owner")
    assert own.code == 2 and "second person" in own.err
    assert threshold("policy", "compare", "in-force", proposal["number"]).code == 0
    assert threshold("policy", "approve", proposal["number"], "--as", "demo").code == 0
    newest, first = held_to_schema("policy-list", threshold("policy", "list", "--json").json)["policies"]
    assert (newest["state"], newest["version"], first["state"]) == ("in force", "4", "earlier")
    assert newest["proposed_by"] and newest["approved_by"] and newest["proposed_by"] != newest["approved_by"]
    asked = threshold("policy", "withdraw", newest["number"], "--as", "demo")
    assert asked.code == 0
    number = held_to_schema("policy-list", threshold("policy", "list", "--json").json)["proposals"][0][
        "number"
    ]
    assert threshold("policy", "decline", number, "--as", "policy_owner").code == 0
    assert threshold("policy", "list").out.count("Proposal") == 0


def test_a_faulty_policy_is_refused_with_its_faults(force: Force, tmp_path: Path) -> None:
    path = changed(tmp_path / "mine.yaml", ("times_seen >= 5", "times_seen <= 5"))
    done = threshold("policy", "propose", path)
    assert done.code == 2 and "clause seen_often" in done.err

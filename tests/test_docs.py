"""The documents are held to the code: what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_stands_in_the_readme() -> None:
    from threshold.commands.main import app

    group = typer.main.get_command(app)
    missing = [name for name in group.commands if not re.search(rf"\b{re.escape(name)}\b", README)]  # type: ignore[attr-defined]
    assert missing == []


def test_every_setting_stands_in_the_readme() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    settings = set(re.findall(r"THRESHOLD_[A-Z]+|DATABASE(?:_OWNER)?_URL", code))
    assert {name for name in settings if name not in README} == set()


def test_every_document_named_in_the_readme_exists() -> None:
    named = re.findall(r"\]\(([^)#]+)\)", README)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_room_stands_in_the_architecture() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path.name for path in (ROOT / "src" / "threshold").iterdir() if (path / "models.py").exists()]
    assert [room for room in rooms if f"{room}:" not in architecture] == []


def test_every_role_has_its_powers() -> None:
    from threshold.acts.access import MATRIX, Role

    assert set(MATRIX) == set(Role)


def test_counts_are_documented_as_they_are_defined() -> None:
    from threshold.oversight.definitions import READINGS, as_markdown

    text = (ROOT / "docs" / "counts.md").read_text(encoding="utf-8")
    assert as_markdown() in text
    assert [says for says in READINGS.values() if says not in text] == []


def test_what_the_operator_reads_of_the_database_is_how_it_runs() -> None:
    from threshold.embedded.account import SERVICE_ACCOUNT
    from threshold.embedded.cluster import SETTINGS
    from threshold.embedded.places import SYSTEM_FOLDER

    running = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    for name in ("wal_level", "max_wal_senders"):
        assert f"{name} = {SETTINGS[name]}" in running
    assert f"{SYSTEM_FOLDER}/<id of the home>" in running and SERVICE_ACCOUNT in running


def test_every_kind_of_unusual_looking_is_documented() -> None:
    from threshold.oversight.unusual import KINDS

    text = (ROOT / "docs" / "who-looked.md").read_text(encoding="utf-8").lower()
    assert [kind for kind in KINDS.values() if f"| {kind.lower()} |" not in text] == []

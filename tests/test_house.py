"""What import-linter cannot say about the house (`.importlinter` says the rest)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "threshold"
PAGES = sorted((SOURCE / "pages").rglob("*.py"))
LOCKS = sorted(Path(__file__).parents[1].glob("requirements*"))


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever in the file it stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return names


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_page_never_goes_to_the_database_itself(path: Path) -> None:
    to_the_database = ("django.db", "psycopg", "threshold.acts.db", "threshold.models")
    found = {
        name for name in imported(path) if f"{name}.".startswith(tuple(f"{d}." for d in to_the_database))
    }
    assert not found


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_packages_and_hashes_and_no_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text and "--extra" not in text and "--find-links" not in text

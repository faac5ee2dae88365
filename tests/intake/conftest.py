"""Writing a document to disk and reading it back as entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from threshold.intake.maps import Map
from threshold.intake.readers import read
from threshold.intake.reading import Entry, Source

Reads = Callable[..., list[Entry]]


@pytest.fixture
def entries(tmp_path: Path) -> Reads:
    """``entries(content, maps=(), **hints)``: everything that one file of that content gives."""

    def read_content(content: bytes | str, maps: Sequence[Map] = (), **hints: str) -> list[Entry]:
        path = tmp_path / "delivery"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = list(read(Source("delivery", str(path), hints=hints), maps))
        assert found, "a file without any entry would be lost in silence"
        failures = [one for one in found if "Threshold failed" in getattr(one, "reason", "")]
        assert not failures, failures
        return found

    return read_content

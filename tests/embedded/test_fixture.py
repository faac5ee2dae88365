"""The database that every other test stands on."""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg
import pytest
from django.db import connections


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(db: Any, turn: int) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("create table only_here (n int)")
    with connections["default"].cursor() as cursor:
        cursor.execute("select current_user, current_database()")
        assert cursor.fetchone() == ("app", db.name)


def test_a_process_started_by_a_test_finds_the_same_database(db: Any, home: Any) -> None:
    assert os.environ["THRESHOLD_HOME"] == str(home.path)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("select current_database()").fetchone() == (db.name,)


@pytest.mark.parametrize("turn", range(3))
def test_a_database_is_there_quickly(server: Any, keeper: Any, template_db: str, turn: int) -> None:
    began = time.perf_counter()
    keeper.execute(f"create database quick template {template_db} strategy file_copy")
    keeper.execute("drop database quick with (force)")
    assert time.perf_counter() - began < 1.0

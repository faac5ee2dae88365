"""Erase: one asks, another approves; content and salt go, a stone stays, and the record is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.force import Force

from threshold.acts.access import Actor, Power, Refused, Role
from threshold.acts.db import one, query
from threshold.acts.erasing import (
    WrongErasure,
    approve_erasure,
    ask_to_erase,
    decline_erasure,
    erasures_asked,
)
from threshold.acts.record import export, verify
from threshold.acts.verbs import look
from threshold.journey import subjects

WHY = "The review of November"


def manager(force: Force, name: str = "nobody") -> Actor:
    return replace(force.actor(name), roles=frozenset({Role.RECORDS}))


def second(force: Force) -> Actor:
    return manager(force, "chief")


@pytest.fixture
def taken_back() -> int:
    """The one statement that was typed and taken back."""
    row = one("select statement from statement_taken_back")
    assert row is not None
    return int(row.statement)


def everything(force: Force) -> str:
    """All that the database holds, as its owner sees it."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        tables = owner.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return "\n".join(
            row[0]
            for (table,) in tables
            for row in owner.execute(f"select to_jsonb(t)::text from {table} t".encode())
        )


def test_content_and_salt_go_and_a_stone_stays(force: Force, taken_back: int, tmp_path: Path) -> None:
    before = one("select * from statement where id = %s", [taken_back])
    assert before is not None
    for content in (before.source, "another person was meant", bytes(before.salt).hex()):
        assert content in everything(force)
    finding = verify()
    request = ask_to_erase(manager(force), "statement", taken_back, "review", WHY)
    assert verify().erased == 0
    act = approve_erasure(second(force), request)
    assert query("select id from statement where id = %s", [taken_back]) == []
    stones = query("select * from stone order by kind")
    assert [(s.kind, s.row, s.rule, s.erased_by) for s in stones] == [
        ("statement", taken_back, "review", act),
        ("statement_taken_back", 1, "review", act),
    ]
    assert bytes(stones[0].digest) == bytes(before.digest)
    assert (stones[0].act, stones[0].retracted_by) == (before.asserted_by, before.retracted_by)
    for content in (before.source, "another person was meant", bytes(before.salt).hex()):
        assert content not in everything(force)
    after = verify()
    assert after.whole and after.erased == 2 and after.erased_under == {act: 2}
    assert after.rows == finding.rows + 1  # the request
    written = one("select verb, actor, body, rows from act where id = %s", [act])
    assert written is not None
    assert (written.verb, written.actor) == ("erase", second(force).id)
    assert written.rows["erased"] == {"statement": [taken_back], "statement_taken_back": [1]}
    export(force.actor("auditor"), tmp_path / "out")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "chain.py"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert f"2 erased, 2 under act {act}" in done.stdout


def test_erasing_needs_the_role_and_a_second_person(force: Force, taken_back: int) -> None:
    for role in set(Role) - {Role.RECORDS}:
        somebody = replace(force.actor("nobody"), roles=frozenset({role}))
        with pytest.raises(Refused):
            ask_to_erase(somebody, "statement", taken_back, "review", WHY)
    request = ask_to_erase(manager(force), "statement", taken_back, "review", WHY)
    with pytest.raises(WrongErasure, match="second person"):
        approve_erasure(manager(force), request)
    for role in set(Role) - {Role.RECORDS}:
        with pytest.raises(Refused):
            approve_erasure(replace(force.actor("chief"), roles=frozenset({role})), request)
    with look(manager(force), "tests", Power.ERASE) as seen:
        assert [(row.id, row.kind, row.row, row.reason) for row in erasures_asked(seen)] == [
            (request, "statement", taken_back, WHY)
        ]
    decline_erasure(manager(force), request)
    with pytest.raises(WrongErasure, match="no open request"):
        approve_erasure(second(force), request)
    assert query("select id from statement where id = %s", [taken_back]) != []
    assert verify().whole


def test_what_stands_or_is_not_there_is_not_erased(force: Force, taken_back: int) -> None:
    actor = manager(force)
    standing = one("select id from statement where retracted_by is null limit 1")
    assert standing is not None
    for kind, number, rule, reason, words in (
        ("statement", standing.id, "review", WHY, "still stands"),
        ("statement", 9999, "review", WHY, "There is no statement 9999"),
        ("act", 1, "review", WHY, "What can be erased is"),
        ("statement", taken_back, "whim", WHY, "The rules under which"),
        ("statement", taken_back, "review", " ", "Say why"),
    ):
        with pytest.raises(WrongErasure, match=words):
            ask_to_erase(actor, kind, number, rule, reason)
    request = ask_to_erase(actor, "statement", taken_back, "review", WHY)
    with pytest.raises(WrongErasure, match=f"already: request {request}"):
        ask_to_erase(second(force), "statement", taken_back, "review", WHY)
    act = approve_erasure(second(force), request)
    with pytest.raises(WrongErasure, match=f"erased already, under act {act}"):
        ask_to_erase(actor, "statement", taken_back, "review", WHY)


def test_a_closure_that_was_opened_again_goes_with_its_readers(force: Force) -> None:
    subjects.open_access(force.actor("other_supervisor"), force.subjects["closed"])
    closure = one("select id from closure")
    assert closure is not None
    readers = len(query("select id from closure_reader where closure = %s", [closure.id]))
    assert readers > 1
    act = approve_erasure(second(force), ask_to_erase(manager(force), "closure", closure.id, "right", WHY))
    assert "a relative" not in everything(force)
    assert verify().whole and verify().erased_under == {act: readers + 1}


def test_the_application_erases_nothing_by_sql_without_an_approved_request(
    force: Force, taken_back: int
) -> None:
    request = ask_to_erase(manager(force), "statement", taken_back, "review", WHY)
    last = one("select max(id) as id from act")
    assert last is not None
    with psycopg.connect(os.environ["DATABASE_URL"]) as app:
        for statements, words in (
            (["select erase(%(r)s)"], "not approved by the act that is open"),
            (
                ["select set_config('threshold.act', %(next)s, true)", "select erase(%(r)s)"],
                "not approved by the act that is open",
            ),
            (["select erase_rows('report', array[1], 'x', 1)"], "permission denied"),
            (["delete from statement where id = %(s)s"], "permission denied"),
            (["insert into stone (kind) values ('x')"], "permission denied"),
        ):
            with pytest.raises(psycopg.Error, match=words), app.transaction():
                for statement in statements:
                    app.execute(statement.encode(), {"r": request, "next": str(last.id + 1), "s": taken_back})
    assert query("select id from stone") == []


def test_what_was_erased_leaves_the_present_view_as_it_was(force: Force, taken_back: int) -> None:
    """It was taken back before: nothing that stands rests on it."""
    sql = "select * from assessment where retracted_by is null order by id"
    before = query(sql)
    approve_erasure(second(force), ask_to_erase(manager(force), "statement", taken_back, "court", WHY))
    assert query(sql) == before
    assert not query(
        "select id from assessment where retracted_by is null and %s = any(statements)", [taken_back]
    )

"""The record where it stands: what the database's owner does to it is found, placed, and found again in an export.

The owner can switch off every trigger and write whatever he likes; what he has not is the key that signs heads.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from psycopg.rows import namedtuple_row
from tests.conftest import Database
from tests.force import Force

from threshold.acts import chain, record
from threshold.acts.access import Actor, Refused, Role, actor_by_name
from threshold.acts.chain import Finding, canonical, link_hash, row_digest
from threshold.acts.db import query
from threshold.acts.heads import sign_heads
from threshold.acts.officers import end_account, reset_password
from threshold.acts.record import ClosedToYou, act_content, claim_tables, export, verify
from threshold.journey import subjects
from threshold.journey.calendar import sweep, sweeper


@pytest.fixture
def owner(force: Force) -> Iterator[psycopg.Connection[Any]]:
    """The owner of the database, every trigger switched off."""
    with psycopg.connect(
        os.environ["DATABASE_OWNER_URL"], autocommit=True, row_factory=namedtuple_row
    ) as connection:
        triggers(connection, "disable")
        yield connection


def triggers(connection: psycopg.Connection[Any], what: str) -> None:
    for table in (*claim_tables(), "act", "look"):
        connection.execute(f"alter table {table} {what} trigger user".encode())


def broken(finding: Finding) -> list[str]:
    return [str(each) for each in finding.breaks]


def places(finding: Finding) -> set[tuple[str, int]]:
    return {(each.where, each.number) for each in finding.breaks}


def reader() -> Actor:
    """A disclosure officer who is named in every closed record."""
    named = actor_by_name("named")
    assert named is not None
    return replace(named, roles=frozenset({Role.DISCLOSURE}))


def auditor() -> Actor:
    found = actor_by_name("auditor")
    assert found is not None
    return found


def checked_with_bare_python(folder: Path, heads: Path | None = None) -> tuple[int, list[str]]:
    """Exit code and what an export's own checker says, without any package."""
    arguments = [sys.executable, "-I", "-S", "chain.py", ".", *([str(heads)] if heads else [])]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_record_in_use_is_whole_and_so_is_its_export(force: Force, tmp_path: Path) -> None:
    finding = verify()
    assert broken(finding) == []
    assert finding.acts > 15 and finding.looks == 3 and finding.rows > 200
    assert broken(export(reader(), tmp_path / "out", content=True)) == []
    code, lines = checked_with_bare_python(tmp_path / "out")
    assert code == 0
    assert lines[-1].endswith("whole")
    assert str(finding.rows) in lines[-1]


def test_an_exports_checker_says_how_it_is_used_and_checks_its_own_folder(
    force: Force, tmp_path: Path
) -> None:
    export(reader(), tmp_path / "out", content=True)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        bare = [sys.executable, "-I", "-S", str(tmp_path / "out" / "chain.py"), *arguments]
        return subprocess.run(bare, cwd="/", capture_output=True, text=True, timeout=60, check=False)

    whole = run()
    assert (whole.returncode, whole.stderr) == (0, "") and whole.stdout.strip().endswith("whole")
    told = run("--help")
    assert told.returncode == 0
    assert "folder" in told.stdout and "heads" in told.stdout and "kept elsewhere" in told.stdout
    assert run("a", "b", "c").returncode == 2
    assert run(str(tmp_path)).returncode == 2, "a folder that is no export"


def test_an_export_is_for_its_maker_only_and_marked(force: Force, tmp_path: Path) -> None:
    export(reader(), tmp_path / "out", content=True)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out" / "MARKING.txt").read_text() == "OFFICIAL-SENSITIVE\n"


ATTACKS: dict[str, tuple[str, set[tuple[str, int]]]] = {
    "a row changed": ("update report set words = 'nothing to see' where id = 3", {("report", 3)}),
    "a row changed back to null": ("update report set reference = 'x' where id = 1", {("report", 1)}),
    "a salt changed": ("update mention set salt = uuid_send(gen_random_uuid()) where id = 5", {("mention", 5)}),
    "a row changed, digest and all": (
        """update statement set salt = '\\x00', words = 'other' where id = 9;
           update statement set digest = sha256(salt || convert_to(row_text(to_jsonb(statement)), 'UTF8'))
           where id = 9""",
        {("statement", 8)},  # act 9 wrote statements 8 and 9
    ),
    "a row removed": ("delete from identifier where id = 12", {("identifier", 12)}),
    "the rows of an act removed": ("delete from identifier where asserted_by = 4", {("identifier", 6)}),
    "a row inserted": (
        """insert into taken (id, asserted_by, salt, digest, mention, officer, team)
           values (77, 11, '\\x00', '\\x00', 9, 1, 'South');
           update taken set digest = sha256(salt || convert_to(row_text(to_jsonb(taken)), 'UTF8')) where id = 77""",
        {("taken", 77)},
    ),
    "a row inserted under an act that never was": (
        """insert into taken (id, asserted_by, salt, digest, mention, officer, team)
           values (77, 9999, '\\x00', '\\x00', 9, 1, 'South');
           update taken set digest = sha256(salt || convert_to(row_text(to_jsonb(taken)), 'UTF8')) where id = 77""",
        {("taken", 77)},
    ),
    "two rows that changed places": (
        """update mention set id = -1 where id = 3; update mention set id = 3 where id = 4;
           update mention set id = 4 where id = -1""",
        {("mention", 3), ("mention", 4)},
    ),
    "a retraction undone": (
        "update statement set retracted_by = null where officer is not null",
        {("statement", 10)},
    ),
    "a retraction made": ("update report set retracted_by = 14 where id = 2", {("report", 2)}),
    "a retraction by another act": ("update member set retracted_by = 3 where id = 1", {("member", 1)}),
    "an act changed": ("update act set actor = 3 where id = 6", {("act", 6)}),
    "an act's time changed": ("update act set at = at - interval '1 day' where id = 6", {("act", 6)}),
    "an act's word of its rows changed": (
        "update act set rows = '{\"asserted\": [1, 2]}' where id = 11",
        {("act", 11), ("taken", 2)},
    ),
    "an act removed": ("delete from act where verb = 'sweep' or id = 10", {("act", 10), ("act", 11), ("taken", 1)}),
    "two acts that changed places": (
        """update act set id = -1 where id = 4; update act set id = 4 where id = 5;
           update act set id = 5 where id = -1""",
        {("act", 4), ("act", 5), ("act", 6)},
    ),
    "a look changed": ("update look set shown = '{}' where id = 1", {("look", 1)}),
    "a look removed": ("delete from look where id = 2", {("look", 2), ("look", 3)}),
    "the looks cut short": ("delete from look where id > 1", {("look", 2)}),
    "a look inserted": (
        """insert into look (id, at, actor, route, shown, body, prev, hash)
           select 4, at, actor, route, shown, body, hash, '\\x00' from look where id = 3""",
        {("look", 4)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_what_the_owner_does_is_found_and_placed(
    name: str, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    statements, expected = ATTACKS[name]
    for statement in statements.split(";\n"):
        assert owner.execute(statement.encode()).rowcount > 0
    finding = verify()
    assert expected <= places(finding)
    if "acts that changed places" not in name:  # what those two say of their rows is wrong as well
        assert {where for where, _ in places(finding)} <= {where for where, _ in expected}
    for folder, actor, content in (
        (tmp_path / "all", reader(), True),
        (tmp_path / "digests", auditor(), False),
    ):
        assert broken(export(actor, folder, content=content)) == broken(finding)
        code, lines = checked_with_bare_python(folder)
        assert code == 1
        assert [line.removeprefix("BROKEN  ") for line in lines[:-1]] == broken(finding)


def test_a_chain_cut_short_with_its_rows_is_found_where_it_was_cut(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    whole = verify()
    for table in claim_tables():
        owner.execute(f"delete from {table} where asserted_by > 9".encode())
        owner.execute(f"update {table} set retracted_by = null where retracted_by > 9".encode())
    owner.execute("delete from act where id > 9")
    assert places(verify()) == {("act", 10)}
    assert f"10 to {whole.acts} were there" in broken(verify())[0]


def rewrite(owner: psycopg.Connection[Any], since: int) -> None:
    """Every act from ``since`` on is made anew with other rows, salts, digests and hashes, so that all agree."""
    for table in claim_tables():
        owner.execute(
            f"update {table} set salt = uuid_send(gen_random_uuid()) where asserted_by >= {since}".encode()
        )
        owner.execute(
            f"""update {table} set digest = sha256(salt || convert_to(row_text(to_jsonb({table})), 'UTF8'))
                where asserted_by >= {since}""".encode()
        )
    for row in owner.execute(f"select * from act where id >= {since} order by id".encode()).fetchall():
        made = owner.execute("select act_rows(%s) as rows", [row.id]).fetchone()
        before = owner.execute("select hash from act where id = %s", [row.id - 1]).fetchone()
        prev = before.hash if before else chain.GENESIS
        content = {**act_content(row), "actor": 3, "rows": made.rows}
        owner.execute(
            "update act set actor = 3, rows = %s::jsonb, prev = %s, hash = %s where id = %s",
            [json.dumps(made.rows), prev, link_hash(prev, content), row.id],
        )


@pytest.mark.parametrize("since", [1, 5, 12])
def test_a_record_rewritten_with_fresh_salts_and_hashes_is_found_against_the_heads(
    since: int, owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute("set timezone = 'UTC'")
    owner.execute("update report set words = 'rewritten'")
    owner.execute("update report set words = '' where asserted_by < %s", [since])
    rewrite(owner, since)
    finding = verify()
    assert places(finding) == {("act", since)}
    assert "rewritten" in broken(finding)[0]
    assert broken(export(reader(), tmp_path / "out", content=True)) == broken(finding)


def test_a_rewrite_shows_against_a_copy_of_the_heads_even_when_new_ones_are_signed(
    owner: psycopg.Connection[Any], force: Force, tmp_path: Path
) -> None:
    copy = tmp_path / "heads-kept-elsewhere.jsonl"
    shutil.copyfile(force.home.heads, copy)
    rewrite(owner, 8)
    triggers(owner, "enable")
    force.home.heads.write_text("")  # the owner of the database who came into the home as well
    subjects.take(force.actor("analyst"), force.subjects["free"])
    assert verify().whole
    assert places(verify(copy)) == {("act", 8)}


@pytest.mark.parametrize("what", ["changed", "removed"])
def test_what_was_searched_for_cannot_be_changed_or_taken_away(
    what: str, owner: psycopg.Connection[Any]
) -> None:
    if what == "changed":
        owner.execute("update asked set text = 'the weather' where id = 2")
    else:
        owner.execute("delete from asked where id = 2")
    assert places(verify()) == {("look", 2)}


@pytest.mark.parametrize("name", ["heads.jsonl", "keys/head.pub"])
def test_a_home_without_heads_or_key_is_not_called_whole(force: Force, name: str) -> None:
    (force.home.path / name).unlink()
    if name == "heads.jsonl":
        assert ("heads", 0) in places(verify())
    else:
        with pytest.raises(Exception, match=r"keys/head\.pub is missing"):
            verify()


def test_a_head_that_a_power_cut_broke_off_does_not_spoil_the_next_one(force: Force) -> None:
    with force.home.heads.open("ab") as heads:
        heads.write(b'{"chain": "act", "numb')
    subjects.take(force.actor("analyst"), force.subjects["free"])
    finding = verify()
    assert [each.where for each in finding.breaks] == ["heads"]
    assert finding.heads > finding.acts - 2


def test_a_head_that_stands_last_is_not_written_again(force: Force) -> None:
    before = force.home.heads.read_text()
    system = sweeper()
    assert system is not None
    sweep(system)
    assert force.home.heads.read_text() == before


# --- accounts


ACCOUNTS_CHANGED = {
    "full_name = 'Somebody Else'": "its full name changed without an act",
    "team = 'South', username = 'another'": "its user name and team changed without an act",
    "is_active = false": "its being open or closed changed without an act",
}


@pytest.mark.parametrize("change", ACCOUNTS_CHANGED)
def test_an_account_that_the_owner_changes_is_found(
    change: str, owner: psycopg.Connection[Any], force: Force
) -> None:
    number = force.actor("analyst").id
    owner.execute(f"update officer set {change} where id = {number}".encode())
    assert broken(verify()) == [f"officer {number}: {ACCOUNTS_CHANGED[change]}"]
    if "username" not in change:
        # In the record's own rows as well: then those are found.
        owner.execute(f"update account set {change} where officer = {number}".encode())
        assert {where for where, _ in places(verify())} == {"account"}


def test_an_account_that_the_owner_makes_opens_again_or_takes_away_is_found(
    owner: psycopg.Connection[Any], force: Force
) -> None:
    number, gone = force.actor("analyst").id, force.actor("nobody").id
    triggers(owner, "enable")
    end_account(force.actor("administrator"), "analyst")
    assert verify().whole
    owner.execute("update officer set is_active = true where id = %s", [number])
    owner.execute("delete from officer where id = %s", [gone])
    owner.execute(
        """insert into officer (id, username, full_name, team, password, is_active, must_change_password,
                                failed_sign_ins, session_epoch)
           values (9999, 'planted', 'Planted', '', '', true, false, 0, 0)"""
    )
    assert broken(verify()) == [
        f"officer {number}: its being open or closed changed without an act",
        f"officer {gone}: the account is missing",
        "officer 9999: no act made this account",
    ]


def test_a_role_that_the_owner_gives_or_takes_is_found(owner: psycopg.Connection[Any], force: Force) -> None:
    row = owner.execute(
        "select id from role_grant where officer = %s", [force.actor("analyst").id]
    ).fetchone()
    assert row is not None
    owner.execute("update role_grant set role = 'supervisor' where id = %s", [row.id])
    assert places(verify()) == {("role_grant", row.id)}


def test_a_password_is_in_no_row_of_the_record_and_its_change_is_an_act(force: Force, tmp_path: Path) -> None:
    made = reset_password(force.actor("administrator"), "analyst")
    row = query("select password from officer where username = 'analyst'")[0]
    act = query("select actor, verb, body from act order by id desc limit 1")[0]
    assert (act.actor, act.verb) == (force.actor("administrator").id, "reset password")
    assert act.body == {"officer": force.actor("analyst").id}
    export(reader(), tmp_path / "out", content=True)
    written = everything_in(tmp_path / "out")
    assert row.password not in written and made.password not in written
    assert '"verb": "reset password"' in written


def test_accounts_of_an_older_home_are_taken_up_by_an_act(bare_db: Database) -> None:
    """Migrated from the version before accounts were in the record."""

    def migrate(*to: str) -> None:
        call_command("migrate", *to, database="owner", interactive=False, verbosity=0)

    for app in ("contenttypes", "auth", "sessions"):
        migrate(app)
    migrate("threshold", "0012")
    first = {
        "id": 1, "at": "2026-11-01T00:00:00.000000Z", "actor": 1, "verb": "make the first accounts",
        "case": None, "body": {}, "rows": {},
    }  # fmt: skip
    with psycopg.connect(bare_db.owner_dsn) as connection:
        connection.execute(
            """insert into officer (username, full_name, team, password, is_active, must_change_password,
                                    failed_sign_ins, session_epoch)
               select name, name, 'North', '', name <> 'gone', false, 0, 0
               from unnest(array['sweep', 'analyst', 'gone']) name"""
        )
        connection.execute("alter table act disable trigger user")
        connection.execute(
            """insert into act (id, at, actor, verb, body, rows, prev, hash)
               values (1, '2026-11-01T00:00:00Z', 1, 'make the first accounts', '{}', '{}', %s, %s)""",
            [chain.GENESIS, link_hash(chain.GENESIS, first)],
        )
        connection.execute("alter table act enable trigger user")
    migrate()
    sign_heads()
    assert broken(verify()) == []
    taken = query("select username, is_active, asserted_by from account order by officer")
    assert [(*row,) for row in taken] == [("sweep", True, 2), ("analyst", True, 2), ("gone", False, 2)]


# --- the checker of an export, held to files that are no export


NO_EXPORT: list[tuple[str, bytes | None]] = [
    ("acts.jsonl", None),
    ("acts.jsonl", b"{"),
    ("acts.jsonl", b"[]\n"),
    ("acts.jsonl", b"{}\n"),
    ("acts.jsonl", b"\xff\xfe"),
    ("acts.jsonl", b'{"id": "1", "prev": "00", "hash": "00"}\n'),
    ("looks.jsonl", None),
    ("head.pub", None),
    ("head.pub", b"not a key"),
    ("rows/report.jsonl", b'{"id": 1}\n'),
    ("rows/report.jsonl", b"[" * 100_000),
]


def test_an_export_that_cannot_be_read_is_said_to_be_so_in_one_sentence(force: Force, tmp_path: Path) -> None:
    export(reader(), tmp_path / "out", content=True)
    for n, (name, content) in enumerate(NO_EXPORT):
        folder = shutil.copytree(tmp_path / "out", tmp_path / str(n))
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        code, lines = checked_with_bare_python(folder)
        assert (code, len(lines)) == (2, 1), (name, content, lines)
        assert lines[0].startswith("This folder cannot be checked: ")


def test_an_export_is_checked_against_a_copy_of_the_heads(force: Force, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    shutil.copyfile(force.home.heads, copy)
    export(reader(), tmp_path / "out", content=True)
    (tmp_path / "out" / "heads.jsonl").write_bytes(b"\xff\n")
    assert checked_with_bare_python(tmp_path / "out", copy)[0] == 0
    assert checked_with_bare_python(tmp_path / "out")[0] == 1


def test_a_row_cut_out_of_an_export_is_found(force: Force, tmp_path: Path) -> None:
    export(reader(), tmp_path / "out", content=True)
    rows = tmp_path / "out" / "rows" / "report.jsonl"
    lines = rows.read_text().splitlines(keepends=True)
    rows.write_text("".join(lines[:3] + lines[4:]))
    code, said = checked_with_bare_python(tmp_path / "out")
    assert code == 1
    assert said[0].startswith("BROKEN  report 4: ")


def test_a_row_in_an_export_cannot_be_passed_off_as_erased(force: Force, tmp_path: Path) -> None:
    export(reader(), tmp_path / "out", content=True)
    rows = tmp_path / "out" / "rows" / "report.jsonl"
    lines = [json.loads(line) for line in rows.read_text().splitlines()]
    lines[3] |= {"salt": None, "text": None, "erased_by": 5}
    rows.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, said = checked_with_bare_python(tmp_path / "out")
    assert code == 1
    assert said[0].startswith("BROKEN  report 4: ")


# --- what an export says to whom


# What stands in rows: of an open record, of the closed one, and why it is closed.
CONTENT = ("Ownteam", "own@mail.example", "Closedaway", "casey@mail.example", "a relative", "Local records")


def everything_in(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_gets_digests_content_or_nothing(role: Role | None, force: Force, tmp_path: Path) -> None:
    somebody = replace(force.actor("named"), roles=frozenset({role} if role else ()))
    if role is Role.AUDITOR:
        assert broken(export(somebody, tmp_path / "digests")) == []
        written = everything_in(tmp_path / "digests")
        assert not [word for word in CONTENT if word in written]
    else:
        with pytest.raises(Refused):
            export(somebody, tmp_path / "digests")
        assert not (tmp_path / "digests").exists()
    if role is Role.DISCLOSURE:
        assert broken(export(somebody, tmp_path / "all", content=True)) == []
        written = everything_in(tmp_path / "all")
        assert [word for word in CONTENT if word in written] == [*CONTENT]
    else:
        with pytest.raises(Refused):
            export(somebody, tmp_path / "all", content=True)
        assert not (tmp_path / "all").exists()


def test_content_is_not_written_out_for_whom_a_record_is_closed(force: Force, tmp_path: Path) -> None:
    demo = force.actor("demo")
    assert Role.DISCLOSURE in demo.roles
    with pytest.raises(ClosedToYou):
        export(demo, tmp_path / "out", content=True)
    assert not (tmp_path / "out").exists()
    subjects.close_access(
        force.actor("other_supervisor"), force.subjects["closed"], "a relative", ["demo", "other_supervisor"]
    )
    assert export(demo, tmp_path / "out", content=True).whole


def test_an_export_of_digests_says_how_much_it_withholds(force: Force, tmp_path: Path) -> None:
    finding = verify()
    exported = export(auditor(), tmp_path / "out")
    assert (exported.rows, exported.withheld, exported.erased) == (finding.rows, finding.rows, 0)
    assert finding.withheld == 0
    code, lines = checked_with_bare_python(tmp_path / "out")
    assert code == 0
    assert lines == [
        f"{finding.acts} acts, {finding.looks} looks, {finding.rows} rows (0 erased, {finding.rows} withheld: "
        f"digests only), {finding.heads} heads: whole"
    ]


FORGED_ROWS: list[dict[str, Any]] = [
    {"digest": "00" * 32},
    {"agreed": False},
    {"agreed": None},
    {"withheld": False},
    {"erased_by": 5},
    {"retracted_by": 5},
    {"asserted_by": 1},
    {"id": 99_999},
]


def test_a_withheld_row_cannot_be_passed_off_as_another(force: Force, tmp_path: Path) -> None:
    export(auditor(), tmp_path / "out")
    for n, forged in enumerate(FORGED_ROWS):
        folder = shutil.copytree(tmp_path / "out", tmp_path / str(n))
        rows = folder / "rows" / "report.jsonl"
        lines = [json.loads(line) for line in rows.read_text().splitlines()]
        lines[-1] |= forged
        rows.write_text("".join(json.dumps(line) + "\n" for line in lines))
        code, said = checked_with_bare_python(folder)
        assert code == 1, forged
        assert all(line.startswith("BROKEN  report ") for line in said[:-1]), said


# --- erased rows


def erase(owner: psycopg.Connection[Any], table: str, number: int, *, by_an_act: bool) -> None:
    """A row goes and leaves a stone; with the act that says so, or behind the record's back."""
    last = owner.execute("select * from act order by id desc limit 1").fetchone()
    assert last is not None
    act = last.id + 1
    owner.execute(
        f"""insert into stone (kind, row, act, retracted_by, digest, erased_by, rule)
            select '{table}', id, asserted_by, retracted_by, digest, %s, 'review'
            from {table} where id = %s""".encode(),
        [act, number],
    )
    owner.execute(f"delete from {table} where id = %s".encode(), [number])
    if not by_an_act:
        return
    made = owner.execute("select act_rows(%s) as rows, clock_timestamp() as at", [act]).fetchone()
    row = last._replace(id=act, at=made.at, actor=3, verb="erase", body={}, rows=made.rows)
    owner.execute(
        """insert into act (id, at, actor, verb, body, rows, prev, hash)
           values (%s, %s, %s, %s, '{}', %s::jsonb, %s, %s)""",
        [act, row.at, 3, "erase", json.dumps(row.rows), last.hash, link_hash(last.hash, act_content(row))],
    )


def test_an_erased_row_is_reported_as_erased_and_is_no_break(
    owner: psycopg.Connection[Any], force: Force, tmp_path: Path
) -> None:
    erase(owner, "statement", 10, by_an_act=True)  # one that had been taken back
    erase(owner, "identifier", 12, by_an_act=True)
    finding = verify()
    assert broken(finding) == []
    assert finding.erased == 2
    assert broken(export(reader(), tmp_path / "out", content=True)) == []
    text = (tmp_path / "out" / "rows" / "statement.jsonl").read_text()
    assert "Local records" not in text
    assert checked_with_bare_python(tmp_path / "out")[0] == 0


def test_a_row_erased_behind_the_records_back_is_found(owner: psycopg.Connection[Any]) -> None:
    erase(owner, "identifier", 12, by_an_act=False)
    assert places(verify()) == {("identifier", 12)}


def test_a_digest_kept_of_an_erased_row_tells_nothing_of_it(owner: psycopg.Connection[Any]) -> None:
    row = owner.execute("select digest, row_text(to_jsonb(identifier)) as text from identifier where id = 12")
    found = row.fetchone()
    assert found is not None
    assert row_digest(b"", found.text.encode()) != found.digest
    assert row_digest(secrets.token_bytes(16), found.text.encode()) != found.digest


def test_the_canonical_text_of_the_export_is_the_databases(owner: psycopg.Connection[Any]) -> None:
    """The checker reads what the database wrote when the row came in, and both say the same of it."""
    for table in claim_tables():
        kept = owner.execute(
            f"select id, salt, digest, row_text(to_jsonb(t)) as text from {table} t order by id".encode()
        ).fetchall()
        for row in kept:
            assert row_digest(row.salt, row.text.encode()) == row.digest, (table, row.id)


def test_content_hashed_is_all_that_an_act_and_a_look_hold(owner: psycopg.Connection[Any]) -> None:
    for table, content in (("act", record.act_content), ("look", record.look_content)):
        row = owner.execute(f"select * from {table} limit 1".encode()).fetchone()
        assert row is not None
        assert set(row._fields) - {"prev", "hash"} == set(content(row))
        assert canonical(content(row))

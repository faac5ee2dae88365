"""``threshold sample``: needs no home, and says where things are."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from threshold.commands.main import app


def test_the_command_writes_what_the_generator_writes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = CliRunner().invoke(
        app, ["sample", "--people", "5", "--seed", "3", "--start", "2026-02-01", str(out)]
    )
    assert ended.exit_code == 0, ended.output
    assert str(out / "truth") in ended.output.replace("\n", "")
    assert len((out / "truth" / "people.csv").read_text("utf-8").splitlines()) == 6


def test_a_start_that_is_no_date_is_refused(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["sample", "--start", "soon", str(tmp_path / "out")])
    assert ended.exit_code == 2
    assert not (tmp_path / "out").exists()

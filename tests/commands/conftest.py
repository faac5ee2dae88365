"""Commands as a person runs them: each a process of its own."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

COMMAND = str(Path(sys.executable).parent / "threshold")
DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class _Forking:
    """The process from which commands are forked, started when it is first needed."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def run(self, arguments: list[str], env: dict[str, str]) -> Done:
        if self.process is None:
            started = [sys.executable, str(Path(__file__).with_name("forking.py"))]
            self.process = subprocess.Popen(started, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            atexit.register(self.process.kill)
        assert self.process.stdin is not None and self.process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            wanted = {"arguments": arguments, "env": env, "out": str(out), "err": str(err)}
            self.process.stdin.write(json.dumps(wanted) + "\n")
            self.process.stdin.flush()
            code = int(self.process.stdout.readline())
            return Done(code, out.read_text("utf-8"), err.read_text("utf-8"))


_forking = _Forking()


def threshold(*arguments: object, env: dict[str, str] | None = None) -> Done:
    """Run ``threshold`` with these arguments and wait for its end."""
    whole = {**os.environ, "COLUMNS": "300", **(env or {})}
    done = _forking.run([os.fspath(a) if isinstance(a, Path) else str(a) for a in arguments], whole)
    assert "Traceback" not in done.err, done.err
    return done


def held_to_schema(name: str, value: Any) -> Any:
    """The value, after it was held to ``docs/NAME.schema.json``."""
    schema = json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(value)
    return value


def environment_of_a_home(path: Path) -> dict[str, str]:
    """For a home with a server of its own."""
    return {"THRESHOLD_HOME": str(path), "DATABASE_URL": "", "DATABASE_OWNER_URL": ""}

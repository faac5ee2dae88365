"""A process from which commands are forked: libraries are loaded, nothing of ours is, and Django is not set up.

Each command so starts as in a process of its own, but for the second that loading the libraries takes.
Reads one JSON object a line (arguments, environment, where to write), and answers with the exit code.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

LIBRARIES = [
    "django.contrib.auth.hashers",
    "django.contrib.auth.password_validation",
    "django.contrib.postgres.fields",
    "django.core.management",
    "django.db.models",
    "django.test.client",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "lxml.etree",
    "psycopg",
    "rich.console",
    "rich.progress",
    "rich.table",
    "sqlglot",
    "typer",
    "yaml",
]


def main() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            run(wanted)
        ended = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(ended), flush=True)


def run(wanted: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(wanted["env"])
    for descriptor, name in ((0, os.devnull), (1, wanted["out"]), (2, wanted["err"])):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(str(name), flags, 0o600), descriptor)
    sys.argv = ["threshold", *wanted["arguments"]]
    code: object = 0
    try:
        from threshold.commands.main import run as command

        command()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()

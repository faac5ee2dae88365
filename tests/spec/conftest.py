"""One real PostgreSQL for the scenarios, the same as for the policy's tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_path = Path(__file__).parents[1] / "policy" / "conftest.py"
_spec = importlib.util.spec_from_file_location("policy_conftest", _path)
assert _spec is not None and _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

postgres = _module.postgres

"""The database that every other test stands on."""

from __future__ import annotations

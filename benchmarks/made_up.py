"""Fictional deliveries in any number, from a seed: what the benchmarks read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

# About one report in four is about an account that was reported before.
NEW_ACCOUNT = 0.75
START = datetime(2026, 1, 1, tzinfo=UTC)


def reports(count: int, seed: int = 1) -> Iterator[str]:
    """ISPWS documents, one report each; addresses, numbers and domains are reserved for fiction."""
    chance = random.Random(seed)
    accounts = 0
    for n in range(count):
        if accounts == 0 or chance.random() < NEW_ACCOUNT:
            accounts += 1
            account = accounts
        else:
            account = chance.randint(1, accounts)
        yield _report(account, n, chance)


def _report(account: int, n: int, chance: random.Random) -> str:
    at = START + timedelta(minutes=n)
    ip = f"203.0.113.{chance.randint(1, 254)}"
    urgent = "<escalateToHighPriority>made up</escalateToHighPriority>" if chance.random() < 0.05 else ""
    kind = (
        "Online Enticement of Children for Sexual Acts"
        if chance.random() < 0.1
        else "Child Pornography (possession, manufacture, and distribution)"
    )
    email = f"<email verified='true'>person{account}@mail.example</email>" if account % 3 else ""
    phone = f"<phone verified='true'>+4477009{account % 100000:05d}</phone>" if account % 4 == 0 else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<report><incidentSummary><incidentType>{kind}</incidentType><platform>Fictional Chat</platform>{urgent}\
<incidentDateTime>{at:%Y-%m-%dT%H:%M:%SZ}</incidentDateTime></incidentSummary>\
<reporter><reportingPerson><email>safety@chat.example</email></reportingPerson>\
<companyTemplate>Fictional Chat Ltd</companyTemplate></reporter>\
<personOrUserReported><personOrUserReportedPerson>{phone}{email}</personOrUserReportedPerson>\
<espIdentifier>u-{account}</espIdentifier><espService>Fictional Chat</espService><screenName>name{account}</screenName>\
<ipCaptureEvent><ipAddress>{ip}</ipAddress><eventName>Login</eventName><dateTime>{at:%Y-%m-%dT%H:%M:%SZ}</dateTime>\
<port>{chance.randint(1024, 65535)}</port></ipCaptureEvent></personOrUserReported></report>"""


def write_folder(folder: Path, count: int, seed: int = 1, per_folder: int = 1_000) -> None:
    """One file a report, a thousand files a folder."""
    for n, text in enumerate(reports(count, seed)):
        inside = folder / f"{n // per_folder:04d}"
        if n % per_folder == 0:
            inside.mkdir(parents=True)
        (inside / f"{n:07d}.xml").write_text(text, encoding="utf-8")

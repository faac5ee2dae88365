"""A small fictional force for the tests of pages: an account for every role, and records of every standing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from threshold.acts.access import Actor, Power, Role, actor_by_name
from threshold.acts.db import one, query
from threshold.acts.officers import first_accounts
from threshold.acts.verbs import act
from threshold.acts.writing import claim_rows
from threshold.enquiries.adopting import begin_with_policy
from threshold.journey import casework, enquiring, importing
from threshold.journey import premises as homes
from threshold.journey import subjects as journey
from threshold.journey.enquiring import Wish
from threshold.journey.subjects import Answer
from threshold.oversight.counting import Reading
from threshold.oversight.verbs import begin_audit, save_answer
from threshold.people.premises import Dweller
from threshold.policy import document

POLICY = Path(__file__).parents[2] / "policies" / "default.yaml"

# Account, team, roles: one for each role, and a second investigator and administrator elsewhere.
PEOPLE: list[tuple[str, str, list[Role]]] = [
    ("intake", "North", [Role.INTAKE]),
    ("analyst", "North", [Role.ANALYST]),
    ("investigator", "North", [Role.INVESTIGATOR]),
    ("elsewhere", "South", [Role.INVESTIGATOR]),
    ("supervisor", "North", [Role.SUPERVISOR]),
    ("safeguarding", "North", [Role.SAFEGUARDING]),
    ("chief", "", [Role.CHIEF]),
    ("auditor", "", [Role.AUDITOR]),
    ("owner", "", [Role.POLICY_OWNER]),
    ("administrator", "", [Role.ADMINISTRATOR]),
    ("second", "", [Role.ADMINISTRATOR]),
    ("nobody", "", []),
]

SCRIPT = "<script>document.title='owned'</script>{{ 7 * 7 }}{% raw %}"
RIGHT_TO_LEFT = "שלום \u202eevil\u202c مرحبا"
LONG = "ш" * 4_000


@dataclass
class Site:
    """What was made: passwords by account, numbers of subjects, deliveries, reports and held entries by name."""

    passwords: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    answer: int = 0
    held: dict[str, int] = field(default_factory=dict)
    audit: int = 0
    enquiries: dict[str, int] = field(default_factory=dict)
    premises: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        found = actor_by_name(name)
        assert found is not None
        return found


def person(name: str, account: str, **more: Any) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {
        "firstName": first,
        "lastName": last,
        "espUserId": account,
        "espService": "Fictional Chat",
        **more,
    }


def report(number: int, people: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    reported = {
        "reportingEsp": {"espName": "Fictional Chat Ltd"},
        "incidentSummary": {
            "incidentType": "Child Pornography (possession, manufacture, and distribution)",
            "platform": "Fictional Chat",
            "incidentDateTime": "2026-10-25T00:30:00Z",
        },
        "reportedPeople": {"reportedPersons": list(people)},
        **more,
    }
    return {"reportId": number, "dateReceived": "2026-11-10T18:05:00Z", "reportedInformation": reported}


CAPTURES = {
    "sourceInformation": {
        "sourceCaptures": [
            {
                "captureType": "IP Address",
                "value": "203.0.113.7",
                "port": 50123,
                "dateTime": "2026-10-25T00:30:00Z",
                "eventName": "Login",
            },
            {"captureType": "IP Address", "value": "198.51.100.9", "dateTime": "2026-11-01T12:00:00Z"},
        ]
    }
}

DELIVERIES: dict[str, list[dict[str, Any]]] = {
    "own": [report(101, [person("Alex Ownteam", "own-1")])],
    "other": [report(102, [person("Blake Otherteam", "other-1")])],
    "closed": [report(103, [person("Casey Closedaway", "closed-1")]), {"neither": "Closedaway"}],
    "free": [
        report(
            104,
            [
                person(
                    "Drew Freeman",
                    "free-1",
                    emails={"emails": [{"value": "drew@mail.example", "verified": True}]},
                    **CAPTURES,
                )
            ],
            childVictims={"childVictims": [{"firstName": "(withheld)", "approximateAge": 12}]},
        ),
        report(105, [person("D Freeman", "free-2", emails={"emails": [{"value": "drew@mail.example"}]})]),
    ],
    "child": [report(106, [person("Evan Young", "child-1", approximateAge=15)])],
    "nasty": [
        report(
            107,
            [
                {
                    "espUserId": "nasty-1",
                    "espService": RIGHT_TO_LEFT,
                    "screenName": {"value": LONG},
                    "displayNames": {"displayNames": [SCRIPT, RIGHT_TO_LEFT]},
                    "firstName": None,
                    "lastName": SCRIPT,
                    "emails": None,
                    "phones": {"phones": []},
                    "somethingNew": {SCRIPT[:50]: LONG},
                }
            ],
            additionalInformations={"additionalInformations": [{"value": SCRIPT + LONG}]},
        ),
        {"neither": "a report"},
    ],
}


def fill(folder: Path) -> Site:
    """Make the accounts, put the policy into force, take the deliveries in, and give each record its standing."""
    site = Site()
    everything = [(name, f"{name.title()} Person", team, roles) for name, team, roles in PEOPLE]
    makers = [*everything, ("maker", "The Maker", "", [Role.INTAKE, Role.ANALYST, Role.POLICY_OWNER])]
    site.passwords = {made.username: made.password for made in first_accounts(makers)}
    maker = site.actor("maker")
    policy = document.load(POLICY)
    with act(maker, "put policy into force", Power.ADOPT_POLICY) as opened:
        begin_with_policy(opened, policy)
    for name, reports in DELIVERIES.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(reports, ensure_ascii=False), encoding="utf-8")
        receipt = importing.take_in(maker, importing.files_under([path]))
        site.deliveries[name] = receipt.deliveries[0]
        for row in query(
            "select id from intake_entry where delivery = %s and state = 'held'", [receipt.deliveries[0]]
        ):
            site.held[name] = row.id
        rows = query(
            """select r.id, m.subject from report r join mention n on n.report = r.id and n.role = 'reported'
               join member m on m.mention = n.id and m.retracted_by is null
               where r.delivery = %s order by r.id""",
            [receipt.deliveries[0]],
        )
        site.reports[name], site.subjects[name] = rows[0]
        if len(rows) > 1:
            site.reports[f"{name} again"], site.subjects[f"{name} again"] = rows[1]
    harmed = one("select subject from member m join mention n on n.id = m.mention where n.role = 'harmed'")
    assert harmed is not None
    site.subjects["harmed"] = harmed.subject
    journey.take(site.actor("investigator"), site.subjects["own"])
    journey.take(site.actor("elsewhere"), site.subjects["other"])
    journey.state(
        maker,
        site.subjects["free"],
        Answer(
            "lives_with_children", "yes", "intelligence", "Local records", datetime(2026, 11, 1, tzinfo=UTC)
        ),
    )
    for name in ("own", "other", "closed", "free", "child", "harmed", "nasty"):
        subject = site.subjects[name]
        site.enquiries[name] = enquiring.ask(maker, subject, Wish("sender", "A made-up authority"))
        site.premises[name], _ = homes.add(maker, subject, f"{subject} Made-up Street", "A made-up source")
        homes.settle(maker, site.premises[name], Dweller(SCRIPT, "not_known", f"{name} {SCRIPT}"))
    closed = casework.open_case(site.actor("supervisor"), site.subjects["closed"], "a made-up reason")
    site.cases["closed"] = closed
    with act(maker, "close access", Power.STATE) as opened:
        claim_rows(opened, "closure", ["mention", "reason"], [(site.subjects["closed"], "staff")])
    _open_cases(site)
    site.answer = save_answer(site.actor("analyst"), Reading.of("today", None), "A made-up newspaper")
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    site.audit = begin_audit(
        site.actor("auditor"), "analyst", yesterday, yesterday + timedelta(days=2), "A complaint <b>"
    )
    return site


def _open_cases(site: Site) -> None:
    """A case for a record of each team."""
    for name, owner in (("own", "investigator"), ("other", "elsewhere")):
        site.cases[name] = casework.open_case(site.actor(owner), site.subjects[name], "a made-up reason")

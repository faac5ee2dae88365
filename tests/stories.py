"""Small made-up reports taken in for real, and the present view of whoever they speak of, by content.

Numbers differ from one run to the next, so a view names a mention by its report's label, role and place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from threshold.acts.access import Actor, Power, Role, actor_by_name
from threshold.acts.db import query
from threshold.acts.officers import first_accounts
from threshold.acts.verbs import look
from threshold.journey import identifying, premises, subjects
from threshold.journey.beginning import default_policy
from threshold.journey.importing import Receipt, files_under, take_in
from threshold.journey.policies import begin_with_policy
from threshold.journey.subjects import Answer
from threshold.people.premises import Dweller

RECEIVED = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
ROLES = {"reported": "personOrUserReported", "harmed": "victim", "recipient": "intendedRecipient"}
_labels = count(1)


@dataclass(frozen=True)
class Told:
    """One report about one person; ``others`` are further people in it."""

    account: str = ""
    emails: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    screen_name: str = ""
    name: str = ""
    age: int | str | None = None
    born: str = ""
    role: str = "reported"
    compromised: bool = False
    batched: bool = False
    prior: str = ""
    solicited: bool = False
    at: str = "2026-11-09T21:14:05Z"
    incident: str = "Child Pornography (possession, manufacture, and distribution)"
    priority: str = ""
    others: tuple[Told, ...] = ()
    label: str = ""

    def person(self) -> str:
        first, _, last = self.name.partition(" ")
        person = f"<firstName>{first}</firstName><lastName>{last}</lastName>" if self.name else ""
        person += "".join(f'<phone verified="true">{p}</phone>' for p in self.phones)
        person += "".join(f'<email verified="true">{e}</email>' for e in self.emails)
        person += "".join(f"<email>{e}</email>" for e in self.unverified)
        person += f"<age>{self.age}</age>" if self.age is not None else ""
        person += f"<dateOfBirth>{self.born}</dateOfBirth>" if self.born else ""
        element = ROLES[self.role]
        return (
            f"<{element}><{element}Person>{person}</{element}Person>"
            + (f"<espIdentifier>{self.account}</espIdentifier>" if self.account else "")
            + "<espService>Fictional Chat</espService>"
            + ("<compromisedAccount>true</compromisedAccount>" if self.compromised else "")
            + (f"<screenName>{self.screen_name}</screenName>" if self.screen_name else "")
            + "".join(_captured_address(ip, self.at) for ip in self.ips)
            + "".join(
                f"<deviceId><idType>IMEI</idType><idValue>{d}</idValue></deviceId>" for d in self.devices
            )
            + (f"<priorCTReports>{self.prior}</priorCTReports>" if self.prior else "")
            + f"</{element}>"
        )

    def xml(self) -> str:
        annotations = "<reportAnnotations><csamSolicitation/></reportAnnotations>" if self.solicited else ""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<report>
  {'<batchedReport reason="VIRAL_POTENTIAL_MEME"/>' if self.batched else ""}
  <incidentSummary>
    <incidentType>{self.incident}</incidentType>
    {f"<escalateToHighPriority>{self.priority}</escalateToHighPriority>" if self.priority else ""}
    {annotations}
    <incidentDateTime>{self.at}</incidentDateTime>
  </incidentSummary>
  <reporter>
    <reportingPerson><firstName>Robin</firstName><lastName>Example</lastName></reportingPerson>
    <companyTemplate>Fictional Chat Ltd</companyTemplate>
  </reporter>
  {self.person()}{"".join(other.person() for other in self.others)}
  <additionalInfo>{self.label}</additionalInfo>
</report>
"""


def _captured_address(ip: str, at: str) -> str:
    return (
        f"<ipCaptureEvent><ipAddress>{ip}</ipAddress><eventName>Login</eventName>"
        f"<dateTime>{at}</dateTime><port>50211</port></ipCaptureEvent>"
    )


PEOPLE = [
    ("intake", "Ina Intake", "North", [Role.INTAKE, Role.POLICY_OWNER]),
    ("analyst", "Ann Analyst", "North", [Role.ANALYST]),
    ("other", "Otto Other", "South", [Role.ANALYST]),
    ("second_owner", "Olu Second", "", [Role.POLICY_OWNER]),
]


def begin() -> None:
    """The team's accounts, and the policy that ships in force."""
    first_accounts(PEOPLE)
    begin_with_policy(_actor("intake"), default_policy())


def _actor(name: str) -> Actor:
    found = actor_by_name(name)
    assert found is not None
    return found


def labelled(reports: Iterable[Told], batch: str | None = None) -> list[Told]:
    """Each with a label of its own."""
    name = batch or f"story {next(_labels)}"
    return [replace(told, label=f"{name}/{n}") for n, told in enumerate(reports)]


@dataclass(frozen=True)
class Team:
    """Three officers of one fictional team, and what they do."""

    intake: Actor
    analyst: Actor
    other: Actor

    @classmethod
    def here(cls) -> Team:
        """The team of the database that is open."""
        return cls(*(_actor(name) for name, *_ in PEOPLE[:3]))

    def take_in(self, *reports: Told, received_at: datetime | None = RECEIVED) -> Receipt:
        """All of them in one go, labelled where they are not."""
        told = [r if r.label else labelled([r])[0] for r in reports]
        return self.take_in_files({f"{n:04}.xml": t.xml() for n, t in enumerate(told)}, received_at)

    def take_in_files(self, files: dict[str, str], received_at: datetime | None = RECEIVED) -> Receipt:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            receipt = take_in(self.intake, files_under([Path(folder)]), received_at=received_at)
        assert not receipt.counts["refused"], receipt.told
        return receipt

    def subjects_of(self, *reports: Told) -> list[int]:
        """Take reports in together; the subject of each report's first person."""
        told = labelled(reports)
        self.take_in(*told)
        return [subject_of(one.label) for one in told]

    def subject(self, told: Told | None = None) -> int:
        return self.subjects_of(told or Told(f"account-{next(_labels)}"))[0]

    def state(self, subject: int, fact: str, value: str, **more: Any) -> int:
        return subjects.state(self.analyst, subject, Answer(fact, value, "fact", "a made-up source", **more))

    def identify(self, subject: int, rung: str) -> int:
        """Put a subject on a rung of the identity ladder, with made-up evidence; the number of the statement."""
        if rung != "3":
            return self.state(subject, "identity_ladder", rung)
        home, _ = premises.add(self.analyst, subject, f"{next(_labels)} Made-up Street", "a made-up source")
        who = premises.settle(self.analyst, home, Dweller("Pat Made-up", "adult", "a made-up source"))
        return identifying.climb(self.analyst, subject, rung, occupant=who)

    def rule_out(self, subject: int) -> list[int]:
        """Answer every check so that nothing is left that could raise the band."""
        numbers = []
        for name in default_policy().checks:
            value = {"worst_grade": "none", "times_seen": "1"}.get(name, "no")
            numbers.append(self.state(subject, name, value))
        return numbers

    def looking(self, as_at: datetime | None = None) -> Any:
        return look(self.analyst, "tests", Power.SEE_SUBJECTS, as_at)


def mentions_of(label: str) -> list[Any]:
    """The mentions of a report: number, role, subject."""
    return query(
        """select n.id, n.role, m.subject from report r join mention n on n.report = r.id
           join member m on m.mention = n.id and m.retracted_by is null
           where r.words = %s order by n.id""",
        [label],
    )


def subject_of(label: str) -> int:
    return int(mentions_of(label)[0].subject)


def assessed(subject: int) -> Any:
    """The standing assessment of a subject."""
    rows = query("select * from assessment where subject = %s and retracted_by is null", [subject])
    assert len(rows) == 1, f"subject {subject} has {len(rows)} assessments"
    return rows[0]


def band(subject: int) -> tuple[int, int]:
    row = assessed(subject)
    return row.known, row.could_be


def standing_links(subject: int | None = None) -> list[Any]:
    """Standing links, of this subject's mentions where one is named."""
    return query(
        """select l.* from link l where l.retracted_by is null
           and (%(s)s::bigint is null or exists (select from member m where m.retracted_by is null
                and m.subject = %(s)s and m.mention in (l.a, l.b))) order by l.id""",
        {"s": subject},
    )


# What an assessment says, but for numbers, and for the due times, which an undo never moves later.
SAYS = [
    "facts", "known", "could_be", "deciding", "holding", "could", "open_facts", "checks", "route",
    "route_reason", "ladder", "listed", "urgency", "first_received", "last_received", "clock_from",
]  # fmt: skip
DUES = ["due", "checks_due"]


def view(labels: Sequence[str], columns: Sequence[str] = SAYS) -> dict[str, Any]:
    """The present view of everybody whom these reports name, without any number in it."""
    rows = query(
        """select n.id, m.subject, r.words || ' ' || n.role || ' ' || n.place as name
           from report r join mention n on n.report = r.id
           join member m on m.mention = n.id and m.retracted_by is null where r.words = any(%s)""",
        [list(labels)],
    )
    members: dict[int, set[str]] = {}
    for row in rows:
        members.setdefault(row.subject, set()).add(row.name)
    called = {subject: frozenset(names) for subject, names in members.items()}
    graded = query(
        "select * from assessment where subject = any(%s) and retracted_by is null", [list(called)]
    )
    pairs = query(
        """select distinct least(x.subject, y.subject) as a, greatest(x.subject, y.subject) as b
           from link l join member x on x.mention = l.a and x.retracted_by is null
           join member y on y.mention = l.b and y.retracted_by is null
           where l.retracted_by is null and l.says = 'same' and x.subject <> y.subject
             and x.subject = any(%s)""",
        [list(called)],
    )
    return {
        "subjects": set(called.values()),
        "assessed": {
            called[row.subject]: {column: getattr(row, column) for column in columns} for row in graded
        },
        "asked": {frozenset((called[row.a], called[row.b])) for row in pairs},
    }

"""A case on somebody's desk, brought as far as a test needs it: from a report to the door of a warning visit."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from tests.force import Force, subject_of_account
from tests.referrals import referral, write

from threshold.acts.access import Actor
from threshold.acts.db import one, query
from threshold.cases import contact
from threshold.cases.decisions import Reasoning
from threshold.cases.visits import Result
from threshold.journey import casework, premises, subjects
from threshold.journey.importing import files_under, take_in
from threshold.journey.subjects import Answer
from threshold.people.premises import Dweller

NO = [
    "contact", "acts_toward_children", "shared", "alarming_material", "access_to_children", "relevant_history",
    "earlier_warning", "risk_to_life", "sign_of_child",
]  # fmt: skip


@dataclass
class Desk:
    """One subject's case, its owner and a supervisor."""

    force: Force
    subject: int
    account: str
    case: int = 0
    premises: int = 0

    @property
    def owner(self) -> Actor:
        return self.force.actor("investigator")

    @property
    def supervisor(self) -> Actor:
        return self.force.actor("supervisor")

    def state(self, fact: str, value: str) -> None:
        subjects.state(self.owner, self.subject, Answer(fact, value, "fact", "a made-up source"))

    def open(self) -> Desk:
        self.case = casework.open_case(self.owner, self.subject, "a made-up reason")
        return self

    def find_everything_out(self) -> Desk:
        """Answer whatever a warning visit rests on, so that it is permitted."""
        for fact in NO:
            self.state(fact, "no")
        for fact, value in (
            ("times_seen", "1"),
            ("worst_grade", "C"),
            ("adult_established", "yes"),
            ("identity_ladder", "4"),
            ("address_confirmed", "yes"),
            ("occupants_known", "yes"),
        ):
            self.state(fact, value)
        home = f"{self.subject} Fictional Street, Anytown AN1 1AA"
        self.premises, _ = premises.add(self.owner, self.subject, home, "council tax", kind="home")
        premises.settle(self.owner, self.premises, Dweller("", "adult", "council tax"))
        for question in contact.QUESTIONS:
            casework.answer(self.owner, self.case, question.key, "no", "a made-up source")
        self.confirm_links()
        return self

    def confirm_links(self) -> None:
        mentions = [
            row.mention
            for row in query(
                "select mention from member where subject = %s and retracted_by is null order by 1",
                [self.subject],
            )
        ]
        for other in mentions[1:]:
            subjects.same(self.owner, mentions[0], other, "confirmed by a made-up check")

    def reasoning(self, choice: str, **more: object) -> Reasoning:
        given: dict[str, object] = {
            "reason": "a made-up reason",
            "threat": "what the threat is",
            "powers": "which powers apply",
            "review_at": datetime.now(UTC) + timedelta(days=28),
        }
        return Reasoning(choice, **(given | more))  # type: ignore[arg-type]

    def decide(self, choice: str = "warning_visit", **more: object) -> int:
        return casework.decide(self.owner, self.case, self.reasoning(choice, **more))

    def approve(self, decision: int) -> None:
        casework.approve(self.supervisor, decision, "I agree")

    def letter(self, level: str = "person") -> int:
        return casework.make_letter(self.owner, self.case, level)

    def sign(self) -> int:
        """Decide on a visit, have it approved, make the letter, and sign."""
        self.approve(self.decide())
        return casework.sign_visit(self.owner, self.case, self.letter(), self.premises)

    def result(self, visit: int, result: str, **more: object) -> None:
        found = more.pop("found", None)
        given: dict[str, object] = {
            "at": datetime.now(UTC) - timedelta(milliseconds=1),
            "letter": "handed" if result == "warned" else "not_offered",
        }
        told = Result(result, **(given | more))  # type: ignore[arg-type]
        casework.record_result(self.owner, visit, told, found)  # type: ignore[arg-type]

    def state_of_case(self) -> str:
        row = one("select state from case_state where case_file = %s and retracted_by is null", [self.case])
        assert row is not None
        return str(row.state)

    def tasks(self) -> dict[str, datetime]:
        rows = query(
            """select kind, due from case_task t where case_file = %s
               and not exists (select from case_task_done d where d.task = t.id)""",
            [self.case],
        )
        return {row.kind: row.due for row in rows}

    def band(self) -> tuple[int, int]:
        row = one(
            "select known, could_be from assessment where subject = %s and retracted_by is null",
            [self.subject],
        )
        assert row is not None
        return row.known, row.could_be


_numbers = count(1)


def take_in_report(force: Force, account: str, **more: object) -> None:
    """One more report about this account, from a connection that nobody else used."""
    with tempfile.TemporaryDirectory() as folder:
        number = next(_numbers)
        told = {"ip": f"198.51.100.{number}", "last": f"Person{number}", "words": str(number), **more}
        write(Path(folder), {"report.xml": referral(account, **told)})  # type: ignore[arg-type]
        take_in(force.actor("intake"), files_under([Path(folder)]))


def at_the_desk(force: Force, account: str = "") -> Desk:
    """A new subject with a case of its own."""
    name = account or f"desk-{next(_numbers)}"
    take_in_report(force, name)
    return Desk(force, subject_of_account(name), name).open()


def at_the_door(force: Force, account: str = "") -> Desk:
    """Everything found out; nothing decided yet."""
    return at_the_desk(force, account).find_everything_out()

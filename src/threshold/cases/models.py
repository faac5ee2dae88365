"""Rows of the cases room: the job a team is given, and what hangs on it.

A case names its subject by one mention, so that it goes where that mention goes when links move. What may be
written into these tables, and in which order, the triggers of migrations 0026 and 0028 say.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from threshold.acts.models import Claim

STANDING = models.Q(retracted_by=None)
STATES = ("open", "parked", "watched", "closed", "merged")


class Taken(Claim):
    """An officer has taken the subject that holds this mention; standing until let go."""

    mention = models.BigIntegerField()
    officer = models.BigIntegerField()
    team = models.TextField(blank=True)

    class Meta:
        db_table = "taken"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mention"], condition=models.Q(retracted_by=None), name="taken_once"
            )
        ]


class Notice(Claim):
    """Whoever has taken a subject on is told that a report or an enquiry changed it; standing until seen."""

    officer = models.BigIntegerField()
    mention = models.BigIntegerField()
    report = models.BigIntegerField(null=True)
    enquiry = models.BigIntegerField(null=True)
    kind = models.TextField()

    class Meta:
        db_table = "notice"
        indexes: ClassVar = [
            models.Index(fields=["officer"], condition=models.Q(retracted_by=None), name="notice_officer")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["later version", "withdrawn", "seen again", "breach"], report__isnull=False
                )
                | models.Q(kind__in=["enquiry answered", "answer lapsed"], enquiry__isnull=False),
                name="notice_kind",
            )
        ]


class Case(Claim):
    """The job a team is given: our reference, and whom it is about (perhaps not identified), by one mention.

    The homes of a case are those to which its subject leads.
    """

    reference = models.TextField(unique=True)
    mention = models.BigIntegerField(db_index=True)
    officer = models.BigIntegerField()
    why = models.TextField(blank=True)

    class Meta:
        db_table = "case_file"


class OfCase(models.Model):
    """What every row has that hangs on a case. ``officer`` is who wrote it: at its act's end the database compares."""

    case_file = models.BigIntegerField(db_index=True)
    officer = models.BigIntegerField()

    class Meta:
        abstract = True


def once(*fields: str, name: str) -> models.UniqueConstraint:
    """At most one standing row for these."""
    return models.UniqueConstraint(fields=fields, condition=STANDING, name=name)


class CaseOwner(OfCase, Claim):
    """Whose case it is; the one before stays in the record, with the note it was handed over with."""

    owner = models.BigIntegerField(db_index=True)
    team = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "case_owner"
        constraints: ClassVar = [once("case_file", name="case_owner_once")]


class CaseState(OfCase, Claim):
    """Open, parked, watched, closed or merged: when is its act, why is ``reason``.

    ``until`` is when a parked case is looked at again, or when watching ends. ``merged_into`` is the case it was merged
    into. ``decision`` or ``result`` is what a case was closed by that was never watched.
    """

    state = models.TextField()
    reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    merged_into = models.BigIntegerField(null=True)
    decision = models.BigIntegerField(null=True)
    result = models.BigIntegerField(null=True)

    class Meta:
        db_table = "case_state"
        constraints: ClassVar = [
            once("case_file", name="case_state_once"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="case_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="open") | ~models.Q(reason=""), name="case_state_reason"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["parked", "watched"]) | models.Q(until__isnull=False),
                name="case_state_dated",
            ),
            models.CheckConstraint(
                condition=models.Q(state="merged", merged_into__isnull=False)
                | ~models.Q(state="merged") & models.Q(merged_into=None),
                name="case_state_into",
            ),
        ]


class CrimeNumber(OfCase, Claim):
    """The number under which the crime is recorded in the force's own system."""

    number = models.TextField()

    class Meta:
        db_table = "crime_number"
        constraints: ClassVar = [once("case_file", name="crime_number_once")]


class CaseBasis(OfCase, Claim):
    """The mentions that made the subject when an officer last said that the case is about it."""

    subject = models.BigIntegerField()
    mentions = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "case_basis"
        constraints: ClassVar = [once("case_file", name="case_basis_once")]


class CaseTask(OfCase, Claim):
    """Something that must be done on a case by ``due`` (and not before ``due_from``). Never taken back."""

    kind = models.TextField()
    words = models.TextField()
    due_from = models.DateTimeField(null=True)
    due = models.DateTimeField()

    class Meta:
        db_table = "case_task"


class CaseTaskMoved(Claim):
    """A later time for a task, by a named officer with a reason. The latest that stands counts."""

    task = models.BigIntegerField(db_index=True)
    officer = models.BigIntegerField()
    due = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        db_table = "case_task_moved"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="case_task_moved_reason"),
        ]


class CaseTaskDone(Claim):
    """What came of a task."""

    task = models.BigIntegerField()
    officer = models.BigIntegerField()
    words = models.TextField()

    class Meta:
        db_table = "case_task_done"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task"], name="case_task_done_once"),
            models.CheckConstraint(condition=~models.Q(words=""), name="case_task_done_words"),
        ]


class Decision(OfCase, Claim):
    """A named officer's choice, in the order of the National Decision Model, with all it rested on.

    ``options`` lists each response of the policy with what was found of its conditions then. ``override``: the
    choice is not among those permitted. ``watched_after``: the policy has the case watched when it is done.
    """

    subject = models.BigIntegerField()
    assessment = models.BigIntegerField()
    policy = models.TextField()
    known = models.TextField()
    not_known = models.TextField()
    threat = models.TextField()
    powers = models.TextField()
    options = models.JSONField()
    choice = models.TextField()
    level = models.TextField(blank=True)
    warns = models.BooleanField()
    reason = models.TextField()
    review_at = models.DateTimeField()
    override = models.BooleanField()
    second_person = models.BooleanField()
    watched_after = models.BooleanField()

    class Meta:
        db_table = "decision"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="decision_reason"),
            models.CheckConstraint(
                condition=models.Q(override=False) | models.Q(second_person=True), name="override_is_seconded"
            ),
            models.CheckConstraint(
                condition=models.Q(warns=False) | models.Q(override=False), name="warning_is_no_override"
            ),
            models.CheckConstraint(
                condition=models.Q(level="")
                | models.Q(level__in=["person", "address"], warns=True, second_person=True),
                name="warning_visit_is_seconded",
            ),
        ]


class DecisionApproval(Claim):
    """A second person's word on a decision: never the one who decided."""

    decision = models.BigIntegerField()
    decider = models.BigIntegerField()
    officer = models.BigIntegerField()
    outcome = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "decision_approval"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision"], name="decision_approval_once"),
            models.CheckConstraint(
                condition=~models.Q(officer=models.F("decider")), name="approved_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["approved", "declined"]) & ~models.Q(reason=""),
                name="decision_approval_says",
            ),
        ]


class ContactAnswer(OfCase, Claim):
    """What is known, before anybody is contacted, of one of the questions that are never skipped."""

    question = models.TextField()
    answer = models.TextField()
    source = models.TextField()
    words = models.TextField(blank=True)

    class Meta:
        db_table = "contact_answer"
        constraints: ClassVar = [
            once("case_file", "question", name="contact_answer_once"),
            models.CheckConstraint(
                condition=models.Q(answer__in=["yes", "no", "asked"]), name="contact_answer_known"
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="contact_answer_source"),
        ]


class Support(OfCase, Claim):
    """Support that was offered: what, to whom, and whether it was taken up."""

    to_whom = models.TextField()
    what = models.TextField()
    taken_up = models.TextField()
    words = models.TextField(blank=True)

    class Meta:
        db_table = "support"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(to_whom__in=["person", "family"]), name="support_to"),
            models.CheckConstraint(
                condition=models.Q(taken_up__in=["yes", "no", "not said"]), name="support_taken_up"
            ),
        ]


class TranslationSigned(Claim):
    """A named translator stands for the text of a letter's template in a language; ``digest`` is of that text."""

    template = models.TextField()
    version = models.TextField()
    language = models.TextField()
    digest_text = models.TextField()
    translator = models.TextField()
    officer = models.BigIntegerField()

    class Meta:
        db_table = "translation_signed"
        constraints: ClassVar = [
            once("digest_text", name="translation_signed_once"),
            models.CheckConstraint(condition=~models.Q(translator=""), name="translation_signed_by"),
        ]


class Letter(OfCase, Claim):
    """A letter as it is handed over, byte for byte. ``checked``: typst held it to PDF/UA-1."""

    level = models.TextField()
    template = models.TextField()
    version = models.TextField()
    language = models.TextField()
    text_digest = models.TextField()
    parts = ArrayField(models.TextField())
    dated = models.DateField()
    pdf = models.BinaryField()
    pdf_digest = models.TextField()
    checked = models.BooleanField()

    class Meta:
        db_table = "letter"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(level__in=["person", "address"]), name="letter_level"),
            models.CheckConstraint(condition=models.Q(language__in=["en", "cy"]), name="letter_language"),
        ]


class Visit(OfCase, Claim):
    """A warning visit that two people signed for: to a person, or to a household as such.

    ``decider`` and ``approver`` are those of the decision. ``premises`` is where.
    """

    level = models.TextField()
    subject = models.BigIntegerField()
    premises = models.BigIntegerField()
    decision = models.BigIntegerField()
    decider = models.BigIntegerField()
    approver = models.BigIntegerField()
    letter = models.BigIntegerField()

    class Meta:
        db_table = "visit"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(level__in=["person", "address"]), name="visit_level"),
            models.CheckConstraint(
                condition=~models.Q(decider=models.F("approver")), name="visit_has_two_signers"
            ),
            models.UniqueConstraint(fields=["decision"], name="visit_once_a_decision"),
        ]


class VisitResult(Claim):
    """What happened at the door. Nobody in leaves the visit to be made; every other result ends it."""

    visit = models.BigIntegerField(db_index=True)
    officer = models.BigIntegerField()
    result = models.TextField()
    at = models.DateTimeField()
    letter = models.TextField()
    words = models.TextField(blank=True)

    class Meta:
        db_table = "visit_result"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit"], condition=~models.Q(result="nobody_in"), name="visit_ends_once"
            ),
            models.CheckConstraint(
                condition=models.Q(letter__in=["handed", "refused", "not_offered"]),
                name="visit_result_letter",
            ),
            models.CheckConstraint(
                condition=~models.Q(result="nobody_in") | models.Q(letter="not_offered"),
                name="no_letter_is_left_behind",
            ),
        ]


class Reopening(OfCase, Claim):
    """A new mention of somebody who is watched: after the warning, before it, or at a time not known.

    ``statement`` is what it was made to say; it is taken back when the mention turns out to be another's.
    """

    mention = models.BigIntegerField(db_index=True)
    report = models.BigIntegerField(null=True)
    strength = models.TextField()
    happened = models.TextField()
    statement = models.BigIntegerField(null=True)

    class Meta:
        db_table = "reopening"
        constraints: ClassVar = [
            once("case_file", "mention", name="reopening_once"),
            models.CheckConstraint(
                condition=models.Q(strength__in=["confirmed", "possible"]), name="reopening_strength"
            ),
            models.CheckConstraint(
                condition=models.Q(happened__in=["after", "before", "unknown"]), name="reopening_happened"
            ),
        ]

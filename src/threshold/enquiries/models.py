"""Rows of the enquiries room: what is said of people, and what the policy in force makes of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from threshold.acts.models import Claim

STANDING = models.Q(retracted_by=None)


class Statement(Claim):
    """Somebody says something about a mention: a value, or that it is not known.

    ``truth`` for yes/no, ``low``/``high`` for counts, ``choice`` for one of a list, ``born_from``/
    ``born_to`` for ages, which move with the calendar. ``received_at`` is when the force had it: clocks
    start there. ``activity`` is the activity it was read from.
    """

    mention = models.BigIntegerField(db_index=True)
    fact = models.TextField()
    known = models.BooleanField()
    truth = models.BooleanField(null=True)
    low = models.IntegerField(null=True)
    high = models.IntegerField(null=True)
    choice = models.TextField(null=True)
    born_from = models.DateField(null=True)
    born_to = models.DateField(null=True)
    as_of = models.DateTimeField()
    expires = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    mark = models.TextField()
    source = models.TextField()
    words = models.TextField(blank=True)
    place = models.TextField(blank=True)
    activity = models.BigIntegerField(null=True)
    officer = models.BigIntegerField(null=True)

    class Meta:
        db_table = "statement"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(mark__in=["fact", "intelligence", "assessment"]), name="statement_mark"
            ),
            models.CheckConstraint(
                condition=models.Q(known=False, truth=None, low=None, high=None, choice=None, born_from=None)
                | models.Q(known=True),
                name="statement_unknown_is_empty",
            ),
        ]


class StatementTakenBack(Claim):
    """Why a statement was taken back."""

    statement = models.BigIntegerField(db_index=True)
    reason = models.TextField()

    class Meta:
        db_table = "statement_taken_back"


class PolicyProposal(Claim):
    """One person asks that a policy be put into force from an instant, or that one be withdrawn.

    ``withdraws`` is the row of the policy to be withdrawn; then the document's columns are null. Retracted when
    it was approved or declined.
    """

    name = models.TextField(null=True)
    version = models.TextField(null=True)
    digest_text = models.TextField(null=True)
    text = models.TextField(null=True)
    from_at = models.DateTimeField(null=True)
    withdraws = models.BigIntegerField(null=True)
    proposed_by = models.BigIntegerField()

    class Meta:
        db_table = "policy_proposal"


class PolicyInForce(Claim):
    """A policy document and the instant from which it decides; its text and digest are in the record.

    The two officers who adopted it stand beside it; both are null for the policy that a home begins with.
    """

    name = models.TextField()
    version = models.TextField()
    digest_text = models.TextField()
    text = models.TextField()
    from_at = models.DateTimeField()
    proposed_by = models.BigIntegerField(null=True)
    approved_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "policy_in_force"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["from_at"], condition=STANDING, name="policy_in_force_one_at_an_instant"
            ),
            models.CheckConstraint(
                condition=models.Q(proposed_by=None, approved_by=None)
                | (
                    models.Q(proposed_by__isnull=False, approved_by__isnull=False)
                    & ~models.Q(proposed_by=models.F("approved_by"))
                ),
                name="policy_in_force_by_two",
            ),
        ]


class Assessment(Claim):
    """What the policy in force makes of the facts known at one act, with everything it rested on.

    ``known`` and ``could_be`` are ranks: 0 not graded, 1 low, 2 medium, 3 high, 4 very high. ``facts`` is
    the input row and ``statements`` the numbers it came from, so that it can be worked out again.
    ``listed``: the subject has a *reported* mention that is not from history; only these stand in the lists of
    work. A subject that is known from history alone is graded, without any clock. ``history_from`` is when the
    force had the first of the old cases that name the subject so.
    """

    subject = models.BigIntegerField(db_index=True)
    policy = models.TextField()
    facts = models.JSONField()
    statements = ArrayField(models.BigIntegerField())
    known = models.SmallIntegerField()
    could_be = models.SmallIntegerField()
    deciding = ArrayField(models.TextField())
    holding = ArrayField(models.TextField())
    could = ArrayField(models.TextField())
    open_facts = ArrayField(models.TextField())
    checks = ArrayField(models.TextField())
    route = models.TextField()
    route_reason = models.TextField()
    ladder = models.SmallIntegerField()
    listed = models.BooleanField()
    urgency = models.TextField(null=True)
    first_received = models.DateTimeField()
    last_received = models.DateTimeField()
    history_from = models.DateTimeField(null=True)
    clock_from = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    later_due = models.DateTimeField(null=True)
    checks_due = models.DateTimeField(null=True)
    good_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "assessment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject"], condition=STANDING, name="assessment_once"),
            models.CheckConstraint(
                condition=models.Q(route__in=["adult", "child", "age_not_established"]), name="route_known"
            ),
            models.CheckConstraint(
                condition=models.Q(could_be__gte=models.F("known")) & models.Q(could_be__gte=1),
                name="could_be_at_least",
            ),
        ]
        indexes: ClassVar = [
            # The two lists' own indexes, in the lists' order, are made by the migration of rules.
            models.Index(
                fields=["good_until"],
                condition=models.Q(retracted_by=None, good_until__isnull=False),
                name="assessment_good_until",
            ),
            models.Index(fields=["policy", "subject"], condition=STANDING, name="assessment_policy"),
        ]


class ToolResult(Claim):
    """What a published tool says of a person: worked out here from ``answers``, or *brought* by an officer.

    ``band`` is a rank (1 low to 4 very high), where the tool has bands. ``digest_text`` is of the tool's document,
    so that the same answers give the same outcome again. Of people established as adults only: the database
    refuses every other. It never lowers a band; a result that was brought can start an earlier clock.
    """

    mention = models.BigIntegerField(db_index=True)
    tool = models.TextField()
    version = models.TextField()
    digest_text = models.TextField()
    brought = models.BooleanField()
    band = models.SmallIntegerField(null=True)
    answers = models.JSONField()
    outcome = models.JSONField()
    assessor = models.TextField()
    source = models.TextField()
    as_of = models.DateTimeField()
    received_at = models.DateTimeField()
    officer = models.BigIntegerField()

    class Meta:
        db_table = "tool_result"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(band=None) | models.Q(band__range=(1, 4)), name="tool_result_band"
            ),
            models.CheckConstraint(
                condition=models.Q(brought=False) | models.Q(band__isnull=False),
                name="tool_result_brought_band",
            ),
        ]

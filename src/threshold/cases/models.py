"""Rows of the cases room: who has taken a subject on, so that two do not work one, and what they are told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from threshold.acts.models import Claim


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
                condition=models.Q(kind__in=["later version", "withdrawn"], report__isnull=False)
                | models.Q(kind__in=["enquiry answered", "answer lapsed"], enquiry__isnull=False),
                name="notice_kind",
            )
        ]

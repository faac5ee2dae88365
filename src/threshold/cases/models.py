"""Rows of the cases room. For now only who has taken a subject on, so that two do not work one."""

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

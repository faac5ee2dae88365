"""Rows of the oversight room: answers that were given, and into whose looking an auditor looked."""

from __future__ import annotations

from django.db import models

from threshold.acts.models import Claim


class Answer(Claim):
    """An answer to "how many people are you aware of?", as it was given, by whom and for what.

    ``at_act`` and ``received_by`` are the reading it was taken at, so that it can be worked out again; ``about``
    is the date that it is about. ``scope`` is what was counted: the whole force, or what the officer could see.
    ``numbers`` are those given, and not those that were hidden.
    """

    officer = models.BigIntegerField()
    scope = models.TextField()
    reading = models.TextField()
    at_act = models.BigIntegerField()
    about = models.DateTimeField()
    received_by = models.DateTimeField(null=True)
    sentence = models.TextField()
    numbers = models.JSONField()
    given_for = models.TextField()

    class Meta:
        db_table = "answer"


class Audit(Claim):
    """An auditor looks into what one officer looked at between two instants, and says why first."""

    officer = models.BigIntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        db_table = "audit"

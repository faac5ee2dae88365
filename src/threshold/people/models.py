"""Rows of the people room: mentions, what identifies them, what they did, and who is who."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from threshold.acts.models import Claim

STANDING = models.Q(retracted_by=None)


class Mention(Claim):
    """One person as one report describes them: the unit of linking. The role sits here, not on the human."""

    report = models.BigIntegerField(null=True, db_index=True)
    role = models.TextField()
    place = models.TextField()
    batched = models.BooleanField()
    compromised = models.BooleanField()

    class Meta:
        db_table = "mention"


class Identifier(Claim):
    """An identifying text as received, and its normal form beside it (``key`` null: cannot be compared).

    ``folded`` is the text as a search finds it: case and spaces evened out, nothing else.
    """

    mention = models.BigIntegerField(db_index=True)
    kind = models.TextField()
    received = models.TextField()
    service = models.TextField(blank=True)
    key = models.TextField(null=True)
    folded = models.TextField()
    verified = models.BooleanField(null=True)
    origin = models.TextField()
    place = models.TextField()

    class Meta:
        db_table = "identifier"
        indexes: ClassVar = [
            models.Index(fields=["key", "mention"], condition=STANDING, name="identifier_key_mention"),
            models.Index(fields=["folded"], condition=STANDING, name="identifier_folded"),
        ]


class Connection(Claim):
    """Address, port and instant, as received and read. ``unfit`` says why it cannot be resolved (null: it can)."""

    mention = models.BigIntegerField(db_index=True)
    address = models.TextField()
    key = models.TextField(null=True)
    port_text = models.TextField(null=True)
    port = models.IntegerField(null=True)
    at_text = models.TextField(null=True)
    at = models.DateTimeField(null=True)
    event = models.TextField(blank=True)
    possible_proxy = models.BooleanField(null=True)
    unfit = models.TextField(null=True)
    place = models.TextField()

    class Meta:
        db_table = "connection"
        indexes: ClassVar = [
            models.Index(fields=["key", "mention"], condition=STANDING, name="connection_key_mention"),
            models.Index(fields=["address"], condition=STANDING, name="connection_address"),
        ]


class Activity(Claim):
    """What a report says this mention did, and when; counts by grade, never content."""

    mention = models.BigIntegerField(db_index=True)
    kind = models.TextField()
    at_text = models.TextField(null=True)
    at = models.DateTimeField(null=True)
    at_problem = models.TextField(null=True)
    words = models.TextField(blank=True)
    grades = models.JSONField(default=list)
    place = models.TextField()

    class Meta:
        db_table = "activity"


class LinkKey(Claim):
    """Evidence strong enough to join two mentions by itself: equal keys make an automatic link.

    A sender's word that an earlier report is about the same account is kept here too, under a rule of its
    own, and only asks.
    """

    mention = models.BigIntegerField(db_index=True)
    rule = models.TextField()
    key = models.TextField()

    class Meta:
        db_table = "link_key"
        indexes: ClassVar = [
            models.Index(fields=["key", "mention"], condition=STANDING, name="link_key_key_mention")
        ]


class Link(Claim):
    """A claim that two mentions are the same human being, or are different.

    ``strength``: *confirmed* (an officer), *automatic* (one of the two rules), *possible* (a question).
    ``evidence`` names the key that an automatic or possible link rests on, so that a retracted one is not
    made again by the same evidence.
    """

    a = models.BigIntegerField()
    b = models.BigIntegerField(db_index=True)
    says = models.TextField()
    strength = models.TextField()
    rule = models.TextField()
    evidence = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "link"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(a__lt=models.F("b")), name="link_ordered"),
            models.CheckConstraint(
                condition=models.Q(says="same") | models.Q(says="different", strength="confirmed"),
                name="link_says",
            ),
            models.CheckConstraint(
                condition=models.Q(strength__in=["confirmed", "automatic", "possible"]), name="link_strength"
            ),
            models.UniqueConstraint(fields=["a", "b", "evidence"], condition=STANDING, name="link_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["a"], name="link_a")]


class LinkUndone(Claim):
    """Why a link was undone."""

    link = models.BigIntegerField(db_index=True)
    reason = models.TextField()

    class Meta:
        db_table = "link_undone"


class Member(Claim):
    """Which subject a mention belongs to: worked out from the standing links, in the act that moves them."""

    mention = models.BigIntegerField()
    subject = models.BigIntegerField()

    class Meta:
        db_table = "member"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mention"], condition=STANDING, name="member_once"),
            models.CheckConstraint(
                condition=models.Q(subject__lte=models.F("mention")), name="member_smallest"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject"], condition=STANDING, name="member_subject"),
            models.Index(fields=["subject", "asserted_by"], name="member_history"),
        ]


class Premises(Claim):
    """A home or workplace, by its address as given. ``key`` is how addresses are compared."""

    address = models.TextField()
    key = models.TextField()
    kind = models.TextField()

    class Meta:
        db_table = "premises"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=STANDING, name="premises_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["home", "workplace", "not_known"]), name="premises_kind"
            ),
        ]


class LedTo(Claim):
    """What leads from a mention to premises: an answer about its connection, or an officer's source and words.

    It leads to premises, never to a man. ``answer`` is the number of the answer (null: an officer says so).
    """

    mention = models.BigIntegerField(db_index=True)
    premises = models.BigIntegerField(db_index=True)
    answer = models.BigIntegerField(null=True)
    source = models.TextField()
    words = models.TextField(blank=True)

    class Meta:
        db_table = "led_to"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(answer__isnull=False) | ~models.Q(source=""), name="led_to_has_source"
            ),
            models.UniqueConstraint(
                fields=["mention", "premises", "answer"],
                condition=STANDING,
                name="led_to_once",
            ),
        ]


class Occupant(Claim):
    """Who is at premises, from, to, by which source; adult, child or not known. ``name`` may be empty.

    A date of birth says more than the word: whoever reads works the age out from it.
    """

    premises = models.BigIntegerField(db_index=True)
    name = models.TextField(blank=True)
    born = models.DateField(null=True)
    age = models.TextField()
    from_day = models.DateField(null=True)
    to_day = models.DateField(null=True)
    source = models.TextField()
    words = models.TextField(blank=True)

    class Meta:
        db_table = "occupant"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(age__in=["adult", "child", "not_known"]), name="occupant_age"
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="occupant_has_source"),
            models.CheckConstraint(
                condition=models.Q(from_day=None)
                | models.Q(to_day=None)
                | models.Q(to_day__gte=models.F("from_day")),
                name="occupant_in_order",
            ),
        ]


class HomeTakenBack(Claim):
    """Why what was said about premises (what leads there, who is there) was taken back."""

    kind = models.TextField()
    row = models.BigIntegerField(db_index=True)
    reason = models.TextField()

    class Meta:
        db_table = "home_taken_back"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=["led_to", "occupant"]), name="home_kind"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="home_has_reason"),
        ]

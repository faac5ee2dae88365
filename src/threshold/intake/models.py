"""Rows of the intake room: what came, as it came, and what became of every entry in it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from threshold.acts.models import Claim

STATES = ["registered", "duplicate", "held", "refused"]


class Delivery(Claim):
    """One file or typed form as it arrived. ``sha256`` is of the container, null where it was media itself.

    ``history`` marks one that was brought as old cases, so that what is held of it is taken in as such.
    """

    name = models.TextField()
    folder = models.TextField(blank=True)
    road = models.TextField()
    format = models.TextField(blank=True)
    received_at = models.DateTimeField(db_index=True)
    sha256 = models.BinaryField(null=True, db_index=True)
    length = models.BigIntegerField()
    cuts = models.JSONField(default=list)
    note = models.TextField(blank=True)
    same_as = models.BigIntegerField(null=True)
    parts = models.IntegerField()
    history = models.BooleanField(null=True)

    class Meta:
        db_table = "delivery"


class DeliveryRead(Claim):
    """The delivery was read to its end: this many entries were found in it. Without it, reading goes on later.

    ``read_by`` says with which map and version, where it was read again after it had come.
    """

    delivery = models.BigIntegerField()
    received = models.IntegerField()
    read_by = models.TextField(null=True)

    class Meta:
        db_table = "delivery_read"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delivery"], condition=models.Q(retracted_by=None), name="delivery_read_once"
            )
        ]


class SenderMap(Claim):
    """A map of a sender's table, made on a page: its text as ``docs/maps.md`` describes it.

    Versions of one name stand side by side; one is retracted when a later one takes over its very columns.
    """

    name = models.TextField()
    version = models.TextField()
    text = models.TextField()
    columns = models.JSONField()

    class Meta:
        db_table = "sender_map"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="sender_map_version_once")
        ]


class DeliveryPart(Claim):
    """A stretch of the delivery's bytes, media already cut; the parts in order are the delivery."""

    delivery = models.BigIntegerField()
    position = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "delivery_part"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "position"], name="delivery_part_once")
        ]


class IntakeEntry(Claim):
    """What became of one entry: registered, duplicate, held or refused, with the reason and the place.

    ``report`` is the report registered, or the one that a duplicate repeats. ``waits_for`` is the report
    reference that a held addition belongs to; ``content_key`` marks an addition's content, so that it is
    not added twice. A held entry that is later taken in is retracted, and a
    new entry for the same place stands in its stead, so that the sum always holds.
    """

    delivery = models.BigIntegerField(db_index=True)
    place = models.TextField()
    state = models.TextField()
    reason = models.TextField(null=True)
    field = models.TextField(null=True)
    report = models.BigIntegerField(null=True)
    waits_for = models.TextField(null=True)
    content_key = models.BinaryField(null=True)

    class Meta:
        db_table = "intake_entry"
        indexes: ClassVar = [
            models.Index(
                fields=["content_key"],
                condition=models.Q(retracted_by=None, content_key__isnull=False),
                name="entry_content_key",
            ),
            models.Index(
                fields=["waits_for"],
                condition=models.Q(retracted_by=None, waits_for__isnull=False),
                name="entry_waits_for",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="entry_state"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["held", "refused"]) | models.Q(reason__isnull=False),
                name="entry_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="registered") | models.Q(report__isnull=False),
                name="entry_has_report",
            ),
        ]


class Report(Claim):
    """One registered entry: who sent it, what for, and the four times that are kept.

    Times stand twice: the text as received, and the instant where it is certain. ``history`` marks an old case,
    for which no clock starts (null: it is none). ``again`` marks a later version that goes back to what an
    earlier one said (null: it does not).
    """

    delivery = models.BigIntegerField(db_index=True)
    place = models.TextField()
    sender = models.TextField()
    service = models.TextField(blank=True)
    reference = models.TextField(null=True)
    package = models.TextField(null=True)
    batched = models.BooleanField()
    urgency = models.TextField(null=True)
    incident = models.TextField(blank=True)
    words = models.TextField(blank=True)
    happened_text = models.TextField(null=True)
    happened_at = models.DateTimeField(null=True)
    clearing_house_text = models.TextField(null=True)
    clearing_house_at = models.DateTimeField(null=True)
    agency_text = models.TextField(null=True)
    agency_at = models.DateTimeField(null=True)
    history = models.BooleanField(null=True)
    sender_keeps_until = models.DateField(null=True)
    received_at = models.DateTimeField()
    unknown = models.JSONField(default=list)
    content_key = models.BinaryField()
    again = models.BooleanField(null=True)

    class Meta:
        db_table = "report"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["content_key"], condition=models.Q(retracted_by=None, again=None), name="report_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["content_key", "id"], condition=models.Q(retracted_by=None), name="report_content"
            ),
            models.Index(
                fields=["reference"], condition=models.Q(retracted_by=None), name="report_reference"
            ),
        ]


class ReportVersion(Claim):
    """A sender sent this report again with other content: ``later`` is current, ``earlier`` is kept."""

    earlier = models.BigIntegerField()
    later = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "report_version"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["earlier"], condition=models.Q(retracted_by=None), name="report_version_once"
            )
        ]


class Withdrawal(Claim):
    """Its sender withdrew a report: a fact with a source. The report stays, and what it said still counts."""

    report = models.BigIntegerField()
    source = models.TextField()
    words = models.TextField(blank=True)
    as_of = models.DateTimeField()

    class Meta:
        db_table = "withdrawal"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"], condition=models.Q(retracted_by=None), name="withdrawal_once"
            )
        ]


MENDINGS = ["mended", "left out", "later version", "own report", "added", "set aside"]


class Mending(Claim):
    """What an officer did with a held entry: ``earlier`` is the entry as it was held, ``later`` what became of it.

    ``changes`` are the fields that were put right: path, received, mended (null: left out). The delivery itself
    is never changed.
    """

    earlier = models.BigIntegerField()
    later = models.BigIntegerField(db_index=True)
    kind = models.TextField()
    changes = models.JSONField(default=list)
    reason = models.TextField()

    class Meta:
        db_table = "mending"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["earlier"], condition=models.Q(retracted_by=None), name="mending_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=MENDINGS), name="mending_kind"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="mending_has_reason"),
        ]

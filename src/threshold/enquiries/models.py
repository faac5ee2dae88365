"""Rows of the enquiries room: what is said, what was asked and came back, and what the policy makes of it."""

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
    start there. ``activity`` is the activity it was read from, ``answer`` the answered enquiry that yielded it.
    A rung of the identity ladder rests on evidence: the second on a compared ``answer``, the third on an
    ``occupant``, the fourth on an officer and a source. The database refuses it otherwise.
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
    answer = models.BigIntegerField(null=True)
    occupant = models.BigIntegerField(null=True)

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


class Enquiry(Claim):
    """A check asked for: of whom, about what, under which authority, and the exact bytes asked.

    ``reference`` is ours, one for each line of a request. ``about`` says what kind of thing it is about; what
    exactly stands in ``enquiry_about``. ``applied`` is the reference of the application it was asked under.
    """

    mention = models.BigIntegerField(db_index=True)
    kind = models.TextField()
    about = models.TextField()
    connection = models.BigIntegerField(null=True, db_index=True)
    premises = models.BigIntegerField(null=True)
    asked_of = models.TextField()
    authority = models.TextField()
    applied = models.TextField(blank=True)
    reference = models.TextField()
    asked = models.BinaryField()
    due = models.DateTimeField()

    class Meta:
        db_table = "enquiry"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reference"], name="enquiry_reference_once"),
            models.CheckConstraint(
                condition=models.Q(about="connection", connection__isnull=False, premises=None)
                | models.Q(about="premises", connection=None, premises__isnull=False)
                | models.Q(about__in=["person", "report"], connection=None, premises=None),
                name="enquiry_about_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(authority="") & ~models.Q(asked_of=""), name="enquiry_has_authority"
            ),
        ]


class EnquiryAbout(Claim):
    """One thing that an enquiry is about. When it no longer stands with the subject, the answer lapses.

    ``kind``: connection, premises or occupant by ``row``; identifier (kind and folded text) or born (first and
    last day) by ``value``, because a corrected report says the same again in a new row.
    """

    enquiry = models.BigIntegerField(db_index=True)
    kind = models.TextField()
    row = models.BigIntegerField(null=True)
    value = models.TextField(blank=True)

    class Meta:
        db_table = "enquiry_about"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["connection", "premises", "occupant"], row__isnull=False)
                | (models.Q(kind__in=["identifier", "born"], row=None) & ~models.Q(value="")),
                name="enquiry_about_kind",
            )
        ]


class EnquiryChased(Claim):
    """Somebody asked again for an answer that had not come."""

    enquiry = models.BigIntegerField(db_index=True)
    words = models.TextField()

    class Meta:
        db_table = "enquiry_chased"


class EnquiryAnswer(Claim):
    """What came back: answered, no trace, refused, cannot be resolved; or we withdrew it.

    ``document`` is the source document, its media cut away unread; ``received_at`` is when the force had it.
    """

    enquiry = models.BigIntegerField()
    result = models.TextField()
    document = models.BinaryField(null=True)
    document_name = models.TextField(blank=True)
    words = models.TextField(blank=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "enquiry_answer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enquiry"], condition=STANDING, name="enquiry_answered_once"),
            models.CheckConstraint(
                condition=models.Q(
                    result__in=["answered", "no_trace", "refused", "cannot_be_resolved", "withdrawn"]
                ),
                name="enquiry_result",
            ),
            models.CheckConstraint(
                condition=models.Q(document__isnull=False) | ~models.Q(words=""), name="enquiry_answer_says"
            ),
        ]


class Resolution(Claim):
    """What a provider says of one connection: what it looked up, whose line it is, and which address is which.

    A billing address is not an installation address (an occupant was arrested for that, formats.md section 7):
    both are kept, and one of which it is not said which it is (``unsaid``) leads nowhere until that is asked.
    """

    answer = models.BigIntegerField()
    connection = models.BigIntegerField(db_index=True)
    looked_up_address = models.TextField()
    looked_up_port = models.IntegerField(null=True)
    looked_up_at = models.DateTimeField()
    subscriber = models.TextField(blank=True)
    installation = models.TextField(blank=True)
    billing = models.TextField(blank=True)
    unsaid = models.TextField(blank=True)
    premises = models.BigIntegerField(null=True)

    class Meta:
        db_table = "resolution"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["answer"], condition=STANDING, name="resolution_once"),
            models.CheckConstraint(
                condition=models.Q(premises=None) | ~models.Q(installation=""),
                name="resolution_of_installation",
            ),
        ]


class Comparison(Claim):
    """An officer's signature that two records agree, or that they differ and in what: a near miss.

    ``stage``: asked (the request = the source), looked_up (what the provider looked up = the request), answered
    (the answer = the request and the source). One act signs at most one stage of an enquiry.
    """

    enquiry = models.BigIntegerField()
    answer = models.BigIntegerField(null=True)
    stage = models.TextField()
    agrees = models.BooleanField()
    differed = models.TextField(blank=True)
    officer = models.BigIntegerField()

    class Meta:
        db_table = "comparison"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(stage__in=["asked", "looked_up", "answered"]), name="comparison_stage"
            ),
            models.CheckConstraint(
                condition=models.Q(agrees=True, differed="")
                | (models.Q(agrees=False) & ~models.Q(differed="")),
                name="comparison_says_what_differed",
            ),
            models.CheckConstraint(
                condition=models.Q(agrees=False)
                | models.Q(stage="asked", answer=None)
                | (~models.Q(stage="asked") & models.Q(answer__isnull=False)),
                name="comparison_of_an_answer",
            ),
            models.UniqueConstraint(fields=["enquiry", "asserted_by"], name="comparison_one_an_act"),
        ]


class ComparisonTakenBack(Claim):
    """Why a comparison was taken back."""

    comparison = models.BigIntegerField()
    reason = models.TextField()

    class Meta:
        db_table = "comparison_taken_back"


class EnquiryLapse(Claim):
    """What an enquiry was about was corrected: it is closed, and the check is due again. ``answer``: if it had one."""

    enquiry = models.BigIntegerField(unique=True)
    answer = models.BigIntegerField(null=True)
    reason = models.TextField()

    class Meta:
        db_table = "enquiry_lapse"


class AnswerFile(Claim):
    """A file in which a provider answers many lines at once, its media cut away unread."""

    name = models.TextField()
    content = models.BinaryField()
    sha256 = models.TextField()

    class Meta:
        db_table = "answer_file"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sha256"], condition=STANDING, name="answer_file_once")
        ]


class AnswerLine(Claim):
    """What became of one line of such a file: taken as an answer, or held with the reason."""

    file = models.BigIntegerField(db_index=True)
    line = models.IntegerField()
    reference = models.TextField(blank=True)
    enquiry = models.BigIntegerField(null=True)
    state = models.TextField()
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "answer_line"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="answered", enquiry__isnull=False, reason="")
                | (models.Q(state="held") & ~models.Q(reason="")),
                name="answer_line_state",
            )
        ]


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
    force had the first of the old cases that name the subject so. ``evidence_until``: when the first provider
    may delete who had a connection that nobody has asked about yet, or that is not answered.
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
    evidence_until = models.DateTimeField(null=True)

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


class DueMoved(Claim):
    """A named officer moves the clock of whoever holds this mention later, with a reason.

    ``known`` is the rank of the band it was made in: a graver one has its own clock.
    """

    mention = models.BigIntegerField(db_index=True)
    due = models.DateTimeField()
    known = models.SmallIntegerField()
    officer = models.BigIntegerField()
    reason = models.TextField()

    class Meta:
        db_table = "due_moved"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="due_moved_reason")
        ]

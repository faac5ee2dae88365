"""Rows of the acts room: the two chains, who may do what, and the base of every claim."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Claim(models.Model):
    """Base of every row that says something: asserted by one act, retracted at most once by another.

    ``salt`` and ``digest`` are set by the database when the row comes in: the digest binds the row into
    its act, and erasing row and salt leaves a digest that tells nothing. As at act ``n`` a row stands if
    ``asserted_by <= n and (retracted_by is null or retracted_by > n)``. There are no foreign keys to
    the act, which is written last, when its rows are known.
    """

    id = models.BigAutoField(primary_key=True)
    asserted_by = models.BigIntegerField()
    retracted_by = models.BigIntegerField(null=True)
    salt = models.BinaryField(editable=False)
    digest = models.BinaryField(editable=False)

    class Meta:
        abstract = True


class Act(models.Model):
    """One write: who, when, which verb, and the digests of every row it asserted or retracted."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.BigIntegerField(db_index=True)
    verb = models.TextField()
    case = models.BigIntegerField(null=True)
    body = models.JSONField()
    rows = models.JSONField()
    prev = models.BinaryField(unique=True)
    hash = models.BinaryField()

    class Meta:
        db_table = "act"


class Look(models.Model):
    """One read: who, when, by which route, and which subjects were shown. Numbers only."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.BigIntegerField(db_index=True)
    route = models.TextField()
    case = models.BigIntegerField(null=True)
    shown = ArrayField(models.BigIntegerField())
    body = models.JSONField()
    prev = models.BinaryField(unique=True)
    hash = models.BinaryField()

    class Meta:
        db_table = "look"


class Asked(models.Model):
    """What was typed into a search: apart from the look that used it, so that it can be erased."""

    id = models.BigAutoField(primary_key=True)
    salt = models.BinaryField()
    digest = models.BinaryField()
    text = models.TextField()

    class Meta:
        db_table = "asked"


class Stone(models.Model):
    """What erase leaves behind: that a row was there, its digest, under which rule and act. No content."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    row = models.BigIntegerField()
    act = models.BigIntegerField()
    retracted_by = models.BigIntegerField(null=True)
    digest = models.BinaryField()
    erased_by = models.BigIntegerField()
    rule = models.TextField()

    class Meta:
        db_table = "stone"
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "row"], name="stone_once")]


class Erasure(Claim):
    """Somebody asks that a row be erased, under a rule; it goes when a second person approves.

    ``with_it``: by table, the numbers of the rows beside it that go too.
    """

    kind = models.TextField()
    row = models.BigIntegerField()
    with_it = models.JSONField()
    rule = models.TextField()
    reason = models.TextField()
    asked_by = models.BigIntegerField()

    class Meta:
        db_table = "erasure"


class OfficerManager(BaseUserManager["Officer"]):
    def get_by_natural_key(self, username: str | None) -> Officer:
        return self.get(username=username)


class Officer(AbstractBaseUser):
    """An account that may act. The name is of a person or, for the sweep, of the system itself."""

    id = models.BigAutoField(primary_key=True)
    username = models.TextField(unique=True)
    full_name = models.TextField()
    team = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    failed_sign_ins = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    # Raised whenever roles or password change; a session made under an older number is over.
    session_epoch = models.IntegerField(default=0)
    token_digest = models.BinaryField(null=True)

    USERNAME_FIELD = "username"
    objects = OfficerManager()

    class Meta:
        db_table = "officer"


class Account(Claim):
    """What the record says of an account: whose it is, in which team, and whether it is open.

    ``officer`` holds the same for everyday use, with password and token; ``verify`` holds the two together.
    """

    officer = models.BigIntegerField()
    username = models.TextField()
    full_name = models.TextField()
    team = models.TextField(blank=True)
    is_active = models.BooleanField()

    class Meta:
        db_table = "account"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["officer"], condition=models.Q(retracted_by=None), name="account_once"
            )
        ]


class RoleRequest(Claim):
    """An administrator asks for a role for an officer; it counts only when a second one approves."""

    officer = models.BigIntegerField()
    role = models.TextField()
    asked_by = models.BigIntegerField()

    class Meta:
        db_table = "role_request"


class RoleGrant(Claim):
    """A role that an officer holds."""

    officer = models.BigIntegerField()
    role = models.TextField()

    class Meta:
        db_table = "role_grant"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["officer", "role"], condition=models.Q(retracted_by=None), name="role_once"
            )
        ]


class Closure(Claim):
    """Closed access: the subject that holds this mention is for named people only."""

    mention = models.BigIntegerField(db_index=True)
    reason = models.TextField()

    class Meta:
        db_table = "closure"


class ClosureReader(Claim):
    """A person named to see a closed subject."""

    closure = models.BigIntegerField(db_index=True)
    officer = models.BigIntegerField()

    class Meta:
        db_table = "closure_reader"

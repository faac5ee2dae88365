"""Policies proposed by one person and approved by another; and which assessments another policy made."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

BY_TWO = models.Q(proposed_by=None, approved_by=None) | (
    models.Q(proposed_by__isnull=False, approved_by__isnull=False)
    & ~models.Q(proposed_by=models.F("approved_by"))
)


class Migration(migrations.Migration):
    dependencies = [("threshold", "0012_keys_in_order")]

    operations = [
        migrations.CreateModel(
            name="PolicyProposal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField(editable=False)),
                ("digest", models.BinaryField(editable=False)),
                ("name", models.TextField(null=True)),
                ("version", models.TextField(null=True)),
                ("digest_text", models.TextField(null=True)),
                ("text", models.TextField(null=True)),
                ("from_at", models.DateTimeField(null=True)),
                ("withdraws", models.BigIntegerField(null=True)),
                ("proposed_by", models.BigIntegerField()),
            ],
            options={"db_table": "policy_proposal"},
        ),
        migrations.AddField("policyinforce", "proposed_by", models.BigIntegerField(null=True)),
        migrations.AddField("policyinforce", "approved_by", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "policyinforce",
            models.UniqueConstraint(
                fields=["from_at"],
                condition=models.Q(retracted_by=None),
                name="policy_in_force_one_at_an_instant",
            ),
        ),
        migrations.AddConstraint(
            "policyinforce", models.CheckConstraint(condition=BY_TWO, name="policy_in_force_by_two")
        ),
        migrations.AddIndex(
            "assessment",
            models.Index(
                fields=["policy", "subject"],
                condition=models.Q(retracted_by=None),
                name="assessment_policy",
            ),
        ),
        migrations.RunSQL(guarded(["policy_proposal"])),
        migrations.RunSQL(ACT_ROWS),
    ]

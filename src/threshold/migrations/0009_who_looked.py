"""Into whose looking an auditor looked, and why; and looks found by the subject that they showed."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

LOOKING = """
create index look_shown on look using gin (shown);
-- The one subject that a look opened, or was refused.
create index look_subject on look (((body ->> 'subject')::bigint)) where body ? 'subject';
create index look_asked on look (at) where body ? 'asked';
-- What officers did, among all that was taken in.
create index statement_typed on statement (officer, mention) where officer is not null;
create index link_confirmed on link (asserted_by) include (a, b) where strength = 'confirmed';
create index act_subject on act (actor) where body ? 'subject';
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0008_mending")]

    operations = [
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("officer", models.BigIntegerField()),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("reason", models.TextField()),
            ],
            options={"db_table": "audit"},
        ),
        migrations.RunSQL(guarded(["audit"])),
        migrations.RunSQL(ACT_ROWS),
        migrations.RunSQL(LOOKING),
    ]

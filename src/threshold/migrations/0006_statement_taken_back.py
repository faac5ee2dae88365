"""Why a statement was taken back, as for links: a claim of its own beside the retracted one."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded


class Migration(migrations.Migration):
    dependencies = [("threshold", "0005_search")]

    operations = [
        migrations.CreateModel(
            name="StatementTakenBack",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("statement", models.BigIntegerField(db_index=True)),
                ("reason", models.TextField()),
            ],
            options={"db_table": "statement_taken_back"},
        ),
        migrations.RunSQL(guarded(["statement_taken_back"])),
        migrations.RunSQL(ACT_ROWS),
    ]

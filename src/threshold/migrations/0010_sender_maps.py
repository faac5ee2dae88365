"""Maps of senders' tables that are made on a page, and with which map a delivery was read again."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded


class Migration(migrations.Migration):
    dependencies = [("threshold", "0009_who_looked")]

    operations = [
        migrations.AddField("deliveryread", "read_by", models.TextField(null=True)),
        migrations.CreateModel(
            name="SenderMap",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField(editable=False)),
                ("digest", models.BinaryField(editable=False)),
                ("name", models.TextField()),
                ("version", models.TextField()),
                ("text", models.TextField()),
                ("columns", models.JSONField()),
            ],
            options={
                "db_table": "sender_map",
                "constraints": [
                    models.UniqueConstraint(fields=["name", "version"], name="sender_map_version_once")
                ],
            },
        ),
        migrations.RunSQL(guarded(["sender_map"])),
        migrations.RunSQL(ACT_ROWS),
    ]

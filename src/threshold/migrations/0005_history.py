"""Reports of old cases, for which no clock starts; and until when a sender keeps what it reported on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("threshold", "0004_answers")]

    operations = [
        migrations.AddField("report", "history", models.BooleanField(null=True)),
        migrations.AddField("report", "sender_keeps_until", models.DateField(null=True)),
    ]

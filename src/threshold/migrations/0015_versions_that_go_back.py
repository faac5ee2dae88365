"""A later version of a report may say again what an earlier one said: it is a report of its own, marked ``again``."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("threshold", "0014_erasing")]

    operations = [
        migrations.AddField("report", "again", models.BooleanField(null=True)),
        migrations.RemoveConstraint("report", "report_once"),
        migrations.AddConstraint(
            "report",
            models.UniqueConstraint(
                fields=["content_key"], condition=models.Q(retracted_by=None, again=None), name="report_once"
            ),
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["content_key", "id"], condition=models.Q(retracted_by=None), name="report_content"
            ),
        ),
    ]

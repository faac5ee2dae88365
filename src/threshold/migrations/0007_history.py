"""Old cases, for which no clock starts, and which count as known; and until when a sender keeps what it has."""

from django.db import migrations, models

# Counts take in who is known from history alone, so their index holds everybody who is graded.
COUNTED = """
drop index assessment_counted;
create index assessment_counted on assessment (ladder, route, subject)
    include (asserted_by, retracted_by, first_received, history_from);
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0006_statement_taken_back")]

    operations = [
        migrations.AddField("report", "history", models.BooleanField(null=True)),
        migrations.AddField("report", "sender_keeps_until", models.DateField(null=True)),
        migrations.AddField("assessment", "history_from", models.DateTimeField(null=True)),
        migrations.RunSQL(COUNTED),
    ]

"""What makes reconciling quick: a sender's days, and who looked at a delivery or at a held entry."""

from django.db import migrations

INDEXES = """
-- Old cases tell nothing of how often a sender sends. (A name can be longer than an index may hold.)
create index report_sender_day on report (left(sender, 200), ((received_at at time zone 'Europe/London')::date))
    where retracted_by is null and history is null;
create index look_of_delivery on look (((body->>'delivery')::bigint)) where body ? 'delivery';
create index look_of_entry on look (((body->>'entry')::bigint)) where body ? 'entry';
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0010_sender_maps")]

    operations = [migrations.RunSQL(INDEXES)]

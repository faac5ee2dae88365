"""Saved answers; and what makes counting over a million subjects read an index and not the rows."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

COUNTING = """
create index assessment_counted on assessment (ladder, route, subject)
    include (asserted_by, retracted_by, first_received) where listed;
create index mention_beside on mention (role, id) include (asserted_by, retracted_by, report)
    where role <> 'reported';
-- Which subject a mention belonged to at any act, not only now.
create index member_then on member (mention, asserted_by);
create index report_counted on report (received_at) include (asserted_by, retracted_by);

-- Every subject for which tied_to_child is true.
create function tied_to_children() returns setof bigint language sql stable as $$
    with child as (
        select m.mention, m.subject from assessment a
        join member m on m.subject = a.subject and m.retracted_by is null
        where a.retracted_by is null and a.route = 'child'
        union
        select m.mention, m.subject from mention n
        join member m on m.mention = n.id and m.retracted_by is null
        where n.role = 'harmed'
    )
    select subject from child
    union
    select m.subject from child
    join mention own on own.id = child.mention
    join mention n on n.report = own.report and n.id <> own.id
    join member m on m.mention = n.id and m.retracted_by is null
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0003_versions")]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("officer", models.BigIntegerField()),
                ("scope", models.TextField()),
                ("reading", models.TextField()),
                ("at_act", models.BigIntegerField()),
                ("about", models.DateTimeField()),
                ("received_by", models.DateTimeField(null=True)),
                ("sentence", models.TextField()),
                ("numbers", models.JSONField()),
                ("given_for", models.TextField()),
            ],
            options={"db_table": "answer"},
        ),
        migrations.RunSQL(guarded(["answer"])),
        migrations.RunSQL(ACT_ROWS),
        migrations.RunSQL(COUNTING),
    ]

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

# Adult tools are shut for children and for those of whom it is not established (design section 3, rule 7).
ADULTS_ONLY = """
create function adults_only() returns trigger language plpgsql as $$
begin
    if not exists (
        select from member m
        join assessment a on a.subject = m.subject and a.retracted_by is null
        where m.mention = new.mention and m.retracted_by is null and a.route = 'adult'
    ) then
        raise exception '% is for adults: it is not established that mention % is one', tg_table_name, new.mention;
    end if;
    return new;
end $$;
create trigger adults_only before insert on tool_result for each row execute function adults_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('threshold', '0017_policies_by_two'),
    ]

    operations = [
        migrations.CreateModel(
            name='ToolResult',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('mention', models.BigIntegerField(db_index=True)),
                ('tool', models.TextField()),
                ('version', models.TextField()),
                ('digest_text', models.TextField()),
                ('brought', models.BooleanField()),
                ('band', models.SmallIntegerField(null=True)),
                ('answers', models.JSONField()),
                ('outcome', models.JSONField()),
                ('assessor', models.TextField()),
                ('source', models.TextField()),
                ('as_of', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('officer', models.BigIntegerField()),
            ],
            options={
                'db_table': 'tool_result',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('band', None), ('band__range', (1, 4)), _connector='OR'), name='tool_result_band'),
                    models.CheckConstraint(condition=models.Q(('brought', False), ('band__isnull', False), _connector='OR'), name='tool_result_brought_band'),
                ],
            },
        ),
        migrations.RunSQL(guarded(["tool_result"]) + ADULTS_ONLY),
        migrations.RunSQL(ACT_ROWS),
    ]

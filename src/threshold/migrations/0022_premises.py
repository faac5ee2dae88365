"""Premises, what leads to them, and who is there."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

CLAIMS = ["premises", "led_to", "occupant", "home_taken_back"]


class Migration(migrations.Migration):

    dependencies = [
        ('threshold', '0018_policies_by_two'),
    ]

    operations = [
        migrations.CreateModel(
            name='HomeTakenBack',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('kind', models.TextField()),
                ('row', models.BigIntegerField(db_index=True)),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'home_taken_back',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['led_to', 'occupant'])), name='home_kind'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='home_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='LedTo',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('mention', models.BigIntegerField(db_index=True)),
                ('premises', models.BigIntegerField(db_index=True)),
                ('answer', models.BigIntegerField(null=True)),
                ('source', models.TextField()),
                ('words', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'led_to',
                'constraints': [models.CheckConstraint(condition=models.Q(('answer__isnull', False), models.Q(('source', ''), _negated=True), _connector='OR'), name='led_to_has_source'), models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('mention', 'premises', 'answer'), name='led_to_once')],
            },
        ),
        migrations.CreateModel(
            name='Occupant',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('premises', models.BigIntegerField(db_index=True)),
                ('name', models.TextField(blank=True)),
                ('born', models.DateField(null=True)),
                ('age', models.TextField()),
                ('from_day', models.DateField(null=True)),
                ('to_day', models.DateField(null=True)),
                ('source', models.TextField()),
                ('words', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'occupant',
                'constraints': [models.CheckConstraint(condition=models.Q(('age__in', ['adult', 'child', 'not_known'])), name='occupant_age'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='occupant_has_source'), models.CheckConstraint(condition=models.Q(('from_day', None), ('to_day', None), ('to_day__gte', models.F('from_day')), _connector='OR'), name='occupant_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Premises',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('address', models.TextField()),
                ('key', models.TextField()),
                ('kind', models.TextField()),
            ],
            options={
                'db_table': 'premises',
                'constraints': [models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('key',), name='premises_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['home', 'workplace', 'not_known'])), name='premises_kind')],
            },
        ),
        migrations.RunSQL(guarded(CLAIMS)),
        migrations.RunSQL(ACT_ROWS),
    ]

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded


class Migration(migrations.Migration):

    dependencies = [
        ('threshold', '0007_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mending',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('earlier', models.BigIntegerField()),
                ('later', models.BigIntegerField(db_index=True)),
                ('kind', models.TextField()),
                ('changes', models.JSONField(default=list)),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'mending',
                'constraints': [models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('earlier',), name='mending_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['mended', 'left out', 'later version', 'own report', 'added', 'set aside'])), name='mending_kind'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='mending_has_reason')],
            },
        ),
        migrations.AddField('delivery', 'history', models.BooleanField(null=True)),
        migrations.RunSQL(guarded(["mending"])),
        migrations.RunSQL(ACT_ROWS),
    ]

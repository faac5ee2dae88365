"""Cases and what hangs on them: owners, states, tasks, decisions, answers before contact, letters, visits."""

import django.contrib.postgres.fields
from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

TABLES = [
    "case_file",
    "case_owner",
    "case_state",
    "crime_number",
    "case_basis",
    "case_task",
    "case_task_moved",
    "case_task_done",
    "decision",
    "decision_approval",
    "contact_answer",
    "support",
    "translation_signed",
    "letter",
    "visit",
    "visit_result",
    "reopening",
]


class Migration(migrations.Migration):

    dependencies = [
        ('threshold', '0020_enquiries'),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('reference', models.TextField(unique=True)),
                ('mention', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('why', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'case_file',
            },
        ),
        migrations.CreateModel(
            name='CaseBasis',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('subject', models.BigIntegerField()),
                ('mentions', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'db_table': 'case_basis',
            },
        ),
        migrations.CreateModel(
            name='CaseOwner',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('owner', models.BigIntegerField(db_index=True)),
                ('team', models.TextField(blank=True)),
                ('note', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'case_owner',
            },
        ),
        migrations.CreateModel(
            name='CaseState',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('state', models.TextField()),
                ('reason', models.TextField(blank=True)),
                ('until', models.DateTimeField(null=True)),
                ('merged_into', models.BigIntegerField(null=True)),
                ('decision', models.BigIntegerField(null=True)),
                ('result', models.BigIntegerField(null=True)),
            ],
            options={
                'db_table': 'case_state',
            },
        ),
        migrations.CreateModel(
            name='CaseTask',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('words', models.TextField()),
                ('due_from', models.DateTimeField(null=True)),
                ('due', models.DateTimeField()),
            ],
            options={
                'db_table': 'case_task',
            },
        ),
        migrations.CreateModel(
            name='CaseTaskDone',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('task', models.BigIntegerField()),
                ('officer', models.BigIntegerField()),
                ('words', models.TextField()),
            ],
            options={
                'db_table': 'case_task_done',
            },
        ),
        migrations.CreateModel(
            name='CaseTaskMoved',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('task', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('due', models.DateTimeField()),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'case_task_moved',
            },
        ),
        migrations.CreateModel(
            name='ContactAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('question', models.TextField()),
                ('answer', models.TextField()),
                ('source', models.TextField()),
                ('words', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'contact_answer',
            },
        ),
        migrations.CreateModel(
            name='CrimeNumber',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('number', models.TextField()),
            ],
            options={
                'db_table': 'crime_number',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('subject', models.BigIntegerField()),
                ('assessment', models.BigIntegerField()),
                ('policy', models.TextField()),
                ('known', models.TextField()),
                ('not_known', models.TextField()),
                ('threat', models.TextField()),
                ('powers', models.TextField()),
                ('options', models.JSONField()),
                ('choice', models.TextField()),
                ('level', models.TextField(blank=True)),
                ('warns', models.BooleanField()),
                ('reason', models.TextField()),
                ('review_at', models.DateTimeField()),
                ('override', models.BooleanField()),
                ('second_person', models.BooleanField()),
                ('watched_after', models.BooleanField()),
            ],
            options={
                'db_table': 'decision',
            },
        ),
        migrations.CreateModel(
            name='DecisionApproval',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('decision', models.BigIntegerField()),
                ('decider', models.BigIntegerField()),
                ('officer', models.BigIntegerField()),
                ('outcome', models.TextField()),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'decision_approval',
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('level', models.TextField()),
                ('template', models.TextField()),
                ('version', models.TextField()),
                ('language', models.TextField()),
                ('text_digest', models.TextField()),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('dated', models.DateField()),
                ('pdf', models.BinaryField()),
                ('pdf_digest', models.TextField()),
                ('checked', models.BooleanField()),
            ],
            options={
                'db_table': 'letter',
            },
        ),
        migrations.CreateModel(
            name='Reopening',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('mention', models.BigIntegerField(db_index=True)),
                ('report', models.BigIntegerField(null=True)),
                ('strength', models.TextField()),
                ('happened', models.TextField()),
                ('statement', models.BigIntegerField(null=True)),
            ],
            options={
                'db_table': 'reopening',
            },
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('to_whom', models.TextField()),
                ('what', models.TextField()),
                ('taken_up', models.TextField()),
                ('words', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'support',
            },
        ),
        migrations.CreateModel(
            name='TranslationSigned',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('template', models.TextField()),
                ('version', models.TextField()),
                ('language', models.TextField()),
                ('digest_text', models.TextField()),
                ('translator', models.TextField()),
                ('officer', models.BigIntegerField()),
            ],
            options={
                'db_table': 'translation_signed',
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('case_file', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('level', models.TextField()),
                ('subject', models.BigIntegerField()),
                ('premises', models.BigIntegerField()),
                ('decision', models.BigIntegerField()),
                ('decider', models.BigIntegerField()),
                ('approver', models.BigIntegerField()),
                ('letter', models.BigIntegerField()),
            ],
            options={
                'db_table': 'visit',
            },
        ),
        migrations.CreateModel(
            name='VisitResult',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('visit', models.BigIntegerField(db_index=True)),
                ('officer', models.BigIntegerField()),
                ('result', models.TextField()),
                ('at', models.DateTimeField()),
                ('letter', models.TextField()),
                ('words', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'visit_result',
            },
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_kind',
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['later version', 'withdrawn', 'seen again', 'breach']), ('report__isnull', False)), models.Q(('enquiry__isnull', False), ('kind__in', ['enquiry answered', 'answer lapsed'])), _connector='OR'), name='notice_kind'),
        ),
        migrations.AddConstraint(
            model_name='casebasis',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('case_file',), name='case_basis_once'),
        ),
        migrations.AddConstraint(
            model_name='caseowner',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('case_file',), name='case_owner_once'),
        ),
        migrations.AddConstraint(
            model_name='casestate',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('case_file',), name='case_state_once'),
        ),
        migrations.AddConstraint(
            model_name='casestate',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'parked', 'watched', 'closed', 'merged'))), name='case_state_known'),
        ),
        migrations.AddConstraint(
            model_name='casestate',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='case_state_reason'),
        ),
        migrations.AddConstraint(
            model_name='casestate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['parked', 'watched']), _negated=True), ('until__isnull', False), _connector='OR'), name='case_state_dated'),
        ),
        migrations.AddConstraint(
            model_name='casestate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into', None)), _connector='OR'), name='case_state_into'),
        ),
        migrations.AddConstraint(
            model_name='casetaskdone',
            constraint=models.UniqueConstraint(fields=('task',), name='case_task_done_once'),
        ),
        migrations.AddConstraint(
            model_name='casetaskdone',
            constraint=models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='case_task_done_words'),
        ),
        migrations.AddConstraint(
            model_name='casetaskmoved',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='case_task_moved_reason'),
        ),
        migrations.AddConstraint(
            model_name='contactanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('case_file', 'question'), name='contact_answer_once'),
        ),
        migrations.AddConstraint(
            model_name='contactanswer',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['yes', 'no', 'asked'])), name='contact_answer_known'),
        ),
        migrations.AddConstraint(
            model_name='contactanswer',
            constraint=models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='contact_answer_source'),
        ),
        migrations.AddConstraint(
            model_name='crimenumber',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('case_file',), name='crime_number_once'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='decision_reason'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('override', False), ('second_person', True), _connector='OR'), name='override_is_seconded'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('warns', False), ('override', False), _connector='OR'), name='warning_is_no_override'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('level', ''), models.Q(('level__in', ['person', 'address']), ('second_person', True), ('warns', True)), _connector='OR'), name='warning_visit_is_seconded'),
        ),
        migrations.AddConstraint(
            model_name='decisionapproval',
            constraint=models.UniqueConstraint(fields=('decision',), name='decision_approval_once'),
        ),
        migrations.AddConstraint(
            model_name='decisionapproval',
            constraint=models.CheckConstraint(condition=models.Q(('officer', models.F('decider')), _negated=True), name='approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='decisionapproval',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['approved', 'declined']), models.Q(('reason', ''), _negated=True)), name='decision_approval_says'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['person', 'address'])), name='letter_level'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['en', 'cy'])), name='letter_language'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('case_file', 'mention'), name='reopening_once'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.CheckConstraint(condition=models.Q(('strength__in', ['confirmed', 'possible'])), name='reopening_strength'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.CheckConstraint(condition=models.Q(('happened__in', ['after', 'before', 'unknown'])), name='reopening_happened'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.CheckConstraint(condition=models.Q(('to_whom__in', ['person', 'family'])), name='support_to'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.CheckConstraint(condition=models.Q(('taken_up__in', ['yes', 'no', 'not said'])), name='support_taken_up'),
        ),
        migrations.AddConstraint(
            model_name='translationsigned',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('digest_text',), name='translation_signed_once'),
        ),
        migrations.AddConstraint(
            model_name='translationsigned',
            constraint=models.CheckConstraint(condition=models.Q(('translator', ''), _negated=True), name='translation_signed_by'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['person', 'address'])), name='visit_level'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(('decider', models.F('approver')), _negated=True), name='visit_has_two_signers'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.UniqueConstraint(fields=('decision',), name='visit_once_a_decision'),
        ),
        migrations.AddConstraint(
            model_name='visitresult',
            constraint=models.UniqueConstraint(condition=models.Q(('result', 'nobody_in'), _negated=True), fields=('visit',), name='visit_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='visitresult',
            constraint=models.CheckConstraint(condition=models.Q(('letter__in', ['handed', 'refused', 'not_offered'])), name='visit_result_letter'),
        ),
        migrations.AddConstraint(
            model_name='visitresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('result', 'nobody_in'), _negated=True), ('letter', 'not_offered'), _connector='OR'), name='no_letter_is_left_behind'),
        ),
        migrations.RunSQL(guarded(TABLES)),
        migrations.RunSQL(ACT_ROWS),
    ]

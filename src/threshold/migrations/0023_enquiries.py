"""Enquiries: what was asked, what came back, who compared it, and what the database refuses about them."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

CLAIMS = [
    "enquiry",
    "enquiry_about",
    "enquiry_chased",
    "enquiry_answer",
    "resolution",
    "comparison",
    "comparison_taken_back",
    "enquiry_lapse",
    "answer_file",
    "answer_line",
]

FUNCTIONS = """
-- A resolution may be relied on when three named comparisons agree, and none of them is known to differ.
create function fully_compared(answered bigint) returns boolean language sql stable as $$
    select exists (
        select from enquiry_answer n
        join resolution r on r.answer = n.id and r.retracted_by is null
        where n.id = answered and n.retracted_by is null and n.result = 'answered'
          and (select count(distinct c.stage) from comparison c
               where c.enquiry = n.enquiry and c.agrees and c.retracted_by is null
                 and (c.stage = 'asked' or c.answer = n.id)) = 3
          and not exists (select from comparison c
                          where c.enquiry = n.enquiry and not c.agrees and c.retracted_by is null
                            and (c.stage = 'asked' or c.answer = n.id)))
$$;

-- Whether a visit or a warrant may rest on these premises as an address to which the subject leads: something
-- leads there, and no answer that leads there is without its three comparisons.
create function address_stands(s bigint, home bigint) returns boolean language sql stable as $$
    select coalesce(bool_and(l.answer is null or fully_compared(l.answer)), false)
    from member m join led_to l on l.mention = m.mention and l.retracted_by is null
    where m.subject = s and m.retracted_by is null and l.premises = home
$$;

-- Whether a rung of the identity ladder has the evidence that it needs.
create function rung_holds(of_mention bigint, rung text, by_answer bigint, by_occupant bigint, by_officer bigint)
returns boolean language sql stable as $$
    select case rung
        when '1' then true
        when '2' then by_answer is not null and fully_compared(by_answer) and exists (
            select from resolution r
            join led_to l on l.answer = r.answer and l.retracted_by is null
            join member theirs on theirs.mention = l.mention and theirs.retracted_by is null
            join member own on own.subject = theirs.subject and own.retracted_by is null
            where r.answer = by_answer and r.retracted_by is null and own.mention = of_mention)
        when '3' then by_occupant is not null and exists (
            select from occupant o
            join led_to l on l.premises = o.premises and l.retracted_by is null
            join member theirs on theirs.mention = l.mention and theirs.retracted_by is null
            join member own on own.subject = theirs.subject and own.retracted_by is null
            where o.id = by_occupant and o.retracted_by is null and own.mention = of_mention)
        when '4' then by_officer is not null
        else false end
$$;

create function rung_rests_on_evidence() returns trigger language plpgsql as $$
begin
    if not rung_holds(new.mention, new.choice, new.answer, new.occupant, new.officer) then
        raise exception 'rung % of the identity ladder has not the evidence that it needs', new.choice
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

-- A connection without a zone, an instant or a port cannot be resolved to one subscriber: it is not asked about.
create function enquiry_can_be_asked() returns trigger language plpgsql as $$
begin
    if new.connection is not null and not exists (
        select from connection c where c.id = new.connection and c.retracted_by is null
          and c.unfit is null and c.at is not null and (c.port is not null or c.address like '%:%')) then
        raise exception 'connection % cannot be resolved to one subscriber', new.connection
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function enquiry_is_open() returns trigger language plpgsql as $$
begin
    if not exists (select from enquiry e where e.id = new.enquiry and e.retracted_by is null)
       or exists (select from enquiry_lapse l where l.enquiry = new.enquiry and l.retracted_by is null) then
        raise exception 'enquiry % is not open', new.enquiry using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function resolution_answers_its_connection() returns trigger language plpgsql as $$
begin
    if not exists (
        select from enquiry_answer n join enquiry e on e.id = n.enquiry
        where n.id = new.answer and n.retracted_by is null and n.result = 'answered'
          and e.connection = new.connection) then
        raise exception 'a resolution answers the connection that was asked about, and no other'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function comparison_has_its_answer() returns trigger language plpgsql as $$
begin
    if not exists (select from enquiry e where e.id = new.enquiry and e.connection is not null)
       or (new.answer is not null and not exists (
               select from enquiry_answer n join resolution r on r.answer = n.id and r.retracted_by is null
               where n.id = new.answer and n.enquiry = new.enquiry and n.retracted_by is null)) then
        raise exception 'there is no such answer to compare' using errcode = 'check_violation';
    end if;
    return new;
end $$;
"""

TRIGGERS = """
create trigger rung_rests_on_evidence before insert on statement for each row
    when (new.fact = 'identity_ladder' and new.known) execute function rung_rests_on_evidence();
create trigger enquiry_can_be_asked before insert on enquiry for each row execute function enquiry_can_be_asked();
create trigger enquiry_is_open before insert on enquiry_answer for each row execute function enquiry_is_open();
create trigger resolution_answers_its_connection before insert on resolution for each row
    execute function resolution_answers_its_connection();
create trigger comparison_has_its_answer before insert on comparison for each row
    execute function comparison_has_its_answer();
create index statement_of_answer on statement (answer) where answer is not null;
create index led_to_of_answer on led_to (answer) where answer is not null;
create index enquiry_open on enquiry (due) where retracted_by is null;
create unique index comparison_agreed_once on comparison (enquiry, coalesce(answer, 0), stage)
    where agrees and retracted_by is null;
-- What is about to be deleted rises in the list: so its index holds until when it is there.
drop index find_out_list;
create index find_out_list on assessment (could_be, (urgency is not null), first_received, subject)
    include (checks_due, evidence_until)
    where retracted_by is null and listed and route <> 'child' and could_be > known;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('threshold', '0022_premises'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnswerFile',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('name', models.TextField()),
                ('content', models.BinaryField()),
                ('sha256', models.TextField()),
            ],
            options={
                'db_table': 'answer_file',
            },
        ),
        migrations.CreateModel(
            name='AnswerLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('file', models.BigIntegerField(db_index=True)),
                ('line', models.IntegerField()),
                ('reference', models.TextField(blank=True)),
                ('enquiry', models.BigIntegerField(null=True)),
                ('state', models.TextField()),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'answer_line',
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('enquiry', models.BigIntegerField()),
                ('answer', models.BigIntegerField(null=True)),
                ('stage', models.TextField()),
                ('agrees', models.BooleanField()),
                ('differed', models.TextField(blank=True)),
                ('officer', models.BigIntegerField()),
            ],
            options={
                'db_table': 'comparison',
            },
        ),
        migrations.CreateModel(
            name='ComparisonTakenBack',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('comparison', models.BigIntegerField()),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'comparison_taken_back',
            },
        ),
        migrations.CreateModel(
            name='Enquiry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('mention', models.BigIntegerField(db_index=True)),
                ('kind', models.TextField()),
                ('about', models.TextField()),
                ('connection', models.BigIntegerField(db_index=True, null=True)),
                ('premises', models.BigIntegerField(null=True)),
                ('asked_of', models.TextField()),
                ('authority', models.TextField()),
                ('applied', models.TextField(blank=True)),
                ('reference', models.TextField()),
                ('asked', models.BinaryField()),
                ('due', models.DateTimeField()),
            ],
            options={
                'db_table': 'enquiry',
            },
        ),
        migrations.CreateModel(
            name='EnquiryAbout',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('enquiry', models.BigIntegerField(db_index=True)),
                ('kind', models.TextField()),
                ('row', models.BigIntegerField(null=True)),
                ('value', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'enquiry_about',
            },
        ),
        migrations.CreateModel(
            name='EnquiryAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('enquiry', models.BigIntegerField()),
                ('result', models.TextField()),
                ('document', models.BinaryField(null=True)),
                ('document_name', models.TextField(blank=True)),
                ('words', models.TextField(blank=True)),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'enquiry_answer',
            },
        ),
        migrations.CreateModel(
            name='EnquiryChased',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('enquiry', models.BigIntegerField(db_index=True)),
                ('words', models.TextField()),
            ],
            options={
                'db_table': 'enquiry_chased',
            },
        ),
        migrations.CreateModel(
            name='EnquiryLapse',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('enquiry', models.BigIntegerField(unique=True)),
                ('answer', models.BigIntegerField(null=True)),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'enquiry_lapse',
            },
        ),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asserted_by', models.BigIntegerField()),
                ('retracted_by', models.BigIntegerField(null=True)),
                ('salt', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('answer', models.BigIntegerField()),
                ('connection', models.BigIntegerField(db_index=True)),
                ('looked_up_address', models.TextField()),
                ('looked_up_port', models.IntegerField(null=True)),
                ('looked_up_at', models.DateTimeField()),
                ('subscriber', models.TextField(blank=True)),
                ('installation', models.TextField(blank=True)),
                ('billing', models.TextField(blank=True)),
                ('unsaid', models.TextField(blank=True)),
                ('premises', models.BigIntegerField(null=True)),
            ],
            options={
                'db_table': 'resolution',
            },
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_kind',
        ),
        migrations.AddField(
            model_name='assessment',
            name='evidence_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='enquiry',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='statement',
            name='answer',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='statement',
            name='occupant',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='notice',
            name='report',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['later version', 'withdrawn']), ('report__isnull', False)), models.Q(('enquiry__isnull', False), ('kind__in', ['enquiry answered', 'answer lapsed'])), _connector='OR'), name='notice_kind'),
        ),
        migrations.AddConstraint(
            model_name='answerfile',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('sha256',), name='answer_file_once'),
        ),
        migrations.AddConstraint(
            model_name='answerline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('enquiry__isnull', False), ('reason', ''), ('state', 'answered')), models.Q(('state', 'held'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='answer_line_state'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['asked', 'looked_up', 'answered'])), name='comparison_stage'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agrees', True), ('differed', '')), models.Q(('agrees', False), models.Q(('differed', ''), _negated=True)), _connector='OR'), name='comparison_says_what_differed'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('agrees', False), models.Q(('answer', None), ('stage', 'asked')), models.Q(models.Q(('stage', 'asked'), _negated=True), ('answer__isnull', False)), _connector='OR'), name='comparison_of_an_answer'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.UniqueConstraint(fields=('enquiry', 'asserted_by'), name='comparison_one_an_act'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.UniqueConstraint(fields=('reference',), name='enquiry_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('about', 'connection'), ('connection__isnull', False), ('premises', None)), models.Q(('about', 'premises'), ('connection', None), ('premises__isnull', False)), models.Q(('about__in', ['person', 'report']), ('connection', None), ('premises', None)), _connector='OR'), name='enquiry_about_something'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('authority', ''), _negated=True), models.Q(('asked_of', ''), _negated=True)), name='enquiry_has_authority'),
        ),
        migrations.AddConstraint(
            model_name='enquiryabout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['connection', 'premises', 'occupant']), ('row__isnull', False)), models.Q(('kind__in', ['identifier', 'born']), ('row', None), models.Q(('value', ''), _negated=True)), _connector='OR'), name='enquiry_about_kind'),
        ),
        migrations.AddConstraint(
            model_name='enquiryanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('enquiry',), name='enquiry_answered_once'),
        ),
        migrations.AddConstraint(
            model_name='enquiryanswer',
            constraint=models.CheckConstraint(condition=models.Q(('result__in', ['answered', 'no_trace', 'refused', 'cannot_be_resolved', 'withdrawn'])), name='enquiry_result'),
        ),
        migrations.AddConstraint(
            model_name='enquiryanswer',
            constraint=models.CheckConstraint(condition=models.Q(('document__isnull', False), models.Q(('words', ''), _negated=True), _connector='OR'), name='enquiry_answer_says'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.UniqueConstraint(condition=models.Q(('retracted_by', None)), fields=('answer',), name='resolution_once'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(('premises', None), models.Q(('installation', ''), _negated=True), _connector='OR'), name='resolution_of_installation'),
        ),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(guarded(CLAIMS) + TRIGGERS),
        migrations.RunSQL(ACT_ROWS),
    ]

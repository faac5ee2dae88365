"""Clocks that a named officer moved later; the database lets no due time move later otherwise."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

RULES = """
create constraint trigger signed after insert on due_moved deferrable initially deferred
    for each row execute function officer_did_the_act();
create trigger kept before update on due_moved for each row execute function never_taken_back();

create function moved_by_a_supervisor() returns trigger language plpgsql as $$
begin
    if not is_supervisor(new.officer) then
        raise exception 'only a supervisor moves the clock of a band';
    end if;
    return new;
end $$;
create trigger by_a_supervisor before insert on due_moved for each row execute function moved_by_a_supervisor();

-- A due time moves later only by a named officer with a reason (design rule 12), and for no graver band than it was
-- moved in. A subject that is in no list any more has no clock.
create function due_never_later() returns trigger language plpgsql as $$
declare
    stood timestamptz;
    moved timestamptz;
begin
    select due into stood from assessment where subject = new.subject order by id desc limit 1;
    if stood is null or not new.listed or new.due <= stood then
        return new;
    end if;
    select max(d.due) into moved from due_moved d join member m on m.mention = d.mention and m.retracted_by is null
    where m.subject = new.subject and new.known <= d.known;
    if new.due is null or moved is null or new.due > moved then
        raise exception 'the clock of subject % would move from % to %', new.subject, stood, new.due;
    end if;
    return new;
end $$;
create trigger never_later before insert on assessment for each row execute function due_never_later();
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0023_visit_rules")]

    operations = [
        migrations.CreateModel(
            name="DueMoved",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField(editable=False)),
                ("digest", models.BinaryField(editable=False)),
                ("mention", models.BigIntegerField(db_index=True)),
                ("due", models.DateTimeField()),
                ("known", models.SmallIntegerField()),
                ("officer", models.BigIntegerField()),
                ("reason", models.TextField()),
            ],
            options={
                "db_table": "due_moved",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="due_moved_reason"
                    )
                ],
            },
        ),
        migrations.RunSQL(guarded(["due_moved"])),
        migrations.RunSQL(ACT_ROWS),
        migrations.RunSQL(RULES),
    ]

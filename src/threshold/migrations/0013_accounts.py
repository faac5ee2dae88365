"""Accounts in the record: those that a home has already are taken up, by an act of the calendar's own account."""

from __future__ import annotations

import json
from typing import Any

from django.db import migrations, models

from threshold.acts.chain import link_hash
from threshold.acts.claim_sql import ACT_ROWS, guarded
from threshold.acts.verbs import moment_text

_LAST = "select id, hash, greatest(clock_timestamp(), at) from act order by id desc limit 1"


def take_up(apps: Any, schema_editor: Any) -> None:
    """Claim every account as it stands. Written here as an act: no actor can be signed in while this runs."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select id from officer where username = 'sweep'")
        calendar = cursor.fetchone()
        if calendar is None:
            return
        cursor.execute("select pg_advisory_xact_lock(1)")
        cursor.execute(_LAST)
        last, prev, at = cursor.fetchone()
        number = last + 1
        cursor.execute("select set_config('threshold.act', %s, true)", [str(number)])
        cursor.execute(
            """insert into account (asserted_by, officer, username, full_name, team, is_active)
               select %s, id, username, full_name, team, is_active from officer order by id""",
            [number],
        )
        cursor.execute("select act_rows(%s)::text", [number])
        rows = json.loads(cursor.fetchone()[0])
        content = {
            "id": number,
            "at": moment_text(at),
            "actor": calendar[0],
            "verb": "take up accounts",
            "case": None,
            "body": {},
            "rows": rows,
        }
        cursor.execute(
            """insert into act (id, at, actor, verb, "case", body, rows, prev, hash)
               values (%s, %s, %s, %s, null, '{}', %s::jsonb, %s, %s)""",
            [
                number,
                at,
                calendar[0],
                content["verb"],
                json.dumps(rows),
                bytes(prev),
                link_hash(bytes(prev), content),
            ],
        )


class Migration(migrations.Migration):
    dependencies = [("threshold", "0012_keys_in_order")]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("officer", models.BigIntegerField()),
                ("username", models.TextField()),
                ("full_name", models.TextField()),
                ("team", models.TextField(blank=True)),
                ("is_active", models.BooleanField()),
            ],
            options={
                "db_table": "account",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retracted_by", None)), fields=("officer",), name="account_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(guarded(["account"])),
        migrations.RunSQL(ACT_ROWS),
        migrations.RunPython(take_up),
    ]

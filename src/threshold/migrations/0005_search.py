"""What a search finds by a word: names and addresses; and reports by any number they came with.

These indexes hold retracted rows too, so that a search as at a date is as quick as one of today.
"""

from django.db import migrations

SEARCH = """
-- The words of a name or an address: signs part words, an apostrophe does not. What is typed is cut alike.
create function search_words(folded text) returns text[] language sql immutable parallel safe as $$
    select array_remove(string_to_array(translate(folded, '-.,;:/()[]"''’', '           '), ' '), '')
$$;

create index identifier_words on identifier using gin (search_words(folded))
    where kind in ('name', 'display_name', 'address');
create index report_reference_typed on report (lower(reference)) where reference is not null;
create index report_package_typed on report (lower(package)) where package is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0004_answers")]

    operations = [migrations.RunSQL(SEARCH)]

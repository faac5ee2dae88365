"""A name is found with and without its accents: José Müller by "jose muller", and the other way round."""

from django.db import migrations

# Some letters (ł, ø) have no accent by Unicode's own tables: they are paired with what people type for them.
WORDS = """
-- The words of a name or an address: signs part words, an apostrophe does not, and a letter is the same with its
-- accents and without them. What is typed is cut alike.
create or replace function search_words(folded text) returns text[] language sql immutable parallel safe as $$
    select array_remove(string_to_array(translate(translate(
        regexp_replace(normalize(folded, NFD), U&'[\\0300-\\036F]', '', 'g'),
        'łøđðı', 'loddi'), '-.,;:/()[]"''’', '           '), ' '), '')
$$;
reindex index identifier_words;
"""
BEFORE = """
create or replace function search_words(folded text) returns text[] language sql immutable parallel safe as $$
    select array_remove(string_to_array(translate(folded, '-.,;:/()[]"''’', '           '), ' '), '')
$$;
reindex index identifier_words;
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0015_versions_that_go_back")]

    operations = [migrations.RunSQL(WORDS, BEFORE)]

{#- How the table of each base model was read, in ops.staging_readings: a row that was read by another declaration may say
    something else, and no load time tells. Notes are only added, for models are built at once; the last one counts. -#}


{% macro staging_readings() %}
  {% do return(kith.existing_ops_table('staging_readings')) %}
{% endmacro %}

{#- Before the models run, for two of them could not make it at once. -#}
{% macro make_staging_readings() %}
  {% if execute and kith.staging_readings() is none %}
    {% do kith.make_ops_table('staging_readings', kith.text_columns(['schema_name', 'table_name', 'read_at', 'digest'])) %}
    {% do adapter.commit() %}
  {% endif %}
{% endmacro %}

{#- A digest of how a base model reads its raw table: its statement, in which its declaration, its source's settings, the
    kinds of the raw columns and the macros are all written out. The clock is no part of it: see rejudged_since. -#}
{% macro reading_digest(select_sql) %}
  {% do return(local_md5(select_sql | replace(kith.latest_past() | trim, ''))) %}
{% endmacro %}

{#- The last note on a table, as a FROM item of one row with the column last_note: when it was read, and the digest. -#}
{% macro last_reading(relation) -%}
  (select max(read_at || ' ' || digest) as last_note from {{ kith.staging_readings() }} where {{ kith.is_relation(relation) }}) as readings
{%- endmacro %}

{#- Whether a note is of this digest. -#}
{% macro is_reading(last_note, digest) %}
  {% do return(last_note is not none and last_note.split(' ')[-1] == digest) %}
{% endmacro %}

{#- Whether the table was last built by another reading than this. -#}
{% macro was_read_otherwise(relation, digest) %}
  {% do return(not kith.is_reading(kith.one_row('select last_note from ' ~ kith.last_reading(relation))[0], digest)) %}
{% endmacro %}

{#- After the table was built: where an engine has no transaction, a build that is killed between the two reads it anew. -#}
{% macro note_reading(relation, digest) %}
  {% call statement('note_reading') -%}
    insert into {{ kith.staging_readings() }} (schema_name, table_name, read_at, digest)
    values ('{{ relation.schema }}', '{{ relation.identifier }}', '{{ run_started_at.strftime("%Y-%m-%dT%H:%M:%S.%f") }}', '{{ digest }}')
  {%- endcall %}
{% endmacro %}

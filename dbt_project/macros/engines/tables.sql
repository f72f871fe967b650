{#- Tables as a whole: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- A post-hook: PostgreSQL plans badly over a table that it has not counted; others count by themselves. -#}
{% macro analyze() -%}
    {{ kith.analyze_relation(this) }}
{%- endmacro %}

{#- The statement that counts a table's values for the planner; nothing where none is needed. -#}
{% macro analyze_relation(relation) -%}
    {{ adapter.dispatch('analyze_relation', 'kith')(relation) }}
{%- endmacro %}

{% macro default__analyze_relation(relation) -%}{%- endmacro %}

{% macro postgres__analyze_relation(relation) -%}
    analyze {{ relation }}
{%- endmacro %}

{#- A post-hook: an index on the columns where the engine's joins use one. -#}
{% macro index_on(columns) -%}
    {{ adapter.dispatch('index_on', 'kith')(columns) }}
{%- endmacro %}

{% macro default__index_on(columns) -%}{%- endmacro %}

{% macro postgres__index_on(columns) -%}
    create index if not exists "{{ local_md5(this.identifier ~ '/' ~ columns | join('/')) }}"
    on {{ this }} ({{ columns | join(', ') }})
{%- endmacro %}

{#- Redshift has no index. -#}
{% macro redshift__index_on(columns) -%}

{%- endmacro %}


{#- A table built anew; the former one stays until it is whole. Spark renames no Delta table, but replaces one in
    place: a reader sees the former one until the commit. -#}
{% macro replace_table(target, existing, select_sql) %}
  {{ return(adapter.dispatch('replace_table', 'kith')(target, existing, select_sql)) }}
{% endmacro %}

{#- Another name first, then renamed. -#}
{% macro default__replace_table(target, existing, select_sql) %}
  {%- set intermediate = make_intermediate_relation(target) -%}
  {%- set backup = make_backup_relation(target, 'table' if existing is none else existing.type) -%}
  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}
  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, intermediate, select_sql) }}
  {%- endcall %}
  {% if existing is not none %}
    {{ adapter.rename_relation(existing, backup) }}
  {% endif %}
  {{ adapter.rename_relation(intermediate, target) }}
{% endmacro %}

{% macro spark__replace_table(target, existing, select_sql) %}
  {% if existing is not none and existing.type != 'table' %}{{ adapter.drop_relation(existing) }}{% endif %}
  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, target, select_sql) }}
  {%- endcall %}
{% endmacro %}

{#- What follows a table's name where it is created. Spark's own format can neither delete nor merge. -#}
{% macro table_format() -%}
    {{ adapter.dispatch('table_format', 'kith')() }}
{%- endmacro %}

{% macro default__table_format() -%}{%- endmacro %}

{% macro spark__table_format() -%}
    using delta
{%- endmacro %}

{#- Where a table lies that lives as long as one model's build. DuckDB would write it to its file and its log: there it
    is a temporary one, of the connection that builds the model, in a catalog of its own. -#}
{% macro working_table_at(database, schema_name, name) -%}
    {{ return(adapter.dispatch('working_table_at', 'kith')(database, schema_name, name)) }}
{%- endmacro %}

{% macro default__working_table_at(database, schema_name, name) -%}
    {{ return(api.Relation.create(database=database, schema=schema_name, identifier=name, type='table')) }}
{%- endmacro %}

{% macro duckdb__working_table_at(database, schema_name, name) -%}
    {{ return(api.Relation.create(database='temp', schema='main', identifier=schema_name ~ '__' ~ name, type='table')) }}
{%- endmacro %}

{#- The statement that makes a working table, in place of one that a build left which was killed. PostgreSQL cannot
    replace a table; DuckDB makes none in that catalog without being told that it is temporary; Sail drops a table and
    leaves its folder, of which other columns have to be allowed. -#}
{% macro replace_working_table(relation, select_sql) -%}
    {{ adapter.dispatch('replace_working_table', 'kith')(relation, select_sql) }}
{%- endmacro %}

{% macro default__replace_working_table(relation, select_sql) -%}
    create or replace table {{ relation }} as {{ select_sql }}
{%- endmacro %}

{% macro postgres__replace_working_table(relation, select_sql) -%}
    drop table if exists {{ relation }};
    create table {{ relation }} as {{ select_sql }}
{%- endmacro %}

{% macro duckdb__replace_working_table(relation, select_sql) -%}
    create or replace temporary table {{ relation }} as {{ select_sql }}
{%- endmacro %}

{% macro spark__replace_working_table(relation, select_sql) -%}
    create or replace table {{ relation }} using delta options (overwriteSchema 'true') as {{ select_sql }}
{%- endmacro %}

{% macro databricks__replace_working_table(relation, select_sql) -%}
    create or replace table {{ relation }} as {{ select_sql }}
{%- endmacro %}

{#- The table of a seed. Sail drops a table and leaves its folder, and would read the former rows in it again: so the
    table takes the place of whatever is there. -#}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- call statement('create_seed') %}
    create or replace table {{ this.render() }} (
        {%- for name in agate_table.column_names %}
        {{ adapter.quote(name) }} {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    using delta options (overwriteSchema 'true')
    {%- endcall %}
    {{ return('') }}
{% endmacro %}

{#- The statement that deletes rows. `condition` may ask for values in another table, and reads the table's `columns`,
    no others: Sail deletes by a merge alone where a condition asks another table. -#}
{% macro delete_rows(target, condition, columns) -%}
    {{ adapter.dispatch('delete_rows', 'kith')(target, condition, columns) }}
{%- endmacro %}

{% macro default__delete_rows(target, condition, columns) -%}
    delete from {{ target }} where {{ condition }}
{%- endmacro %}

{% macro spark__delete_rows(target, condition, columns) -%}
    merge into {{ target }} as held
    using (select distinct {{ columns | join(', ') }} from {{ target }} where {{ condition }}) as found
    on {% for column in columns %}held.{{ column }} <=> found.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    when matched then delete
{%- endmacro %}

{#- The statement that deletes the rows that have the keys of another table. Sail deletes so by a merge alone. -#}
{% macro delete_matching(target, keys, columns) -%}
    {{ adapter.dispatch('delete_matching', 'kith')(target, keys, columns) }}
{%- endmacro %}

{% macro default__delete_matching(target, keys, columns) -%}
    delete from {{ target }} as held
    where exists (
        select 1
        from {{ keys }} as wanted_keys
        where {% for column in columns %}wanted_keys.{{ column }} = held.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    )
{%- endmacro %}

{% macro spark__delete_matching(target, keys, columns) -%}
    merge into {{ target }} as held
    using {{ keys }} as wanted_keys
    on {% for column in columns %}held.{{ column }} = wanted_keys.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    when matched then delete
{%- endmacro %}

{#- Tables that the sync engine keeps in `ops`. The models over them lay views, so the tables are made before, as the
    engine would make them: a view over nothing would stay empty until the next build. -#}


{#- Column → kind of a table, as the engine has it (reverse_etl/state/tables.py); a test compares the two. -#}
{% macro sync_table_columns(name) %}
    {% do return({
        'sync_runs': {
            'run_id': 'text', 'sync': 'text', 'destination': 'text', 'plan_id': 'text', 'status': 'text',
            'started_at': 'timestamp', 'finished_at': 'timestamp', 'model_rows': 'integer', 'planned': 'integer',
            'delivered': 'integer', 'rejected': 'integer', 'deferred': 'integer', 'added': 'integer',
            'changed': 'integer', 'removed': 'integer', 'unchanged': 'integer', 'held': 'integer',
            'granted': 'integer', 'message': 'text', 'failure': 'text',
        },
        'sync_rejects': {
            'sync': 'text', 'destination': 'text', 'record_key': 'text', 'operation': 'text', 'class': 'text',
            'reason': 'text', 'attempts': 'integer', 'next_retry_at': 'timestamp', 'digest': 'text',
            'rejected_at': 'timestamp', 'run_id': 'text',
        },
    }[name]) %}
{% endmacro %}

{% macro sync_relation(name) %}
    {% do return(api.Relation.create(
        database=target.database or none, schema='ops', identifier=name, type='table')) %}
{% endmacro %}

{#- A hook of the model that reads the table: makes it where the engine has never run. The model carries it, so that a
    project that imports the models has it too. -#}
{% macro make_sync_table(name) %}
    {% set table = kith.sync_relation(name) %}
    {% if execute and adapter.get_relation(
        database=table.database, schema=table.schema, identifier=table.identifier) is none %}
        {% do adapter.create_schema(table) %}
        {% call statement('make_sync_table') -%}
            create table if not exists {{ table }} (
                {%- for column, kind in kith.sync_table_columns(name).items() %}
                {{ adapter.quote(column) }} {{ kith.type_of(kind) }}{{ ',' if not loop.last }}
                {%- endfor %}
            ) {{ kith.table_format() }}
        {%- endcall %}
        {% do adapter.cache_added(table) %}
    {% endif %}
{% endmacro %}

{#- Columns of such a table as it is now. No row where it is not there: the engine's own are made by its first plan. -#}
{% macro sync_table(name, columns) %}
    {%- set table = kith.sync_relation(name) -%}
    {%- if execute and adapter.get_relation(
        database=table.database, schema=table.schema, identifier=table.identifier) %}
    select
        {{ columns | join(',\n        ') }}
    from {{ table }}
    {%- else %}
    {{- kith.empty_relation(columns) }}
    {%- endif %}
{% endmacro %}

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

{#- A hook of the model that reads the table: makes it where the engine has never run. The model carries it, so that a
    project that imports the models has it too. -#}
{% macro make_sync_table(name) %}
    {% do kith.make_ops_table(name, kith.sync_table_columns(name)) %}
{% endmacro %}

{#- Columns of such a table as it is now. No row where it is not there: the engine's own are made by its first plan. -#}
{% macro sync_table(name, columns) %}
    {%- if execute and kith.existing_ops_table(name) %}
    select
        {{ columns | join(',\n        ') }}
    from {{ kith.ops_relation(name) }}
    {%- else %}
    {{- kith.empty_relation(columns) }}
    {%- endif %}
{% endmacro %}

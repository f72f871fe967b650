{#- Columns of a table that the sync engine keeps in `ops`, as it is now. No row where it has never run. -#}
{% macro sync_table(name, columns) %}
    {%- set kept = adapter.get_relation(database=target.database or none, schema='ops', identifier=name) if execute -%}
    {%- if kept %}
    select
        {{ columns | join(',\n        ') }}
    from {{ kept }}
    {%- else %}
    {{- kith.empty_relation(columns) }}
    {%- endif %}
{% endmacro %}

{#- The columns of ops.sync_runs that are counted, with their types. -#}
{% macro sync_run_columns() %}
    {% do return({
        'run_id': 'text', 'sync': 'text', 'destination': 'text', 'status': 'text', 'started_at': 'timestamp',
        'finished_at': 'timestamp', 'planned': 'integer', 'delivered': 'integer', 'rejected': 'integer',
        'deferred': 'integer', 'held': 'integer',
    }) %}
{% endmacro %}

{{ config(materialized='table') }}

with

final as (
    {% for source_name, table_name in tables_read() %}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as {{ adapter.quote('table') }},
        record_id,
        row_hash,
        row_reason as reason,
        loaded_at
    from {{ ref('base_' ~ source_name ~ '__' ~ table_name) }}
    where row_status = 'quarantined'
    {{ 'union all' if not loop.last }}
    {% else %}
    {{ empty_relation({
        'source': 'text', 'table': 'text', 'record_id': 'text', 'row_hash': 'text', 'reason': 'text',
        'loaded_at': 'timestamp',
    }) }}
    {% endfor %}
)

select * from final

{{ config(materialized='table') }}

with

counted as (
    {% for source_name, table_name in tables_read() %}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as raw_table,
        sum(case when row_status = 'staged' then 1 else 0 end) as staged_rows,
        sum(case when row_status = 'quarantined' then 1 else 0 end) as quarantined_rows,
        sum(case when row_status = 'duplicate' then 1 else 0 end) as duplicate_rows
    from {{ ref('base_' ~ source_name ~ '__' ~ table_name) }}
    {{ 'union all' if not loop.last }}
    {% else %}
    {{ empty_relation({
        'source': 'text', 'raw_table': 'text',
        'staged_rows': 'integer', 'quarantined_rows': 'integer', 'duplicate_rows': 'integer',
    }) }}
    {% endfor %}
),

-- Counted in the raw tables themselves, not in what was read of them.
raw as (

    {{ count_raw_rows() | indent(4) }}

),

final as (

    select
        counted.source,
        counted.raw_table as {{ adapter.quote('table') }},
        raw.raw_rows,
        coalesce(counted.staged_rows, 0) as staged_rows,
        coalesce(counted.quarantined_rows, 0) as quarantined_rows,
        coalesce(counted.duplicate_rows, 0) as duplicate_rows,
        raw.raw_rows
        - coalesce(counted.staged_rows + counted.quarantined_rows + counted.duplicate_rows, 0) as unaccounted_rows
    from counted
    inner join raw on counted.source = raw.source and counted.raw_table = raw.raw_table

)

select * from final

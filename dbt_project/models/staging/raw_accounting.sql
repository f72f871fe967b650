{{ config(materialized='table') }}

with

counted as (
    {% for source_name, table_name in tables_read() %}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as raw_table,
        cast(loaded_at as date) as loaded_on,
        sum(case when row_status = 'staged' then 1 else 0 end) as staged_rows,
        sum(case when row_status = 'quarantined' then 1 else 0 end) as quarantined_rows,
        sum(case when row_status = 'duplicate' then 1 else 0 end) as duplicate_rows
    from {{ ref('base_' ~ source_name ~ '__' ~ table_name) }}
    group by cast(loaded_at as date)
    {{ 'union all' if not loop.last }}
    {% else %}
    {{ empty_relation({
        'source': 'text', 'raw_table': 'text', 'loaded_on': 'date',
        'staged_rows': 'integer', 'quarantined_rows': 'integer', 'duplicate_rows': 'integer',
    }) }}
    {% endfor %}
),

-- Counted in the raw tables themselves, not in what was read of them.
raw as (

    {{ count_raw_rows() | indent(4) }}

),

-- Side by side by a sum, for a load day may be null, and may be on one side alone.
both_sides as (

    select
        source,
        raw_table,
        loaded_on,
        raw_rows,
        0 as staged_rows,
        0 as quarantined_rows,
        0 as duplicate_rows
    from raw
    union all
    select
        source,
        raw_table,
        loaded_on,
        0 as raw_rows,
        staged_rows,
        quarantined_rows,
        duplicate_rows
    from counted

),

final as (

    select
        source,
        raw_table as {{ adapter.quote('table') }},
        loaded_on,
        cast(sum(raw_rows) as {{ type_of('integer') }}) as raw_rows,
        cast(sum(staged_rows) as {{ type_of('integer') }}) as staged_rows,
        cast(sum(quarantined_rows) as {{ type_of('integer') }}) as quarantined_rows,
        cast(sum(duplicate_rows) as {{ type_of('integer') }}) as duplicate_rows,
        cast(sum(raw_rows) - sum(staged_rows + quarantined_rows + duplicate_rows) as {{ type_of('integer') }})
            as unaccounted_rows
    from both_sides
    group by source, raw_table, loaded_on

)

select * from final

-- What the accounting counts as quarantined can be looked at, row by row.
with

listed as (

    select
        source,
        {{ adapter.quote('table') }} as raw_table,
        count(*) as listed_rows
    from {{ ref('quarantined_records') }}
    group by source, {{ adapter.quote('table') }}

),

accounted as (

    select
        source,
        {{ adapter.quote('table') }} as raw_table,
        sum(quarantined_rows) as quarantined_rows
    from {{ ref('raw_accounting') }}
    group by source, {{ adapter.quote('table') }}

)

select accounted.*
from accounted
left join listed on accounted.source = listed.source and accounted.raw_table = listed.raw_table
where accounted.quarantined_rows <> coalesce(listed.listed_rows, 0)

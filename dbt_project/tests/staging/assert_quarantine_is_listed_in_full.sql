-- What the accounting counts as quarantined can be looked at, row by row.
with

listed as (

    select
        source,
        {{ adapter.quote('table') }} as raw_table,
        count(*) as listed_rows
    from {{ ref('quarantined_records') }}
    group by source, {{ adapter.quote('table') }}

)

select accounting.*
from {{ ref('raw_accounting') }} as accounting
left join listed
    on
        accounting.source = listed.source
        and accounting.{{ adapter.quote('table') }} = listed.raw_table
where accounting.quarantined_rows <> coalesce(listed.listed_rows, 0)

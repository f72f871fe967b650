-- The raw tables are counted in themselves: a row that staging lost, or made twice, shows here.
select *
from {{ ref('raw_accounting') }}
where unaccounted_rows <> 0

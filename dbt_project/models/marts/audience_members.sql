{{ config(materialized='view', pre_hook="{{ kith.create_audience_tables() }}") }}

with

final as (
    {{ union_audiences() }}
)

select * from final

with

people as (

    select * from {{ ref('int_people') }}

),

identifiers as (

    select * from {{ ref('int_identifiers') }}

),

mentions as (

    select
        source,
        record_type,
        record_id,
        {{ name_key('given_name') }} as given_name_key,
        first_seen_at,
        last_seen_at
    from people

    union all

    select
        source,
        record_type,
        record_id,
        {{ typed_null('text') }} as given_name_key,
        first_seen_at,
        last_seen_at
    from identifiers

),

final as (

    select
        {{ record_key('mentions') }} as record_key,
        source,
        record_type,
        record_id,
        min({{ bytewise('given_name_key') }}) as given_name_key,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from mentions
    group by source, record_type, record_id

)

select * from final

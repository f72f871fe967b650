with

identifiers as (

    select * from {{ ref('int_identifiers') }}

),

types as (

    select * from {{ ref('identifier_types') }}

),

verdicts as (

    {{ contact_verdicts() | indent(4) }}

),

final as (

    select
        {{ record_key('identifiers') }} as record_key,
        {{ joined_key(['identifiers.identifier_type', 'identifiers.identifier_value']) }} as value_key,
        identifiers.source,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.is_valid and verdicts.refusal is null as is_valid,
        coalesce(identifiers.invalid_reason, verdicts.refusal) as invalid_reason,
        -- A type that nobody declared is the weakest, and held to the strictest limits.
        coalesce(types.priority, 1000) as priority,
        case when types.identifier_type is null then 1 else types.max_given_names end as max_given_names,
        case when types.identifier_type is null then 1 else types.max_user_ids end as max_user_ids,
        types.max_records,
        case when types.identifier_type is null then 1 else types.max_bearers end as max_bearers,
        coalesce(types.makes_known, false) as makes_known,
        coalesce(types.shows_logins, false) as shows_logins,
        identifiers.first_seen_at,
        identifiers.last_seen_at
    from identifiers
    left join types on identifiers.identifier_type = types.identifier_type
    left join verdicts
        on
            identifiers.identifier_type = verdicts.identifier_type
            and identifiers.identifier_value = verdicts.identifier_value
    where identifiers.identifier_value is not null

)

select * from final

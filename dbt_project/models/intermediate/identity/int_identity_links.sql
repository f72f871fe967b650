with

evidence as (

    select * from {{ ref('int_identity_evidence') }}

),

identifier_values as (

    select * from {{ ref('int_identity_values') }}

),

final as (

    select
        evidence.record_key,
        evidence.value_key,
        evidence.identifier_type,
        evidence.identifier_value,
        evidence.identifier_type as rule,
        evidence.source,
        identifier_values.priority,
        identifier_values.records_count,
        identifier_values.status,
        identifier_values.reason,
        min(evidence.first_seen_at) as first_seen_at,
        max(evidence.last_seen_at) as last_seen_at
    from evidence
    inner join identifier_values on evidence.value_key = identifier_values.value_key
    group by
        evidence.record_key,
        evidence.value_key,
        evidence.identifier_type,
        evidence.identifier_value,
        evidence.source,
        identifier_values.priority,
        identifier_values.records_count,
        identifier_values.status,
        identifier_values.reason

)

select * from final

{{ config(enabled=source_enabled('square')) }}

with

-- Square tells who unsubscribed and nothing of who agreed, and dates neither.
said as (

    select
        'customer' as record_type,
        record_id,
        email_address as written,
        'denied' as state,
        {{ typed_null('timestamp') }} as decision_at,
        coalesce(updated_at, loaded_at) as known_at,
        row_status = 'staged' and not is_deleted as is_current
    from {{ ref('base_square__customers') }}
    where preferences_email_unsubscribed or row_reason like 'preferences_email_unsubscribed:%'

),

{{ consents_from('said', 'square') }}

select * from final

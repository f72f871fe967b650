{{ config(enabled=source_enabled('salesforce')) }}

with

contacts as (

    select
        *,
        is_deleted or coalesce(is_in_bin, false) as is_gone
    from {{ ref('base_salesforce__contact') }}
    where row_status = 'staged'

),

leads as (

    select
        *,
        is_deleted or coalesce(is_in_bin, false) as is_gone
    from {{ ref('base_salesforce__lead') }}
    where row_status = 'staged'

),

-- What was lost in a merge is gone, and still tells whose it was.
final as (

    select
        case when is_gone then 'contact_merge' else 'contact' end as record_type,
        record_id,
        'salesforce_contact_id' as id_type,
        master_record_id,
        {{ typed_null('text') }} as converted_contact_id,
        account_id,
        first_name,
        last_name,
        birthdate as birth_date,
        email,
        npe_01_home_email_c as home_email,
        npe_01_work_email_c as work_email,
        npe_01_alternate_email_c as alternate_email,
        secondary_email_c as secondary_email,
        lower(npe_01_preferred_email_c) as preferred_email,
        phone,
        mobile_phone,
        home_phone,
        mailing_street as street,
        mailing_city as city,
        mailing_postal_code as postcode,
        mailing_state as region,
        mailing_country as country,
        created_date as first_seen_at,
        coalesce(last_modified_date, system_modstamp, created_date) as last_seen_at,
        loaded_at
    from contacts
    where not is_gone or master_record_id is not null
    union all
    select
        case when is_gone then 'lead_merge' else 'lead' end as record_type,
        record_id,
        'salesforce_lead_id' as id_type,
        master_record_id,
        converted_contact_id,
        {{ typed_null('text') }} as account_id,
        first_name,
        last_name,
        {{ typed_null('date') }} as birth_date,
        email,
        {{ typed_null('text') }} as home_email,
        {{ typed_null('text') }} as work_email,
        {{ typed_null('text') }} as alternate_email,
        secondary_email_c as secondary_email,
        {{ typed_null('text') }} as preferred_email,
        phone,
        mobile_phone,
        {{ typed_null('text') }} as home_phone,
        street,
        city,
        postal_code as postcode,
        state as region,
        country,
        created_date as first_seen_at,
        coalesce(last_modified_date, system_modstamp, created_date) as last_seen_at,
        loaded_at
    from leads
    where not is_gone or master_record_id is not null

)

select * from final

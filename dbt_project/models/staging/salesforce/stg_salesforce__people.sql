{{ config(enabled=source_enabled('salesforce')) }}

with

records as (

    select
        *,
        coalesce(mobile_phone, phone, home_phone) as first_phone
    from {{ ref('stg_salesforce__records') }}
    where record_type in ('contact', 'lead')

),

addresses as (

    select * from {{ ref('stg_salesforce__addresses') }}
    where preference = 1

),

-- A household's address is its members'; a company's is not.
households as (

    select * from {{ ref('base_salesforce__account') }}
    where
        row_status = 'staged'
        and not is_deleted
        and not coalesce(is_in_bin, false)
        and lower(npe_01_system_account_type_c) = 'household account'

),

joined as (

    select
        records.*,
        addresses.bare_email,
        {{ phone_e164('records.first_phone') }} as number,
        coalesce(records.street, records.city, records.postcode) is null as is_at_household,
        households.billing_street,
        households.billing_city,
        households.billing_postal_code,
        households.billing_state,
        households.billing_country
    from records
    left join addresses
        on records.record_type = addresses.record_type and records.record_id = addresses.record_id
    left join households on records.account_id = households.id

),

final as (

    select
        'salesforce' as source,
        record_type,
        record_id,
        {{ valid_email('bare_email') }} as email,
        {{ valid_phone('first_phone', 'number') }} as phone,
        {{ name_clean('first_name') }} as given_name,
        {{ name_clean('last_name') }} as family_name,
        birth_date,
        case when is_at_household then billing_street else street end as street,
        case when is_at_household then billing_city else city end as city,
        case when is_at_household then billing_postal_code else postcode end as postcode,
        case when is_at_household then coalesce(region, billing_state) else region end as region,
        case when is_at_household then coalesce(country, billing_country) else country end as country,
        first_seen_at,
        last_seen_at
    from joined

)

select * from final

{{ config(enabled=source_enabled('salesforce')) }}

with

-- Not having opted out is no consent, so only refusals are decisions. One that cannot be read is taken for a yes.
refusing as (

    select
        'contact' as record_type,
        record_id,
        email,
        npe_01_home_email_c as home_email,
        npe_01_work_email_c as work_email,
        npe_01_alternate_email_c as alternate_email,
        secondary_email_c as secondary_email,
        coalesce(npsp_do_not_contact_c, false)
        or coalesce(npsp_deceased_c, false)
        or coalesce(row_reason like 'npsp_%', false) as is_of_all,
        coalesce(
            email, npe_01_home_email_c, npe_01_work_email_c, npe_01_alternate_email_c, secondary_email_c
        ) is not null as has_email,
        -- Salesforce dates no opt-out. It is not later than the last change of the record.
        coalesce(last_modified_date, system_modstamp, loaded_at) as known_at,
        row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false) as is_current
    from {{ ref('base_salesforce__contact') }}
    where
        has_opted_out_of_email
        or npsp_do_not_contact_c
        or npsp_deceased_c
        or row_reason like 'has_opted_out_of_email:%'
        or row_reason like 'npsp_do_not_contact_c:%'
        or row_reason like 'npsp_deceased_c:%'
    union all
    select
        'lead' as record_type,
        record_id,
        email,
        {{ typed_null('text') }} as home_email,
        {{ typed_null('text') }} as work_email,
        {{ typed_null('text') }} as alternate_email,
        secondary_email_c as secondary_email,
        false as is_of_all,
        coalesce(email, secondary_email_c) is not null as has_email,
        coalesce(last_modified_date, system_modstamp, loaded_at) as known_at,
        row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false) as is_current
    from {{ ref('base_salesforce__lead') }}
    where has_opted_out_of_email or row_reason like 'has_opted_out_of_email:%'

),

-- An opt-out is of the record's addresses; who died or may not be contacted has none left to write to.
said as (
    {% for column, condition in [
        ('email', 'email is not null'),
        ('home_email', 'home_email is not null'),
        ('work_email', 'work_email is not null'),
        ('alternate_email', 'alternate_email is not null'),
        ('secondary_email', 'secondary_email is not null'),
        (typed_null('text'), 'is_of_all or not has_email'),
    ] %}
    select
        record_type,
        record_id,
        {{ column }} as written,
        'denied' as state,
        {{ typed_null('timestamp') }} as decision_at,
        known_at,
        is_current
    from refusing
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ consents_from('said', 'salesforce') }}

select * from final

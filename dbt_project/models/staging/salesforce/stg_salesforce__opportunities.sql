{{ config(enabled=source_enabled('salesforce')) }}

with

opportunities as (

    select * from {{ ref('base_salesforce__opportunity') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false)

),

payments as (

    select * from {{ ref('base_salesforce__npe_01_opp_payment_c') }}
    where row_status = 'staged'

),

-- Where NPSP is in use, an opportunity without a kind is a gift, and none is a sale.
npsp as (

    select count(*) as traces_count
    from (
        select id from opportunities
        where
            npsp_primary_contact_c is not null
            or npe_03_recurring_donation_c is not null
            or npe_01_do_not_automatically_create_payment_c is not null
        union all
        select id from payments
    ) as traces

),

record_types as (

    select
        id,
        {% set types = source_setting('salesforce', 'gift_record_types') or ['Donation', 'Major Gift'] %}
        {% set names = types | map('lower') | map('replace', ' ', '') | map('replace', '_', '') | list %}
        coalesce(
            replace(replace(lower(type_name), ' ', ''), '_', '') in ({{ text_list(names) }})
            or replace(lower(developer_name), '_', '') in ({{ text_list(names) }}),
            false
        ) as is_gift
    from {{ ref('base_salesforce__record_type') }}
    where row_status = 'staged'

),

roles as (

    select
        opportunity_id,
        contact_id,
        row_number() over (
            partition by opportunity_id
            order by {{ bytewise('record_id') }}
        ) as place
    from {{ ref('base_salesforce__opportunity_contact_role') }}
    where
        row_status = 'staged'
        and not is_deleted
        and not coalesce(is_in_bin, false)
        and is_primary
        and contact_id is not null
        and coalesce(lower(role), '') not like '%soft credit%'

),

judged as (

    select
        opportunities.*,
        case
            when record_types.id is not null then record_types.is_gift
            else npsp.traces_count > 0
        end as is_gift,
        npsp.traces_count > 0 as is_npsp,
        coalesce(opportunities.npsp_primary_contact_c, roles.contact_id) as donor_id
    from opportunities
    cross join npsp
    left join record_types on opportunities.record_type_id = record_types.id
    left join roles on opportunities.id = roles.opportunity_id and roles.place = 1

),

holders as (

    select * from {{ ref('stg_salesforce__records') }}
    where id_type = 'salesforce_contact_id'

),

final as (

    select
        judged.id as opportunity_id,
        case
            when judged.is_gift then 'gift'
            when not judged.is_npsp then 'sale'
        end as kind,
        -- What is dated after now was not won yet, until the clock has passed it.
        coalesce(judged.is_won, false) and coalesce(judged.close_date <= {{ latest_past() }}, true) as is_won,
        case
            when holders.record_id is not null then holders.record_type
            when judged.donor_id is not null then 'contact'
            else 'opportunity'
        end as record_type,
        coalesce(judged.donor_id, judged.id) as record_id,
        coalesce(
            cast(judged.close_date as {{ type_of('timestamp') }}), judged.created_date
        ) as closed_at,
        judged.amount,
        upper(coalesce(
            judged.currency_iso_code, '{{ source_setting("salesforce", "currency") or var("base_currency") }}'
        )) as currency,
        judged.loaded_at
    from judged
    left join holders on judged.donor_id = holders.record_id

)

select * from final

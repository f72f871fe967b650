{{ config(enabled=source_enabled('salesforce')) }}

with

payments as (

    select
        *,
        coalesce(npe_01_paid_c, false) as is_paid,
        coalesce(npe_01_written_off_c, false) as is_written_off
    from {{ ref('base_salesforce__npe_01_opp_payment_c') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false)

),

opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

final as (

    select
        'salesforce' as source,
        payments.record_id as payment_id,
        opportunities.record_type,
        opportunities.record_id,
        case when opportunities.kind = 'sale' then opportunities.opportunity_id end as order_id,
        cast(coalesce(
            payments.npe_01_payment_date_c,
            case when not payments.is_paid then payments.npe_01_scheduled_date_c end
        ) as {{ type_of('timestamp') }}) as paid_at,
        payments.npe_01_payment_amount_c as amount,
        cast(0 as {{ type_of('money') }}) as refunded_amount,
        opportunities.currency,
        lower(payments.npe_01_payment_method_c) as method,
        case
            when payments.is_paid then 'succeeded'
            when payments.is_written_off then 'failed'
            else 'pending'
        end as status,
        coalesce(opportunities.kind = 'gift', false) as is_donation
    from payments
    inner join opportunities on payments.npe_01_opportunity_c = opportunities.opportunity_id

)

select * from final

{{ config(enabled=source_enabled('stripe')) }}

with

charges as (

    select * from {{ ref('stg_stripe__charges') }}

),

refunds as (

    select * from {{ ref('base_stripe__refund') }}
    where row_status = 'staged' and not is_deleted and coalesce(lower(status), 'succeeded') = 'succeeded'

),

disputes as (

    select * from {{ ref('base_stripe__dispute') }}
    where row_status = 'staged' and not is_deleted

),

invoices as (

    select
        *,
        lower(status) as invoice_status,
        {{ from_minor_units('total', 'currency', ['UGX']) }} as amount
    from {{ ref('base_stripe__invoice') }}
    where
        row_status = 'staged' and not is_deleted and not coalesce(was_deleted, false)
        and coalesce(lower(status), '') <> 'draft'

),

-- One whose first payment failed never began.
subscriptions as (

    select
        *,
        lower(status) as subscription_status
    from {{ ref('base_stripe__subscription_history') }}
    where
        row_status = 'staged' and not is_deleted
        and coalesce(lower(status), '') not in ('incomplete', 'incomplete_expired')

),

happened as (

    select
        'payment|' || record_id as event_id,
        case when payment_status = 'failed' then 'Payment Failed' else 'Payment Succeeded' end as event_type,
        paid_at as occurred_at,
        loaded_at,
        'charge' as record_type,
        record_id,
        record_id as payment_id,
        invoice_id,
        subscription_id,
        amount,
        currency,
        case when is_donation then 'true' end as donation
    from charges
    -- What was held and let go again is neither.
    where payment_status <> 'pending' and not is_released
    union all
    select
        'payment_refunded|' || refunds.record_id as event_id,
        'Payment Refunded' as event_type,
        refunds.created as occurred_at,
        refunds.loaded_at,
        'charge' as record_type,
        charges.record_id,
        charges.record_id as payment_id,
        charges.invoice_id,
        charges.subscription_id,
        {{ from_minor_units('refunds.amount', 'charges.currency', ['UGX']) }} as amount,
        charges.currency,
        case when charges.is_donation then 'true' end as donation
    from refunds
    inner join charges on refunds.charge_id = charges.record_id
    where charges.is_captured
    union all
    select
        'payment_disputed|' || disputes.record_id as event_id,
        'Payment Disputed' as event_type,
        disputes.created as occurred_at,
        disputes.loaded_at,
        'charge' as record_type,
        charges.record_id,
        charges.record_id as payment_id,
        charges.invoice_id,
        charges.subscription_id,
        {{ from_minor_units('disputes.amount', 'coalesce(disputes.currency, charges.currency)', ['UGX']) }} as amount,
        coalesce(upper(disputes.currency), charges.currency) as currency,
        case when charges.is_donation then 'true' end as donation
    from disputes
    inner join charges on disputes.charge_id = charges.record_id
    union all
    select
        'invoice_issued|' || record_id as event_id,
        'Invoice Issued' as event_type,
        coalesce(issued_at, created, period_end) as occurred_at,
        loaded_at,
        'customer' as record_type,
        customer_id as record_id,
        {{ typed_null('text') }} as payment_id,
        record_id as invoice_id,
        subscription_id,
        amount,
        upper(currency) as currency,
        {{ typed_null('text') }} as donation
    from invoices
    union all
    select
        'invoice_paid|' || record_id as event_id,
        'Invoice Paid' as event_type,
        coalesce(paid_at, issued_at, created, period_end) as occurred_at,
        loaded_at,
        'customer' as record_type,
        customer_id as record_id,
        charge_id as payment_id,
        record_id as invoice_id,
        subscription_id,
        amount,
        upper(currency) as currency,
        {{ typed_null('text') }} as donation
    from invoices
    where invoice_status = 'paid'
    union all
    select
        'subscription_started|' || record_id as event_id,
        'Subscription Started' as event_type,
        coalesce(start_date, created) as occurred_at,
        loaded_at,
        'customer' as record_type,
        customer_id as record_id,
        {{ typed_null('text') }} as payment_id,
        {{ typed_null('text') }} as invoice_id,
        record_id as subscription_id,
        {{ typed_null('money') }} as amount,
        {{ typed_null('text') }} as currency,
        {{ typed_null('text') }} as donation
    from subscriptions
    union all
    select
        'subscription_cancelled|' || record_id as event_id,
        'Subscription Cancelled' as event_type,
        coalesce(ended_at, canceled_at) as occurred_at,
        loaded_at,
        'customer' as record_type,
        customer_id as record_id,
        {{ typed_null('text') }} as payment_id,
        {{ typed_null('text') }} as invoice_id,
        record_id as subscription_id,
        {{ typed_null('money') }} as amount,
        {{ typed_null('text') }} as currency,
        {{ typed_null('text') }} as donation
    from subscriptions
    where subscription_status = 'canceled'

),

final as (

    select
        'stripe' as source,
        event_id,
        event_type,
        occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ typed_null('text') }} as platform,
        {{ typed_null('text') }} as visitor_id,
        {{ typed_null('text') }} as url,
        {{ typed_null('text') }} as referrer,
        {{ typed_null('text') }} as utm_source,
        {{ typed_null('text') }} as utm_medium,
        {{ typed_null('text') }} as utm_campaign,
        {{ json_object({
            'payment_id': 'payment_id',
            'invoice_id': 'invoice_id',
            'subscription_id': 'subscription_id',
            'amount': ['number', 'amount'],
            'currency': 'currency',
            'is_donation': ['boolean', 'donation'],
        }) }} as properties
    from happened
    where occurred_at is not null

)

select * from final

{{ config(enabled=source_enabled('stripe')) }}

{# What the company's own metadata says of a donation: key → the values that mean it. #}
{% set donation = source_setting(
    'stripe', 'donation_metadata', {'donation': ['true', 'yes', '1'], 'type': ['donation']}
) %}

with

charges as (

    select
        *,
        {{ json_decoded('metadata') }} as notes,
        {{ from_minor_units('amount', 'currency', ['UGX']) }} as charged_amount,
        lower(status) as charge_status,
        coalesce(captured, true) as is_captured
    from {{ ref('base_stripe__charge') }}
    where row_status = 'staged' and not is_deleted

),

intents as (

    select
        *,
        {{ json_decoded('metadata') }} as notes
    from {{ ref('base_stripe__payment_intent') }}
    where row_status = 'staged' and not is_deleted

),

invoices as (

    select
        *,
        {{ json_decoded('metadata') }} as notes
    from {{ ref('base_stripe__invoice') }}
    where row_status = 'staged' and not is_deleted

),

subscriptions as (

    select
        *,
        {{ json_decoded('metadata') }} as notes
    from {{ ref('base_stripe__subscription_history') }}
    where row_status = 'staged' and not is_deleted

),

methods as (

    select * from {{ ref('base_stripe__payment_method') }}
    where row_status = 'staged' and not is_deleted

),

cards as (

    select * from {{ ref('base_stripe__card') }}
    where row_status = 'staged' and not is_deleted

),

method_cards as (

    select * from {{ ref('base_stripe__payment_method_card') }}
    where row_status = 'staged' and not is_deleted

),

-- The charge names its invoice, or the invoice its charge, or both the intent, by the age of the interface.
invoice_links as (

    select
        id as charge_id,
        invoice_id
    from charges
    where invoice_id is not null
    union all
    select
        charge_id,
        id as invoice_id
    from invoices
    where charge_id is not null
    union all
    select
        charges.id as charge_id,
        invoices.id as invoice_id
    from charges
    inner join invoices on charges.payment_intent_id = invoices.payment_intent_id

),

invoice_of_charge as (

    select
        charge_id,
        min(invoice_id) as invoice_id
    from invoice_links
    group by charge_id

),

refunded as (

    select
        charge_id,
        sum(amount) as amount
    from {{ ref('base_stripe__refund') }}
    where row_status = 'staged' and not is_deleted and coalesce(lower(status), 'succeeded') = 'succeeded'
    group by charge_id

),

lost as (

    select distinct charge_id
    from {{ ref('base_stripe__dispute') }}
    where row_status = 'staged' and not is_deleted and lower(status) = 'lost'

),

joined as (

    select
        charges.record_id,
        charges.created as paid_at,
        charges.loaded_at,
        charges.charge_status,
        charges.is_captured,
        charges.charged_amount as amount,
        upper(charges.currency) as currency,
        lower(
            coalesce(
                charges.method_type,
                methods.method_type,
                case
                    when coalesce(charges.card_id, cards.id, method_cards.payment_method_id) is not null then 'card'
                end
            )
        ) as method,
        invoice_of_charge.invoice_id,
        invoices.subscription_id,
        coalesce(charges.customer_id, intents.customer_id) as customer_id,
        coalesce(charges.receipt_email, intents.receipt_email) as receipt_email,
        charges.billing_detail_email as billing_email,
        charges.billing_detail_phone as billing_phone,
        charges.billing_detail_name as full_name,
        coalesce(
            charges.card_fingerprint, cards.fingerprint, methods.card_fingerprint, method_cards.fingerprint
        ) as card_fingerprint,
        lost.charge_id is not null as is_lost,
        -- The charge's own total counts; refunds stand in where it has none.
        {{ from_minor_units(
            'coalesce(charges.amount_refunded, refunded.amount, 0)', 'charges.currency', ['UGX']
        ) }} as returned_amount,
        {{ metadata_says('charges.notes', donation) }}
        or {{ metadata_says('intents.notes', donation) }}
        or {{ metadata_says('invoices.notes', donation) }}
        or {{ metadata_says('subscriptions.notes', donation) }} as is_donation
    from charges
    left join intents on charges.payment_intent_id = intents.id
    left join methods on coalesce(charges.payment_method_id, intents.payment_method_id) = methods.id
    left join cards on coalesce(charges.card_id, charges.payment_method_id, intents.payment_method_id) = cards.id
    left join method_cards
        on
            coalesce(charges.card_id, charges.payment_method_id, intents.payment_method_id)
            = method_cards.payment_method_id
    left join invoice_of_charge on charges.id = invoice_of_charge.charge_id
    left join invoices on invoice_of_charge.invoice_id = invoices.id
    left join subscriptions on invoices.subscription_id = subscriptions.id
    left join refunded on charges.id = refunded.charge_id
    left join lost on charges.id = lost.charge_id

),

-- What was only held can be let go, but not be paid back.
settled as (

    select
        *,
        case when is_captured then returned_amount else cast(0 as {{ type_of('money') }}) end as refunded_amount,
        not is_captured and returned_amount > 0 as is_released
    from joined

),

final as (

    select
        *,
        case
            when charge_status = 'failed' or is_released then 'failed'
            when charge_status <> 'succeeded' or not is_captured then 'pending'
            when is_lost then 'disputed'
            when refunded_amount > 0 and refunded_amount >= amount then 'refunded'
            else 'succeeded'
        end as payment_status
    from settled

)

select * from final

{{ config(enabled=source_enabled('stripe')) }}

with

customers as (

    select
        record_id,
        email,
        phone,
        created as seen_at,
        {{ metadata_value(json_decoded('metadata'), source_setting('stripe', 'user_id_metadata')) }} as user_id
    from {{ ref('base_stripe__customer') }}
    where row_status = 'staged' and not is_deleted and not coalesce(was_deleted, false)

),

cards as (

    select * from {{ ref('base_stripe__card') }}
    where row_status = 'staged' and not is_deleted

),

all_methods as (

    select
        methods.record_id,
        methods.customer_id,
        methods.billing_detail_email as email,
        methods.billing_detail_phone as phone,
        coalesce(methods.card_fingerprint, method_cards.fingerprint, cards.fingerprint) as card_fingerprint,
        methods.created as seen_at
    from {{ ref('base_stripe__payment_method') }} as methods
    left join cards on methods.id = cards.id
    left join {{ ref('base_stripe__payment_method_card') }} as method_cards
        on
            methods.id = method_cards.payment_method_id
            and method_cards.row_status = 'staged'
            and not method_cards.is_deleted
    where methods.row_status = 'staged' and not methods.is_deleted

),

-- One that a guest used once and that says nothing but its card is its charge's alone.
methods as (

    select * from all_methods
    where coalesce(customer_id, email, phone) is not null

),

charges as (

    select
        *,
        paid_at as seen_at
    from {{ ref('stg_stripe__charges') }}

),

uses as (

    select
        customer_id,
        fingerprint as card_fingerprint,
        created as seen_at
    from cards
    union all
    select
        customer_id,
        card_fingerprint,
        seen_at
    from methods
    union all
    select
        customer_id,
        card_fingerprint,
        seen_at
    from charges

),

-- A card stands beside its holders' names here, so that one which a family shares is seen to be shared.
holders as (

    select
        customers.record_id,
        uses.card_fingerprint,
        uses.seen_at
    from uses
    inner join customers on uses.customer_id = customers.record_id

),

mentions as (
    {% for record_type, relation, identifier_type, column in [
        ('customer', 'customers', 'stripe_customer_id', 'record_id'),
        ('customer', 'customers', 'email', 'email'),
        ('customer', 'customers', 'phone', 'phone'),
        ('customer', 'customers', 'user_id', 'user_id'),
        ('customer', 'holders', 'card_fingerprint', 'card_fingerprint'),
        ('payment_method', 'methods', 'stripe_customer_id', 'customer_id'),
        ('payment_method', 'methods', 'email', 'email'),
        ('payment_method', 'methods', 'phone', 'phone'),
        ('payment_method', 'methods', 'card_fingerprint', 'card_fingerprint'),
        ('charge', 'charges', 'stripe_customer_id', 'customer_id'),
        ('charge', 'charges', 'email', 'receipt_email'),
        ('charge', 'charges', 'email', 'billing_email'),
        ('charge', 'charges', 'phone', 'billing_phone'),
        ('charge', 'charges', 'card_fingerprint', 'card_fingerprint'),
    ] %}
    select
        '{{ record_type }}' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        seen_at as seen_first_at,
        seen_at as seen_last_at
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'stripe') }}

select * from final

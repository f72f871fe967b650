{{ config(enabled=source_enabled('square')) }}

with

customers as (

    select
        record_id,
        email_address as email,
        phone_number as phone,
        created_at as seen_first_at,
        coalesce(updated_at, created_at) as seen_last_at
    from {{ ref('base_square__customers') }}
    where row_status = 'staged' and not is_deleted

),

accounts as (

    select
        record_id,
        customer_id,
        phone_number as phone,
        coalesce(enrolled_at, created_at) as seen_first_at,
        coalesce(updated_at, enrolled_at, created_at) as seen_last_at
    from {{ ref('base_square__loyalty_accounts') }}
    where row_status = 'staged' and not is_deleted

),

payers as (

    select
        *,
        paid_at as seen_first_at,
        paid_at as seen_last_at
    from {{ ref('stg_square__payers') }}

),

points as (

    select
        order_id,
        min(loyalty_account_id) as loyalty_id
    from {{ ref('base_square__loyalty_events') }}
    where row_status = 'staged' and not is_deleted and order_id is not null
    group by order_id
    -- Points of one order on several cards do not say whose order it was.
    having count(distinct loyalty_account_id) = 1

),

-- An order is its customer's; one without a customer is whose payment and loyalty card say.
orders as (

    select
        orders.record_id,
        coalesce(orders.customer_id, payers.customer_id) as customer_id,
        case when orders.customer_id is null then payers.card_fingerprint end as card_fingerprint,
        case when orders.customer_id is null then payers.email end as email,
        points.loyalty_id,
        orders.created_at as seen_first_at,
        orders.created_at as seen_last_at
    from {{ ref('base_square__orders') }} as orders
    left join payers on orders.id = payers.order_id and payers.place = 1
    left join points on orders.id = points.order_id
    where orders.row_status = 'staged' and not orders.is_deleted and coalesce(upper(orders.state), '') <> 'DRAFT'

),

-- A card stands beside its holders' names here, so that one which a family shares is seen to be shared.
cards as (

    select
        customers.record_id,
        payers.card_fingerprint,
        min(payers.paid_at) as seen_first_at,
        max(payers.paid_at) as seen_last_at
    from payers
    inner join customers on payers.customer_id = customers.record_id
    where payers.card_fingerprint is not null
    group by customers.record_id, payers.card_fingerprint

),

mentions as (
    {% for record_type, relation, identifier_type, column in [
        ('customer', 'customers', 'square_customer_id', 'record_id'),
        ('customer', 'customers', 'email', 'email'),
        ('customer', 'customers', 'phone', 'phone'),
        ('customer', 'cards', 'card_fingerprint', 'card_fingerprint'),
        ('loyalty_account', 'accounts', 'loyalty_id', 'record_id'),
        ('loyalty_account', 'accounts', 'square_customer_id', 'customer_id'),
        ('loyalty_account', 'accounts', 'phone', 'phone'),
        ('payment', 'payers', 'square_customer_id', 'customer_id'),
        ('payment', 'payers', 'card_fingerprint', 'card_fingerprint'),
        ('payment', 'payers', 'email', 'email'),
        ('order', 'orders', 'square_customer_id', 'customer_id'),
        ('order', 'orders', 'card_fingerprint', 'card_fingerprint'),
        ('order', 'orders', 'email', 'email'),
        ('order', 'orders', 'loyalty_id', 'loyalty_id'),
    ] %}
    select
        '{{ record_type }}' as record_type,
        record_id,
        '{{ identifier_type }}' as identifier_type,
        {{ column }} as written,
        seen_first_at,
        seen_last_at
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ identifiers_from('mentions', 'square') }}

select * from final

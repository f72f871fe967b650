with

int_carts as (

    select * from {{ ref('int_carts') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

rates as (

    select * from {{ ref('int_exchange_rates') }}

),

orders as (

    select * from {{ ref('orders') }}

),

converted as (

    select
        int_carts.source,
        int_carts.cart_id,
        records.person_id,
        int_carts.record_type,
        int_carts.record_id,
        int_carts.created_at,
        coalesce(int_carts.updated_at, int_carts.created_at) as updated_at,
        int_carts.completed_at,
        {{ in_base_currency('int_carts.value', 'int_carts.currency', 'rates.rate') }} as value,
        int_carts.value as original_value,
        int_carts.currency as original_currency,
        int_carts.items_count,
        int_carts.cart_url,
        int_carts.checkout_token
    from int_carts
    left join records on {{ same_record('int_carts', 'records') }}
    left join rates
        on {{ rate_held_at('rates', 'int_carts.currency', 'coalesce(int_carts.updated_at, int_carts.created_at)') }}

),

-- Tokens first: this very cart became an order, whoever it belongs to, whatever it held and what became of it.
completions as (

    select
        converted.source,
        converted.cart_id,
        orders.ordered_at
    from converted
    inner join orders on converted.checkout_token = orders.checkout_token

    union all

    select
        converted.source,
        converted.cart_id,
        orders.ordered_at
    from converted
    inner join orders on converted.cart_id = orders.cart_token

    union all

    -- Or the person bought goods since, on whatever device and through whatever channel.
    select
        converted.source,
        converted.cart_id,
        orders.ordered_at
    from converted
    inner join orders
        on
            converted.person_id = orders.person_id
            and converted.updated_at <= orders.ordered_at
            and orders.is_purchase

),

first_purchases as (

    select
        source,
        cart_id,
        min(ordered_at) as purchased_at
    from completions
    group by source, cart_id

),

judged as (

    select
        converted.*,
        first_purchases.purchased_at,
        {{ add_time('converted.updated_at', var('cart_minutes'), 'minute') }} as due_at,
        converted.completed_at is null
        and first_purchases.cart_id is null
        and {{ add_time('converted.updated_at', var('cart_minutes'), 'minute') }} <= {{ now_utc() }}
            as is_abandoned
    from converted
    left join first_purchases
        on converted.source = first_purchases.source and converted.cart_id = first_purchases.cart_id

),

final as (

    select
        source,
        cart_id,
        person_id,
        record_type,
        record_id,
        created_at,
        updated_at,
        completed_at,
        purchased_at,
        coalesce(is_abandoned, false) as is_abandoned,
        case when is_abandoned then due_at end as abandoned_at,
        value,
        cast('{{ var("base_currency") }}' as {{ type_of('text') }}) as currency,
        original_value,
        original_currency,
        value is not null or original_value is null as is_converted,
        items_count,
        cart_url,
        checkout_token
    from judged

)

select * from final

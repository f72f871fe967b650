with

int_gifts as (

    select * from {{ ref('int_gifts') }}

),

records as (

    select * from {{ ref('int_person_records') }}

),

rates as (

    select * from {{ ref('int_exchange_rates') }}

),

converted as (

    select
        int_gifts.source,
        int_gifts.gift_id,
        records.person_id,
        int_gifts.record_type,
        int_gifts.record_id,
        int_gifts.order_id,
        int_gifts.given_at,
        {{ in_base_currency('int_gifts.amount', 'int_gifts.currency', 'rates.rate') }} as amount,
        int_gifts.amount as original_amount,
        int_gifts.currency as original_currency
    from int_gifts
    left join records on {{ same_record('int_gifts', 'records') }}
    left join rates on {{ rate_held_at('rates', 'int_gifts.currency', 'int_gifts.given_at') }}

),

final as (

    select
        source,
        gift_id,
        person_id,
        record_type,
        record_id,
        order_id,
        given_at,
        amount,
        cast('{{ var("base_currency") }}' as {{ type_of('text') }}) as currency,
        original_amount,
        original_currency,
        amount is not null or original_amount is null as is_converted
    from converted

)

select * from final

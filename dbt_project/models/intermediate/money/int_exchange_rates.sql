with

rates as (

    select * from {{ ref('exchange_rates') }}
    where base_currency = '{{ var("base_currency") }}'

),

final as (

    -- A rate holds until the next one of its currency.
    select
        currency,
        cast(rate_date as {{ type_of('timestamp') }}) as valid_from,
        cast(
            lead(rate_date) over (partition by currency order by rate_date)
            as {{ type_of('timestamp') }}
        ) as valid_to,
        cast(rate as {{ type_of('rate') }}) as rate
    from rates

)

select * from final

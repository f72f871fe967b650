{#- A currency's ISO code in capitals, null when nothing is written. -#}
{% macro currency_code(expression) -%}
    nullif(upper({{ kith.trimmed(expression) }}), '')
{%- endmacro %}

{#- An amount in the base currency: as it stands when it is in it, at the day's rate when there is one, null
    otherwise. `rate` is a rate to the base currency, or null. -#}
{% macro in_base_currency(amount, currency, rate) -%}
    case
        when {{ currency }} = '{{ var("base_currency") }}' then cast({{ amount }} as {{ type_of('money') }})
        else {{ kith.rounded_money(amount ~ ' * ' ~ rate) }}
    end
{%- endmacro %}

{#- Money rounded to cents, halves away from zero. The detour over six digits makes engines agree that divide
    decimals as floating-point numbers. -#}
{% macro rounded_money(expression) -%}
    cast(round(cast({{ expression }} as {{ kith.type_of('wide') }}), 2) as {{ kith.type_of('money') }})
{%- endmacro %}

{#- The condition of a join with int_exchange_rates: the rate that held at a time. -#}
{% macro rate_held_at(rates, currency, moment) -%}
    {{ currency }} = {{ rates }}.currency
    and {{ moment }} >= {{ rates }}.valid_from
    and ({{ moment }} < {{ rates }}.valid_to or {{ rates }}.valid_to is null)
{%- endmacro %}

{#- Money from whole minor units: cents for most, none for a few currencies, thousandths for others. Null where it
    does not fit. `in_hundredths` are the currencies of which a source writes hundredths though they have none. -#}
{% macro from_minor_units(amount, currency, in_hundredths=[]) -%}
    {%- set whole = ['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] -%}
    {%- set factor -%}
    case
        when upper({{ currency }}) in ({{ kith.text_list(whole | reject('in', in_hundredths)) }}) then 1.000
        when upper({{ currency }}) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 0.001
        else 0.010
    end
    {%- endset -%}
    {{ kith.try_cast_decimal('cast(' ~ amount ~ ' as decimal(20, 0)) * cast(' ~ factor ~ ' as decimal(4, 3))', 'money') }}
{%- endmacro %}

{#- A row's share of an amount, by weight, in whole cents: the shares of all rows add up to the amount, and none is
    more than its weight where the amount is no more than all weights. `running` is the sum of the weights up to and
    with the row. -#}
{% macro share_of_money(amount, weight, running, whole) -%}
    case
        when {{ whole }} > 0
            then
                {{ kith.rounded_money(kith.ratio_of_money(amount, running, whole)) }}
                - {{ kith.rounded_money(kith.ratio_of_money(amount, running ~ ' - ' ~ weight, whole)) }}
        else 0
    end
{%- endmacro %}

{#- amount * part / whole; of money, so that no engine runs out of digits. -#}
{% macro ratio_of_money(amount, part, whole) -%}
    cast({{ amount }} as {{ kith.type_of('money') }}) * cast({{ part }} as {{ kith.type_of('money') }}) / {{ whole }}
{%- endmacro %}

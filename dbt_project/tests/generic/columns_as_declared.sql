{#- The table has the columns that its contract declares, and no others, each with its type: where the engine itself
    enforces no contract. One row per column that differs. -#}
{% test columns_as_declared(model) %}

{%- set faults = kith.contract_faults(model) if execute else [] %}
{%- for fault in faults %}
    select {{ kith.text_literal(fault) }} as fault
    {{ 'union all' if not loop.last }}
    {%- else %}
    select 'none' as fault
    where 1 = 0
    {%- endfor %}

{% endtest %}

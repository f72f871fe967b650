{#- Rows and their order: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- Whole-number labels from 1 in the bytewise order of a text: the same on every engine. -#}
{% macro row_labels(order_by) -%}
    row_number() over (order by {{ kith.bytewise(order_by) }})
{%- endmacro %}

{#- Within a group: the last known (not null) value by time, ties by a text in bytewise order.
    `kind` is the value's. Snowflake keeps no type in an array, and Redshift has none. -#}
{% macro latest_value(expression, at, tie_break, kind='text') -%}
    {{ adapter.dispatch('latest_value', 'kith')(expression, at, tie_break, kind) }}
{%- endmacro %}

{% macro default__latest_value(expression, at, tie_break, kind) -%}
    (array_agg({{ expression }} order by {{ at }} desc nulls last, {{ kith.bytewise(tie_break) }} desc)
        filter (where {{ expression }} is not null))[1]
{%- endmacro %}

{% macro spark__latest_value(expression, at, tie_break, kind) -%}
    max_by({{ expression }}, struct({{ at }}, {{ tie_break }})) filter (where {{ expression }} is not null)
{%- endmacro %}

{% macro snowflake__latest_value(expression, at, tie_break, kind) -%}
    max_by({{ expression }}, iff({{ expression }} is null, null, coalesce({{ kith.iso_text(at) }}, '') || {{ tie_break }}))
{%- endmacro %}

{% macro bigquery__latest_value(expression, at, tie_break, kind) -%}
    array_agg({{ expression }} ignore nulls order by {{ at }} desc, {{ tie_break }} desc limit 1)[safe_offset(0)]
{%- endmacro %}

{% macro redshift__latest_value(expression, at, tie_break, kind) -%}
    cast(
        nullif(split_part(
            listagg(cast({{ expression }} as varchar(65535)), chr(31))
                within group (order by {{ at }} desc nulls last, {{ tie_break }} desc),
            chr(31), 1
        ), '') as {{ kith.type_of(kind) }}
    )
{%- endmacro %}

{#- Whether two values are equal, two nulls included. -#}
{% macro same(left, right) -%}
    {{ adapter.dispatch('same', 'kith')(left, right) }}
{%- endmacro %}

{% macro default__same(left, right) -%}
    ({{ left }} is not distinct from {{ right }})
{%- endmacro %}

{#- Redshift knows no IS NOT DISTINCT FROM. -#}
{% macro redshift__same(left, right) -%}
    ({{ left }} = {{ right }} or ({{ left }} is null and {{ right }} is null))
{%- endmacro %}

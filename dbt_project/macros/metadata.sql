{#- Free metadata: JSON that a company writes to a source's records, and what it means there. -#}


{#- JSON text as the object in it: some senders encode it twice, as a JSON string that holds the JSON. -#}
{% macro json_decoded(expression) -%}
    coalesce({{ kith.json_get(expression, []) }}, {{ expression }})
{%- endmacro %}

{#- Whether JSON text says one of the things listed: key → the values that mean it, in any case. -#}
{% macro metadata_says(expression, meanings) -%}
    {%- for key, values in (meanings or {}).items() %}
    coalesce(lower({{ kith.json_get(expression, [key]) }}) in ({{ kith.text_list(values | map('string') | map('lower')) }}), false)
        {{- ' or' if not loop.last }}
    {%- else %}
    false
    {%- endfor %}
{%- endmacro %}

{#- The first value of several keys in JSON text that there is; null without keys. -#}
{% macro metadata_value(expression, keys) -%}
    {%- if keys -%}
    coalesce(
        {%- for key in keys %}
        nullif({{ kith.trimmed(kith.json_get(expression, [key])) }}, ''){{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- else -%} {{ kith.typed_null('text') }}
    {%- endif -%}
{%- endmacro %}

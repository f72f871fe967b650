{#- A list of texts for IN, from a variable or a list. -#}
{% macro text_list(values) -%}
    {%- for value in values -%}
        {{ kith.text_literal(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- What Snowplow attaches to an event. -#}

{#- A key of a context or self-describing event, as text: of the first where there are several, whether the
    loader wrote an array or one object, the key in camel or in snake case. -#}
{% macro context_value(column, key) -%}
    {%- set snake = modules.re.sub('([A-Z])', '_\\1', key) | lower -%}
    {%- set values = [] -%}
    {%- for name in [key, snake] | unique -%}
        {%- do values.append(kith.json_get(column, [0, name])) -%}
        {%- do values.append(kith.json_get(column, [name])) -%}
    {%- endfor -%}
    coalesce({{ values | join(', ') }})
{%- endmacro %}

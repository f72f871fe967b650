{#- Fixtures of unit tests: what engines read each in their own way. An importing project runs none of ours. -#}


{#- A text within the quotes of a literal. Spark reads a backslash as an escape, and dbt writes it as it stands. -#}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}

{#- A model's schema is exactly the one that its layer names. dbt asks a package's own macro for the
    package's own models, so this holds inside an importing project too, and for no model of its. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{#- What the libraries say of e-mails and phones, as `kith identity verify` keeps it in ops.contact_verdicts: one
    row per type and value. No row where nobody asked, or where the variable `contact_verdicts` is off. -#}
{% macro contact_verdicts() %}
    {%- set kept = none -%}
    {%- if execute and var('contact_verdicts') -%}
        {%- set kept = adapter.get_relation(database=target.database or none, schema='ops', identifier='contact_verdicts') -%}
    {%- endif -%}
    {%- if kept is none -%}
    {{ kith.empty_relation({
        'identifier_type': 'text', 'identifier_value': 'text', 'refusal': 'text',
    }) }}
    {%- else -%}
    select
        identifier_type,
        identifier_value,
        'by ' || min(library) || ': ' || min({{ kith.bytewise('reason') }}) as refusal
    from {{ kept }}
    where not is_valid
    group by identifier_type, identifier_value
    {%- endif -%}
{% endmacro %}

{#- Statements on people that are no identifiers: one row per record and trait that says something. -#}


{#- The entity traits, from a CTE `members`: record_id, observed_at, loaded_at, and what `traits` reads.
    traits: pairs of a trait's name and the SQL of its text. -#}
{% macro traits_of_members(source_name, record_type, traits) %}
{%- for trait, text in traits %}
select
    '{{ source_name }}' as source,
    '{{ record_type }}' as record_type,
    record_id,
    {{ kith.typed_null('text') }} as identifier_type,
    {{ kith.typed_null('text') }} as identifier_value,
    '{{ trait }}' as trait,
    {{ text }} as trait_value,
    observed_at,
    loaded_at
from members
where {{ text }} <> ''
{{- '\nunion all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

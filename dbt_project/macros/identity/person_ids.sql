{# The registry's columns and their kinds, for a build that finds no registry yet. #}
{% macro registry_columns() %}
    {{ return({
        'subject_key': 'text', 'subject_type': 'text', 'person_id': 'text', 'former_person_id': 'text',
        'change': 'text', 'seed_key': 'text', 'first_seen_at': 'timestamp', 'assigned_at': 'timestamp',
        'build': 'integer',
    }) }}
{% endmacro %}


{# The condition of a join by source record: source, record_type and record_id are the same. #}
{% macro same_record(left, right) -%}
    {{ left }}.source = {{ right }}.source
    and {{ left }}.record_type = {{ right }}.record_type
    and {{ left }}.record_id = {{ right }}.record_id
{%- endmacro %}

{# The registry's columns and their kinds, for a build that finds no registry yet. #}
{% macro registry_columns() %}
    {{ return({
        'subject_key': 'text', 'subject_type': 'text', 'person_id': 'text', 'former_person_id': 'text',
        'change': 'text', 'seed_key': 'text', 'first_seen_at': 'timestamp', 'assigned_at': 'timestamp',
        'build': 'integer',
    }) }}
{% endmacro %}

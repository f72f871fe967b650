{#- The column is never null, and no two rows have the same value: one query for both, of a hundred models. -#}
{% test primary_key(model, column_name) %}

    select
        {{ column_name }},
        count(*) as rows_count
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1 or {{ column_name }} is null

{% endtest %}

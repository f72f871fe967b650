{#- Contracts where the engine does not enforce them: a table's columns held against those that its model declares. -#}


{#- One text per column of a model's relation that is absent, undeclared, or of another type than declared. -#}
{% macro contract_faults(relation) %}
    {% set nodes = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('schema', 'equalto', relation.schema) | selectattr('alias', 'equalto', relation.identifier) | list %}
    {% set declared, held, faults = {}, {}, [] %}
    {% for column in nodes[0].columns.values() %}
        {% do declared.update({column['name'] | lower: kith.declared_type(column['data_type'])}) %}
    {% endfor %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do held.update({column.name | lower: column.data_type | lower | replace(' ', '')}) %}
    {% endfor %}
    {% for name in (declared.keys() | list + held.keys() | list) | unique if declared.get(name) != held.get(name) %}
        {% do faults.append(name ~ ': declared ' ~ (declared.get(name) or 'nowhere') ~ ', is '
            ~ (held.get(name) or 'absent')) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{#- A contract's type as the engine tells it; contracts are written in the words of PostgreSQL and DuckDB. -#}
{% macro declared_type(written) %}
    {% set kinds = {'text': 'text', 'timestamp': 'timestamp'} %}
    {% set name = written | lower | replace(' ', '') %}
    {% do return(kith.type_of(kinds[name]) if name in kinds else name) %}
{% endmacro %}

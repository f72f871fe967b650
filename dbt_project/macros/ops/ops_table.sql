{#- Tables in the schema `ops` that no model builds. -#}


{#- The table's name, whether it is there or not. -#}
{% macro ops_relation(name) %}
    {% do return(api.Relation.create(
        database=target.database or none, schema='ops', identifier=name, type='table')) %}
{% endmacro %}

{#- The table; none when it is not there. -#}
{% macro existing_ops_table(name) %}
    {% set table = kith.ops_relation(name) %}
    {% do return(adapter.get_relation(
        database=table.database, schema=table.schema, identifier=table.identifier)) %}
{% endmacro %}

{#- Makes the table where there is none, of column → kind. One model alone makes it, or a hook before the models run. -#}
{% macro make_ops_table(name, columns) %}
    {% if execute and kith.existing_ops_table(name) is none %}
        {% set table = kith.ops_relation(name) %}
        {% do adapter.create_schema(table) %}
        {% call statement('make_ops_table') -%}
            create table if not exists {{ table }} (
                {%- for column, kind in columns.items() %}
                {{ adapter.quote(column) }} {{ kith.type_of(kind) }}{{ ',' if not loop.last }}
                {%- endfor %}
            ) {{ kith.table_format() }}
        {%- endcall %}
        {% do adapter.cache_added(table) %}
    {% endif %}
{% endmacro %}

{#- Column → kind, where all are texts. -#}
{% macro text_columns(names) %}
    {% set columns = {} %}
    {% for name in names %}{% do columns.update({name: 'text'}) %}{% endfor %}
    {% do return(columns) %}
{% endmacro %}

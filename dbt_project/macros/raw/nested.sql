{#- Raw tables that a loader left within another one's JSON, as Airbyte leaves the lines of an order. A table's declaration
    says where with `nested`: `in`, the other table; `column`, its JSON, and `path` in it; `parent`, its own columns that
    are the other's. It is read so only where there is no table of its own. -#}


{#- A raw table within another: relation (the one that is there), rows (a FROM item, one row an element, every declared
    column as text), found (its columns, with the load times and deletions of the other's row); none when there is none.
    `also` names more of its keys. -#}
{% macro nested_table(source_name, table_name, relation, also=[]) %}
    {% set nested = kith.declared_meta(source_name, table_name).get('nested') %}
    {% if not nested %}{% do return(none) %}{% endif %}
    {% set outer = kith.find_raw_table(
        source_name, nested['in'], relation.incorporate(path={'identifier': nested['in']}), [nested['column']]) %}
    {% if outer is none or nested['column'] not in outer['found'] %}{% do return(none) %}{% endif %}
    {% set declared = kith.declared_table(source_name, table_name) %}
    {% set kept = kith.kept_columns(declared, nested, outer['found']) %}
    {% set read = kith.element_columns(declared, nested, also) %}
    {% set found = {'nested_fault': {'name': 'nested_fault', 'type': 'text'}} %}
    {% for name, raw in kept.items() %}{% do found.update({name | lower: {'name': name, 'type': raw['type']}}) %}{% endfor %}
    {% for name in read %}{% do found.update({name | lower: {'name': name, 'type': 'text'}}) %}{% endfor %}
    {% do return({
        'relation': outer['relation'], 'rows': kith.nested_rows(declared, nested, outer, kept, read), 'found': found,
    }) %}
{% endmacro %}

{#- Name here → column of the other table: what the loader adds, and what `parent` says. -#}
{% macro kept_columns(declared, nested, outer_found) %}
    {% set kept = {} %}
    {% for name in kith.system_names(declared) if name in outer_found %}
        {% do kept.update({outer_found[name]['name']: outer_found[name]}) %}
    {% endfor %}
    {% for name, column in nested.get('parent', {}).items() %}
        {% set wanted = kith.column_names(declared['source'], nested['in'], column) | map('lower') | select('in', outer_found) | list %}
        {% if wanted %}{% do kept.update({name: outer_found[wanted[0]]}) %}{% endif %}
    {% endfor %}
    {% do return(kept) %}
{% endmacro %}

{#- Name here → the paths in an element at which the value may stand. -#}
{% macro element_columns(declared, nested, also) %}
    {% set renamed = kith.source_setting(declared['source'], 'columns').get(declared['name'], {}) %}
    {% set read = {} %}
    {% for column in declared['columns'] if column['name'] not in nested.get('parent', {}) %}
        {% set names = kith.wanted_names(column, renamed) %}
        {% set paths = [] %}
        {% for name in names %}{% do paths.append([name]) %}{% endfor %}
        {% if column.get('inside') %}{% do paths.append(column['inside']) %}{% endif %}
        {% do read.update({names[0]: paths}) %}
    {% endfor %}
    {% for name in also %}{% do read.update({name: [[name]]}) %}{% endfor %}
    {% do return(read) %}
{% endmacro %}

{#- One object without a key says nothing: Zendesk writes so of a ticket that nobody rated. What is no JSON is one row, with
    the reason. -#}
{% macro nested_rows(declared, nested, outer, kept, read) -%}
{%- set column = outer['found'][nested['column']] -%}
{%- set quoted = adapter.quote(column['name']) -%}
{%- set as_text = kith.nested_as_text(quoted) if kith.kind_of(column['type']) == 'nested' else kith.as_text(quoted) -%}
{%- set keys = [] -%}
{%- for name in declared['key'] if name in read -%}{%- do keys.extend(read[name]) -%}{%- endfor -%}
{%- set held = 'nested_value' if not nested.get('path') else kith.json_get('nested_value', nested['path']) -%}
(
    with

    nested_values as (

        select
            {%- for name, raw in kept.items() %}
            {{ adapter.quote(raw['name']) }} as {{ adapter.quote(name) }},
            {%- endfor %}
            nullif(nullif({{ kith.trimmed(as_text) }}, ''), 'null') as nested_value
        from {{ outer['rows'] }}

    ),

    nested_texts as (

        select
            *,
            case when {{ kith.is_json('nested_value') }} then {{ held }} end as nested_text,
            case
                when not {{ kith.is_json('nested_value') }} then '{{ nested['in'] }}.{{ nested['column'] }}: {{ kith.not_json() }}'
            end as nested_fault
        from nested_values
        where nested_value is not null

    ),

    nested_arrays as (

        select
            *,
            case
                when nested_fault is not null then '[{}]'
                when {{ kith.is_json('nested_text') }} and substr(nested_text, 1, 1) = '[' then nested_text
                when {{ kith.first_of('nested_text', keys) }} is not null then '[' || nested_text || ']'
            end as nested_items
        from nested_texts

    ),

    nested_elements as (

        {{ kith.json_items('nested_arrays', 'nested_items') }}

    )

    select
        {%- for name in kept %}
        {{ adapter.quote(name) }},
        {%- endfor %}
        {%- for name, paths in read.items() %}
        {{ kith.first_of('item', paths) }} as {{ adapter.quote(name) }},
        {%- endfor %}
        nested_fault
    from nested_elements
) as nested_rows
{%- endmacro %}

{#- The first value that JSON text has at one of several paths. -#}
{% macro first_of(expression, paths) -%}
    {%- set values = [] -%}
    {%- for path in paths -%}{%- do values.append(kith.json_get(expression, path)) -%}{%- endfor -%}
    {{ values[0] if values | length == 1 else 'coalesce(' ~ values | join(', ') ~ ')' }}
{%- endmacro %}

{#- The declared tables that are read out of this one, by their own names: they change when it does. -#}
{% macro tables_nested_in(source_name, table_name, relation) %}
    {% set within = [] %}
    {% for node in graph.sources.values() if node.source_name == source_name %}
        {% set nested = kith.declared_meta(source_name, node.name).get('nested') or {} %}
        {% if nested.get('in') == table_name %}
            {% set own = kith.raw_relation(source_name, node.name, relation.incorporate(path={'identifier': node.name})) %}
            {% if kith.existing_relation(own) is none %}
                {% do within.append(own) %}
                {% do within.extend(kith.tables_nested_in(source_name, node.name, relation)) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% do return(within) %}
{% endmacro %}

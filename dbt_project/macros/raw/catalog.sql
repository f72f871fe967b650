{#- What the warehouse has of a raw table, held against its declaration. -#}


{#- A raw table as it is to be read: relation (the table that is there), rows (what to read, as a FROM item), found (its
    columns, see raw_columns); none when it is absent and may be.
    Raises an error that names what is absent: the schema, or a required table. -#}
{% macro raw_table(source_name, table_name, relation) %}
    {% set raw = kith.find_raw_table(source_name, table_name, relation) %}
    {% if raw is none %}{{ kith.require_present(source_name, table_name, relation) }}{% endif %}
    {% do return(raw) %}
{% endmacro %}

{#- Likewise; none when it is absent. `also` names more keys of a table that is read out of another one's JSON. -#}
{% macro find_raw_table(source_name, table_name, relation, also=[]) %}
    {% set actual = kith.raw_relation(source_name, table_name, relation) %}
    {% if kith.is_fixture(relation) or kith.existing_relation(actual) is not none %}
        {% do return({
            'relation': actual, 'rows': actual, 'found': kith.raw_columns(source_name, table_name, actual),
        }) %}
    {% endif %}
    {% do return(kith.nested_table(source_name, table_name, relation, also)) %}
{% endmacro %}

{#- The relation, under the name that the loader gave the table: the one that the source's variable says, else the first
    of its declared names that is there; a unit test's rows as they are. -#}
{% macro raw_relation(source_name, table_name, relation) %}
    {% if kith.is_fixture(relation) %}{% do return(relation) %}{% endif %}
    {% set relations = kith.named_relations(source_name, table_name, relation) %}
    {% if relations | length > 1 and execute %}
        {% for named in relations if kith.existing_relation(named) is not none %}{% do return(named) %}{% endfor %}
    {% endif %}
    {% do return(relations[0]) %}
{% endmacro %}

{#- The relations under all names that the table may have. -#}
{% macro named_relations(source_name, table_name, relation) %}
    {% set renamed = kith.source_setting(source_name, 'tables').get(table_name) %}
    {% set aliases = kith.declared_meta(source_name, table_name).get('aliases', []) %}
    {% set relations = [] %}
    {% for name in ([renamed] if renamed else [relation.identifier] + aliases) %}
        {% do relations.append(relation.incorporate(path={'identifier': name})) %}
    {% endfor %}
    {% do return(relations) %}
{% endmacro %}

{#- In a unit test source() gives a CTE, which the catalog does not know. -#}
{% macro is_fixture(relation) %}
    {% do return((relation.identifier or '').startswith('__dbt__cte__')) %}
{% endmacro %}

{#- Lower-case name → {name, type} of the columns of a raw table that is there. In a unit test every declared column, as
    text: override this macro for a ragged table. -#}
{% macro raw_columns(source_name, table_name, relation) %}
    {% set found = {} %}
    {% if kith.is_fixture(relation) %}
        {% for column in kith.declared_table(source_name, table_name)['columns'] %}
            {% do found.update({column['name'] | lower: {'name': column['name'], 'type': 'text'}}) %}
        {% endfor %}
        {% do return(found) %}
    {% endif %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do found.update({column.name | lower: {'name': column.name, 'type': column.data_type | lower}}) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- The relation when it is there, else none. While one thread fills dbt's cache of a schema, another sees it in part:
    so of what is not in the cache the warehouse is asked itself. -#}
{% macro existing_relation(relation) %}
    {% set cached = adapter.get_relation(
        database=relation.database, schema=relation.schema, identifier=relation.identifier
    ) %}
    {% if cached is none and adapter.get_columns_in_relation(relation) %}{% do return(relation) %}{% endif %}
    {% do return(cached) %}
{% endmacro %}

{#- Raise when an absent table stops the build: the whole schema is absent, or the table is required, or none
    of the source's tables is there. -#}
{% macro require_present(source_name, table_name, relation) %}
    {% if flags.WHICH not in ('build', 'run', 'test', 'retry') %}
        {# Compiling, documenting and linting need no loaded source. #}
        {% do return('') %}
    {% endif %}
    {% set actual = kith.raw_relation(source_name, table_name, relation) %}
    {% set off = "switch it off (vars." ~ source_name ~ ".enabled: false)" %}
    {% if not adapter.check_schema_exists(actual.database, actual.schema) %}
        {% do exceptions.raise_compiler_error(
            source_name ~ "  the schema `" ~ actual.schema ~ "` is absent. Load it, locate it (vars."
            ~ source_name ~ ".schema), or " ~ off ~ ".") %}
    {% elif kith.declared_table(source_name, table_name)['required'] %}
        {% do exceptions.raise_compiler_error(
            source_name ~ "  required table `" ~ actual.schema ~ "." ~ actual.identifier
            ~ "` is absent. If your loader named it otherwise: vars." ~ source_name ~ ".tables."
            ~ table_name ~ ": <its name>") %}
    {% elif not kith.any_table_present(source_name, actual) %}
        {% do exceptions.raise_compiler_error(
            source_name ~ "  none of its tables is in the schema `" ~ actual.schema
            ~ "`. Locate them (vars." ~ source_name ~ ".schema), or " ~ off ~ ".") %}
    {% endif %}
{% endmacro %}

{#- Whether one of a source's declared tables is there. What dbt knows of is asked first: of each other one the
    warehouse is. -#}
{% macro any_table_present(source_name, relation) %}
    {% set found = [] %}
    {% set siblings = kith.declared_relations(source_name, relation) %}
    {% for sibling in siblings if not found %}
        {% if load_cached_relation(sibling) is not none %}{% do found.append(sibling) %}{% endif %}
    {% endfor %}
    {% for sibling in siblings if not found %}
        {% if kith.existing_relation(sibling) is not none %}{% do found.append(sibling) %}{% endif %}
    {% endfor %}
    {% do return(found | length > 0) %}
{% endmacro %}

{#- A source's declared tables, under all names that they may have. -#}
{% macro declared_relations(source_name, relation) %}
    {% set found = [] %}
    {% for node in graph.sources.values() if node.source_name == source_name %}
        {% set named = relation.incorporate(path={'identifier': node.name}) %}
        {% do found.extend(kith.named_relations(source_name, node.name, named)) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- The declared columns with what was found of each: raw name (none when absent), raw kind, and whether
    reading it can fail. An absent required column is an error that says how to mend it; absent optional
    ones are said in one line. -#}
{% macro match_columns(declared, found) %}
    {% set renamed = kith.source_setting(declared['source'], 'columns').get(declared['name'], {}) %}
    {% set matched = [] %}
    {% set absent = [] %}
    {% for column in declared['columns'] %}
        {% set wanted = kith.wanted_names(column, renamed) %}
        {#- PostgreSQL keeps 63 bytes of a longer name. -#}
        {% set cut = wanted | map('truncate', 63, true, '', 0) | list %}
        {% set present = (wanted + cut) | map('lower') | select('in', found) | list %}
        {% set inside = column.get('inside', []) %}
        {% set nested = not present and inside and inside[0] | lower in found %}
        {% set present = [inside[0] | lower] if nested else present %}
        {% set raw = found[present[0]] if present else {'name': none, 'type': none} %}
        {% if not present and column['required'] %}
            {% do exceptions.raise_compiler_error(
                declared['source'] ~ "  required column `" ~ declared['name'] ~ "." ~ column['name'] ~ "`"
                ~ (" (located as `" ~ wanted[0] ~ "`)" if column['name'] in renamed else "")
                ~ " is absent (found: " ~ found.values() | map(attribute='name') | join(', ') | truncate(300, true)
                ~ "). If your loader renamed it: vars." ~ declared['source'] ~ ".columns."
                ~ declared['name'] ~ "." ~ column['name'] ~ ": <its name>") %}
        {% elif not present %}
            {% do absent.append(column['name']) %}
        {% endif %}
        {% set raw_kind = kith.kind_of(raw['type']) if present else column['kind'] %}
        {% set container_kind = raw_kind %}
        {% set raw_kind = 'text' if nested else raw_kind %}
        {% set is_time = column['kind'] in ('timestamp', 'date') and raw_kind in ('timestamp', 'date', 'zoned') %}
        {% set is_nested_json = column['kind'] == 'json' and raw_kind == 'nested' %}
        {% set fallible = raw_kind != column['kind'] and column['kind'] != 'text' and not is_time and not is_nested_json %}
        {% set match = {'raw_name': raw['name'], 'raw_kind': raw_kind, 'fallible': fallible} %}
        {% do match.update({'path': inside[1:] if nested else [], 'container_kind': container_kind}) %}
        {% do match.update({'raw_as': 'raw_' ~ column['as'] if fallible else column['as']}) %}
        {% do match.update(column) %}
        {% do matched.append(match) %}
    {% endfor %}
    {% if absent and not declared.get('is_fixture') %}
        {% do log(declared['source'] ~ "  " ~ declared['name'] ~ ": absent, counts as null: " ~ absent | join(', '), info=true) %}
    {% endif %}
    {% do declared.update({'found': found}) %}
    {% do return(matched) %}
{% endmacro %}

{#- The names under which a column may stand: the one that the source's variable says, else its own and its aliases. -#}
{% macro wanted_names(column, renamed) %}
    {% do return([renamed[column['name']]] if column['name'] in renamed else [column['name']] + column['aliases']) %}
{% endmacro %}

{#- Likewise of a column by its name; of a table that is not declared the name alone. -#}
{% macro column_names(source_name, table_name, column_name) %}
    {% set renamed = kith.source_setting(source_name, 'columns').get(table_name, {}) %}
    {% if kith.declared_meta(source_name, table_name) %}
        {% for column in kith.declared_table(source_name, table_name)['columns'] if column['name'] == column_name %}
            {% do return(kith.wanted_names(column, renamed)) %}
        {% endfor %}
    {% endif %}
    {% do return([column_name]) %}
{% endmacro %}

{% macro log_absent(source_name, table_name) %}
    {%- do log(source_name ~ "  " ~ table_name ~ ": absent, counts as empty", info=true) -%}
{% endmacro %}

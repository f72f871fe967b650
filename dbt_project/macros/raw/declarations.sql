{#- What the declaration of a raw table says. -#}


{#- The declaration of a raw table, from the source's YAML: name, source, loader, required, key, checks, version
    (columns whose latest time makes a row the one that counts), deleted_at (columns whose time says that the row is
    deleted, beside the loader's), and columns with name, as (its name here), kind,
    required, aliases, inside (its path in a JSON column, for loaders that do not flatten), default (what counts when
    it is absent or blank), epoch (micros: a time is a whole number of these since 1970; seconds: it may be), happened
    (whether it says when something happened, which is never after now), refusal (whether it says that someone refuses
    to be written to: what it says unreadably is told before any other fault of the row), key. A unit test of a base model overrides
    this macro, for dbt shows it no graph. -#}
{% macro declared_table(source_name, table_name) %}
    {% set nodes = graph.sources.values() | selectattr('source_name', 'equalto', source_name)
        | selectattr('name', 'equalto', table_name) | list %}
    {% set node = nodes[0] %}
    {% set meta = kith.declared_meta(source_name, table_name) %}
    {% set columns = [] %}
    {% for column in node.columns.values() %}
        {% set own = (column.get('config') or {}).get('meta') or column.get('meta') or {} %}
        {% set is_key = column['name'] in meta['key'] %}
        {% do columns.append({
            'name': column['name'],
            'as': own.get('as', column['name']),
            'kind': column['data_type'],
            'required': (is_key or own.get('required', false)) and own.get('default') is none,
            'aliases': own.get('aliases', []),
            'inside': own.get('inside', []),
            'default': own.get('default'),
            'epoch': own.get('epoch'),
            'happened': own.get('happened', false),
            'refusal': own.get('refusal', false),
            'key': is_key,
        }) %}
    {% endfor %}
    {% do return({
        'source': source_name,
        'name': table_name,
        'loader': kith.source_setting(source_name, 'loader') or node.loader,
        'required': meta.get('required', false),
        'key': meta['key'],
        'checks': meta.get('checks', []),
        'version': meta.get('version', []),
        'deleted_at': meta.get('deleted_at', []),
        'columns': columns,
    }) %}
{% endmacro %}

{#- What a raw table's declaration says beside its columns: required, key and the like; also `aliases`, further names
    of the table, and `nested`, where else it may stand. Empty when it is not declared. -#}
{% macro declared_meta(source_name, table_name) %}
    {% for node in graph.sources.values() if node.source_name == source_name and node.name == table_name %}
        {% do return(node.config.get('meta') or node.meta) %}
    {% endfor %}
    {% do return({}) %}
{% endmacro %}

{#- The columns of a base model with their kinds. -#}
{% macro base_columns(declared) %}
    {% set columns = {} %}
    {% for column in declared['columns'] %}
        {% do columns.update({column['as']: column['kind']}) %}
    {% endfor %}
    {% do columns.update({
        'record_id': 'text', 'loaded_at': 'timestamp', 'version_at': 'timestamp', 'is_deleted': 'boolean',
        'row_status': 'text', 'row_reason': 'text', 'row_hash': 'text',
    }) %}
    {% do return(columns) %}
{% endmacro %}

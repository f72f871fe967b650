{#- What each loader means by loaded, deleted and the version that counts. -#}


{#- Per loader the columns that say when a row was loaded (the first that is not null), that it was deleted
    (a yes or no, or a time), that it is no longer current, and which of its versions it is: the variable `loaders`. -#}
{% macro loader_columns(loader) %}
    {% set loaders = var('loaders') %}
    {% if loader not in loaders %}
        {% do exceptions.raise_compiler_error(
            "The loader `" ~ loader ~ "` is unknown. It is one of " ~ loaders | sort | join(', ') ~ ".") %}
    {% endif %}
    {% do return(dict(loaders[loader])) %}
{% endmacro %}

{#- What a table's loader means by each; a source's own `system_columns` go before its loader's. -#}
{% macro system_meanings(declared) %}
    {% set loader = kith.loader_columns(declared['loader']) %}
    {% do loader.update(kith.source_setting(declared['source'], 'system_columns') or {}) %}
    {% do loader.update({
        'deleted_at': loader.get('deleted_at', []) + declared.get('deleted_at', []),
        'version_at': declared.get('version', []) + loader.get('version_at', []),
    }) %}
    {% do return(loader) %}
{% endmacro %}

{#- The names of the columns that say when a row was loaded. -#}
{% macro load_names(declared) %}
    {% set loader = kith.system_meanings(declared) %}
    {% do return(loader.get('loaded_at', []) + loader.get('loaded_epoch', []) + loader.get('loaded_micros', [])) %}
{% endmacro %}

{#- Said once in a build: of a table without a load time nothing tells what is new. -#}
{% macro log_load_time(declared, found) %}
    {% set names = kith.load_names(declared) %}
    {% if not declared.get('is_fixture') and not names | select('in', found) | list %}
        {% do log(declared['source'] ~ "  " ~ declared['name'] ~ ": absent, read whole at each build: " ~ names | join(' or '), info=true) %}
    {% endif %}
{% endmacro %}

{#- The names of all these columns. -#}
{% macro system_names(declared) %}
    {% do return(kith.system_meanings(declared).values() | sum(start=[]) | unique | list) %}
{% endmacro %}

{#- SQL over the raw columns for loaded_at, is_deleted, version_at and raw_fault (why it cannot be told whether the row is
    deleted, or what stands in it; none where it always can). -#}
{% macro system_columns(declared) %}
    {% set loader = kith.system_meanings(declared) %}
    {% set found = declared['found'] %}
    {% set loaded_at = kith.system_values(found, loader.get('loaded_at', []), 'timestamp') %}
    {% for column in kith.system_values(found, loader.get('loaded_epoch', []), 'number') %}
        {% do loaded_at.append(kith.epoch_to_utc(column)) %}
    {% endfor %}
    {% for column in kith.system_values(found, loader.get('loaded_micros', []), 'integer') %}
        {% do loaded_at.append(kith.micros_to_utc(column)) %}
    {% endfor %}
    {% set deletion = kith.deletion_columns(found, loader) %}
    {% set deleted = deletion['deleted'] %}
    {% set faults = deletion['faults'] + (['when nested_fault is not null then nested_fault'] if 'nested_fault' in found else []) %}
    {% set version_at = kith.system_values(found, loader['version_at'], 'timestamp') %}
    {% do return({
        'loaded_at': 'coalesce(' ~ (loaded_at + [kith.typed_null('timestamp')]) | join(', ') ~ ')',
        'is_deleted': 'coalesce(' ~ deleted | join(', false) or coalesce(') ~ ', false)' if deleted else 'false',
        'version_at': version_at[0] if version_at else kith.typed_null('timestamp'),
        'raw_fault': 'case ' ~ faults | join(' ') ~ ' end' if faults else none,
        'keeps_history': loader.get('current', []) | select('in', found) | list | length > 0,
    }) %}
{% endmacro %}

{#- What each column says of a deletion: `deleted`, SQL that is true of a deleted row, and `faults`, WHEN clauses with
    the reason where it says something that is neither. Such a row must not pass for one that is there. -#}
{% macro deletion_columns(found, loader) %}
    {% set deleted, faults = [], [] %}
    {% for name in loader.get('deleted', []) + loader.get('deleted_at', []) if name in found %}
        {% set column = kith.system_column(found[name]) %}
        {% set flag = kith.typed_value(dict(column, kind='boolean')) %}
        {% if column['raw_kind'] in ('timestamp', 'zoned', 'date') %}
            {% do deleted.append(column['raw_as'] ~ ' is not null') %}
        {% elif column['raw_kind'] == 'text' %}
            {% set time = kith.typed_value(dict(column, kind='timestamp')) %}
            {% do deleted.append(flag) %}
            {% do deleted.append(time ~ ' is not null') %}
            {% do faults.append(kith.fault_when(column, [flag, time], name ~ ': not true or false, nor a time')) %}
        {% else %}
            {% do deleted.append(flag) %}
            {% do faults.append(kith.fault_when(column, [flag], name ~ ': not true or false, nor a time')) %}
        {% endif %}
    {% endfor %}
    {% for name in loader.get('current', []) if name in found %}
        {% set column = kith.system_column(found[name]) %}
        {% set flag = kith.typed_value(dict(column, kind='boolean')) %}
        {% do deleted.append('not coalesce(' ~ flag ~ ', true)') %}
        {% do faults.append(kith.fault_when(column, [flag], name ~ ': not true or false')) %}
    {% endfor %}
    {% do return({'deleted': deleted, 'faults': faults | select | list}) %}
{% endmacro %}

{#- Nothing of a column that is a boolean already. -#}
{% macro fault_when(column, values, reason) %}
    {% if column['raw_kind'] == 'boolean' %}{% do return(none) %}{% endif %}
    {% do return('when ' ~ column['raw_as'] ~ ' is not null and ' ~ values | join(' is null and ') ~ " is null then '" ~ reason ~ "'") %}
{% endmacro %}

{% macro system_values(found, names, kind) %}
    {% set values = [] %}
    {% for name in names if name in found %}
        {% do values.append(kith.typed_value(dict(kith.system_column(found[name]), kind=kind))) %}
    {% endfor %}
    {% do return(values) %}
{% endmacro %}

{#- A column that the loader adds: its raw kind, and its value, blank text as null. -#}
{% macro system_column(column) %}
    {% set raw_kind = kith.kind_of(column['type']) %}
    {% set quoted = adapter.quote(column['name']) %}
    {% do return({
        'raw_kind': raw_kind, 'raw_as': 'nullif(' ~ kith.trimmed(quoted) ~ ", '')" if raw_kind == 'text' else quoted,
    }) %}
{% endmacro %}

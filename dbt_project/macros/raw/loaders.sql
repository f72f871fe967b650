{#- What each loader means by loaded, deleted and the version that counts. -#}


{#- Per loader the columns that say when a row was loaded (the first that is not null), that it was deleted
    (a yes, or a time), that it is no longer current, and which of its versions it is. The columns of history
    are there only where a loader keeps it: Fivetran's history mode, Airbyte's change capture, dlt's scd2. Google
    Analytics writes no time of loading: the event's own counts. -#}
{% macro loader_columns(loader) %}
    {% set loaders = {
        'fivetran': {
            'loaded_at': ['_fivetran_synced'], 'deleted': ['_fivetran_deleted'],
            'current': ['_fivetran_active'], 'version_at': ['_fivetran_start'],
        },
        'airbyte': {
            'loaded_at': ['_airbyte_extracted_at', '_airbyte_emitted_at'], 'deleted_at': ['_ab_cdc_deleted_at'],
            'version_at': ['_ab_cdc_updated_at'],
        },
        'segment': {'loaded_at': ['loaded_at', 'uuid_ts', 'received_at', 'sent_at']},
        'rudderstack': {'loaded_at': ['loaded_at', 'uuid_ts', 'received_at', 'sent_at']},
        'snowplow': {'loaded_at': ['load_tstamp', 'etl_tstamp', 'collector_tstamp']},
        'ga4': {'loaded_micros': ['event_timestamp']},
        'dlt': {
            'loaded_epoch': ['_dlt_load_id'], 'deleted_at': ['_dlt_valid_to'], 'version_at': ['_dlt_valid_from'],
        },
        'native': {
            'loaded_at': ['loaded_at', 'updated_at'], 'deleted': ['is_deleted'], 'deleted_at': ['deleted_at'],
        },
    } %}
    {% if loader not in loaders %}
        {% do exceptions.raise_compiler_error(
            "The loader `" ~ loader ~ "` is unknown. It is one of " ~ loaders | sort | join(', ') ~ ".") %}
    {% endif %}
    {% do return(loaders[loader]) %}
{% endmacro %}

{#- SQL over the raw columns for loaded_at, is_deleted and version_at; a source's own `system_columns` go before
    its loader's. -#}
{% macro system_columns(declared) %}
    {% set loader = kith.loader_columns(declared['loader']) %}
    {% do loader.update(kith.source_setting(declared['source'], 'system_columns') or {}) %}
    {% set found = declared['found'] %}
    {% set loaded_at = kith.system_values(found, loader.get('loaded_at', []), 'timestamp') %}
    {% for column in kith.system_values(found, loader.get('loaded_epoch', []), 'number') %}
        {% do loaded_at.append(kith.epoch_to_utc(column)) %}
    {% endfor %}
    {% for column in kith.system_values(found, loader.get('loaded_micros', []), 'integer') %}
        {% do loaded_at.append(kith.micros_to_utc(column)) %}
    {% endfor %}
    {% set deleted = kith.system_values(found, loader.get('deleted', []), 'boolean') %}
    {% for column in kith.system_values(found, loader.get('deleted_at', []), 'timestamp') %}
        {% do deleted.append(column ~ ' is not null') %}
    {% endfor %}
    {% for column in kith.system_values(found, loader.get('current', []), 'boolean') %}
        {% do deleted.append('not coalesce(' ~ column ~ ', true)') %}
    {% endfor %}
    {% set version_at = kith.system_values(found, declared.get('version', []) + loader.get('version_at', []), 'timestamp') %}
    {% do return({
        'loaded_at': 'coalesce(' ~ (loaded_at + [kith.typed_null('timestamp')]) | join(', ') ~ ')',
        'is_deleted': 'coalesce(' ~ deleted | join(', false) or coalesce(') ~ ', false)' if deleted else 'false',
        'version_at': version_at[0] if version_at else kith.typed_null('timestamp'),
        'keeps_history': loader.get('current', []) | select('in', found) | list | length > 0,
    }) %}
{% endmacro %}

{% macro system_values(found, names, kind) %}
    {% set values = [] %}
    {% for name in names if name in found %}
        {% set raw_kind = kith.kind_of(found[name]['type']) %}
        {% set quoted = adapter.quote(found[name]['name']) %}
        {% set raw = 'nullif(' ~ kith.trimmed(quoted) ~ ", '')" if raw_kind == 'text' else quoted %}
        {% do values.append(kith.typed_value({'kind': kind, 'raw_kind': raw_kind, 'raw_as': raw})) %}
    {% endfor %}
    {% do return(values) %}
{% endmacro %}

{#- A raw table made whole, in one place: one row per raw row, with every declared column under its declared
    name and type. Blank text is null; what is absent is null; what cannot be read as its type, and what lacks
    a required value or says that it happened after now, is quarantined with the reason; of rows with the same key the last loaded counts and the
    others are duplicates. Beside the declared columns: record_id, loaded_at, is_deleted, row_status (staged,
    quarantined, duplicate), row_reason, and row_hash, which tells quarantined rows without an id apart. -#}
{% macro read_raw(source_name, table_name) %}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute -%}
        select 1 as parsed
    {%- else -%}
        {%- set declared = kith.declared_table(source_name, table_name) -%}
        {%- set found = kith.raw_columns(source_name, table_name, relation) -%}
        {%- do declared.update({'is_fixture': kith.is_fixture(relation)}) -%}
        {%- if found is none -%}
            {{ kith.log_absent(source_name, table_name) }}
            {{- kith.empty_relation(kith.base_columns(declared)) }}
        {%- else -%}
            {{- kith.read_rows(declared, kith.match_columns(declared, found), kith.raw_relation(source_name, table_name, relation)) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- The statement, from the declaration and the columns found; with a moment (SQL) of what was loaded since, and, unless
    there are none, `with_older` rows of the same keys. -#}
{% macro read_rows(declared, columns, relation, since=none, with_older=true) %}
    {%- set names = columns | map(attribute='as') | list -%}
    {%- set keys = columns | selectattr('key') | map(attribute='as') | list -%}
    {%- set texts = kith.row_texts(columns) -%}
with

{{ kith.judged_rows(declared, columns, relation, since, with_older) }}

repeated_keys as (

    select {{ keys | join(', ') }}
    from judged
    where row_reason is null
    group by {{ keys | join(', ') }}
    having count(*) > 1

),

ranked as (

    select
        judged.*,
        row_number() over (
            partition by {% for key in keys %}judged.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                {{ kith.version_order('judged', columns) }}
        ) as row_place
    from judged
    inner join repeated_keys
        on {% for key in keys %}judged.{{ key }} = repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where judged.row_reason is null

),

final as (

    select
        {%- for name in names %}
        judged.{{ name }},
        {%- endfor %}
        judged.record_id,
        judged.loaded_at,
        judged.version_at,
        judged.is_deleted,
        case when judged.row_reason is null then 'staged' else 'quarantined' end as row_status,
        judged.row_reason,
        case
            when judged.row_reason is not null
                then {{ kith.md5_hex(texts) }}
        end as row_hash
    from judged
    left join repeated_keys
        on {% for key in keys %}judged.{{ key }} = repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where judged.row_reason is not null or repeated_keys.{{ keys[0] }} is null
    union all
    select
        {%- for name in names %}
        {{ name }},
        {%- endfor %}
        record_id,
        loaded_at,
        version_at,
        is_deleted,
        case when row_place = 1 then 'staged' else 'duplicate' end as row_status,
        case when row_place > 1 then 'an older or equal row of the same key' end as row_reason,
        {{ kith.typed_null('text') }} as row_hash
    from ranked

)

select * from final
{% endmacro %}


{#- CTEs raw_rows, typed and judged: every raw row, typed, with its record_id and the reason why it is refused.
    With a moment (SQL) only the rows loaded since, and all the others of their keys. -#}
{% macro judged_rows(declared, columns, relation, since=none, with_older=true) %}
{%- set system = kith.system_columns(declared) -%}
{% if since %}
{{ kith.recent_rows(columns | selectattr('key') | list if with_older else [], relation, system['loaded_at'], since) }}
{% endif %}
-- As the loader left it, blank text as null.
raw_rows as (

    select
        {%- for column in columns %}
        {{ kith.raw_value(column) }} as {{ column['raw_as'] }},
        {%- endfor %}
        {{ system['loaded_at'] }} as loaded_at,
        {{ system['is_deleted'] }} as is_deleted,
        {{ system['version_at'] }} as version_at
    from {{ 'recent_rows' if since else relation }}

),

typed as (

    select
        {%- for column in columns %}
        {{ kith.typed_value(column) }} as {{ column['as'] }},
        {%- if column['fallible'] %}
        {{ column['raw_as'] }},
        {%- endif %}
        {%- endfor %}
        loaded_at,
        is_deleted,
        version_at
    from raw_rows

),

judged as (

    select
        *,
        {{ kith.record_id(columns) }} as record_id,
        {{ kith.row_reason(declared, columns) }} as row_reason
    from typed

),
{% endmacro %}


{#- CTEs recent_keys and recent_rows: the rows loaded since and, with keys, all the others of theirs. Rows are chosen
    as they lie and typed after, for a load is a small part of its table. -#}
{% macro recent_rows(keys, relation, loaded_at, since) %}
{% if keys %}
recent_keys as (

    select distinct
        {%- for key in keys %}
        {{ kith.raw_value(key) }} as recent_key_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    where {{ loaded_at }} is null or {{ loaded_at }} >= {{ since }}

),
{% endif %}
recent_rows as (

    select *
    from {{ relation }}
    where {{ loaded_at }} is null or {{ loaded_at }} >= {{ since }}
    {%- if keys %}
    union all
    select given.*
    from {{ relation }} as given
    inner join recent_keys
        on
            {% for key in keys -%}
            {{ kith.raw_value(key) }} = recent_keys.recent_key_{{ loop.index }}
            {{ 'and ' if not loop.last }}
            {%- endfor %}
    where {{ loaded_at }} < {{ since }}
    {%- endif %}

),
{% endmacro %}


{#- Which of two rows of the same key counts: the latest version, then the last loaded, then by content. -#}
{% macro version_order(alias, columns) -%}
    case when {{ alias }}.version_at is null then 1 else 0 end,
    {{ alias }}.version_at desc,
    case when {{ alias }}.loaded_at is null then 1 else 0 end,
    {{ alias }}.loaded_at desc
    {%- for column in columns if not column['key'] %},
    {{ kith.bytewise("coalesce(" ~ kith.as_text(alias ~ '.' ~ column['as']) ~ ", '')") }}
    {%- endfor %}
{%- endmacro %}


{#- What the declaration says ------------------------------------------------------------------------ -#}

{#- The declaration of a raw table, from the source's YAML: name, source, loader, required, key, checks, version
    (columns whose latest time makes a row the one that counts), and columns with name, as (its name here), kind,
    required, aliases, inside (its path in a JSON column, for loaders that do not flatten), default (what counts when
    it is absent or blank), epoch (micros: a time is a whole number of these since 1970; seconds: it may be), happened
    (whether it says when something happened, which is never after now), key. A unit test of a base model overrides
    this macro, for dbt shows it no graph. -#}
{% macro declared_table(source_name, table_name) %}
    {% set nodes = graph.sources.values() | selectattr('source_name', 'equalto', source_name)
        | selectattr('name', 'equalto', table_name) | list %}
    {% set node = nodes[0] %}
    {% set meta = node.config.get('meta') or node.meta %}
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
        'columns': columns,
    }) %}
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


{#- What the warehouse has --------------------------------------------------------------------------- -#}

{#- The relation, under the name that the loader gave the table; a unit test's rows as they are. -#}
{% macro raw_relation(source_name, table_name, relation) %}
    {% set renamed = kith.source_setting(source_name, 'tables').get(table_name) %}
    {% if kith.is_fixture(relation) or not renamed %}
        {% do return(relation) %}
    {% endif %}
    {% do return(relation.incorporate(path={'identifier': renamed})) %}
{% endmacro %}

{#- In a unit test source() gives a CTE, which the catalog does not know. -#}
{% macro is_fixture(relation) %}
    {% do return((relation.identifier or '').startswith('__dbt__cte__')) %}
{% endmacro %}

{#- Lower-case name → {name, type} of the raw table's columns; none when the table is absent and may be. In a
    unit test every declared column, as text: override this macro for a ragged table.
    Raises an error that names what is absent: the schema, or a required table. -#}
{% macro raw_columns(source_name, table_name, relation) %}
    {% set found = {} %}
    {% if kith.is_fixture(relation) %}
        {% for column in kith.declared_table(source_name, table_name)['columns'] %}
            {% do found.update({column['name'] | lower: {'name': column['name'], 'type': 'text'}}) %}
        {% endfor %}
        {% do return(found) %}
    {% endif %}
    {% set existing = kith.existing_relation(kith.raw_relation(source_name, table_name, relation)) %}
    {% if existing is none %}
        {{ kith.require_present(source_name, table_name, relation) }}
        {% do return(none) %}
    {% endif %}
    {% for column in adapter.get_columns_in_relation(existing) %}
        {% do found.update({column.name | lower: {'name': column.name, 'type': column.data_type | lower}}) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro existing_relation(relation) %}
    {% do return(adapter.get_relation(
        database=relation.database, schema=relation.schema, identifier=relation.identifier
    )) %}
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
    {% elif kith.tables_present(source_name, actual) | length == 0 %}
        {% do exceptions.raise_compiler_error(
            source_name ~ "  none of its tables is in the schema `" ~ actual.schema
            ~ "`. Locate them (vars." ~ source_name ~ ".schema), or " ~ off ~ ".") %}
    {% endif %}
{% endmacro %}

{#- Which of a source's declared tables are there. -#}
{% macro tables_present(source_name, relation) %}
    {% set found = [] %}
    {% set renamed = kith.source_setting(source_name, 'tables') %}
    {% for node in graph.sources.values() if node.source_name == source_name %}
        {% set sibling = relation.incorporate(path={'identifier': renamed.get(node.name, node.name)}) %}
        {% if kith.existing_relation(sibling) is not none %}
            {% do found.append(node.name) %}
        {% endif %}
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
        {% set wanted = [renamed[column['name']]] if column['name'] in renamed else [column['name']] + column['aliases'] %}
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

{% macro log_absent(source_name, table_name) %}
    {%- do log(source_name ~ "  " ~ table_name ~ ": absent, counts as empty", info=true) -%}
{% endmacro %}

{#- One of Kith's kinds, or float, zoned, nested, for an engine's type name. -#}
{% macro kind_of(type_name) %}
    {% set name = type_name | lower %}
    {% if name.startswith(('timestamp with time zone', 'timestamptz', 'timestamp_tz')) %}{% do return('zoned') %}
    {% elif name.startswith(('timestamp', 'datetime')) %}{% do return('timestamp') %}
    {% elif name == 'date' %}{% do return('date') %}
    {% elif name.startswith('bool') %}{% do return('boolean') %}
    {% elif name.endswith('[]') or name.startswith(('json', 'struct', 'map', 'array', 'list', 'variant', 'object', 'super')) %}
        {% do return('nested') %}
    {% elif name.startswith(('decimal', 'numeric', 'number')) %}{% do return('decimal') %}
    {% elif name.startswith(('double', 'float', 'real')) %}{% do return('float') %}
    {% elif name in ('tinyint', 'smallint', 'integer', 'int', 'int2', 'int4', 'int8', 'int64', 'bigint', 'hugeint',
        'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint') %}{% do return('integer') %}
    {% endif %}
    {% do return('text') %}
{% endmacro %}


{#- The SQL of one value ----------------------------------------------------------------------------- -#}

{% macro raw_value(column) -%}
    {%- set default = column.get('default') -%}
    {%- if default is none -%} {{ kith.written_value(column) }}
    {%- else -%} coalesce({{ kith.written_value(column) }}, {{ "'" ~ default ~ "'" if column['raw_kind'] == 'text' else default }})
    {%- endif -%}
{%- endmacro %}

{% macro written_value(column) -%}
    {%- if column['raw_name'] is none -%} {{ kith.typed_null(column['kind']) }}
    {%- elif column['path'] -%}
        {%- set raw = adapter.quote(column['raw_name']) -%}
        {%- set json = kith.nested_as_text(raw) if column['container_kind'] == 'nested' else kith.as_text(raw) -%}
        nullif({{ kith.trimmed(kith.json_get(json, column['path'])) }}, '')
    {%- elif column['raw_kind'] == 'text' -%}
        nullif({{ kith.trimmed(kith.as_text(adapter.quote(column['raw_name']))) }}, '')
    {%- elif column['raw_kind'] == 'nested' -%} {{ kith.nested_as_text(adapter.quote(column['raw_name'])) }}
    {%- else -%} {{ adapter.quote(column['raw_name']) }}
    {%- endif -%}
{%- endmacro %}

{#- A raw value as its declared kind, null where it cannot be read so. -#}
{% macro typed_value(column) -%}
    {%- set kind, raw_kind, raw = column['kind'], column['raw_kind'], column['raw_as'] -%}
    {%- if column.get('epoch') == 'micros' and raw_kind in ('text', 'integer', 'decimal', 'float') -%}
        {{ kith.micros_to_utc(kith.typed_value({'kind': 'integer', 'raw_kind': raw_kind, 'raw_as': raw})) }}
    {%- elif kind == raw_kind or raw_kind == 'nested' and kind in ('text', 'json') -%} {{ raw if kind in ('text', 'boolean', 'json') else 'cast(' ~ raw ~ ' as ' ~ kith.type_of(kind) ~ ')' }}
    {%- elif kind == 'text' -%} {{ kith.id_text(raw, raw_kind) }}
    {%- elif kind == 'timestamp' and raw_kind == 'zoned' -%} {{ kith.zoned_to_utc(raw) }}
    {%- elif kind == 'timestamp' and raw_kind == 'date' -%} cast({{ raw }} as {{ kith.type_of('timestamp') }})
    {%- elif kind == 'date' and raw_kind == 'timestamp' -%} cast({{ raw }} as date)
    {%- elif kind == 'date' and raw_kind == 'zoned' -%} cast({{ kith.zoned_to_utc(raw) }} as date)
    {%- elif kind in ('money', 'number') and raw_kind in ('integer', 'decimal') -%}
        {{ kith.try_cast_decimal(raw, kind) }}
    {%- else -%}
        {%- set text = raw if raw_kind in ('text', 'nested') else kith.as_text(raw) -%}
        {%- if kind == 'timestamp' and column.get('epoch') == 'seconds' -%}
        case
            when {{ kith.regexp_like(text, '^[0-9]{1,10}([.]0*)?$') }}
                then {{ kith.epoch_to_utc(kith.text_as(text, 'integer')) }}
            else {{ kith.text_as(text, kind) }}
        end
        {%- else -%}
        {{ kith.text_as(text, kind) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro text_as(text, kind) -%}
    {%- if kind == 'timestamp' -%} {{ kith.try_cast_timestamp(text) }}
    {%- elif kind == 'date' -%} {{ kith.try_cast_date(text) }}
    {%- elif kind == 'boolean' -%} {{ kith.try_cast_boolean(text) }}
    {%- elif kind == 'integer' -%} {{ kith.try_cast_integer(text) }}
    {%- elif kind == 'json' -%} case when {{ kith.is_json(text) }} then {{ text }} end
    {%- else -%} {{ kith.try_cast_number(text, kind) }}
    {%- endif -%}
{%- endmacro %}

{#- A native value as text. Loaders make a float of an id that may be null: 1001.0 is the id 1001. -#}
{% macro id_text(raw, raw_kind) -%}
    {%- if raw_kind == 'float' -%}
    case
        when {{ raw }} = floor({{ raw }}) and abs({{ raw }}) < 9007199254740992
            then {{ kith.as_text('cast(' ~ raw ~ ' as ' ~ kith.type_of('integer') ~ ')') }}
        else {{ kith.as_text(raw) }}
    end
    {%- elif raw_kind == 'zoned' -%} {{ kith.iso_text(kith.zoned_to_utc(raw)) }}
    {%- elif raw_kind == 'timestamp' -%} {{ kith.iso_text(raw) }}
    {%- else -%} {{ kith.as_text(raw) }}
    {%- endif -%}
{%- endmacro %}

{% macro record_id(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns if column['key'] -%}
        {%- do parts.append(kith.iso_text(column['as']) if column['kind'] == 'timestamp' else kith.as_text(column['as'])) -%}
    {%- endfor -%}
    {{ kith.joined_key(parts) }}
{%- endmacro %}

{#- Why a row is refused, null when it is not: the first thing that is wrong. -#}
{% macro row_reason(declared, columns) -%}
    {%- set words = {
        'timestamp': 'not a time', 'date': 'not a date', 'boolean': 'not true or false',
        'integer': 'not a whole number', 'money': 'not a number', 'number': 'not a number', 'json': 'not JSON',
    } -%}
    case
        {%- for column in columns if column['fallible'] %}
        when {{ column['raw_as'] }} is not null and {{ column['as'] }} is null
            then '{{ column['name'] }}: {{ words[column['kind']] }}'
        {%- endfor %}
        {%- for column in columns if column['required'] %}
        when {{ column['as'] }} is null then '{{ column['name'] }}: missing'
        {%- endfor %}
        {%- for check in declared['checks'] %}
        when not ({{ check['must'] }}) then '{{ check['reason'] }}'
        {%- endfor %}
        {%- for column in columns if column.get('happened') %}
        when {{ column['as'] }} > {{ kith.latest_past() }} then '{{ kith.future_reason(column) }}'
        {%- endfor %}
        else {{ kith.typed_null('text') }}
    end
{%- endmacro %}

{#- What is said of a row that happened after now. Its judgement changes as the clock goes on: see rejudged_since. -#}
{% macro future_reason(column) -%}
    {{ column['name'] }}: in the future
{%- endmacro %}

{#- The row as one text, for a hash of rows that have no id. Text is taken as it came; a native value as it
    was read, for engines write floats and zoned times each in its own way. -#}
{% macro row_texts(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- set value = 'judged.' ~ (column['raw_as'] if column['raw_kind'] == 'text' else column['as']) -%}
        {%- set is_time = column['kind'] == 'timestamp' and column['raw_kind'] != 'text' -%}
        {%- do parts.append("coalesce(" ~ (kith.iso_text(value) if is_time else kith.as_text(value)) ~ ", '')") -%}
    {%- endfor -%}
    {{ parts | join(" || chr(31) || ") }}
{%- endmacro %}


{#- Loaders ------------------------------------------------------------------------------------------ -#}

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


{#- Accounting --------------------------------------------------------------------------------------- -#}

{#- source, raw_table, loaded_on, raw_rows: each raw table's rows by the day on which they were loaded, counted in
    itself; no row of a table that is absent. -#}
{% macro count_raw_rows() %}
    {%- set counts = [] %}
    {%- for source_name, table_name in kith.tables_read() %}
        {%- do counts.append(kith.count_loads(source_name, table_name, source(source_name, table_name))) %}
    {%- endfor %}
    {%- set counts = counts | select | list %}
    {%- set columns = {'source': 'text', 'raw_table': 'text', 'loaded_on': 'date', 'raw_rows': 'integer'} %}
    {{- (counts or [kith.empty_relation(columns)]) | join('\nunion all\n') }}
{%- endmacro %}

{#- The statement for one raw table; nothing when it is absent. -#}
{% macro count_loads(source_name, table_name, given) -%}
    {%- set found = kith.raw_columns(source_name, table_name, given) if execute else none -%}
    {%- if found is not none -%}
        {%- set declared = kith.declared_table(source_name, table_name) -%}
        {%- do declared.update({'found': found}) -%}
select
    '{{ source_name }}' as source,
    '{{ table_name }}' as raw_table,
    cast(loaded_at as date) as loaded_on,
    count(*) as raw_rows
from (
    select {{ kith.system_columns(declared)['loaded_at'] }} as loaded_at
    from {{ kith.raw_relation(source_name, table_name, given) }}
) as loads
group by cast(loaded_at as date)
    {%- endif -%}
{%- endmacro %}

{#- The SQL of one raw value, of a row's id, and of the reason why a row is refused. -#}


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
            then {{ kith.integer_text('cast(' ~ raw ~ ' as ' ~ kith.type_of('integer') ~ ')') }}
        else {{ kith.as_text(raw) }}
    end
    {%- elif raw_kind == 'zoned' -%} {{ kith.iso_text(kith.zoned_to_utc(raw)) }}
    {%- elif raw_kind == 'timestamp' -%} {{ kith.iso_text(raw) }}
    {%- elif raw_kind == 'integer' -%} {{ kith.integer_text(raw) }}
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

{#- Why a row is refused, null when it is not: the first thing that is wrong. `fault` is a column that has a reason, too.
    Of a row that is deleted, loaders may leave the key alone. -#}
{% macro row_reason(declared, columns, fault=none) -%}
    {%- set words = {
        'timestamp': 'not a time', 'date': 'not a date', 'boolean': 'not true or false',
        'integer': 'not a whole number', 'money': 'not a number', 'number': 'not a number', 'json': kith.not_json(),
    } -%}
    case
        {#- First of all: who may have refused to be written to must be found by it, see consents_from. -#}
        {%- for column in columns if column['fallible'] and column.get('refusal') %}
        {{ kith.unreadable(column, words) }}
        {%- endfor %}
        {%- if fault %}
        when {{ fault }} is not null then {{ fault }}
        {%- endif %}
        {%- for column in columns if column['fallible'] and not column.get('refusal') %}
        {{ kith.unreadable(column, words) }}
        {%- endfor %}
        {%- for column in columns if column['required'] %}
        when {{ column['as'] }} is null{{ '' if column['key'] else ' and not is_deleted' }} then '{{ column['name'] }}: missing'
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

{% macro unreadable(column, words) -%}
    when {{ column['raw_as'] }} is not null and {{ column['as'] }} is null
            then '{{ column['name'] }}: {{ words[column['kind']] }}'
{%- endmacro %}

{#- What is_json refuses: Spark's parser an object with a key twice, too. -#}
{% macro not_json() -%}
    not JSON, or with a key twice or a NUL in it
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

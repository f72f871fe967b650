{#- Every difference between engines, in this one file. Each macro says what differs and why; the default
    is DuckDB's and the SQL standard's form, and another engine has a macro of its prefix. A text comes in
    as SQL, a result goes out as SQL. -#}


{#- Types ------------------------------------------------------------------------------------------- -#}

{#- The engine's type for one of Kith's kinds: text, timestamp (UTC, without zone), date, money, number,
    integer, boolean, json (a text that is JSON). Spark and BigQuery call a text STRING. -#}
{% macro type_of(kind) -%}
    {{ adapter.dispatch('type_of', 'kith')(kind) }}
{%- endmacro %}

{% macro default__type_of(kind) -%}
    {{ {
        'text': 'text', 'timestamp': 'timestamp', 'date': 'date', 'money': 'decimal(18, 2)',
        'number': 'decimal(28, 6)', 'integer': 'bigint', 'boolean': 'boolean', 'json': 'text',
    }[kind] }}
{%- endmacro %}

{% macro spark__type_of(kind) -%}
    {{ {
        'text': 'string', 'timestamp': 'timestamp_ntz', 'date': 'date', 'money': 'decimal(18, 2)',
        'number': 'decimal(28, 6)', 'integer': 'bigint', 'boolean': 'boolean', 'json': 'string',
    }[kind] }}
{%- endmacro %}

{% macro typed_null(kind) -%}
    cast(null as {{ kith.type_of(kind) }})
{%- endmacro %}


{#- Casts that give null instead of an error ---------------------------------------------------------- -#}

{#- PostgreSQL has no try_cast; since 16 it can be asked whether a text is valid for a type. -#}
{% macro try_cast(expression, sql_type) -%}
    {{ adapter.dispatch('try_cast', 'kith')(expression, sql_type) }}
{%- endmacro %}

{% macro default__try_cast(expression, sql_type) -%}
    try_cast({{ expression }} as {{ sql_type }})
{%- endmacro %}

{% macro postgres__try_cast(expression, sql_type) -%}
    case
        when pg_input_is_valid({{ expression }}, '{{ sql_type }}')
            then cast({{ expression }} as {{ sql_type }})
    end
{%- endmacro %}

{#- A number in plain or scientific notation; engines also take words such as NaN, which are none here. -#}
{% macro try_cast_number(expression, kind='number') -%}
    case
        when {{ kith.regexp_like(expression, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$') }}
            then {{ kith.try_cast(expression, kith.type_of(kind)) }}
    end
{%- endmacro %}

{% macro try_cast_money(expression) -%}
    {{ kith.try_cast_number(expression, 'money') }}
{%- endmacro %}

{#- A whole number, also when a loader wrote it as 3.0; DuckDB would round 3.7 and PostgreSQL refuse it. -#}
{% macro try_cast_integer(expression) -%}
    case
        when {{ kith.regexp_like(expression, '^[+-]?[0-9]+([.]0*)?$') }}
            then {{ kith.try_cast(kith.regexp_replace(expression, '[.]0*$', ''), kith.type_of('integer')) }}
    end
{%- endmacro %}

{#- The words differ from engine to engine, so they are listed. -#}
{% macro try_cast_boolean(expression) -%}
    case
        when lower({{ expression }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ expression }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}

{% macro try_cast_date(expression) -%}
    cast({{ kith.try_cast_timestamp(expression) }} as date)
{%- endmacro %}

{#- ISO times as loaders write them (date alone, T or blank, one-digit hours, Z, UTC or an offset) as UTC
    without zone. A time without a zone is UTC. Casting to a plain timestamp ignores an offset on every
    engine, and to a zoned one takes the session's zone where there is none: hence the two ways. -#}
{% macro try_cast_timestamp(expression) -%}
    case
        when not {{ kith.regexp_like(expression, kith.iso_time_pattern()) }} then null
        when {{ kith.regexp_like('substr(' ~ expression ~ ', 11)', '[zZ+-]|UTC') }}
            then {{ kith.zoned_text_to_utc(expression) }}
        else {{ kith.try_cast(kith.regexp_replace(expression, '([.][0-9]{6})[0-9]+', kith.group_reference(1)), kith.type_of('timestamp')) }}
    end
{%- endmacro %}

{% macro iso_time_pattern() -%}
    ^[0-9]{4}-[01][0-9]-[0-3][0-9]([ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?( ?([zZ]|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?$
{%- endmacro %}

{#- A blank before the offset is refused by DuckDB; a time zone's clock is read differently by each. -#}
{% macro zoned_text_to_utc(expression) -%}
    {{ adapter.dispatch('zoned_text_to_utc', 'kith')(expression) }}
{%- endmacro %}

{% macro default__zoned_text_to_utc(expression) -%}
    {%- set compact = kith.regexp_replace(expression, ' ?([zZ]|UTC)$', '+00:00') -%}
    {%- set compact = kith.regexp_replace(compact, ' ?([+-][0-9]{2}:?([0-9]{2})?)$', kith.group_reference(1)) -%}
    make_timestamp(epoch_us(try_cast({{ compact }} as timestamptz)))
{%- endmacro %}

{% macro postgres__zoned_text_to_utc(expression) -%}
    {%- set compact = kith.regexp_replace(expression, ' ?([zZ]|UTC)$', '+00:00') -%}
    {%- set compact = kith.regexp_replace(compact, '([.][0-9]{6})[0-9]+', kith.group_reference(1)) -%}
    {{ kith.try_cast(compact, 'timestamp with time zone') }} at time zone 'UTC'
{%- endmacro %}

{% macro spark__zoned_text_to_utc(expression) -%}
    to_timestamp_ntz(to_utc_timestamp(try_cast({{ expression }} as timestamp), current_timezone()))
{%- endmacro %}

{#- A zoned timestamp as UTC without zone. DuckDB's AT TIME ZONE needs an extension, its epoch does not. -#}
{% macro zoned_to_utc(expression) -%}
    {{ adapter.dispatch('zoned_to_utc', 'kith')(expression) }}
{%- endmacro %}

{% macro default__zoned_to_utc(expression) -%}
    make_timestamp(epoch_us({{ expression }}))
{%- endmacro %}

{% macro postgres__zoned_to_utc(expression) -%}
    ({{ expression }}) at time zone 'UTC'
{%- endmacro %}

{% macro spark__zoned_to_utc(expression) -%}
    cast(to_utc_timestamp({{ expression }}, current_timezone()) as timestamp_ntz)
{%- endmacro %}

{#- Seconds since 1970 (with a fraction) as UTC without zone. -#}
{% macro epoch_to_utc(expression) -%}
    {{ adapter.dispatch('epoch_to_utc', 'kith')(expression) }}
{%- endmacro %}

{% macro default__epoch_to_utc(expression) -%}
    make_timestamp(cast(({{ expression }}) * 1000000 as bigint))
{%- endmacro %}

{% macro postgres__epoch_to_utc(expression) -%}
    (timestamp '1970-01-01' + ({{ expression }}) * interval '1 second')
{%- endmacro %}

{#- Microseconds since 1970, a whole number, as UTC without zone; null beyond the year 9999, where engines fail. -#}
{% macro micros_to_utc(expression) -%}
    case
        when {{ expression }} between 0 and 253402300799999999
            then {{ adapter.dispatch('micros_to_utc', 'kith')(expression) }}
    end
{%- endmacro %}

{% macro default__micros_to_utc(expression) -%}
    make_timestamp({{ expression }})
{%- endmacro %}

{% macro postgres__micros_to_utc(expression) -%}
    (timestamp '1970-01-01' + ({{ expression }}) * interval '1 microsecond')
{%- endmacro %}

{% macro spark__micros_to_utc(expression) -%}
    to_timestamp_ntz(to_utc_timestamp(timestamp_micros({{ expression }}), current_timezone()))
{%- endmacro %}


{#- A native number as a decimal. PostgreSQL would stop at one that does not fit, or be given NaN; a binary
    float goes by its shortest text everywhere, for engines round it differently. -#}
{% macro try_cast_decimal(expression, kind) -%}
    {{ adapter.dispatch('try_cast_decimal', 'kith')(expression, kind) }}
{%- endmacro %}

{% macro default__try_cast_decimal(expression, kind) -%}
    try_cast({{ expression }} as {{ kith.type_of(kind) }})
{%- endmacro %}

{% macro postgres__try_cast_decimal(expression, kind) -%}
    {{ kith.try_cast_number(kith.as_text(expression), kind) }}
{%- endmacro %}


{#- Text --------------------------------------------------------------------------------------------- -#}

{% macro as_text(expression) -%}
    cast({{ expression }} as {{ kith.type_of('text') }})
{%- endmacro %}

{#- A nested or JSON value as JSON text; DuckDB's cast of a struct is no JSON. -#}
{% macro nested_as_text(expression) -%}
    {{ adapter.dispatch('nested_as_text', 'kith')(expression) }}
{%- endmacro %}

{% macro default__nested_as_text(expression) -%}
    cast(to_json({{ expression }}) as {{ kith.type_of('text') }})
{%- endmacro %}

{#- Text that sorts by its bytes. PostgreSQL sorts by the database's collation unless told. -#}
{% macro bytewise(expression) -%}
    {{ adapter.dispatch('bytewise', 'kith')(expression) }}
{%- endmacro %}

{% macro default__bytewise(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro postgres__bytewise(expression) -%}
    ({{ expression }}) collate "C"
{%- endmacro %}

{#- Without blanks, tabs and line ends at both ends; plain trim() takes off blanks alone. -#}
{% macro trimmed(expression) -%}
    {{ adapter.dispatch('trimmed', 'kith')(expression) }}
{%- endmacro %}

{% macro default__trimmed(expression) -%}
    trim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{#- DuckDB trims by a set of characters slowly, and most values have none to trim. -#}
{% macro duckdb__trimmed(expression) -%}
    case
        when substr({{ expression }}, 1, 1) > ' ' and substr({{ expression }}, -1, 1) > ' ' then {{ expression }}
        else {{ kith.default__trimmed(expression) }}
    end
{%- endmacro %}

{% macro postgres__trimmed(expression) -%}
    btrim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{% macro spark__trimmed(expression) -%}
    btrim({{ expression }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{#- Whether a pattern is found anywhere. The patterns keep to what RE2, POSIX and Java share: no look-around,
    no backslash, no named class. -#}
{% macro regexp_like(expression, pattern) -%}
    {{ adapter.dispatch('regexp_like', 'kith')(expression, pattern) }}
{%- endmacro %}

{% macro default__regexp_like(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__regexp_like(expression, pattern) -%}
    (({{ expression }}) ~ '{{ pattern }}')
{%- endmacro %}

{% macro spark__regexp_like(expression, pattern) -%}
    regexp_like({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{#- Every occurrence replaced. Spark replaces all without being told; for DuckDB and PostgreSQL 'g' tells. -#}
{% macro regexp_replace(expression, pattern, replacement) -%}
    {{ adapter.dispatch('regexp_replace', 'kith')(expression, pattern, replacement) }}
{%- endmacro %}

{% macro default__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{#- Runs of blanks, tabs, line ends and hard blanks as one blank; a class of white space is another on each. -#}
{% macro single_blanks(expression) -%}
    {%- set others = 'chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)' -%}
    {{ kith.regexp_replace('translate(' ~ expression ~ ', ' ~ others ~ ", '      ')", ' +', ' ') }}
{%- endmacro %}

{#- The replacement that stands for a group of the pattern: backslash or, in Java, a dollar. -#}
{% macro group_reference(number) -%}
    {{ adapter.dispatch('group_reference', 'kith')(number) }}
{%- endmacro %}

{% macro default__group_reference(number) -%}
    {{ '\\' ~ number }}
{%- endmacro %}

{% macro spark__group_reference(number) -%}
    {{ '$' ~ number }}
{%- endmacro %}

{#- The first group of the first match, null when there is none; DuckDB and Spark give an empty text. -#}
{% macro regexp_extract(expression, pattern) -%}
    {{ adapter.dispatch('regexp_extract', 'kith')(expression, pattern) }}
{%- endmacro %}

{% macro default__regexp_extract(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{% macro postgres__regexp_extract(expression, pattern) -%}
    nullif(substring({{ expression }} from '{{ pattern }}'), '')
{%- endmacro %}

{#- The numbered piece (from 1) between separators, '' when there is none. -#}
{% macro split_part(expression, separator, number) -%}
    split_part({{ expression }}, '{{ separator }}', {{ number }})
{%- endmacro %}

{#- MD5 in lower-case hex; BigQuery's is bytes. Never for keys that a collision could harm. -#}
{% macro md5_hex(expression) -%}
    md5({{ expression }})
{%- endmacro %}

{#- Texts joined in the bytewise order of `order_by` (the text itself by default). Spark has no string_agg. -#}
{% macro string_agg(expression, separator=',', order_by=none) -%}
    {{ adapter.dispatch('string_agg', 'kith')(expression, separator, order_by or expression) }}
{%- endmacro %}

{% macro default__string_agg(expression, separator, order_by) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ kith.bytewise(order_by) }})
{%- endmacro %}

{% macro spark__string_agg(expression, separator, order_by) -%}
    listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{#- Distinct texts joined in bytewise order. PostgreSQL wants the order expression to be the argument. -#}
{% macro string_agg_distinct(expression, separator=',') -%}
    {{ adapter.dispatch('string_agg_distinct', 'kith')(expression, separator) }}
{%- endmacro %}

{% macro default__string_agg_distinct(expression, separator) -%}
    string_agg(distinct {{ kith.bytewise(expression) }}, '{{ separator }}' order by {{ kith.bytewise(expression) }})
{%- endmacro %}

{% macro spark__string_agg_distinct(expression, separator) -%}
    array_join(array_sort(collect_set({{ expression }})), '{{ separator }}')
{%- endmacro %}


{#- Whether a text is JSON. PostgreSQL is asked whether it is valid for jsonb, which refuses what it cannot hold. -#}
{% macro is_json(expression) -%}
    {{ adapter.dispatch('is_json', 'kith')(expression) }}
{%- endmacro %}

{% macro default__is_json(expression) -%}
    (json_valid({{ expression }}) and position('\u0000' in {{ expression }}) = 0)
{%- endmacro %}

{% macro postgres__is_json(expression) -%}
    pg_input_is_valid({{ expression }}, 'jsonb')
{%- endmacro %}

{% macro spark__is_json(expression) -%}
    (get_json_object({{ expression }}, '$') is not null)
{%- endmacro %}

{#- A scalar within JSON text, as text: null when it is absent, JSON's null, or the text is no JSON.
    `path` is a list of keys; a number is a place in an array, from 0; without any, the whole. -#}
{% macro json_get(expression, path) -%}
    {{ adapter.dispatch('json_get', 'kith')(expression, path) }}
{%- endmacro %}

{% macro default__json_get(expression, path) -%}
    case when {{ kith.is_json(expression) }} then json_extract_string({{ expression }}, '{{ kith.json_path(path) }}') end
{%- endmacro %}

{% macro postgres__json_get(expression, path) -%}
    case when {{ kith.is_json(expression) }} then cast({{ expression }} as json) #>> '{{ '{' ~ path | join(',') ~ '}' }}' end
{%- endmacro %}

{% macro spark__json_get(expression, path) -%}
    get_json_object({{ expression }}, '${% for key in path %}{{ '[' ~ key ~ ']' if key is number else '.' ~ key }}{% endfor %}')
{%- endmacro %}

{% macro json_path(path) -%}
    ${% for key in path %}{{ '[' ~ key ~ ']' if key is number else '."' ~ key ~ '"' }}{% endfor %}
{%- endmacro %}

{#- The value of a key in JSON text of the form [{"key": …, "value": {"<type>_value": …}}], as text: null when
    there is none. Google Analytics writes parameters so. Each engine searches an array in its own language. -#}
{% macro json_param(expression, key) -%}
    {{ adapter.dispatch('json_param', 'kith')(expression, key) }}
{%- endmacro %}

{% macro default__json_param(expression, key) -%}
    case
        when {{ kith.is_json(expression) }}
            then list_filter(
                json_extract_string(
                    list_filter(
                        json_extract({{ expression }}, '$[*]'),
                        lambda entry: json_extract_string(entry, '$.key') = '{{ key }}'
                    )[1],
                    ['$.value.string_value', '$.value.int_value', '$.value.float_value', '$.value.double_value']
                ),
                lambda found: found is not null
            )[1]
    end
{%- endmacro %}

{% macro postgres__json_param(expression, key) -%}
    case
        when {{ kith.is_json(expression) }}
            then jsonb_path_query_first(
                cast({{ expression }} as jsonb), '$[*] ? (@.key == "{{ key }}").value.* ? (@ != null)'
            ) #>> '{}'
    end
{%- endmacro %}

{% macro spark__json_param(expression, key) -%}
    array_compact(map_values(filter(
        from_json({{ expression }}, 'array<struct<key:string,value:map<string,string>>>'),
        entry -> entry.key = '{{ key }}'
    )[0].value))[0]
{%- endmacro %}

{#- The scalars of a JSON array in a column, one row each: the relation's columns, and `item` as text. Engines
    unfold JSON each in its own way. -#}
{% macro json_items(relation, column) -%}
    {{ adapter.dispatch('json_items', 'kith')(relation, column) }}
{%- endmacro %}

{% macro default__json_items(relation, column) -%}
    select
        {{ relation }}.*,
        unnest(json_extract_string({{ relation }}.{{ column }}, '$[*]')) as item
    from {{ relation }}
    where {{ kith.is_json(relation ~ '.' ~ column) }}
{%- endmacro %}

{% macro postgres__json_items(relation, column) -%}
    select
        {{ relation }}.*,
        items.item
    from {{ relation }}
    cross join lateral jsonb_array_elements_text(
        case
            when {{ kith.is_json(relation ~ '.' ~ column) }} and left(ltrim({{ relation }}.{{ column }}), 1) = '['
                then cast({{ relation }}.{{ column }} as jsonb)
        end
    ) as items (item)
{%- endmacro %}

{% macro spark__json_items(relation, column) -%}
    select
        {{ relation }}.*,
        items.item
    from {{ relation }}
    lateral view explode(from_json({{ relation }}.{{ column }}, 'array<string>')) items as item
{%- endmacro %}

{#- The pairs of a JSON object in a column, one row a pair with a scalar that is not null: the relation's
    columns, and `name` and `value` as text. Engines unfold JSON each in its own way. -#}
{% macro json_pairs(relation, column) -%}
    {{ adapter.dispatch('json_pairs', 'kith')(relation, column) }}
{%- endmacro %}

{% macro default__json_pairs(relation, column) -%}
    {%- set pointer = "'/' || replace(replace(objects.name, '~', '~0'), '/', '~1')" -%}
    select
        objects.*,
        json_extract_string(objects.{{ column }}, {{ pointer }}) as value
    from (
        select
            {{ relation }}.*,
            unnest(json_keys({{ relation }}.{{ column }})) as name
        from {{ relation }}
        where {{ kith.is_json(relation ~ '.' ~ column) }} and json_type({{ relation }}.{{ column }}) = 'OBJECT'
    ) as objects
    where json_type(objects.{{ column }}, {{ pointer }}) not in ('NULL', 'OBJECT', 'ARRAY')
{%- endmacro %}

{% macro postgres__json_pairs(relation, column) -%}
    select
        objects.*,
        pairs.key as name,
        pairs.value #>> '{}' as value
    from (
        select
            {{ relation }}.*,
            cast({{ relation }}.{{ column }} as jsonb) as unfolded
        from {{ relation }}
        where {{ kith.is_json(relation ~ '.' ~ column) }} and left(ltrim({{ relation }}.{{ column }}), 1) = '{'
    ) as objects
    cross join lateral jsonb_each(objects.unfolded) as pairs
    where jsonb_typeof(pairs.value) not in ('null', 'object', 'array')
{%- endmacro %}

{% macro spark__json_pairs(relation, column) -%}
    select
        {{ relation }}.*,
        pairs.name,
        pairs.value
    from {{ relation }}
    lateral view explode(from_json({{ relation }}.{{ column }}, 'map<string, string>')) pairs as name, value
    where pairs.value is not null
{%- endmacro %}


{#- JSON as canonical text: sorted keys, no blanks, nulls left out. Every engine's own JSON writer spells
    something its own way, so it is joined from text here and equal to the byte everywhere. ------------ -#}

{#- A JSON object from SQL by key, each value a text, or a list [kind, SQL] with text, number, boolean,
    timestamp or json. -#}
{% macro json_object(members) -%}
    {%- set parts = [] -%}
    {%- for name in members | sort -%}
        {%- set member = members[name] -%}
        {%- set kind, expression = ('text', member) if member is string else (member[0], member[1]) -%}
        {%- do parts.append("coalesce(',\"" ~ name ~ "\":' || " ~ kith.json_value(kind, expression) ~ ", '')") -%}
    {%- endfor -%}
    '{' || substr(
        {{ parts | join('\n        || ') }},
        2
    ) || '}'
{%- endmacro %}

{% macro json_value(kind, expression) -%}
    {%- if kind == 'text' -%} {{ kith.json_text(expression) }}
    {%- elif kind == 'timestamp' -%} '"' || {{ kith.iso_text(expression) }} || '"'
    {%- elif kind == 'json' -%} {{ expression }}
    {%- else -%} cast({{ expression }} as {{ kith.type_of('text') }})
    {%- endif -%}
{%- endmacro %}

{#- A text as a JSON string. Control characters other than tab and line ends are left out. -#}
{% macro json_text(expression) -%}
    '"' || {{ kith.json_escaped(expression) }} || '"'
{%- endmacro %}

{#- Spark reads a backslash in a literal as an escape: chr(92) is one everywhere. -#}
{% macro json_escaped(expression) -%}
    case
        when {{ kith.regexp_like(expression, '[^ !#-Z^-~]') }}
            then replace(replace(replace(replace(replace(
                {{ kith.without_controls(expression) }},
                chr(92), chr(92) || chr(92)), '"', chr(92) || '"'),
                chr(9), chr(92) || 't'), chr(10), chr(92) || 'n'), chr(13), chr(92) || 'r')
        else {{ expression }}
    end
{%- endmacro %}

{#- Whether control characters or a hard blank are in a text; no pattern names them alike on all engines. -#}
{% macro has_controls(expression) -%}
    {%- set codes = [] -%}
    {%- for code in range(1, 32) -%}
        {%- do codes.append('chr(' ~ code ~ ')') -%}
    {%- endfor -%}
    translate({{ expression }}, {{ codes | join(' || ') }} || chr(127) || chr(160), '') <> {{ expression }}
{%- endmacro %}

{% macro without_controls(expression) -%}
    {%- set codes = [] -%}
    {%- for code in range(1, 32) if code not in (9, 10, 13) -%}
        {%- do codes.append('chr(' ~ code ~ ')') -%}
    {%- endfor -%}
    translate({{ expression }}, {{ codes | join(' || ') }}, '')
{%- endmacro %}


{#- Time --------------------------------------------------------------------------------------------- -#}

{#- The one clock: the variable `now`, else KITH_NOW, else when the run started; UTC, without zone. -#}
{% macro now_utc() -%}
    cast('{{ kith.now_moment().strftime("%Y-%m-%d %H:%M:%S.%f") }}' as {{ kith.type_of('timestamp') }})
{%- endmacro %}

{#- The same as a Python datetime in UTC. -#}
{% macro now_moment() %}
    {#- Not at parse time: a model that names a variable of the environment is parsed anew whenever it changes. -#}
    {% set given = var('now', none) or (env_var('KITH_NOW', '') if execute else '') %}
    {% set moment = modules.datetime.datetime.fromisoformat(given | string | trim) if given else run_started_at %}
    {% do return(moment.astimezone(modules.pytz.utc) if moment.tzinfo else modules.pytz.utc.localize(moment)) %}
{% endmacro %}

{#- The latest time at which something may have happened: now, and what clocks may differ by. -#}
{% macro latest_past() -%}
    {{ kith.add_time(kith.now_utc(), var('future_tolerance_minutes'), 'minute') }}
{%- endmacro %}

{#- A timestamp as ISO text with microseconds and Z. -#}
{% macro iso_text(expression) -%}
    {{ adapter.dispatch('iso_text', 'kith')(expression) }}
{%- endmacro %}

{% macro default__iso_text(expression) -%}
    strftime({{ expression }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}

{% macro postgres__iso_text(expression) -%}
    to_char({{ expression }}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
{%- endmacro %}

{% macro spark__iso_text(expression) -%}
    date_format({{ expression }}, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
{%- endmacro %}

{#- Whole seconds from one timestamp to another, rounded down. Engines count boundaries or intervals
    otherwise, each its own way. -#}
{% macro seconds_between(earlier, later) -%}
    {{ adapter.dispatch('seconds_between', 'kith')(earlier, later) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(floor((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000) as bigint)
{%- endmacro %}

{% macro postgres__seconds_between(earlier, later) -%}
    cast(floor(extract(epoch from (({{ later }}) - ({{ earlier }})))) as bigint)
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(floor((unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1000000) as bigint)
{%- endmacro %}

{#- Calendar days from one timestamp's or date's day to another's. -#}
{% macro days_between(earlier, later) -%}
    {{ adapter.dispatch('days_between', 'kith')(earlier, later) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    date_diff('day', cast({{ earlier }} as date), cast({{ later }} as date))
{%- endmacro %}

{% macro postgres__days_between(earlier, later) -%}
    (cast({{ later }} as date) - cast({{ earlier }} as date))
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff(cast({{ later }} as date), cast({{ earlier }} as date))
{%- endmacro %}

{#- A timestamp moved by a number (SQL) of seconds, minutes, hours or days; Spark multiplies no interval. -#}
{% macro add_time(expression, number, unit) -%}
    {{ adapter.dispatch('add_time', 'kith')(expression, number, unit) }}
{%- endmacro %}

{% macro default__add_time(expression, number, unit) -%}
    (({{ expression }}) + ({{ number }}) * interval '1 {{ unit }}')
{%- endmacro %}

{% macro spark__add_time(expression, number, unit) -%}
    timestampadd({{ unit }}, {{ number }}, {{ expression }})
{%- endmacro %}


{#- Rows --------------------------------------------------------------------------------------------- -#}

{#- Whole-number labels from 1 in the bytewise order of a text: the same on every engine. -#}
{% macro row_labels(order_by) -%}
    row_number() over (order by {{ kith.bytewise(order_by) }})
{%- endmacro %}

{#- Within a group: the last known (not null) value by time, ties by a text in bytewise order. -#}
{% macro latest_value(expression, at, tie_break) -%}
    {{ adapter.dispatch('latest_value', 'kith')(expression, at, tie_break) }}
{%- endmacro %}

{% macro default__latest_value(expression, at, tie_break) -%}
    (array_agg({{ expression }} order by {{ at }} desc nulls last, {{ kith.bytewise(tie_break) }} desc)
        filter (where {{ expression }} is not null))[1]
{%- endmacro %}

{% macro spark__latest_value(expression, at, tie_break) -%}
    max_by({{ expression }}, struct({{ at }}, {{ tie_break }})) filter (where {{ expression }} is not null)
{%- endmacro %}

{#- Whether two values are equal, two nulls included. -#}
{% macro same(left, right) -%}
    {{ adapter.dispatch('same', 'kith')(left, right) }}
{%- endmacro %}

{% macro default__same(left, right) -%}
    ({{ left }} is not distinct from {{ right }})
{%- endmacro %}


{#- After a table is built --------------------------------------------------------------------------- -#}

{#- A post-hook: PostgreSQL plans badly over a table that it has not counted; others count by themselves. -#}
{% macro analyze() -%}
    {{ kith.analyze_relation(this) }}
{%- endmacro %}

{#- The statement that counts a table's values for the planner; nothing where none is needed. -#}
{% macro analyze_relation(relation) -%}
    {{ adapter.dispatch('analyze_relation', 'kith')(relation) }}
{%- endmacro %}

{% macro default__analyze_relation(relation) -%}{%- endmacro %}

{% macro postgres__analyze_relation(relation) -%}
    analyze {{ relation }}
{%- endmacro %}

{#- A post-hook: an index on the columns where the engine's joins use one. -#}
{% macro index_on(columns) -%}
    {{ adapter.dispatch('index_on', 'kith')(columns) }}
{%- endmacro %}

{% macro default__index_on(columns) -%}{%- endmacro %}

{% macro postgres__index_on(columns) -%}
    create index if not exists "{{ local_md5(this.identifier ~ '/' ~ columns | join('/')) }}"
    on {{ this }} ({{ columns | join(', ') }})
{%- endmacro %}


{#- Working tables ------------------------------------------------------------------------------------ -#}

{#- Where a table lies that lives as long as one model's build. DuckDB would write it to its file and its log: there it
    is a temporary one, of the connection that builds the model, in a catalog of its own. -#}
{% macro working_table_at(database, schema_name, name) -%}
    {{ return(adapter.dispatch('working_table_at', 'kith')(database, schema_name, name)) }}
{%- endmacro %}

{% macro default__working_table_at(database, schema_name, name) -%}
    {{ return(api.Relation.create(database=database, schema=schema_name, identifier=name, type='table')) }}
{%- endmacro %}

{% macro duckdb__working_table_at(database, schema_name, name) -%}
    {{ return(api.Relation.create(database='temp', schema='main', identifier=schema_name ~ '__' ~ name, type='table')) }}
{%- endmacro %}

{#- The end of a table's definition. Spark has no format of its own: what is merged into has to be Delta. -#}
{% macro table_format() -%}
    {{ adapter.dispatch('table_format', 'kith')() }}
{%- endmacro %}

{% macro default__table_format() -%} {%- endmacro %}

{% macro spark__table_format() -%} using delta {%- endmacro %}

{#- The statement that makes a working table, in place of one that a build left which was killed. PostgreSQL cannot
    replace a table; DuckDB makes none in that catalog without being told that it is temporary. -#}
{% macro replace_working_table(relation, select_sql) -%}
    {{ adapter.dispatch('replace_working_table', 'kith')(relation, select_sql) }}
{%- endmacro %}

{% macro default__replace_working_table(relation, select_sql) -%}
    create or replace table {{ relation }} as {{ select_sql }}
{%- endmacro %}

{% macro postgres__replace_working_table(relation, select_sql) -%}
    drop table if exists {{ relation }};
    create table {{ relation }} as {{ select_sql }}
{%- endmacro %}

{% macro duckdb__replace_working_table(relation, select_sql) -%}
    create or replace temporary table {{ relation }} as {{ select_sql }}
{%- endmacro %}

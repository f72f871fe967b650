{#- JSON that is read: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- Whether a text is JSON: an object, an array or a text. Of words and numbers alone each engine has its own opinion.
    PostgreSQL is asked whether it is valid for jsonb, which refuses what it cannot hold. -#}
{% macro is_json(expression) -%}
    ({{ kith.regexp_like(expression, '^[^0-9A-Za-z,+.-]') }} and {{ adapter.dispatch('is_json', 'kith')(expression) }})
{%- endmacro %}

{% macro default__is_json(expression) -%}
    json_valid({{ expression }}) and position('\u0000' in {{ expression }}) = 0
{%- endmacro %}

{% macro postgres__is_json(expression) -%}
    pg_input_is_valid({{ expression }}, 'jsonb')
{%- endmacro %}

{#- Sail's get_json_object takes what only begins as JSON, and null for none. -#}
{% macro spark__is_json(expression) -%}
    try_parse_json({{ expression }}) is not null and instr({{ expression }}, chr(92) || 'u0000') = 0
{%- endmacro %}

{% macro snowflake__is_json(expression) -%}
    {{ expression }} is not null and check_json({{ expression }}) is null and position(chr(92) || 'u0000' in {{ expression }}) = 0
{%- endmacro %}

{% macro bigquery__is_json(expression) -%}
    safe.parse_json({{ expression }}) is not null and strpos({{ expression }}, chr(92) || 'u0000') = 0
{%- endmacro %}

{% macro redshift__is_json(expression) -%}
    can_json_parse({{ expression }}) and strpos({{ expression }}, chr(92) || 'u0000') = 0
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
    case
        when {{ kith.is_json(expression) }}
            then get_json_object({{ expression }}, "${% for key in path %}{{ '[' ~ key ~ ']' if key is number else "['" ~ key ~ "']" }}{% endfor %}")
    end
{%- endmacro %}

{% macro snowflake__json_get(expression, path) -%}
    cast(
        {%- if path %} get_path(try_parse_json({{ expression }}), '{% for key in path %}{{ '[' ~ key ~ ']' if key is number else '["' ~ key ~ '"]' }}{% endfor %}')
        {%- else %} try_parse_json({{ expression }})
        {%- endif %} as text
    )
{%- endmacro %}

{% macro bigquery__json_get(expression, path) -%}
    case
        when {{ kith.is_json(expression) }}
            then coalesce(
                json_value({{ expression }}, '{{ kith.json_path(path) }}'),
                nullif(json_query({{ expression }}, '{{ kith.json_path(path) }}'), 'null')
            )
    end
{%- endmacro %}

{% macro redshift__json_get(expression, path) -%}
    {%- set found = namespace(sql=expression) -%}
    {%- for key in path -%}
        {%- set found.sql = ('json_extract_array_element_text(' ~ found.sql ~ ', ' ~ key if key is number
            else 'json_extract_path_text(' ~ found.sql ~ ", '" ~ key ~ "'") ~ ', true)' -%}
    {%- endfor -%}
    case when {{ kith.is_json(expression) }} then nullif({{ found.sql }}, '') end
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
    get(array_compact(map_values(get(filter(
        from_json({{ expression }}, 'array<struct<key:string,value:map<string,string>>>'),
        entry -> entry.key = '{{ key }}'
    ), 0).value)), 0)
{%- endmacro %}

{% macro snowflake__json_param(expression, key) -%}
    {%- set found = "get(filter(try_parse_json(" ~ expression ~ "), entry -> cast(get_path(entry, 'key') as text) = '" ~ key ~ "'), 0)" -%}
    coalesce(
        {%- for kind in ['string', 'int', 'float', 'double'] %}
        cast(get_path({{ found }}, 'value.{{ kind }}_value') as text){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro bigquery__json_param(expression, key) -%}
    (
        select coalesce(
            {%- for kind in ['string', 'int', 'float', 'double'] %}
            json_value(entry, '$.value.{{ kind }}_value'){{ ',' if not loop.last }}
            {%- endfor %}
        )
        from unnest(json_query_array({{ expression }})) as entry
        where json_value(entry, '$.key') = '{{ key }}'
        limit 1
    )
{%- endmacro %}

{#- Redshift searches no array within an expression: the value stands behind its key in the text. -#}
{% macro redshift__json_param(expression, key) -%}
    nullif(regexp_substr(
        {{ expression }}, '"key" *: *"{{ key }}" *, *"value" *: *[{][^}]*_value" *: *"?([^",}]+)', 1, 1, 'e'
    ), 'null')
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
        explode(from_json({{ relation }}.{{ column }}, 'array<string>')) as item
    from {{ relation }}
    where {{ kith.is_json(relation ~ '.' ~ column) }}
{%- endmacro %}

{% macro snowflake__json_items(relation, column) -%}
    select
        {{ relation }}.*,
        cast(items.value as text) as item
    from {{ relation }}
    cross join lateral flatten(input => try_parse_json({{ relation }}.{{ column }})) as items
    where is_array(try_parse_json({{ relation }}.{{ column }}))
{%- endmacro %}

{% macro bigquery__json_items(relation, column) -%}
    select
        {{ relation }}.*,
        coalesce(json_value(element, '$'), nullif(json_query(element, '$'), 'null')) as item
    from {{ relation }}
    cross join unnest(json_query_array({{ relation }}.{{ column }}, '$')) as element
    where {{ kith.is_json(relation ~ '.' ~ column) }}
{%- endmacro %}

{% macro redshift__json_items(relation, column) -%}
    select
        arrays.*,
        cast(element as varchar(65535)) as item
    from (
        select
            {{ relation }}.*,
            json_parse({{ relation }}.{{ column }}) as parsed_items
        from {{ relation }}
        where {{ kith.is_json(relation ~ '.' ~ column) }} and left(ltrim({{ relation }}.{{ column }}), 1) = '['
    ) as arrays, arrays.parsed_items as element
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

{#- A map of texts has arrays and objects as texts too: they are those that begin so where their key stands. A number
    is taken as it was written, where the key can be a path. -#}
{% macro spark__json_pairs(relation, column) -%}
    {%- set compact = "regexp_replace(objects." ~ column ~ ", '\"[ \\t\\n\\r]*:[ \\t\\n\\r]*', '\":')" -%}
    select
        objects.*,
        coalesce(
            case
                when regexp_like(objects.name, '^[A-Za-z0-9_-]+$')
                    then get_json_object(objects.{{ column }}, '$.' || objects.name)
            end,
            objects.unfolded
        ) as value
    from (
        select
            {{ relation }}.*,
            explode(from_json({{ relation }}.{{ column }}, 'map<string, string>')) as (name, unfolded)
        from {{ relation }}
        where {{ kith.is_json(relation ~ '.' ~ column) }}
    ) as objects
    where
        objects.unfolded is not null
        and not (
            substr(objects.unfolded, 1, 1) in ('{', '[')
            and instr({{ compact }}, '"' || objects.name || '":' || substr(objects.unfolded, 1, 1)) > 0
        )
{%- endmacro %}

{% macro snowflake__json_pairs(relation, column) -%}
    select
        {{ relation }}.*,
        pairs.key as name,
        cast(pairs.value as text) as value
    from {{ relation }}
    cross join lateral flatten(input => try_parse_json({{ relation }}.{{ column }})) as pairs
    where
        is_object(try_parse_json({{ relation }}.{{ column }}))
        and typeof(pairs.value) not in ('NULL_VALUE', 'OBJECT', 'ARRAY')
{%- endmacro %}

{% macro bigquery__json_pairs(relation, column) -%}
    select
        {{ relation }}.*,
        name,
        json_value(safe.parse_json({{ relation }}.{{ column }})[name]) as value
    from {{ relation }}
    cross join unnest(json_keys(safe.parse_json({{ relation }}.{{ column }}), 1)) as name
    where
        {{ kith.is_json(relation ~ '.' ~ column) }}
        and json_value(safe.parse_json({{ relation }}.{{ column }})[name]) is not null
{%- endmacro %}

{% macro redshift__json_pairs(relation, column) -%}
    select
        objects.*,
        name,
        cast(value as varchar(65535)) as value
    from (
        select
            {{ relation }}.*,
            json_parse({{ relation }}.{{ column }}) as parsed_pairs
        from {{ relation }}
        where {{ kith.is_json(relation ~ '.' ~ column) }} and left(ltrim({{ relation }}.{{ column }}), 1) = '{'
    ) as objects, unpivot objects.parsed_pairs as value at name
    where not is_null(value) and not is_object(value) and not is_array(value)
{%- endmacro %}

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

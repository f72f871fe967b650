{#- JSON unfolded into rows: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


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

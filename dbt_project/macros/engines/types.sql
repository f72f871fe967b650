{#- Types: what engines do each in their own way. Where no prefix says otherwise, it is DuckDB's and the standard's. -#}


{#- The engine's type for one of Kith's kinds: text, timestamp (UTC, without zone), date, money, number,
    integer, boolean, json (a text that is JSON), wide (money while it is reckoned with), rate. Spark and BigQuery call a text STRING. -#}
{% macro type_of(kind) -%}
    {{ adapter.dispatch('type_of', 'kith')(kind) }}
{%- endmacro %}

{% macro default__type_of(kind) -%}
    {{ {
        'text': 'text', 'timestamp': 'timestamp', 'date': 'date', 'money': 'decimal(18, 2)',
        'number': 'decimal(28, 6)', 'integer': 'bigint', 'boolean': 'boolean', 'json': 'text',
        'wide': 'decimal(38, 6)', 'rate': 'decimal(18, 8)',
    }[kind] }}
{%- endmacro %}

{% macro spark__type_of(kind) -%}
    {{ {
        'text': 'string', 'timestamp': 'timestamp_ntz', 'date': 'date', 'money': 'decimal(18, 2)',
        'number': 'decimal(28, 6)', 'integer': 'bigint', 'boolean': 'boolean', 'json': 'string',
        'wide': 'decimal(38, 6)', 'rate': 'decimal(18, 8)',
    }[kind] }}
{%- endmacro %}

{% macro snowflake__type_of(kind) -%}
    {{ {
        'text': 'text', 'timestamp': 'timestamp_ntz', 'date': 'date', 'money': 'decimal(18, 2)',
        'number': 'decimal(28, 6)', 'integer': 'bigint', 'boolean': 'boolean', 'json': 'text',
        'wide': 'decimal(38, 6)', 'rate': 'decimal(18, 8)',
    }[kind] }}
{%- endmacro %}

{% macro bigquery__type_of(kind) -%}
    {{ {
        'text': 'string', 'timestamp': 'timestamp', 'date': 'date', 'money': 'numeric(18, 2)',
        'number': 'numeric(28, 6)', 'integer': 'int64', 'boolean': 'bool', 'json': 'string',
        'wide': 'bignumeric(38, 6)', 'rate': 'numeric(18, 8)',
    }[kind] }}
{%- endmacro %}

{#- Redshift's TEXT keeps 256 bytes. -#}
{% macro redshift__type_of(kind) -%}
    {{ {
        'text': 'varchar(65535)', 'timestamp': 'timestamp', 'date': 'date', 'money': 'decimal(18, 2)',
        'number': 'decimal(28, 6)', 'integer': 'bigint', 'boolean': 'boolean', 'json': 'varchar(65535)',
        'wide': 'decimal(38, 6)', 'rate': 'decimal(18, 8)',
    }[kind] }}
{%- endmacro %}

{% macro typed_null(kind) -%}
    cast(null as {{ kith.type_of(kind) }})
{%- endmacro %}

{#- One of Kith's kinds, or float, zoned, nested, for an engine's type name. -#}
{% macro kind_of(type_name) %}
    {% set name = type_name | lower %}
    {% if kith.is_zoned_type(name) %}{% do return('zoned') %}
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

{#- Whether a type's name is that of a time with a zone. What Spark, Databricks and BigQuery call a timestamp is a
    moment, shown in the session's zone; without a zone it is a TIMESTAMP_NTZ, in BigQuery a DATETIME. -#}
{% macro is_zoned_type(name) %}
    {{ return(adapter.dispatch('is_zoned_type', 'kith')(name)) }}
{% endmacro %}

{% macro default__is_zoned_type(name) %}
    {{ return(name.startswith(('timestamp with time zone', 'timestamptz', 'timestamp_tz', 'timestamp_ltz'))) }}
{% endmacro %}

{% macro spark__is_zoned_type(name) %}
    {{ return(name in ('timestamp', 'timestamp_ltz') or 'with time zone' in name) }}
{% endmacro %}

{% macro bigquery__is_zoned_type(name) %}
    {{ return(name == 'timestamp') }}
{% endmacro %}

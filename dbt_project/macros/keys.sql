{#- Keys of several parts as one text. ---------------------------------------------------------------- -#}

{#- The parts (SQL, text) with bars between them: `a|b`. In every part but the last a bar and a backslash have
    a backslash before them, so two lists of parts never give one key; the last part, which may be a key
    itself, stays as it is. Null when a part is. Spark reads a backslash in a literal as an escape, chr(92)
    is one everywhere. -#}
{% macro joined_key(parts) -%}
    {%- for part in parts -%}
        {%- if loop.last -%} {{ part }}
        {%- else -%}
        replace(replace({{ part }}, chr(92), chr(92) || chr(92)), '|', chr(92) || '|') || '|' ||
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- The source record as one text. -#}
{% macro record_key(relation) -%}
    {{ kith.joined_key([relation ~ '.source', relation ~ '.record_type', relation ~ '.record_id']) }}
{%- endmacro %}

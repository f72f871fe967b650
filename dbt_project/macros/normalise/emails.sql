{#- Form of e-mails, in SQL alone: `(.|[^.])*` is anything, a line end too, which a dot is on some engines and is not
    on others. A deliverable form is what one writes to; a match key is what one compares. The two are kept apart.
    Bare first, in a step of its own, for the other macros take the bare form. -#}


{#- The address alone: trimmed, without mailto:, and out of a `Name <address>`. Null when nothing is left. -#}
{% macro email_bare(expression) -%}
    nullif({{ kith.trimmed(kith.regexp_replace(expression, '^[^<>]*<|>(.|[^.])*$|^ *[mM][aA][iI][lL][tT][oO]:', '')) }}, '')
{%- endmacro %}

{#- What one writes to: the domain in lower case. The part before the @ stays as it was written, for a server
    may tell capitals apart. -#}
{% macro email_deliverable(bare) -%}
    {{ kith.split_part(bare, '@', 1) }} || '@' || lower({{ kith.split_part(bare, '@', 2) }})
{%- endmacro %}

{#- What one compares: lower case; at Gmail, which does the same, without dots and without what follows a
    plus. No other domain is folded. -#}
{% macro email_key(bare) -%}
    case
        when {{ kith.regexp_like('lower(' ~ bare ~ ')', '@(gmail|googlemail)[.]com$') }}
            then replace(
                {{ kith.split_part(kith.split_part('lower(' ~ bare ~ ')', '@', 1), '+', 1) }}, '.', ''
            ) || '@gmail.com'
        else substr(lower({{ bare }}), 1, 320)
    end
{%- endmacro %}

{#- Why it is no address, null when it is one. -#}
{% macro email_invalid_reason(bare) -%}
    {%- set lowered = 'lower(' ~ bare ~ ')' -%}
    {%- set domain = kith.split_part(lowered, '@', 2) -%}
    case
        when {{ bare }} is null then 'empty'
        when {{ lowered }} in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ bare }} not like '%@%' then 'not an address'
        when length({{ bare }}) > 254 or length({{ kith.split_part(bare, '@', 1) }}) > 64 then 'too long'
        when
            not {{ kith.regexp_like(lowered, kith.email_pattern()) }}
            or {{ kith.has_controls(bare) }}
            or {{ kith.regexp_like(lowered, '^[.]|[.]@|[.][.]|@-|@[^@]*([.]-|-[.])|@([^@]*[.])?([^.@]{64}|([^.@x][^.@]|x[^.@n])--)') }}
            then 'not well formed'
        when
            {{ lowered }} in ({{ kith.text_list(var('placeholder_emails')) }})
            or {{ domain }} in ({{ kith.text_list(var('placeholder_email_domains')) }})
            then 'a placeholder'
        else {{ kith.typed_null('text') }}
    end
{%- endmacro %}

{#- Letters beyond ASCII are letters (`[^ -~]`), save where a domain ends. Quoted local parts are not taken:
    no one has one, and what looks like one is a fault. The doubled quote is SQL's. -#}
{% macro email_pattern() -%}
    ^([a-z0-9!#$%&*+/=?^_`{|}~.-]|''|[^ -~])+@(([a-z0-9-]|[^ -~])+[.])+([a-z]{2,63}|xn--[a-z0-9-]+)$
{%- endmacro %}

{#- What one writes to, or null. -#}
{% macro valid_email(bare) -%}
    case when {{ kith.email_invalid_reason(bare) }} is null then {{ kith.email_deliverable(bare) }} end
{%- endmacro %}

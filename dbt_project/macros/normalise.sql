{#- Form of e-mails, phones and names, in SQL alone: `(.|[^.])*` is anything, a line end too, which a dot is on
    some engines and is not on others. A deliverable form is what one writes to; a match key is
    what one compares. The two are kept apart. -#}


{#- A list of texts for IN, from a variable or a list. -#}
{% macro text_list(values) -%}
    {%- for value in values -%}
        '{{ value | string | replace("'", "''") }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- E-mail: bare first, in a step of its own, for the other macros take the bare form --------------------- -#}

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


{#- Phone: E.164 first, in a step of its own, for the reason takes it beside what was written --------------- -#}

{#- The number in E.164 form; null when no digit is in it. An extension and a
    (0) after the country code are cut off, 00 is +, a number without a country code is of the default
    country. -#}
{% macro phone_e164(written) -%}
    {%- set country = var('default_country_code') | string -%}
    {%- set length = var('national_number_length', none) -%}
    {%- set signs = kith.regexp_replace(kith.phone_without_extension(written), '[(] *0 *[)]|[^0-9+]', '') -%}
    {%- set digits = 'replace(' ~ signs ~ ", '+', '')" -%}
    case
        when {{ digits }} = '' then null
        when {{ signs }} like '+%' then '+' || {{ digits }}
        when {{ digits }} like '00%' then '+' || substr({{ digits }}, 3)
        {%- if length %}
        when {{ digits }} like '{{ country }}%' and length({{ digits }}) = {{ country | length + length }}
            then '+' || {{ digits }}
        {%- endif %}
        else '+{{ country }}' || {{ kith.without_trunk_zero(digits, country) }}
    end
{%- endmacro %}

{#- The match key: a number behind a switchboard is another one than the switchboard's. -#}
{% macro phone_key(written, number) -%}
    {%- set dialled = kith.regexp_replace('lower(' ~ written ~ ')', '[^0-9x#;,]', '') -%}
    case
        when {{ kith.phone_has_extension(written) }}
            then {{ number }} || ';ext=' || {{ kith.regexp_replace(dialled, '^.*[x#;,]', '') }}
        else {{ number }}
    end
{%- endmacro %}

{#- After a comma or a semicolon few digits are an extension, many another number. -#}
{% macro phone_has_extension(written) -%}
    {{ kith.regexp_like('lower(' ~ written ~ ')', '(ext|x|#)[^0-9]*[0-9]|[;,][^0-9]*[0-9]{1,7}[^0-9]*$') }}
{%- endmacro %}

{% macro phone_without_extension(written) -%}
    {{ kith.regexp_replace('lower(' ~ written ~ ')', '^ *tel:|(ext|x|#|;|,)(.|[^.])*$', '') }}
{%- endmacro %}

{#- The trunk zero is dialled within a country alone; in Italy it belongs to the number. -#}
{% macro without_trunk_zero(digits, country) -%}
    {{ digits if country == '39' else kith.regexp_replace(digits, '^0+', '') }}
{%- endmacro %}

{#- Why it is no number, null when it may be one. -#}
{% macro phone_invalid_reason(written, number) -%}
    {%- set digits = 'substr(' ~ number ~ ', 2)' -%}
    {%- set country = var('default_country_code') | string -%}
    {%- set length = var('national_number_length', none) -%}
    case
        when {{ written }} is null then 'empty'
        when lower({{ written }}) in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ number }} is null or {{ kith.regexp_like(kith.phone_without_extension(written), '[a-z@]') }}
            then 'not a number'
        when length({{ digits }}) not between 8 and 15 or {{ digits }} like '0%' then 'wrong length'
        {%- if length %}
        when {{ digits }} like '{{ country }}%' and length({{ digits }}) <> {{ country | length + length }}
            then 'wrong length'
        {%- endif %}
        when
            replace(substr({{ digits }}, length({{ digits }}) - 6), substr({{ digits }}, length({{ digits }})), '') = ''
            or {{ kith.regexp_like(digits, '(123456789|1234567890|987654321)$') }}
            then 'a placeholder'
        else {{ kith.typed_null('text') }}
    end
{%- endmacro %}

{#- Why it is no match key, null when it may be one: an office reads out its number, whoever is called. -#}
{% macro phone_key_invalid_reason(written, number) -%}
    coalesce(
        {{ kith.phone_invalid_reason(written, number) }},
        case when {{ kith.phone_has_extension(written) }} then 'an extension' end
    )
{%- endmacro %}

{#- The number, or null. -#}
{% macro valid_phone(written, number) -%}
    case when {{ kith.phone_invalid_reason(written, number) }} is null then {{ number }} end
{%- endmacro %}


{#- Names and other identifiers ---------------------------------------------------------------------- -#}

{#- A name without stray blanks. -#}
{% macro name_clean(expression) -%}
    nullif({{ kith.trimmed(kith.single_blanks(expression)) }}, '')
{%- endmacro %}

{#- Why a clean name is none, null when it may be one. -#}
{% macro name_invalid_reason(name) -%}
    case
        when lower({{ name }}) in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ name }} like '%@%' then 'an address'
        when {{ kith.regexp_like('lower(' ~ name ~ ')', '^[0-9a-f]{32}$|^[0-9a-f]{64}$') }} then 'a digest'
        when {{ kith.regexp_like(name, '^[0-9 .+()-]+$') }} then 'a number'
    end
{%- endmacro %}

{#- The clean name when it is valid, or null. -#}
{% macro valid_name(expression) -%}
    {%- set name = kith.name_clean(expression) -%}
    case when {{ kith.name_invalid_reason(name) }} is null then {{ name }} end
{%- endmacro %}

{#- A name to compare; null for none that is valid. -#}
{% macro name_key(expression) -%}
    lower({{ kith.valid_name(expression) }})
{%- endmacro %}

{#- Why a date is no date of birth, null when it may be one. -#}
{% macro birth_date_invalid_reason(expression) -%}
    case
        when cast({{ expression }} as {{ kith.type_of('timestamp') }}) > {{ kith.now_utc() }} then 'in the future'
        when extract(year from {{ expression }}) < extract(year from {{ kith.now_utc() }}) - 120
            then 'longer ago than anyone lives'
        when cast({{ expression }} as {{ kith.type_of('text') }}) in ({{ kith.text_list(var('placeholder_birth_dates')) }})
            then 'a date for nothing'
    end
{%- endmacro %}

{#- Why an id is none, null when it may be one: words for nothing, and the zeros that phones give to those
    who may not know. -#}
{% macro id_invalid_reason(expression) -%}
    case
        when lower({{ expression }}) in ({{ kith.text_list(var('null_words')) }}) then 'a word for nothing'
        when {{ kith.regexp_like(expression, '^[0-]+$') }} then 'a placeholder'
        else {{ kith.typed_null('text') }}
    end
{%- endmacro %}


{#- The number of an identity document to compare: capitals and digits alone. -#}
{% macro document_key(expression) -%}
    nullif({{ kith.regexp_replace('upper(' ~ expression ~ ')', '[^0-9A-Z]', '') }}, '')
{%- endmacro %}


{#- Identifiers --------------------------------------------------------------------------------------- -#}

{#- The steps from what records mention (record_type, record_id, identifier_type, written, seen_first_at,
    seen_last_at) to a source's identifiers, as CTEs of which the last is `final`: the match key, whether the
    value is valid and why not, one row per record, type and key. -#}
{% macro identifiers_from(mentions, source_name) -%}
bare as (

    select
        *,
        case when identifier_type = 'email' then {{ kith.email_bare('written') }} end as email,
        case when identifier_type = 'phone' then {{ kith.phone_e164('written') }} end as phone
    from {{ mentions }}
    where written is not null and record_id is not null

),

keyed as (

    select
        record_type,
        record_id,
        identifier_type,
        seen_first_at,
        seen_last_at,
        case
            when identifier_type = 'email' then coalesce({{ kith.email_key('email') }}, substr(written, 1, 320))
            when identifier_type = 'phone' then coalesce({{ kith.phone_key('written', 'phone') }}, substr(written, 1, 320))
            else written
        end as identifier_value,
        case
            when identifier_type = 'email' then {{ kith.email_invalid_reason('email') }}
            when identifier_type = 'phone' then {{ kith.phone_key_invalid_reason('written', 'phone') }}
            else {{ kith.id_invalid_reason('written') }}
        end as invalid_reason
    from bare

),

final as (

    select
        '{{ source_name }}' as source,
        record_type,
        record_id,
        identifier_type,
        identifier_value,
        min(invalid_reason) is null as is_valid,
        min(invalid_reason) as invalid_reason,
        min(seen_first_at) as first_seen_at,
        max(seen_last_at) as last_seen_at
    from keyed
    group by record_type, record_id, identifier_type, identifier_value

)
{%- endmacro %}

{#- The entities that sources become: their columns, and each over all sources. -#}


{#- The columns of an entity, with their kinds: what each stg_<source>__<entity> has. -#}
{% macro entity_columns(entity) %}
    {% set record = {'source': 'text', 'record_type': 'text', 'record_id': 'text'} %}
    {% set entities = {
        'people': {
            'email': 'text', 'phone': 'text', 'given_name': 'text', 'family_name': 'text',
            'birth_date': 'date', 'street': 'text', 'city': 'text', 'postcode': 'text', 'region': 'text',
            'country': 'text', 'first_seen_at': 'timestamp', 'last_seen_at': 'timestamp',
        },
        'identifiers': {
            'identifier_type': 'text', 'identifier_value': 'text', 'is_valid': 'boolean',
            'invalid_reason': 'text', 'first_seen_at': 'timestamp', 'last_seen_at': 'timestamp',
        },
        'events': {
            'event_id': 'text', 'event_type': 'text', 'occurred_at': 'timestamp', 'loaded_at': 'timestamp',
            'platform': 'text', 'visitor_id': 'text', 'url': 'text', 'referrer': 'text',
            'utm_source': 'text', 'utm_medium': 'text', 'utm_campaign': 'text', 'properties': 'text',
        },
        'orders': {
            'order_id': 'text', 'ordered_at': 'timestamp', 'cancelled_at': 'timestamp',
            'financial_status': 'text', 'channel': 'text', 'currency': 'text', 'gross_amount': 'money',
            'refund_amount': 'money', 'donation_amount': 'money', 'cart_token': 'text',
            'checkout_token': 'text', 'loaded_at': 'timestamp',
        },
        'payments': {
            'payment_id': 'text', 'order_id': 'text', 'paid_at': 'timestamp', 'amount': 'money',
            'refunded_amount': 'money', 'currency': 'text', 'method': 'text', 'status': 'text',
            'is_donation': 'boolean',
        },
        'gifts': {
            'gift_id': 'text', 'order_id': 'text', 'given_at': 'timestamp', 'amount': 'money',
            'currency': 'text',
        },
        'carts': {
            'cart_id': 'text', 'created_at': 'timestamp', 'updated_at': 'timestamp',
            'completed_at': 'timestamp', 'value': 'money', 'currency': 'text', 'items_count': 'integer',
            'cart_url': 'text', 'checkout_token': 'text',
        },
        'tickets': {
            'ticket_id': 'text', 'subject': 'text', 'status': 'text', 'is_open': 'boolean',
            'priority': 'text', 'channel': 'text', 'created_at': 'timestamp', 'updated_at': 'timestamp',
        },
        'consents': {
            'purpose': 'text', 'channel': 'text', 'contact_point_type': 'text', 'contact_point': 'text',
            'state': 'text', 'decided_at': 'timestamp', 'policy_version': 'text',
        },
        'email_engagements': {
            'engagement_id': 'text', 'occurred_at': 'timestamp', 'engagement_type': 'text',
            'campaign_id': 'text', 'campaign_name': 'text', 'url': 'text', 'bounce_type': 'text',
        },
        'leads': {
            'lead_id': 'text', 'form_name': 'text', 'page_url': 'text', 'submitted_at': 'timestamp',
        },
        'traits': {
            'identifier_type': 'text', 'identifier_value': 'text', 'trait': 'text', 'trait_value': 'text',
            'observed_at': 'timestamp', 'loaded_at': 'timestamp',
        },
    } %}
    {% set columns = {} %}
    {% do columns.update(record) %}
    {% do columns.update(entities[entity]) %}
    {% do return(columns) %}
{% endmacro %}

{#- One entity over all enabled sources; a typed relation without rows when none offers it. -#}
{% macro union_sources(entity) %}
    {%- for source_name in kith.sources_with(entity) %}
    {{ kith.select_entity(entity, source_name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    {{ kith.empty_relation(kith.entity_columns(entity)) }}
    {%- endfor %}
{% endmacro %}

{#- One entity of one source, every column of its kind; from its staging model or from `offered`. -#}
{% macro select_entity(entity, source_name, offered=none) %}
    select
        {%- for column, kind in kith.entity_columns(entity).items() %}
        cast({{ kith.common_form(column) }} as {{ kith.type_of(kind) }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ offered or ref('stg_' ~ source_name ~ '__' ~ entity) }}
{%- endmacro %}

{#- A column's value in the form that all sources share. A currency is in capitals, however it was written. A record
    was seen up to now: its own times may be wrong without what else it says being so, so they alone are dropped. -#}
{% macro common_form(column) -%}
    {%- if column == 'currency' -%} {{ kith.currency_code(column) }}
    {%- elif column in ('first_seen_at', 'last_seen_at') -%}
        case when {{ column }} <= {{ kith.latest_past() }} then {{ column }} end
    {%- else -%} {{ column }}
    {%- endif -%}
{%- endmacro %}

{#- No row, with the columns and their kinds. -#}
{% macro empty_relation(columns) %}
    select
        {%- for column, kind in columns.items() %}
        {{ kith.typed_null(kind) }} as {{ adapter.quote(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    where 1 = 0
{% endmacro %}

{#- The latest of some load times, null when all are: an entity's row was loaded when the last of the rows that it is
    made from was. What reads an entity only as far as it is new relies on that. -#}
{% macro last_loaded(times) -%}
    (
        case
            {%- for time in times %}
            when {{ time }} is not null
            {%- for other in times if other != time %}
                and ({{ other }} is null or {{ time }} >= {{ other }})
            {%- endfor %}
                then {{ time }}
            {%- endfor %}
        end
    )
{%- endmacro %}

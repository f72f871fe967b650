{#- E-mails sent, and what their recipients did with them: what all sources of them share. -#}


{#- The event of an engagement, in Segment's e-mail vocabulary. -#}
{% macro email_event_type(engagement_type) -%}
    case {{ engagement_type }}
        when 'sent' then 'Email Sent'
        when 'delivered' then 'Email Delivered'
        when 'open' then 'Email Opened'
        when 'click' then 'Email Link Clicked'
        when 'bounce' then 'Email Bounced'
        when 'spam_report' then 'Email Marked as Spam'
        when 'unsubscribe' then 'Unsubscribed'
    end
{%- endmacro %}

{#- Whether an engagement forbids further marketing: refused, reported, or written to nobody. -#}
{% macro engagement_denies(engagement_type, bounce_type) -%}
    ({{ engagement_type }} in ('unsubscribe', 'spam_report') or {{ bounce_type }} = 'hard')
{%- endmacro %}

{#- The step from engagements to the events of a person, as columns of a select. -#}
{% macro event_columns_of_engagements() -%}
        source,
        'email|' || engagement_id as event_id,
        {{ kith.email_event_type('engagement_type') }} as event_type,
        occurred_at,
        loaded_at,
        record_type,
        record_id,
        {{ kith.typed_null('text') }} as platform,
        {{ kith.typed_null('text') }} as visitor_id,
        url,
        {{ kith.typed_null('text') }} as referrer,
        {{ kith.typed_null('text') }} as utm_source,
        {{ kith.typed_null('text') }} as utm_medium,
        {{ kith.typed_null('text') }} as utm_campaign,
        {{ kith.json_object({
            'campaign_id': 'campaign_id', 'campaign_name': 'campaign_name', 'bounce_type': 'bounce_type'
        }) }} as properties
{%- endmacro %}

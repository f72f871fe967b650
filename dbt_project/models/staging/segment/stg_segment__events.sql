{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_events('segment') }}

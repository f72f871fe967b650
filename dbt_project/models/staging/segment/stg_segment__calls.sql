{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_calls('segment') }}

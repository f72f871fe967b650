{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_consents('segment') }}

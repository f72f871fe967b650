{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_traits('segment') }}

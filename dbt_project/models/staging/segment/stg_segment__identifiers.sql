{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_identifiers('segment') }}

{{ union_sources('email_engagements') }}

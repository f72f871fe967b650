{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
) }}

with

partition_now as (

    select * from {{ ref('int_identity_partition') }}

),

-- The log so far; its newest row of a subject says which person the subject belongs to.
registered as (

    {% if is_incremental() %}
    select * from {{ this }}
    {% else %}
    {{ empty_relation(registry_columns()) }}
    {% endif %}

),

ranked as (

    select
        *,
        row_number() over (partition by subject_key order by build desc) as recency
    from registered

),

former as (

    select
        subject_key,
        subject_type,
        person_id
    from ranked
    where recency = 1

),

issued as (

    select
        person_id,
        min(build) as build,
        min(first_seen_at) as first_seen_at
    from registered
    group by person_id

),

issued_per_seed as (

    select
        seed_key,
        count(distinct person_id) as ids_count
    from registered
    where seed_key is not null
    group by seed_key

),

-- Who was a person before, and in which components that person's records lie now.
parts as (

    select
        partition_now.component_key,
        former.person_id,
        count(*) as records_count
    from partition_now
    inner join former on 'record|' || partition_now.record_key = former.subject_key
    group by partition_now.component_key, former.person_id

),

parts_ranked as (

    select
        *,
        row_number() over (
            partition by person_id
            order by records_count desc, {{ bytewise('component_key') }}
        ) as size_rank
    from parts

),

-- A split: the largest part keeps the id. So each former id claims one component.
claims as (

    select
        component_key,
        person_id,
        records_count
    from parts_ranked
    where size_rank = 1

),

claims_ranked as (

    select
        claims.component_key,
        claims.person_id,
        row_number() over (
            partition by claims.component_key
            order by
                issued.build,
                case when issued.first_seen_at is null then 1 else 0 end,
                issued.first_seen_at,
                claims.records_count desc,
                {{ bytewise('claims.person_id') }}
        ) as age_rank
    from claims
    inner join issued on claims.person_id = issued.person_id

),

-- A merge: the oldest of the ids that claim a component survives.
survivors as (

    select
        component_key,
        person_id
    from claims_ranked
    where age_rank = 1

),

retired as (

    select
        claims_ranked.person_id,
        survivors.person_id as survivor_id
    from claims_ranked
    inner join survivors on claims_ranked.component_key = survivors.component_key
    where claims_ranked.age_rank > 1

),

components as (

    select distinct component_key
    from partition_now

),

-- A new id comes from its component's smallest record, and from how many ids that record gave before:
-- an id that was ever issued is never issued again.
assigned as (

    select
        components.component_key,
        coalesce(
            survivors.person_id,
            'p_' || {{ md5_hex(
                "components.component_key || '|' || cast(coalesce(issued_per_seed.ids_count, 0) as "
                ~ type_of('text') ~ ")"
            ) }}
        ) as person_id,
        case when survivors.person_id is null then components.component_key end as seed_key
    from components
    left join survivors on components.component_key = survivors.component_key
    left join issued_per_seed on components.component_key = issued_per_seed.seed_key

),

inherited as (

    select distinct component_key
    from parts

),

records_now as (

    select
        'record|' || partition_now.record_key as subject_key,
        'record' as subject_type,
        assigned.person_id,
        former.person_id as former_person_id,
        assigned.seed_key,
        partition_now.first_seen_at,
        case
            when former.person_id is null and inherited.component_key is null then 'created'
            when former.person_id is null then 'joined'
            when retired.survivor_id = assigned.person_id then 'merged'
            else 'split'
        end as change
    from partition_now
    inner join assigned on partition_now.component_key = assigned.component_key
    left join former on 'record|' || partition_now.record_key = former.subject_key
    left join retired on former.person_id = retired.person_id
    left join inherited on partition_now.component_key = inherited.component_key
    where former.person_id is null or former.person_id <> assigned.person_id

),

-- Records that are gone for now, and ids that were retired before, follow the id that survives.
followers as (

    select
        former.subject_key,
        former.subject_type,
        retired.survivor_id as person_id,
        former.person_id as former_person_id,
        {{ typed_null('text') }} as seed_key,
        {{ typed_null('timestamp') }} as first_seen_at,
        'merged' as change
    from former
    inner join retired on former.person_id = retired.person_id
    left join partition_now on former.subject_key = 'record|' || partition_now.record_key
    where partition_now.record_key is null

),

aliases as (

    select
        'person|' || person_id as subject_key,
        'person' as subject_type,
        survivor_id as person_id,
        person_id as former_person_id,
        {{ typed_null('text') }} as seed_key,
        {{ typed_null('timestamp') }} as first_seen_at,
        'merged' as change
    from retired

),

changes as (

    select * from records_now

    union all

    select * from followers

    union all

    select * from aliases

),

builds as (

    select coalesce(max(build), 0) + 1 as build
    from registered

),

final as (

    select
        cast(changes.subject_key as {{ type_of('text') }}) as subject_key,
        cast(changes.subject_type as {{ type_of('text') }}) as subject_type,
        cast(changes.person_id as {{ type_of('text') }}) as person_id,
        cast(changes.former_person_id as {{ type_of('text') }}) as former_person_id,
        cast(changes.change as {{ type_of('text') }}) as change,
        cast(changes.seed_key as {{ type_of('text') }}) as seed_key,
        cast(changes.first_seen_at as {{ type_of('timestamp') }}) as first_seen_at,
        {{ now_utc() }} as assigned_at,
        cast(builds.build as {{ type_of('integer') }}) as build
    from changes
    cross join builds

)

select * from final

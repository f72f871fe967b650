{{ config(pre_hook="{{ kith.make_sync_table('sync_rejects') }}") }}

with

rejects as (

    select * from {{ ops_relation('sync_rejects') }}

),

counted as (

    select
        sync,
        destination,
        class,
        reason,
        cast(count(*) as bigint) as records_count,
        cast(sum(case when next_retry_at is null then 1 else 0 end) as bigint) as parked_count,
        min(next_retry_at) as next_retry_at,
        min(rejected_at) as first_rejected_at
    from rejects
    group by sync, destination, class, reason

)

select * from counted

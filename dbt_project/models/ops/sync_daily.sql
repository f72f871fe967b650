{{ config(pre_hook="{{ kith.make_sync_table('sync_runs') }}") }}

with

runs as (

    select * from {{ ops_relation('sync_runs') }}

),

counted as (

    select
        sync,
        destination,
        cast(started_at as date) as day,
        cast(count(*) as bigint) as runs_count,
        cast(sum(case when status in ('stopped', 'interrupted') then 1 else 0 end) as bigint) as failed_runs_count,
        cast(sum(case when status = 'held' then 1 else 0 end) as bigint) as held_runs_count,
        cast(sum(planned) as bigint) as planned,
        cast(sum(delivered) as bigint) as delivered,
        cast(sum(rejected) as bigint) as rejected,
        cast(sum(deferred) as bigint) as deferred,
        cast(sum(held) as bigint) as held_back,
        max(finished_at) as last_finished_at
    from runs
    where status <> 'resync'
    group by sync, destination, cast(started_at as date)

)

select * from counted

{#
    Connected components of an undirected graph, by min-label contraction with adaptive jumping.

    The model's SQL returns the edges as two bigint columns, vertex_a and vertex_b; a vertex without
    an edge comes as an edge to itself. The table has one row per vertex: vertex_id, and component_id,
    the smallest vertex_id of its component.

    Each round gives every vertex the smallest label among itself and its neighbours, follows the labels
    (once; where the last round kept more than half of the edges, until none moves), and keeps the edges
    whose two ends still differ. It ends when no such edge is left, which is the proof that no component
    is in two parts. Each round joins every vertex that has an edge to a smaller one, so edges only
    become fewer; `identity_max_rounds` bounds the rounds all the same, and passing it is an error.

    All happens in the build's transaction: when it fails, the former table stays.
#}
{% materialization connected_components, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set rounds = kith.contract_edges(target_relation, sql) -%}
  {% do kith.replace_table(target_relation, existing_relation, kith.select_components(target_relation, rounds)) %}
  {% do kith.drop_working_tables(target_relation, rounds) %}
  {% do create_indexes(target_relation) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Run the rounds; leaves working tables edges_1.. and labels_1..; returns the number of rounds. #}
{% macro contract_edges(target, edges_sql) %}
  {% set limit = var('identity_max_rounds', 50) | int %}
  {% set state = namespace(round=1, edges=0, stubborn=false, done=false) %}
  {% set first = kith.working_table(target, 'edges_1') %}
  {% do kith.make_working_table(first, "select distinct vertex_a, vertex_b from (" ~ edges_sql ~ ") as all_edges") %}
  {% set state.edges = kith.count_rows(first ~ " where vertex_a <> vertex_b") %}
  {% for attempt in range(limit) if not state.done %}
    {% set state.round = attempt + 1 %}
    {% do kith.label_vertices(target, state.round, state.stubborn, limit) %}
    {% set left = kith.contract_once(target, state.round) %}
    {% set state.stubborn = left * 2 > state.edges %}
    {% set state.edges = left %}
    {% set state.done = left == 0 %}
  {% endfor %}
  {% if not state.done %}
    {% do exceptions.raise_compiler_error(
      "Identity: " ~ state.edges ~ " edges still join different parts after " ~ limit ~ " rounds. "
      ~ "Nothing was changed. Raise the variable identity_max_rounds, and tell the maintainers: "
      ~ "the default is far more than any graph should need.") %}
  {% endif %}
  {{ return(state.round) }}
{% endmacro %}


{# Working table labels_<round>: vertex_id → the smallest label that its edges and jumps reach. #}
{% macro label_vertices(target, round, until_still, limit) %}
  {% set edges = kith.working_table(target, 'edges_' ~ round) %}
  {% set labels = kith.working_table(target, 'labels_' ~ round) %}
  {% set nearest = kith.working_table(target, 'nearest') %}
  {% do kith.make_working_table(nearest, kith.select_nearest(edges)) %}
  {% do kith.make_working_table(labels, kith.select_jump(nearest)) %}
  {% if until_still %}
    {% set state = namespace(moving=true) %}
    {% for attempt in range(limit) if state.moving %}
      {% do kith.make_working_table(nearest, "select * from " ~ labels) %}
      {% do kith.make_working_table(labels, kith.select_jump(nearest)) %}
      {% set state.moving = kith.count_rows(
        labels ~ " as later inner join " ~ nearest ~ " as earlier on later.vertex_id = earlier.vertex_id"
        ~ " where later.label <> earlier.label") > 0 %}
    {% endfor %}
  {% endif %}
  {% do kith.drop_working_table(nearest) %}
{% endmacro %}


{# Working table edges_<round + 1>: the distinct pairs of labels that still differ; returns their number. #}
{% macro contract_once(target, round) %}
  {% set next_edges = kith.working_table(target, 'edges_' ~ (round + 1)) %}
  {% do kith.make_working_table(next_edges, kith.select_contracted(
    kith.working_table(target, 'edges_' ~ round), kith.working_table(target, 'labels_' ~ round))) %}
  {{ return(kith.count_rows(next_edges)) }}
{% endmacro %}


{% macro select_nearest(edges) %}
    select
        vertex_id,
        min(neighbour) as label
    from (
        select vertex_a as vertex_id, vertex_b as neighbour from {{ edges }}
        union all
        select vertex_b as vertex_id, vertex_a as neighbour from {{ edges }}
        union all
        select vertex_a as vertex_id, vertex_a as neighbour from {{ edges }}
        union all
        select vertex_b as vertex_id, vertex_b as neighbour from {{ edges }}
    ) as neighbours
    group by vertex_id
{% endmacro %}


{% macro select_jump(labels) %}
    select
        here.vertex_id,
        there.label
    from {{ labels }} as here
    inner join {{ labels }} as there on here.label = there.vertex_id
{% endmacro %}


{% macro select_contracted(edges, labels) %}
    select distinct
        least(label_a, label_b) as vertex_a,
        greatest(label_a, label_b) as vertex_b
    from (
        select
            labels_a.label as label_a,
            labels_b.label as label_b
        from {{ edges }} as edges
        inner join {{ labels }} as labels_a on edges.vertex_a = labels_a.vertex_id
        inner join {{ labels }} as labels_b on edges.vertex_b = labels_b.vertex_id
        where labels_a.label <> labels_b.label
    ) as labelled
{% endmacro %}


{# vertex_id, component_id: the rounds' labels one after the other. A label that left the graph is final. #}
{% macro select_components(target, rounds) %}
    select
        labels_1.vertex_id,
        {% if rounds == 1 %}labels_1.label{% else %}coalesce(
            {%- for round in range(rounds, 0, -1) %}
            labels_{{ round }}.label{{ "," if not loop.last }}
            {%- endfor %}
        ){% endif %} as component_id
    from {{ kith.working_table(target, 'labels_1') }} as labels_1
    {%- for round in range(2, rounds + 1) %}
    left join {{ kith.working_table(target, 'labels_' ~ round) }} as labels_{{ round }}
        on labels_{{ round - 1 }}.label = labels_{{ round }}.vertex_id
    {%- endfor %}
{% endmacro %}


{% macro drop_working_tables(target, rounds) %}
  {% for round in range(1, rounds + 1) %}
    {% do kith.drop_working_table(kith.working_table(target, 'labels_' ~ round)) %}
    {% do kith.drop_working_table(kith.working_table(target, 'edges_' ~ round)) %}
  {% endfor %}
  {% do kith.drop_working_table(kith.working_table(target, 'edges_' ~ (rounds + 1))) %}
{% endmacro %}

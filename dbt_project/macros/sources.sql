{#- Which sources there are, whether they are on, where they lie, and what they offer. -#}


{#- One setting of a source: what its variable says, else the default. A variable may be given in part. A source's
    own options (`meta.options` of its declaration) have their default where they are read. -#}
{% macro source_setting(source_name, key, default=none) %}
    {% set given = var(source_name, none) or {} %}
    {% set defaults = {'enabled': true, 'schema': source_name, 'tables': {}, 'columns': {}} %}
    {% do return(given.get(key, defaults.get(key, default))) %}
{% endmacro %}

{% macro source_enabled(source_name) %}
    {% do return(kith.source_setting(source_name, 'enabled') | as_bool) %}
{% endmacro %}

{#- The enabled sources that offer an entity, in order of name. -#}
{% macro sources_with(entity) %}
    {% set found = [] %}
    {% for source_name, models in (var('source_models', none) or {}).items() | sort %}
        {% if entity in models['entities'] and kith.source_enabled(source_name) %}
            {% do found.append(source_name) %}
        {% endif %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- The raw tables of the enabled sources, as pairs of source and table. -#}
{% macro tables_read() %}
    {% set found = [] %}
    {% for source_name, models in (var('source_models', none) or {}).items() | sort %}
        {% if kith.source_enabled(source_name) %}
            {% for table_name in models['tables'] | sort %}
                {% do found.append([source_name, table_name]) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- One name for what every tracker calls otherwise: Segment's e-commerce vocabulary. -#}

{#- The vocabulary's name for an event's name as written, which stays where the vocabulary has none. -#}
{% macro event_type_of(written) -%}
    case {{ kith.regexp_replace('lower(' ~ written ~ ')', '[^a-z0-9]+', '_') }}
        {%- for name, event_type in kith.event_vocabulary().items() %}
        when '{{ name }}' then '{{ event_type }}'
        {%- endfor %}
        else {{ written }}
    end
{%- endmacro %}

{#- Name in snake case, of Google Analytics and of Snowplow's e-commerce actions → the vocabulary's. -#}
{% macro event_vocabulary() %}
    {% do return({
        'page_view': 'Page Viewed',
        'screen_view': 'Screen Viewed',
        'search': 'Products Searched',
        'view_search_results': 'Products Searched',
        'view_item_list': 'Product List Viewed',
        'list_view': 'Product List Viewed',
        'select_item': 'Product Clicked',
        'list_click': 'Product Clicked',
        'view_promotion': 'Promotion Viewed',
        'promo_view': 'Promotion Viewed',
        'select_promotion': 'Promotion Clicked',
        'promo_click': 'Promotion Clicked',
        'view_item': 'Product Viewed',
        'product_view': 'Product Viewed',
        'add_to_wishlist': 'Product Added to Wishlist',
        'add_to_cart': 'Product Added',
        'add_to_basket': 'Product Added',
        'remove_from_cart': 'Product Removed',
        'remove_from_basket': 'Product Removed',
        'view_cart': 'Cart Viewed',
        'begin_checkout': 'Checkout Started',
        'add_shipping_info': 'Checkout Step Completed',
        'checkout_step': 'Checkout Step Completed',
        'add_payment_info': 'Payment Info Entered',
        'purchase': 'Order Completed',
        'transaction': 'Order Completed',
        'refund': 'Order Refunded',
    }) %}
{% endmacro %}

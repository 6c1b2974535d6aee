Dear {{ customer.name | default: "customer" }},

{% if orders %}
your orders:
{% for order in orders %}
  {{ loop.index | pad: 2 }}. {{ order.id | upper | pad: -8 }} {{ order.total }}
  {%- if order.gift %} (a gift){% end %}
  {# one line per item #}
  {% for item in order.items %}
     - {{ item }}{% if not loop.last %},{% end %}
  {% else %}
     - nothing
  {% end %}
{% end %}
{% else %}
you have no orders.
{% end %}
Yours

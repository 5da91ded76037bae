"use strict";
(() => {
{% include "links.js" %}
{% include "data.js" %}
{% include "search.js" %}
{% include "grid.js" %}
{% include "detail.js" %}
{% include "review.js" %}
{% include "heat.js" %}
{% include "findings.js" %}
{% include "display.js" %}
{% include "start.js" %}
})();

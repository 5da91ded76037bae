"use strict";
(() => {
{% include "links.js" %}
{% include "data.js" %}
{% include "search.js" %}
{% include "grid.js" %}
{% include "detail.js" %}
{% include "review.js" %}
{% include "display.js" %}
})();

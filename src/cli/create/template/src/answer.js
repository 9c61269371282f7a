'use strict';

/** What GET /api/hello answers; the checks in slipway.yaml expect exactly this. */
const answer = (version) => ({ app: 'THE_APP', version });

module.exports = { answer };

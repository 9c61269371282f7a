'use strict';

/* global VERSION, FAULT -- written into the bundle by build.js */

const startedAtMs = Date.now();
const hello = { app: 'hello', version: VERSION };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What `GET /api/hello` answers. A fault is part of the build, so that a broken release is broken wherever it runs. */
async function answer() {
  switch (FAULT.kind) {
    case 'answers-500':
      return { status: 500, jsonBody: { error: 'this build is broken on purpose' } };
    case 'wrong-value':
      return { jsonBody: { ...hello, version: '0.0.0' } };
    case 'wrong-schema':
      return { jsonBody: { ...hello, app: ['hello'] } };
    case 'slow':
      await wait(FAULT.forMs);
      return { jsonBody: hello };
    case 'silent':
      return new Promise(() => undefined);
    case 'cold':
      return Date.now() - startedAtMs < FAULT.forMs ? { status: 503, body: 'starting' } : { jsonBody: hello };
    default:
      return { jsonBody: hello };
  }
}

module.exports = { answer };

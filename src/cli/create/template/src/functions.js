'use strict';

/* global VERSION -- written into the bundle by build.mjs */

const { app } = require('@azure/functions');
const { answer } = require('./answer');

// Anonymous, since it tells nothing but name and version. A function with another trigger than HTTP belongs into FUNCTIONS of variables.env.
app.http('hello', { route: 'hello', methods: ['GET'], authLevel: 'anonymous', handler: () => ({ jsonBody: answer(VERSION) }) });

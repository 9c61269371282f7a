'use strict';

const { app } = require('@azure/functions');
const { answer } = require('./answer');

app.http('hello', { route: 'hello', methods: ['GET'], authLevel: 'anonymous', handler: () => answer() });

// Harmless, and not triggered by HTTP: while a release waits in the staging slot this function must not take what production is to handle.
app.storageQueue('greet', {
  queueName: 'hello-names',
  connection: 'AzureWebJobsStorage',
  handler: (name, context) => context.log(`hello ${String(name)}`),
});

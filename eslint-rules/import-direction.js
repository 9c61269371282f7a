'use strict';

const path = require('node:path');
const { whyNot } = require('./layers');

const repository = path.resolve(__dirname, '..');
const relative = (file) => path.relative(repository, file).split(path.sep).join('/');

/** @type {import('eslint').Rule.RuleModule} */
module.exports = {
  meta: { type: 'problem', docs: { description: 'imports point one way' }, schema: [], messages: { wrongWay: '{{why}}' } },
  create(context) {
    const check = (node, source, typeOnly) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = relative(path.resolve(path.dirname(context.filename), source.value));
      const why = whyNot(relative(context.filename), to, typeOnly);
      if (why) context.report({ node, messageId: 'wrongWay', data: { why } });
    };
    const onlyTypes = (node) =>
      node.importKind === 'type' ||
      node.exportKind === 'type' ||
      (node.specifiers?.length > 0 && node.specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type'));
    return {
      ImportDeclaration: (node) => check(node, node.source, onlyTypes(node)),
      ExportNamedDeclaration: (node) => check(node, node.source, onlyTypes(node)),
      ExportAllDeclaration: (node) => check(node, node.source, onlyTypes(node)),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
      'CallExpression[callee.name="require"]': (node) => check(node, node.arguments[0], false),
    };
  },
};

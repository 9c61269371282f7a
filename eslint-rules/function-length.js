'use strict';

const most = 60;

/**
 * A function longer than a screen asks to be two. Functions inside it count for themselves and not for it: a `createX(ports)` that answers an
 * object of functions is no longer than what it says itself.
 * @type {import('eslint').Rule.RuleModule}
 */
module.exports = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { long: 'This function has {{lines}} lines of its own, {{most}} are the most: find the second idea in it.' },
  },
  create(context) {
    const innerLines = [0];
    const enter = () => innerLines.push(0);
    const leave = (node) => {
      const whole = node.loc.end.line - node.loc.start.line + 1;
      const lines = whole - innerLines.pop();
      innerLines[innerLines.length - 1] += whole > 1 ? whole : 0;
      if (lines > most) context.report({ node, messageId: 'long', data: { lines, most } });
    };
    return { ':function': enter, ':function:exit': leave };
  },
};

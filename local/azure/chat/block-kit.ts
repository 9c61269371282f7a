/**
 * What Slack takes as blocks. Limits: docs.slack.dev/reference/block-kit/blocks and …/composition-objects/text-object (50 blocks a message, a header's
 * text 150, a section's 3000, 10 fields of 2000, 10 elements of a context).
 */
const most = { blocks: 50, header: 150, section: 3000, fields: 10, field: 2000, elements: 10 };

type Parts = Record<string, unknown>;

export function areBlocks(value: unknown): value is Parts[] {
  return Array.isArray(value) && value.length <= most.blocks && value.every(isBlock);
}

function isBlock(value: unknown): boolean {
  if (!isParts(value)) return false;
  switch (value['type']) {
    case 'divider':
      return true;
    case 'header':
      return isText(value['text'], most.header, ['plain_text']);
    case 'section': {
      const { text, fields } = value;
      if (text === undefined && fields === undefined) return false;
      return (text === undefined || isText(text, most.section)) && (fields === undefined || areTexts(fields, most.fields, most.field));
    }
    case 'context':
      return areTexts(value['elements'], most.elements, most.section);
    default:
      return false;
  }
}

const areTexts = (value: unknown, count: number, longest: number): boolean =>
  Array.isArray(value) && value.length > 0 && value.length <= count && value.every((one) => isText(one, longest));

function isText(value: unknown, longest: number, types: readonly string[] = ['plain_text', 'mrkdwn']): boolean {
  if (!isParts(value)) return false;
  const { type, text } = value;
  return typeof type === 'string' && types.includes(type) && typeof text === 'string' && text.length > 0 && text.length <= longest;
}

const isParts = (value: unknown): value is Parts => typeof value === 'object' && value !== null && !Array.isArray(value);

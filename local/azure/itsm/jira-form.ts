import type { Answer } from '../servers';
import { longestSummary, longestText, requestTypes, serviceDesk, type RequestType } from './jira-model';

/** How servicedeskapi says no: github.com/gnustavo/JIRA-REST/issues/20 has one of these as it came. */
export const failure = (status: number, errorMessage: string, i18nKey: string, parameters: string[] = []): Answer => ({
  status,
  body: { errorMessage, i18nErrorMessage: { i18nKey, parameters } },
});

/** How the platform's own API does. */
export const errors = (status: number, errorMessages: string[], fields: Record<string, string> = {}): Answer => ({
  status,
  body: { errorMessages, errors: fields },
});

/** A request that is asked for, judged as its form in the portal would be: the type and values, or the answer that refuses it. */
export function readRequestForm(
  body: Record<string, unknown>,
): { type: RequestType; values: Record<string, unknown> } | { refused: Answer } {
  const strange = Object.keys(body).filter((name) => !['serviceDeskId', 'requestTypeId', 'requestFieldValues'].includes(name));
  if (strange.length > 0)
    return { refused: failure(400, `Unrecognized field "${strange[0]}"`, 'sd.rest.error.unrecognized.field', [strange[0] ?? '']) };
  const { serviceDeskId, requestTypeId, requestFieldValues: values } = body;
  if (!isId(serviceDeskId) || String(serviceDeskId) !== serviceDesk.id)
    return {
      refused: failure(404, 'The Service Desk you are trying to view does not exist.', 'sd.agent.servicedesk.error.servicedesk.missing'),
    };
  const type = isId(requestTypeId) ? requestTypes.find(({ id }) => id === String(requestTypeId)) : undefined;
  if (!type) return { refused: failure(404, 'The request type you are trying to view does not exist.', 'sd.request.type.not.found') };
  if (!isMap(values)) return { refused: notCreated('requestFieldValues is missing.') };
  const wrong = wrongIn(type, values);
  return wrong.length > 0 ? { refused: notCreated(wrong.join(' ')) } : { type, values };
}

const notCreated = (why: string): Answer =>
  failure(
    400,
    `Your request could not be created. Please check the fields have been correctly filled in. ${why}`,
    'sd.validation.request.creation.failure.required.field',
    [why],
  );

function wrongIn({ fields }: RequestType, values: Record<string, unknown>): string[] {
  const unknown = Object.keys(values).filter((name) => !fields.some(({ fieldId }) => fieldId === name));
  return [
    ...unknown.map((name) => `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`),
    ...fields.flatMap(({ fieldId, name, required, options }) => {
      const value = Object.hasOwn(values, fieldId) ? values[fieldId] : undefined;
      if (value === undefined || value === null || value === '') return required ? [`${name} is required.`] : [];
      if (options) return isOption(value, options) ? [] : [`${name}: Option is not valid; specify a valid 'id' or 'value'.`];
      return typeof value === 'string' ? textProblems(fieldId, value) : ['Operation value must be a string.'];
    }),
  ];
}

function textProblems(fieldId: string, text: string): string[] {
  if (fieldId !== 'summary')
    return text.length > longestText ? [`The entered text is too long. It exceeds the allowed limit of ${longestText} characters.`] : [];
  return [
    ...(text.trim() === '' ? ['You must specify a summary of the issue.'] : []),
    ...(/[\r\n]/.test(text) ? ['The summary is invalid because it contains newline characters.'] : []),
    ...(text.length > longestSummary ? [`Summary must be less than ${longestSummary} characters.`] : []),
  ];
}

const isId = (value: unknown): value is string | number =>
  (typeof value === 'string' || typeof value === 'number') && /^\d{1,10}$/.test(String(value));
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOption = (value: unknown, options: string[]): boolean => isMap(value) && options.some((option) => option === value['value']);

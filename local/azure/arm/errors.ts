import type { Answer } from '../servers';

/** An error of the resource manager itself. */
export const armError = (status: number, code: string, message: string): Answer => ({ status, body: { error: { code, message } } });

/**
 * An error of Microsoft.Web behind it, which has a form of its own: capital names, no `error` around it. An SDK that looks for
 * `error.code` finds nothing there, here as in Azure.
 */
export interface WebError {
  status: number;
  code: string;
  message: string;
  extendedCode: string;
}

export const webAnswer = ({ status, code, message, extendedCode }: WebError): Answer => ({
  status,
  body: {
    Code: code,
    Message: message,
    Target: null,
    Details: [
      { Message: message },
      { Code: code },
      { ErrorEntity: { ExtendedCode: extendedCode, MessageTemplate: message, Parameters: [], Code: code, Message: message } },
    ],
    Innererror: null,
  },
});

export const webError = {
  otherOperation: (id: string, createdMs: number, slot: string): WebError => ({
    status: 409,
    code: 'Conflict',
    message: `Cannot modify this site because another operation is in progress. Details: Id: ${id}, OperationName: SwapSiteSlots, CreatedTime: ${usTime(createdMs)}, SlotName: ${slot}`,
    extendedCode: '59203',
  }),
  prepared: (): WebError => ({
    status: 409,
    code: 'Conflict',
    message: 'The slot cannot be changed because its configuration settings have been prepared for swap.',
    extendedCode: '59301',
  }),
  noPing: (site: string, slot: string): WebError => ({
    status: 417,
    code: 'ExpectationFailed',
    message: `Cannot swap site slots for site '${site}' because the '${slot}' slot did not respond to http ping.`,
    extendedCode: '55007',
  }),
  instancesChanged: (site: string, slot: string): WebError => ({
    status: 400,
    code: 'BadRequest',
    message: `Cannot swap slots for site '${site}' because the allocation of VM instances for '${slot}' slot has changed during the swap process. Please retry the swap operation.`,
    extendedCode: '55009',
  }),
  exclusiveLock: (): WebError => ({
    status: 429,
    code: '429',
    message: 'Cannot acquire exclusive lock to create, update or delete this site. Retry the request later.',
    extendedCode: '59206',
  }),
  hostUnavailable: (): WebError => ({
    status: 400,
    code: 'BadRequest',
    message: 'Encountered an error (ServiceUnavailable) from host runtime.',
    extendedCode: '51021',
  }),
  badRequest: (message: string): WebError => ({ status: 400, code: 'BadRequest', message, extendedCode: '51021' }),
  slotNotFound: (slot: string): WebError => ({
    status: 404,
    code: 'NotFound',
    message: `Cannot find slot '${slot}'.`,
    extendedCode: '51004',
  }),
};

export const gatewayTimeout = (): Answer =>
  armError(504, 'GatewayTimeout', "The gateway did not receive a response from 'Microsoft.Web' within the specified time period.");

function usTime(ms: number): string {
  return new Date(ms).toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', '');
}

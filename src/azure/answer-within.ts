import { RestError, type PipelinePolicy } from '@azure/core-rest-pipeline';

/**
 * Gives up a try that has no answer after so long, as if its connection had been lost: the SDK's own retries then go on, and what is done after a lost
 * answer is done. The SDKs for storage wait for ever by themselves. For clients whose answers are read whole.
 */
export const answerWithin = (ms: number): PipelinePolicy => ({
  name: 'answerWithin',
  async sendRequest(request, next) {
    const late = AbortSignal.timeout(ms);
    const given = request.abortSignal;
    request.abortSignal = given ? AbortSignal.any([given as AbortSignal, late]) : late;
    try {
      return await next(request);
    } catch (error) {
      if (!late.aborted || given?.aborted) throw error;
      throw new RestError(`${new URL(request.url).host} did not answer within ${ms / 1000} s.`, { code: 'ETIMEDOUT' });
    } finally {
      if (given) request.abortSignal = given;
      else delete request.abortSignal;
    }
  },
});

/** All tries of one call together end within so long, also where its answer is a stream. */
export async function endWithin<T>(ms: number, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(ms);
  try {
    return await call(late);
  } catch (error) {
    if (!late.aborted) throw error;
    throw new RestError(`The storage account did not answer within ${ms / 1000} s.`, { code: 'ETIMEDOUT' });
  }
}

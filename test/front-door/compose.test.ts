import { describe, expect, it } from '@jest/globals';
import { composePorts } from '../../src/compose';

describe('an app that is put together', () => {
  const mistakesOf = (environment: Record<string, string>): string => {
    try {
      composePorts(environment);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('Nothing was missed, and nothing is there.');
  };
  const elsewhere = { SLIPWAY_SERVICENOW_ENDPOINT: 'https://somewhere.example.com' };

  it('sends no login elsewhere than to the instance that slipway.yaml names, but on a laptop', () => {
    const said = mistakesOf({ ...elsewhere, WEBSITE_SITE_NAME: 'slipway' });
    expect(said).toContain('- Setting SLIPWAY_SERVICENOW_ENDPOINT is for laptops alone');
    expect(said).not.toContain('somewhere');
    expect(mistakesOf(elsewhere)).not.toContain('SLIPWAY_SERVICENOW_ENDPOINT');
    expect(mistakesOf({ WEBSITE_SITE_NAME: 'slipway' })).not.toContain('SLIPWAY_SERVICENOW_ENDPOINT');
  });
});

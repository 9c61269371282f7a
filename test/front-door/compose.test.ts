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
  it.each(['SLIPWAY_SERVICENOW_ENDPOINT', 'SLIPWAY_JIRA_ENDPOINT'])(
    'sends no login elsewhere than to the address that slipway.yaml names, but on a laptop: %s',
    (name) => {
      const elsewhere = { [name]: 'https://somewhere.example.com' };
      const said = mistakesOf({ ...elsewhere, WEBSITE_SITE_NAME: 'slipway' });
      expect(said).toContain(`- Setting ${name} is for laptops alone`);
      expect(said).not.toContain('somewhere');
      expect(mistakesOf(elsewhere)).not.toContain(name);
      expect(mistakesOf({ WEBSITE_SITE_NAME: 'slipway' })).not.toContain(name);
    },
  );
});

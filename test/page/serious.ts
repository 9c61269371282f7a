import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds that is serious, as sentences. */
export async function seriousOn(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }
    ).axe.run(),
  );
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Cells of tables that can be seen only in part, or by whoever finds out that there is more to the right; and a header that takes more than a row. */
export const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const cells = [...document.querySelectorAll('main td, main tbody th')];
    const header = document.querySelector('header')?.getBoundingClientRect().height ?? 0;
    return [
      ...cells.filter((cell) => cell.getBoundingClientRect().right > innerWidth).map((cell) => cell.textContent),
      ...(header > 60 ? [`the header is ${header} high`] : []),
    ];
  });

/** In light, in dark and on the narrowest phone nothing serious is found, and nothing is wider than that or cut off there. */
export async function accessibilityOf(page: Page): Promise<object[]> {
  const found: object[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await seriousOn(page)).map((what) => ({ colorScheme, what })));
  }
  await page.setViewportSize({ width: 320, height: 700 });
  found.push(...(await seriousOn(page)).map((what) => ({ width: 320, what })));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > 320) found.push({ width });
  found.push(...(await cutOff(page)).map((what) => ({ width: 320, what })));
  await page.setViewportSize({ width: 1200, height: 900 });
  return found;
}

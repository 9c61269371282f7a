import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../scripts/chromium';

/** A Chromium without a window. Close it when done. */
export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: findChromium() });

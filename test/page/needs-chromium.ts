import { findChromium } from '../../scripts/chromium';

/** Before the first test: where there is no browser nothing is started, and what to do is said once. */
export default function needsChromium(): void {
  findChromium();
}

import type { Catalogue } from '../activities/catalogue';
import type { Expected } from '../domain/judge-swap';
import type { GoPlan } from '../domain/plan';
import type { Story } from './story';

/** The phases after planning stand on a plan; one without is a fault of the story itself. */
export function planOf(story: Story): GoPlan {
  if (!story.plan) throw new Error(`Rollout ${story.rolloutId} came to a phase that needs a plan without one.`);
  return story.plan;
}

export function stagedOf(story: Story): Expected {
  if (!story.staged) throw new Error(`Rollout ${story.rolloutId} came to its swap before staging was proven.`);
  return story.staged;
}

export function askedOf(story: Story): Catalogue['openAsk']['output'] {
  if (!story.asked) throw new Error(`Rollout ${story.rolloutId} waits for answers to an ask that was not opened.`);
  return story.asked;
}

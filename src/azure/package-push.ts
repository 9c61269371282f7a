import type { Refusal } from '../domain/not-allowed';
import type { Target } from '../domain/settings';

export type PushAnswer =
  | { kind: 'accepted'; deploymentId: string | undefined }
  /** SCM is busy with another deployment or waking up: try again later. */
  | { kind: 'busy'; code: string }
  /** The answer was lost: look for the message in the deployments. */
  | { kind: 'unknown'; code: string }
  /** SCM said no for good. */
  | { kind: 'refused'; code: string; text: string };

export type DeploymentState =
  | { kind: 'running' }
  | { kind: 'succeeded' }
  | { kind: 'failed'; text: string }
  /** SCM knows no deployment with this message. */
  | { kind: 'missing' }
  /** SCM could not be read. */
  | { kind: 'unreadable'; code: string };

/** The staging slot's SCM site: zip push. */
export interface PackagePush {
  /** Whether SCM answers: a settings change restarts it and kills running builds. */
  isReady(target: Target): Promise<boolean>;
  /** The right to this slot's SCM site that Slipway's identity lacks; undefined where it lacks none, or SCM does not answer. */
  refusalOf(target: Target, slot: 'production' | 'staging'): Promise<Refusal | undefined>;
  push(target: Target, zip: Buffer, message: string): Promise<PushAnswer>;
  /** The deployment that carries this message; HTTP 200 alone is no success, its status is. */
  readDeployment(target: Target, message: string): Promise<DeploymentState>;
}

/** The extension's own name for a task hub that host.json does not name. */
export const defaultHubName = 'TestHubName';

/**
 * Two slots on one task hub would take each other's work, so the real extension does not start in a slot under its default name
 * (`DurableTaskOptions.Validate`, whose sentence this is).
 * @throws Error in a slot other than production whose hub has the default name
 */
export function checkTaskHub(hubName: string, settings: NodeJS.ProcessEnv): void {
  const slot = settings['WEBSITE_SLOT_NAME'] ?? 'Production';
  if (slot.toLowerCase() === 'production' || hubName.toLowerCase() !== defaultHubName.toLowerCase()) return;
  throw new Error(
    `Task Hub name must be specified in host.json when using slots. Specified name must not equal the default HubName (${defaultHubName}). ` +
      `This is slot "${slot}": write "hubName": "%TASK_HUB_NAME%" under extensions.durableTask, and give each slot a TASK_HUB_NAME of its own as a slot setting.`,
  );
}

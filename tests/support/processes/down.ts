/** Runs once after all test files, also when some failed: stops the servers and deletes the run's folder. */
export default async function down(): Promise<void> {
  await globalThis.endTestRun?.();
}

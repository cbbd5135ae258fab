import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';

/** Workflows of the installation, one run at a time each. */
const schedules = {
  watchdog: {
    workflow: 'watchdog',
    everySeconds: 60,
    note: 'Heals acts that are overdue; finds nothing in a healthy system',
  },
  cleanup: {
    workflow: 'cleanup',
    everySeconds: 24 * 3600,
    note: 'Deletes acts that were done and answers that were kept 30 days ago, and webhooks after 90 days',
  },
} as const;

/** An outage longer than this is not made up run by run: each run looks for all that is due. */
const CATCHUP_WINDOW = '1 day';

/** Makes the Schedules that the code names, or brings existing ones to what it says. */
export async function reconcileSchedules(client: Client, queuePrefix: string): Promise<void> {
  for (const [name, schedule] of Object.entries(schedules)) {
    const options: ScheduleOptions = {
      scheduleId: queuePrefix + name,
      spec: { intervals: [{ every: schedule.everySeconds * 1000 }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW },
      state: { note: schedule.note },
      action: {
        type: 'startWorkflow',
        workflowType: schedule.workflow,
        workflowId: queuePrefix + name,
        taskQueue: `${queuePrefix}bulk`,
        args: [],
      },
    };
    try {
      await client.schedule.create(options);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(options.scheduleId).update(() => options as never);
    }
  }
}

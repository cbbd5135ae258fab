import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { withLogFacts } from '../telemetry/log-facts.ts';

/** Has every line that an activity logs, whoever writes it, say which workflow it is of and for which organization. */
export const activityLogFacts = ({ info }: Context): { inbound: ActivityInboundCallsInterceptor } => ({
  inbound: {
    execute: (input, next) => {
      const { activityType, workflowExecution } = info;
      const [argument] = input.args as readonly ({ readonly organizationId?: unknown } | undefined)[];
      const organizationId = argument?.organizationId;
      return withLogFacts(
        {
          activity: activityType,
          ...(workflowExecution && { workflow_id: workflowExecution.workflowId, run_id: workflowExecution.runId }),
          ...(typeof organizationId === 'string' && { organization_id: organizationId }),
        },
        () => next(input),
      );
    },
  },
});

import { z } from 'zod';
import { isKind, kinds } from '../../activities/acts/kinds.ts';
import { idFilter, knownFilter, oneOfFilter, textFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';

const STATES = ['wanted', 'waiting', 'working', 'done', 'failed'] as const;

const instantText = z.string().meta({ format: 'date-time' });

export const workflowSchema = z
  .strictObject({
    id: z
      .string()
      .meta({ description: "The workflow's id in Temporal.", examples: ['period/{subscription}/2026-01-01'] }),
    kind: z.string().meta({ description: Object.keys(kinds).join(', '), examples: ['period'] }),
    state: z.enum(STATES).meta({
      description:
        '`wanted`: to be started, or to be told to look again; `waiting`: runs and waits for `due_at`; `working`; ' +
        '`done`; `failed`: nothing goes on until it is retried.',
    }),
    summary: z.string(),
    due_at: instantText.nullable().meta({ description: "On the organization's clock; null: at once." }),
    lago_customer_id: z.uuid().nullable(),
    lago_subscription_id: z.uuid().nullable(),
    lago_invoice_id: z.uuid().nullable().meta({ description: 'What it made, could not make, or is about.' }),
    done_by: z.string().nullable().meta({ description: 'The workflow that has done it, where another one has.' }),
    error: z.string().nullable().meta({ description: 'Why it failed, or what keeps it from being done.' }),
    created_at: instantText.meta({ description: "On the organization's clock." }),
    changed_at: instantText.meta({ description: 'Real time of the last change of state.' }),
    url: z.string().meta({ description: 'The workflow in the Temporal UI.' }),
  })
  .meta({ id: 'Workflow' });

export const workflowAnswer = z.strictObject({ workflow: workflowSchema });
export const workflowsAnswer = z.strictObject({ workflows: z.array(workflowSchema), meta: metaSchema });

export const workflowsQuery = z.object({
  ...pageQuery,
  kind: knownFilter(isKind).meta({ description: Object.keys(kinds).join(', ') }),
  state: oneOfFilter(STATES),
  lago_customer_id: idFilter(),
  external_customer_id: textFilter(),
  lago_subscription_id: idFilter(),
  external_subscription_id: textFilter(),
  lago_invoice_id: idFilter(),
});

export type WorkflowsQuery = z.infer<typeof workflowsQuery>;

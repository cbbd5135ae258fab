import { z } from 'zod';
import type { OpenMove } from '../../db/acts/open-move.ts';
import { datetime } from '../formats.ts';

export const testClockSchema = z
  .object({
    frozen_time: z.string().meta({ format: 'date-time' }),
    status: z
      .enum(['ready', 'advancing'])
      .meta({ description: '`ready`: nothing started for this organization works any more.' }),
    move: z
      .object({
        mode: z.enum(['advance', 'run']),
        target: z.string().meta({ format: 'date-time' }),
        moment: z
          .string()
          .nullable()
          .meta({ format: 'date-time', description: 'The due moment whose work is under way or was done last.' }),
      })
      .nullable()
      .meta({ description: 'The move that is under way; `DELETE /test_clock/advance` ends it after its moment.' }),
  })
  .meta({ id: 'TestClock' });

/**
 * An organization's test clock.
 *
 * @param isBusy whether anything that was started for the organization still works.
 */
export const testClockJson = (
  clockNow: Date,
  move: OpenMove | null,
  isBusy: boolean,
): z.infer<typeof testClockSchema> => ({
  frozen_time: datetime(clockNow),
  status: isBusy ? 'advancing' : 'ready',
  move: move && { mode: move.mode, target: datetime(move.target), moment: datetime(move.moment) },
});
